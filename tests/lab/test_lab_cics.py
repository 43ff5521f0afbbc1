#!/usr/bin/python3
"""The rig of four CiCs and six heat pumps from outside: raw bytes, redis-cli, urllib, mbpoll and pymodbus against the truth
that the lab writes."""
import datetime
import http.client
import importlib.util
import json
import math
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_client import *  # noqa: F401,F403,E402

EPOCH = 1767600000  # 2026-01-05T08:00:00Z
EXACT = [a for n in range(1, 7) for a in (
    "--set", f"electricity_hp{n}.gain=0", "--set", f"electricity_hp{n}.offset=0")] + ["--set", "electricity.noise=0"]


def cics_lab(*options, **more):
    return Lab(*options, rig="cics", **more)


def feed(lab, n, timeout=5):
    with urllib.request.urlopen(lab.ready["endpoints"][f"feed{n}"]["url"], timeout=timeout) as page:
        return json.load(page)


def store(lab, n):
    """All registers of one CiC, with the distribution's client."""
    end = lab.ready["endpoints"][f"redis{n}"]
    ask = ["redis-cli", "-h", end["host"], "-p", str(end["tcp_port"])]
    keys = subprocess.run(ask + ["keys", "*"], capture_output=True, text=True, timeout=10, check=True).stdout.split()
    values = subprocess.run(ask + ["mget", *keys], capture_output=True, text=True, timeout=10, check=True).stdout.split()
    return dict(zip(map(int, keys), map(float, values)))


def floats(port, unit, address, count=1):
    length = 5 + 4 * count
    reply = rtu_ask(port, unit, read_pdu(address, 2 * count, 4), length)
    assert len(reply) == length and reply[:3] == bytes([unit, 4, 4 * count]), reply.hex(" ")
    assert crc(reply[:-2]) == reply[-2:]
    return list(struct.unpack(f">{count}f", reply[3:-2]))


def short_frame(control, address):
    return bytes([0x10, control, address, control + address & 0xFF, 0x16])


def select_frame(identity, rest=b"\xff\xff\xff\xff"):
    """`identity`: eight hexadecimal digits as on the meter, F for any."""
    body = b"\x53\xfd\x52" + bytes.fromhex(identity)[::-1] + rest
    return bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, 0x16])


def mbus_ask(port, frame, patience=5):
    port.send(frame)
    head = port.receive(1, patience)
    if head != b"\x68":
        return head
    head += port.receive(3)
    return head + port.receive(head[1] + 2)


def mbus_silent(port, frame):
    return mbus_ask(port, frame, 0.3) == b""


def mbus_values(telegram):
    """Identity and records by DIF VIF. Written from EN 13757-3, for integers of 16 and 32 bits only."""
    length = telegram[1]
    assert telegram[0] == telegram[3] == 0x68 and telegram[2] == length and len(telegram) == length + 6
    assert telegram[-1] == 0x16 and telegram[-2] == sum(telegram[4:-2]) & 0xFF, telegram.hex(" ")
    assert telegram[4] == 0x08 and telegram[6] == 0x72, telegram.hex(" ")
    out = {"identity": telegram[7:11][::-1].hex(), "address": telegram[5], "access": telegram[15]}
    at = 19
    while at < len(telegram) - 2:
        size = {0x02: 2, 0x04: 4}[telegram[at]]
        out[telegram[at:at + 2].hex()] = int.from_bytes(telegram[at + 2:at + 2 + size], "little", signed=True)
        at += 2 + size
    return out


def row_at(lab, t):
    return next(r for r in lab.rows() if float(r["t_s"]) == t)


def refused(*options):
    try:
        cics_lab(*options).end()
    except RuntimeError as why:
        return str(why)
    raise AssertionError(options)


@claim
def the_ready_line_names_every_endpoint_device_and_heat_pump():
    with cics_lab() as lab:
        ends = lab.ready["endpoints"]
        kinds = {n: (e["kind"], e.get("baud"), e.get("parity")) for n, e in ends.items()}
        numbered = {f"{n}{i}": k for n, k in (("feed", ("http", None, None)), ("redis", ("redis", None, None)),
                                              ("odu", ("rtu", 19200, "E"))) for i in range(1, 5)}
        assert kinds == {"electricity": ("rtu", 9600, "N"), "electricity_tcp": ("tcp", None, None),
                         "heat": ("rtu", 19200, "E"), "mbus": ("mbus", 2400, "E"), **numbered}, kinds
        assert all(ends[f"odu{i}"]["listen"] for i in range(1, 5)) and "listen" not in ends["heat"]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/beta/feed/data\.json", ends["feed3"]["url"])
        units = {n: (d["kind"], d["endpoint"], d["unit"]) for n, d in lab.ready["devices"].items()}
        assert units["electricity_hp4"] == ("sdm120", "electricity", 4)
        assert units["electricity_hp6"] == ("sdm120", "electricity_tcp", 6)
        assert units["heat_hp2"] == ("kamstrup", "heat", 2) and units["heat_hp5"] == ("mbus_heat", "mbus", 5)
        assert units["odu_hp4"] == ("odu", "odu2", 2) and units["odu_hp6"] == ("odu", "odu4", 1)
        duts = lab.ready["duts"]
        assert [(duts[f"hp{i}"]["cic"], duts[f"hp{i}"]["place"]) for i in range(1, 7)] == [
            ("cic1", 1), ("cic1", 2), ("cic2", 1), ("cic2", 2), ("cic3", 1), ("cic4", 1)]
        assert len({d["serial"] for d in duts.values()}) == 6


@claim
def an_electricity_meter_shows_true_power_voltage_and_energy():
    with cics_lab(*EXACT) as lab:
        control, port = Control(lab), rtu_port(lab)
        tcp = tcp_port(lab)
        before = [floats(port, n, 0x48)[0] for n in range(1, 5)]
        control.advance(7200 * S)
        shown = [(floats(port, n, 0)[0], floats(port, n, 0x0C)[0], floats(port, n, 0x48)[0], floats(port, n, 6)[0])
                 for n in range(1, 5)]
        for n in (5, 6):
            get = lambda a: struct.unpack(">f", struct.pack(">2H", *tcp_read(tcp, n, a, 2, 4)))[0]
            shown.append((get(0), get(0x0C), get(0x48), get(6)))
        lab.end()
        row, facts = row_at(lab, 7200), lab.facts()
        for n, (volts, watts, kwh, amps) in enumerate(shown, 1):
            assert abs(volts - float(row[f"hp{n}_volts"])) < 0.01, (n, volts)
            assert abs(watts - float(row[f"hp{n}_power_w"])) < 0.01, (n, watts)
            assert abs(amps - float(row[f"hp{n}_amps"])) < 0.01, (n, amps)
            start = facts["parameters"][f"electricity_hp{n}.counter"]
            step = 2 * max(0.001, 2.0 ** -23 * kwh)  # whole Wh, in a float32
            assert abs(kwh - start - float(row[f"hp{n}_energy_kwh"])) <= step, (n, kwh)
            if n <= 4:
                assert abs(before[n - 1] - start) <= step
        assert max(w for _, w, _, _ in shown) > 300, "nobody heats"


@claim
def what_a_meter_measures_besides_the_heat_pump_is_known():
    own = 11.74
    with cics_lab("--set", f"electricity_hp1.own={own}", *EXACT) as lab:
        control, port = Control(lab), rtu_port(lab)
        control.advance(300 * S)
        watts = floats(port, 1, 0x0C)[0]
        lab.end()
        assert abs(watts - own - float(row_at(lab, 300)["hp1_power_w"])) < 0.01
        assert lab.facts()["heat_pumps"]["hp1"]["meters"]["electricity"]["own_w"] == own


@claim
def v_times_i_of_the_outdoor_unit_is_not_the_power():
    with cics_lab("--truth-every", "60s") as lab:
        Control(lab).advance(86400 * S)
        lab.end()
        rows = lab.rows()
        low = [float(r["hp5_factor"]) for r in rows if float(r["hp5_power_w"]) < 12]
        high = [float(r["hp5_factor"]) for r in rows if float(r["hp5_power_w"]) > 1500]
        assert low and 0.5 < max(low) < 0.62, max(low)
        assert high and min(high) > 0.93, min(high)
        for r in rows:
            p, v, i, f = (float(r[f"hp5_{k}"]) for k in ("power_w", "volts", "amps", "factor"))
            assert abs(p - v * i * f) < 0.005 * p + 0.1, r


@claim
def a_heat_meter_holds_its_values_for_one_turn():
    for words, turn in (("normal", 32), ("fast", 4)):
        with cics_lab("--set", f"heat.turn={words}") as lab:
            control, port = Control(lab), serial_port(lab, "heat")
            seen = []
            for t in range(1, 97):
                control.advance(t * S)
                seen.append((floats(port, 1, 0)[0], floats(port, 1, 52)[0]))
            changes = [t + 1 for t in range(1, 96) if seen[t] != seen[t - 1]]
            assert all(t % turn == 0 for t in changes) and len(changes) >= 1, (words, changes)
            assert floats(port, 1, 72) == [turn]


@claim
def heat_meters_stay_inside_class_2_of_the_true_heat():
    with cics_lab("--set", "heat.turn=fast", "--truth-every", "60s") as lab:
        control, port = Control(lab), serial_port(lab, "heat")
        control.advance(0)
        before = [floats(port, n, 20)[0] for n in range(1, 5)]
        control.advance(43200 * S)
        after = [floats(port, n, 20)[0] for n in range(1, 5)]
        lab.end()
        row = row_at(lab, 43200)
        for n in range(1, 5):
            truth = float(row[f"hp{n}_heat_kwh"]) + float(row[f"hp{n}_cold_kwh"])
            shown = after[n - 1] - before[n - 1]
            assert truth > 0.5, (n, truth)
            assert abs(shown / truth - 1) < 0.0704 + 0.2 / truth, (n, shown, truth)
            assert shown != truth


@claim
def mbpoll_reads_both_meters():
    with cics_lab(*EXACT) as lab:
        control = Control(lab)
        control.advance(600 * S)
        control.close()
        port = lab.ready["endpoints"]["electricity"]["port"]
        watts = mbpoll("-m", "rtu", "-b", "9600", "-P", "none", "-a", "2", "-t", "3:float", "-B", "-0", "-r", "12", "-c", "1",
                       "-1", port)
        heat = mbpoll("-m", "rtu", "-b", "19200", "-P", "even", "-a", "3", "-t", "3:float", "-B", "-0", "-r", "6", "-c", "1",
                      "-1", lab.ready["endpoints"]["heat"]["port"])
        assert 1 < watts < 3000 and 5 < heat < 60, (watts, heat)


def mbpoll(*arguments):
    out = subprocess.run(["mbpoll", *arguments], capture_output=True, text=True, timeout=30).stdout
    found = re.search(r"^\[\d+\]:\s+(-?[\d.]+(?:e[-+]\d+)?)", out, re.M)
    assert found, out
    return float(found.group(1))


@claim
def pymodbus_reads_the_meters_behind_the_gateway():
    for module in ("serial", "serial_asyncio"):  # which it imports, and does not need for TCP
        if importlib.util.find_spec(module) is None:
            sys.modules[module] = types.SimpleNamespace(create_serial_connection=None)
    try:
        from pymodbus.client import ModbusTcpClient
    except ImportError:
        raise Skip("this Python has no pymodbus 3")
    with cics_lab(*EXACT) as lab:
        control = Control(lab)
        control.advance(600 * S)
        client = ModbusTcpClient("127.0.0.1", port=lab.tcp_port)
        assert client.connect()
        shown = []
        for unit in (5, 6):
            reply = client.read_input_registers(12, count=2, slave=unit)
            shown.append(struct.unpack(">f", struct.pack(">2H", *reply.registers))[0])
        client.close()
        lab.end()
        row = row_at(lab, 600)
        assert [abs(w - float(row[f"hp{n}_power_w"])) < 0.01 for n, w in zip((5, 6), shown)] == [True, True]


@claim
def an_mbus_meter_answers_as_the_standard_says():
    with cics_lab("--set", "heat.turn=fast") as lab:
        control, port = Control(lab), serial_port(lab, "mbus")
        control.advance(1200 * S)
        assert mbus_ask(port, short_frame(0x40, 5)) == b"\xe5"
        first = mbus_ask(port, short_frame(0x7B, 5))
        again = mbus_ask(port, short_frame(0x7B, 5))
        assert first == again, "the same frame count bit asks for the same telegram"
        assert len(first) == 63, len(first)  # BENCHES E6
        other = mbus_values(mbus_ask(port, short_frame(0x5B, 5)))
        values = mbus_values(first)
        assert values["identity"] == "76543204" and values["address"] == 5 and other["access"] == values["access"] + 1
        lab.end()
        row, facts = row_at(lab, 1200), lab.facts()
        meter = facts["heat_pumps"]["hp5"]["meters"]["heat"]
        assert values["0406"] == math.floor(meter["energy_kwh"]) and values["0414"] == math.floor(100 * meter["volume_m3"])
        flow = float(row["hp5_flow_lph"])
        assert abs(values["043b"] - flow) <= 0.03 * flow + 1, (values, flow)
        assert abs(values["0259"] / 100 - float(row["hp5_water_out_c"])) < 0.1
        assert values["0261"] == values["0259"] - values["025d"]
        assert abs(100 * values["042d"] - float(row["hp5_heat_w"])) < 350, (values, row["hp5_heat_w"])


@claim
def a_telegram_takes_its_time_on_the_wire():
    with cics_lab() as lab:
        control, port = Control(lab), serial_port(lab, "mbus")
        control.advance(10 * S)
        mbus_ask(port, short_frame(0x7B, 6))
        took = (control.end("mbus") - 10 * S) / S
        wire = (5 + 63) * 11 / 2400
        assert wire + 0.02 <= took <= wire + 0.051, took


@claim
def secondary_addresses_select_with_wildcards_and_two_answers_collide():
    with cics_lab() as lab:
        port = serial_port(lab, "mbus")
        control = Control(lab)
        control.advance(S)
        assert mbus_silent(port, short_frame(0x7B, 253)), "nobody is selected"
        assert mbus_ask(port, select_frame("76543205")) == b"\xe5"
        assert mbus_values(mbus_ask(port, short_frame(0x7B, 253)))["identity"] == "76543205"
        assert mbus_ask(port, select_frame("FFFFFF04", bytes.fromhex("2d2cffff"))) == b"\xe5"  # and deselects the other
        assert mbus_values(mbus_ask(port, short_frame(0x7B, 253)))["identity"] == "76543204"
        assert mbus_silent(port, select_frame("12345678"))
        assert mbus_silent(port, short_frame(0x7B, 253))
        assert mbus_ask(port, select_frame("FFFFFFFF")) == b"\xe5", "two acknowledge at once: it looks like one"
        port.send(short_frame(0x7B, 253))
        both = port.receive(63, 5)
        assert len(both) == 63 and both[-2] != sum(both[4:-2]) & 0xFF, both.hex(" ")
        assert mbus_ask(port, short_frame(0x40, 253)) == b"\xe5" and mbus_silent(port, short_frame(0x7B, 253))
        assert mbus_silent(port, short_frame(0x7B, 9)) and mbus_silent(port, b"\x10\x7b\x05\x00\x16")
        assert mbus_ask(port, b"\x68\x03" + short_frame(0x40, 5)) == b"\xe5", "noise before a frame"


@claim
def mbus_faults_are_what_they_say():
    with cics_lab("--fault", "heat_hp5:garbled@0,count=1", "--fault", "heat_hp6:mute@0+10s", "--fault",
                  "heat_hp5:short@10s+10s", "--fault", "heat_hp6:replaced@20s+10s", "--fault", "mbus:replug@40s+10s") as lab:
        control, port = Control(lab), serial_port(lab, "mbus")
        control.advance(S)
        bad = mbus_ask(port, short_frame(0x7B, 5))
        assert len(bad) == 63 and bad[-2] != sum(bad[4:-2]) & 0xFF
        mbus_values(mbus_ask(port, short_frame(0x7B, 5)))  # asked again with the same bit: the same, whole
        assert mbus_silent(port, short_frame(0x7B, 6))
        control.advance(12 * S)
        port.send(short_frame(0x5B, 5))
        assert len(port.receive(31, 5)) == 31 and port.nothing()
        before = mbus_values(mbus_ask(port, short_frame(0x7B, 6)))
        control.advance(22 * S)
        replaced = mbus_values(mbus_ask(port, short_frame(0x5B, 6)))
        assert replaced["identity"] != before["identity"] and replaced["0406"] == 0 and replaced["0414"] == 0
        assert before["0406"] > 100
        control.advance(35 * S)
        assert mbus_values(mbus_ask(port, short_frame(0x7B, 6)))["identity"] == before["identity"]
        link = lab.ready["endpoints"]["mbus"]["port"]
        control.advance(41 * S)
        assert not os.path.exists(link)
        control.advance(51 * S)
        again = serial_port(lab, "mbus")
        assert mbus_ask(again, short_frame(0x40, 5)) == b"\xe5"


@claim
def a_feed_has_the_keys_and_the_time_of_its_cic():
    with cics_lab("--set", "cic1.clock_offset=3600", "--set", "cic1.clock_drift=0", "--set", "cic2.clock_offset=-2.5") as lab:
        control = Control(lab)
        control.advance(1800 * S)
        one, two, three = feed(lab, 1), feed(lab, 2), feed(lab, 3)
        assert set(one) == {"time", "system", "hp1", "hp2", "qc", "flowMeter", "boiler", "thermostat"}
        assert "hp2" not in three and "hp1" in three
        assert set(one["hp1"]) == {"modbusSlaveId", "getMainWorkingMode", "temperatureOutside", "temperatureWaterIn",
                                   "temperatureWaterOut", "powerInput", "power", "silentModeStatus", "limitedByCop"}
        assert one["time"]["ts"] == (EPOCH + 1800 + 3600) * 1000  # made anew each 3 s from 0 on
        human = datetime.datetime.strptime(one["time"]["tsHuman"], "%Y-%m-%dT%H:%M:%SZ")
        assert human.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000 == one["time"]["ts"]
        assert abs(two["time"]["ts"] / 1000 - (EPOCH + 1798 - 2.5)) < 0.1, two["time"]
        control.advance(1802 * S)
        assert feed(lab, 1)["time"] == one["time"], "between two refreshes"
        control.advance(1803 * S)
        assert feed(lab, 1)["time"]["ts"] == one["time"]["ts"] + 3000
        lab.end()
        row, facts = row_at(lab, 1800), lab.facts()
        for page, cic, n in ((one, 1, 1), (three, 3, 5)):
            unit, errors = page["hp1"], facts["parameters"]
            assert abs(unit["temperatureOutside"] - errors[f"odu_hp{n}.outside_k"] - float(row["outside_c"])) < 0.3
            assert abs(unit["temperatureWaterOut"] - errors[f"odu_hp{n}.out_k"] - float(row[f"hp{n}_water_out_c"])) < 0.2
            assert page["qc"]["supervisoryControlMode"] == int(row[f"cic{cic}_mode"])
            true = float(row[f"hp{n}_power_w"])
            assert abs(unit["powerInput"] - true) < 0.15 * true + 30, (unit, true)
        assert facts["cics"]["cic1"]["clock_offset_s"] == 3600


@claim
def a_feed_fails_in_each_way():
    faults = ["http-500@10s+10s", "half@20s+10s", "null@30s+10s", "clock-step@40s+10s,by=3600", "mute@50s+10s", "stuck@60s+10s",
              "replug@70s+10s"]
    options = [a for f in faults for a in ("--fault", "feed1:" + f)] + ["--set", "cic1.clock_drift=0", "--set", "cic1.clock_offset=0"]
    with cics_lab(*options) as lab:
        control = Control(lab)
        control.advance(12 * S)
        try:
            feed(lab, 1)
            raise AssertionError("no 500")
        except urllib.error.HTTPError as why:
            assert why.code == 500
        control.advance(21 * S)
        try:
            feed(lab, 1)
            raise AssertionError("a whole body")
        except http.client.IncompleteRead as why:
            assert len(why.partial) > 100 and why.expected > 0
        control.advance(33 * S)
        page = feed(lab, 1)
        assert page["hp1"]["powerInput"] is None and page["qc"]["flowRateFiltered"] is None and page["time"]["ts"] > 0
        control.advance(42 * S)
        assert feed(lab, 1)["time"]["ts"] == (EPOCH + 42 + 3600) * 1000
        control.advance(51 * S)
        try:
            feed(lab, 1, timeout=0.3)
            raise AssertionError("it spoke")
        except (TimeoutError, socket.timeout, urllib.error.URLError):
            pass
        control.advance(69 * S)
        assert feed(lab, 1)["time"]["ts"] == (EPOCH + 60) * 1000, "as it was when it stuck"
        assert feed(lab, 2)["hp1"]["powerInput"] is not None
        control.advance(72 * S)
        try:
            feed(lab, 1)
            raise AssertionError("it is there")
        except urllib.error.URLError:
            pass
        control.advance(81 * S)
        assert feed(lab, 1)["time"]["ts"] == (EPOCH + 81) * 1000
        hits = {f["kind"]: f["hits"] for f in lab.facts()["faults"]} if not lab.end() else {}
        assert hits["http-500"] == hits["half"] == hits["null"] == hits["mute"] == 1, hits


@claim
def a_feed_is_plain_http():
    with cics_lab() as lab:
        Control(lab).advance(5 * S)
        end = lab.ready["endpoints"]["feed1"]
        c = http.client.HTTPConnection(end["host"], end["tcp_port"], timeout=5)
        for path, status in (("/beta/feed/data.json", 200), ("/", 404), ("/beta/feed/data.json?x=1", 200)):
            c.request("GET", path)  # on one connection
            answer = c.getresponse()
            answer.read()
            assert answer.status == status, (path, answer.status)
        c.request("POST", "/beta/feed/data.json", b"")
        assert c.getresponse().status == 405
        s = socket.create_connection((end["host"], end["tcp_port"]), 5)
        s.sendall(b"GET /beta/feed/data.json HTTP/1.0\r\n")
        time.sleep(0.05)
        s.sendall(b"\r\n")  # in two pieces
        got = b""
        while more := s.recv(4096):
            got += more
        assert got.startswith(b"HTTP/1.1 200") and json.loads(got.split(b"\r\n\r\n", 1)[1])["hp1"]


@claim
def late_feeds_are_withheld_until_lab_time_reaches_them():
    with cics_lab("--fault", "feed1:late@0,ms=4000") as lab:
        control = Control(lab)
        control.timeout("feed1", S)
        control.advance(S)
        end = lab.ready["endpoints"]["feed1"]
        s = socket.create_connection((end["host"], end["tcp_port"]), 5)
        s.sendall(b"GET /beta/feed/data.json HTTP/1.1\r\nHost: x\r\n\r\n")
        assert select.select([s], [], [], 0.2)[0] == [] and control.ask("answered feed1") == "answered 0"
        assert control.end("feed1") == 2 * S
        control.advance(round(5.1 * S))
        assert s.recv(4096).startswith(b"HTTP/1.1 200")


@claim
def redis_holds_the_registers_before_the_advance_is_answered():
    with cics_lab() as lab:
        control = Control(lab)
        ports = [lab.ready["endpoints"][f"redis{n}"]["tcp_port"] for n in range(1, 5)]
        control.advance(0)
        begin = store(lab, 1)[9008]
        s = socket.create_connection(("127.0.0.1", ports[0]), 5)
        for t in range(2, 202, 2):
            control.advance(t * S)
            s.sendall(b"GET 9008\r\n")
            got = s.recv(64).split(b"\r\n")
            assert float(got[1]) == begin + t / 2, (t, got)
        control.advance(1800 * S)
        duo, single = store(lab, 1), store(lab, 3)
        assert set(duo) == {31, 103, 104, 186, 203, 204, 286, 30012, 9008} and set(single) == {31, 103, 104, 186, 30012, 9008}
        assert len(set(ports)) == 4
        lab.end()
        row = row_at(lab, 1800)
        for cic, n, registers in ((1, 1, duo), (3, 5, single)):
            assert registers[103] == int(row[f"hp{n}_pump_relay"]) and registers[104] == int(row[f"hp{n}_pump_duty"])
            assert abs(registers[186] - float(row[f"hp{n}_pump_w"])) < 0.05 * registers[186] + 0.2
            assert abs(registers[31] - float(row[f"hp{n}_flow_lph"])) < 0.1 * float(row[f"hp{n}_flow_lph"]) + 1
        assert duo[203] == int(row["hp2_pump_relay"])


@claim
def redis_stops_and_is_gone_and_comes_back():
    with cics_lab("--fault", "redis1:mute@10s+10s", "--fault", "redis2:gone@10s+10s") as lab:
        control = Control(lab)
        control.advance(4 * S)
        alive = store(lab, 1)[9008]
        control.advance(12 * S)
        s = socket.create_connection(("127.0.0.1", lab.ready["endpoints"]["redis1"]["tcp_port"]), 5)
        s.sendall(b"PING\r\n")
        assert select.select([s], [], [], 0.3)[0] == [], "a stopped server accepts and says nothing"
        try:
            socket.create_connection(("127.0.0.1", lab.ready["endpoints"]["redis2"]["tcp_port"]), 2)
            raise AssertionError("it is there")
        except ConnectionRefusedError:
            pass
        control.advance(22 * S)
        assert select.select([s], [], [], 5)[0] and s.recv(16) == b"+PONG\r\n"
        assert store(lab, 1)[9008] == alive + 9 and store(lab, 2)[9008] == store(lab, 3)[9008]


@claim
def the_lab_leaves_no_redis_behind_however_it_ends():
    for how in (signal.SIGTERM, signal.SIGKILL):
        lab = cics_lab("--fault", "redis3:mute@0")
        children = [lab.ready["endpoints"][f"redis{n}"]["pid"] for n in range(1, 5)]
        Control(lab).advance(S)
        assert all(os.path.exists(f"/proc/{p}") for p in children)
        lab.child.send_signal(how)
        lab.end()
        until = time.monotonic() + 10
        while time.monotonic() < until and any(running(p) for p in children):
            time.sleep(0.02)
        assert not any(running(p) for p in children), how
        shutil.rmtree(lab.folder)


def running(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@claim
def without_redis_server_the_lab_says_which_package():
    answer = subprocess.run([PROGRAM, "--rig", "cics"], capture_output=True, text=True, timeout=30, env={"PATH": "/nowhere"})
    assert answer.returncode == 2 and "redis-server" in answer.stderr and "package" in answer.stderr, answer


@claim
def a_listener_hears_the_cic_poll_its_units():
    with cics_lab() as lab:
        control = Control(lab)
        control.advance(1000 * S)
        port = serial_port(lab, "odu1")
        control.advance(1003 * S)  # 1002.0: unit 1, 1002.5: unit 2
        heard = port.receive(2 * (8 + 85), 5)
        exchanges = [heard[i:i + 93] for i in range(0, len(heard), 93)]
        assert len(heard) == 186, len(heard)
        for unit, exchange in enumerate(exchanges, 1):
            assert exchange[:8] == rtu(unit, read_pdu(2099, 40)), exchange[:8].hex(" ")
            reply = exchange[8:]
            assert reply[:3] == bytes([unit, 3, 80]) and crc(reply[:-2]) == reply[-2:]
            w = dict(zip(range(2099, 2139), words(reply[3:-2])))
            assert w[2099] in (0, 2) and 215 <= w[2100] <= 245 and w[2122] == 0x0307
        port.send(rtu(1, read_pdu(2099, 40)))  # a second master
        assert port.receive(200, 0.3)[:1] in (b"", b"\x01")
        port.close()
        control.advance(1100 * S)
        port = serial_port(lab, "odu1")
        control.advance(1101 * S)
        assert port.nothing(0.2), "what was said before is old"
        control.advance(1102 * S)
        assert port.receive(8, 5) == rtu(1, read_pdu(2099, 40))


@claim
def units_on_a_cics_bus_fail_too():
    with cics_lab("--fault", "odu_hp1:mute@0+10s", "--fault", "odu_hp2:garbled@0+10s") as lab:
        control = Control(lab)
        control.advance(S)
        port = serial_port(lab, "odu1")
        control.advance(3 * S)
        heard = port.receive(16 + 85, 5)
        assert heard[:8] == rtu(1, read_pdu(2099, 40)) and heard[8:16] == rtu(2, read_pdu(2099, 40)), heard.hex(" ")
        assert len(heard) == 16 + 85 and port.nothing() and crc(heard[16:-2]) != heard[-2:]


@claim
def at_speed_1_a_listened_bus_is_paced():
    with cics_lab("--speed", "1") as lab:
        port = serial_port(lab, "odu3")
        wire, seen = (92 * 11) / 19200, []
        for _ in range(5):  # a busy machine may see the first byte late
            assert select.select([port.fd], [], [], 5)[0]
            begin, got = time.monotonic(), b""
            while len(got) < 93:
                got += port.receive(1, 2)
            seen.append(time.monotonic() - begin)
            if wire - 0.005 < seen[-1] < wire + 0.05:
                return
        raise AssertionError(seen)


@claim
def counters_of_meters_jump_reset_and_are_replaced():
    with cics_lab("--fault", "electricity_hp1:jump@10s+10s,by=50", "--fault", "electricity_hp2:reset@10s+10s", "--fault",
                  "electricity_hp3:replaced@10s+10s", "--fault", "heat_hp1:replaced@10s+10s") as lab:
        control, port, heat = Control(lab), rtu_port(lab), serial_port(lab, "heat")
        serial = lambda n: struct.unpack(">I", rtu_ask(port, n, read_pdu(0xFC00, 2), 9)[3:7])[0]
        control.advance(5 * S)
        before = [floats(port, n, 0x48)[0] for n in (1, 2, 3)] + [serial(3), floats(heat, 1, 20)[0]]
        control.advance(15 * S)
        after = [floats(port, n, 0x48)[0] for n in (1, 2, 3)] + [serial(3), floats(heat, 1, 20)[0]]
        assert 49.9 < after[0] - before[0] < 50.1 and after[1] < 0.1 and after[2] < 0.1
        assert before[1] > 50 and after[3] != before[3] == 24110302 and after[4] < 1 < before[4]
        control.advance(25 * S)
        assert serial(3) == before[3] and abs(floats(port, 3, 0x48)[0] - before[2]) < 0.1


@claim
def faults_that_make_no_sense_are_refused():
    assert "that is for feeds" in refused("--fault", "electricity_hp1:http-500@1s")
    assert "has no server of its own" in refused("--fault", "feed1:gone@1s")
    assert "no device on that bus" in refused("--fault", "electricity:gone@1s")
    assert "has no frames" in refused("--fault", "redis1:late@1s")
    assert "has no Modbus address" in refused("--fault", "heat_hp5:wrong-unit@1s")
    assert "nearest is cic1.clock_offset" in refused("--set", "cic1.clock_ofset=1")
    assert "nearest is replaced" in refused("--fault", "heat_hp5:replace@1s")


def run_of(seed, steps):
    """All that a client sees in some minutes, and the truth."""
    with cics_lab(seed=seed) as lab:
        control, port, heat, mbus = Control(lab), rtu_port(lab), serial_port(lab, "heat"), serial_port(lab, "mbus")
        seen = []
        for t in steps:
            control.advance(t * S)
            seen += [rtu_ask(port, n, read_pdu(0, 80, 4), 165) for n in (1, 4)]
            seen.append(rtu_ask(heat, 2, read_pdu(0, 80, 4), 165))
            seen.append(mbus_ask(mbus, short_frame(0x7B, 6)))
            seen.append(json.dumps(feed(lab, 1)))
            seen.append(json.dumps(store(lab, 4), sort_keys=True))
        lab.end()
        with open(os.path.join(lab.truth, "truth.csv")) as f:
            return seen, f.read()


@claim
def the_same_seed_is_the_same_run_and_another_is_another():
    one, two, other = run_of(7, (10, 300, 900)), run_of(7, (10, 300, 900)), run_of(8, (10, 300, 900))
    assert one == two
    assert one[1] != other[1] and all(a != b for a, b in zip(one[0], other[0])), "another seed shows the same"


@claim
def the_truth_does_not_depend_on_how_time_was_cut():
    with cics_lab() as a, cics_lab() as b:
        one, other = Control(a), Control(b)
        one.advance(3600 * S)
        for t in range(0, 3600 * 10, 37):
            other.advance(t * S // 10)
        other.advance(3600 * S)
        a.end(), b.end()
        assert a.rows() == b.rows() and len(a.rows()) == 361


run()
