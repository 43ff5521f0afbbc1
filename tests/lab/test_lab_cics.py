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
import select
import socket
import struct
import subprocess
import sys
import time
import types

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_cics import *  # noqa: F401,F403,E402


def mbpoll(*arguments):
    out = subprocess.run(["mbpoll", *arguments], capture_output=True, text=True, timeout=30).stdout
    found = re.search(r"^\[\d+\]:\s+(-?[\d.]+(?:e[-+]\d+)?)", out, re.M)
    assert found, out
    return float(found.group(1))


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
def the_weather_can_be_that_of_spring():
    mean = []
    for days in (0, 100):
        with cics_lab("--set", f"weather.days={days}", "--truth-every", "600s") as lab:
            control = Control(lab)
            assert control.utc == EPOCH * S
            control.advance(5 * 86400 * S)
            lab.end()
            air = [float(r["outside_c"]) for r in lab.rows()]
            mean.append((sum(air) / len(air), lab.facts()["heat_pumps"]["hp6"]["sums"]["energy_kwh"]))
    assert mean[1][0] > mean[0][0] + 3 and mean[1][1] < 0.7 * mean[0][1], mean


@claim
def a_flow_sensor_in_the_supply_measures_more_litres_of_the_same_water():
    shown = []
    for pipe in ("return", "supply"):
        options = [a for w in ("flow", "flow_low", "supply_k", "back_k", "calculator") for a in ("--set", f"heat_hp5.{w}=0")]
        with cics_lab("--set", f"heat.pipe={pipe}", "--set", "heat.turn=fast", "--set", "weather.offset=-5", *options) as lab:
            control = Control(lab)
            control.advance(6 * 3600 * S)
            lab.end()
            meter, start = lab.facts()["heat_pumps"]["hp5"], lab.facts()["parameters"]
            shown.append((meter["meters"]["heat"]["volume_m3"] - start["heat_hp5.volume"],
                          meter["meters"]["heat"]["energy_kwh"] - start["heat_hp5.energy"],
                          meter["sums"]["heat_kwh"] + meter["sums"]["cold_kwh"]))
    (cold_m3, cold_kwh, truth), (hot_m3, hot_kwh, same) = shown
    assert truth == same > 5
    assert 1.0005 < hot_m3 / cold_m3 < 1.003  # 25 to 35 degC: 0.03 % a kelvin
    assert abs(cold_kwh / truth - 1) < 0.01 and abs(hot_kwh / truth - 1) < 0.01, shown


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


def gateway(lab, name="mbus"):
    return Port(socket.create_connection(("127.0.0.1", lab.ready["endpoints"][name]["tcp_port"])).detach())


@claim
def a_gateway_leads_to_the_same_meters_and_serves_one_client():
    with cics_lab() as lab:
        control, port, gate = Control(lab), serial_port(lab, "mbus"), gateway(lab)
        control.advance(100 * S)
        assert mbus_ask(gate, short_frame(0x40, 5)) == b"\xe5"
        telegram = mbus_ask(gate, short_frame(0x7B, 5))
        assert len(telegram) == 63 and mbus_values(telegram)["identity"] == "76543204", telegram
        assert port.receive(1, 0.1) == b"", "the answer goes to who asked"
        assert mbus_ask(port, short_frame(0x7B, 6))[:1] == b"\x68" and gate.receive(1, 0.1) == b""
        second = gateway(lab)
        assert second.receive(1, 2) == b"" and mbus_ask(gate, short_frame(0x40, 5)) == b"\xe5"
        gate.close()
        third = gateway(lab)
        assert mbus_ask(third, short_frame(0x40, 5)) == b"\xe5", "its place is free again"


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


run()
