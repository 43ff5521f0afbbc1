#!/usr/bin/env python3
"""heatbench device from outside: against the virtual lab, its faults, pymodbus, mbpoll, and meters that misbehave."""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from device_peer import PROGRAM, Lab, Meter, Server, Skip, claim, device, device_json, run, words_reply

HERE = os.path.dirname(os.path.abspath(__file__))


def values(read):
    return {r["register"]: r["value"] for r in read["registers"]}


def sdm120(serial, voltage=230.0):
    def floats(at, value):
        high, low = struct.unpack(">HH", struct.pack(">f", value))
        return {str(at): high, str(at + 1): low}
    inputs = {str(a): 0 for a in list(range(0, 0x50)) + list(range(0x156, 0x15A))}
    inputs.update(floats(0, voltage))
    inputs.update(floats(0x46, 50.0))
    return {"4": inputs, "3": {str(0xFC00): serial >> 16, str(0xFC01): serial & 0xFFFF}}


def map_file(body, name="mine"):
    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, name + ".lua"), "w") as f:
        f.write(f'return register_map{{ name = "{name}", title = "T", manual = "M", read_function = 3, max_gap = 0, {body} }}\n')
    return f.name


# finding


@claim
def both_outdoor_units_are_found_and_named():
    with Lab() as lab:
        units = device_json("scan", "--on", lab.odu, "--unit", "1-4")["units"]
        assert [u["unit"] for u in units] == [1, 2]
        assert [(u["maps"][0]["map"], u["maps"][0]["sure"]) for u in units] == [("quatt-odu", "likely")] * 2
        text = device("scan", "--on", lab.odu, "--unit", "1-4")[0]
        assert "it refuses holding register 0 with exception 2" in text and "2 units found" in text  # an answer as well


@claim
def meter_and_valve_are_told_apart():
    with Lab() as lab:
        meter, valve = device_json("scan", "--on", lab.meter, "--unit", "1-2")["units"]
        assert (meter["maps"][0]["map"], meter["maps"][0]["sure"]) == ("sdm120", "likely")
        assert "serial_number 19051234" in meter["maps"][0]["because"]
        assert (valve["maps"][0]["map"], valve["maps"][0]["sure"]) == ("belimo-mod", "possibly")


@claim
def another_serial_number_is_seen():
    with Server({"1": sdm120(23001177), "5": sdm120(0)}) as server:
        units = device_json("scan", "--on", server.on, "--unit", "1-6")["units"]
        assert [u["unit"] for u in units] == [1, 5]
        assert "serial_number 23001177" in units[0]["maps"][0]["because"]
        assert "sdm120" not in [m["map"] for m in units[1]["maps"]]  # a meter without a number is not one


@claim
def a_silent_bus_ends_with_what_to_check():
    with Meter(lambda request, number, speed: None) as meter:
        words = ("scan", "--on", f"rtu:{meter.path}?baud=2400", "--unit", "3-5", "--timeout", "30 ms")
        out, said = device(*words, status=2)
        assert out == "" and "2400 8N1: units 3 to 5 were asked, 30 ms each" in said
        for word in ("A and B", "termination", "baud rate", "--try", "unit", "power", "master"):
            assert word in said, word
        assert device_json(*words, status=2)["units"] == []
        assert [r[0] for r in meter.requests[:3]] == [3, 4, 5]


@claim
def trying_goes_on_to_the_baud_rate_that_answers():
    def meter_answer(request, number, speed):
        if speed != termios.B2400 or request[0] != 2:
            return None
        count = struct.unpack(">H", request[4:6])[0]
        return (0, words_reply(request, [7] * count)) if request[1] == 3 else (0, bytes([request[0], request[1] | 0x80, 1]))
    with Meter(meter_answer) as meter:
        found = device_json("scan", "--on", f"rtu:{meter.path}", "--unit", "1-3", "--try", "--timeout", "40 ms")
        assert [(u["unit"], u["on"].split(", ")[1]) for u in found["units"]] == [(2, "2400 8N1")]


@claim
def garbled_answers_point_to_baud_and_parity():
    with Lab("--fault", "odu1:garbled@0s") as lab:
        said = device("scan", "--on", lab.odu, "--unit", "1-1", status=2)[1]
        assert "garbled: baud rate or parity are wrong" in said


@claim
def a_gateway_that_answers_for_nobody_is_nobody():
    with Server({"1": sdm120(5)}) as server:
        found = device_json("scan", "--on", server.on, "--unit", "1-3")["units"]
        assert [u["unit"] for u in found] == [1]


# reading


@claim
def what_mbpoll_reads_is_read():
    if not shutil.which("mbpoll"):
        raise Skip("no mbpoll here")
    with Lab() as lab:
        ours = values(device_json("read", "--on", lab.odu, "--unit", "1", "--map", "quatt-odu"))
        for _ in range(5):  # on a busy machine mbpoll takes a pause between two bytes for the end of the frame
            theirs = subprocess.run(["mbpoll", "-m", "rtu", "-b", "19200", "-P", "none", "-a", "1", "-t", "4", "-0", "-r", "2099",
                                     "-c", "24", "-1", lab.odu_path], capture_output=True, text=True, timeout=20)
            words = [int(w) for w in re.findall(r"^\[\d+\]:\s+(\d+)", theirs.stdout, re.M)]
            if words:
                break
        assert len(words) == 24, theirs.stdout + theirs.stderr
        assert ours["firmware"] == words[23] and ours["working_mode"] == words[0] and abs(ours["ac_voltage"] - words[1]) <= 2
        assert abs(ours["outside_temperature"] - (words[11] * 0.01 - 30)) < 0.5


@claim
def a_reading_has_value_unit_raw_words_and_remarks():
    with Lab() as lab:
        text = device("read", "--on", lab.meter, "--map", "sdm120")[0]
        assert re.search(r"^voltage +2[23]\d\.\d+ +V +0x43[0-9A-F]{2} 0x[0-9A-F]{4}", text, re.M), text
        assert re.search(r"^serial_number +19051234 +0x0122 0xB2E2", text, re.M), text
        text = device("read", "--on", lab.odu, "--unit", "1", "--map", "quatt-odu")[0]
        assert "Map quatt-odu is unverified" in text
        refused = device("read", "--on", lab.meter, "--map", "em111", status=2)[1]
        assert "refuses every register of map em111" in refused


@claim
def a_refused_register_does_not_hide_its_neighbours():
    body = 'registers = { { name = "a", address = 0xFC00, type = "u32" }, { name = "b", address = 0xFC02, type = "u16" } }'
    with Lab() as lab:
        got = device_json("read", "--on", lab.meter, "--map", map_file(body))
        assert values(got) == {"a": 19051234, "b": None}
        assert got["registers"][1]["note"] == "refused (exception 2)"


def read_past_late_answers(delay, timeout=100, late=50):
    """Register n holds n; some answers come after their question, and at times the line, were given up."""
    def answer(request, number, speed):
        first, count = struct.unpack(">HH", request[2:6])
        return delay if number in (1, 4, 7) else 0, words_reply(request, [first + i for i in range(count)])
    rows = ", ".join(f'{{ name = "r{n}", address = {n}, type = "u16", max = 99 }}' for n in range(10, 30, 2))
    with Meter(answer) as meter:
        done = subprocess.run([PROGRAM, "read", "--json", "--on", f"rtu:{meter.path}", "--timeout", f"{timeout} ms", "--late", f"{late} ms",
                               "--map", map_file("registers = { " + rows + " }")], capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout)


@claim
def a_late_answer_is_never_taken_for_the_next():
    for _ in range(5):
        late = read_past_late_answers(0.5, timeout=400, late=200)
        assert all(r["value"] in (None, int(r["register"][1:])) for r in late["registers"]), late
        if late["timeouts"] == 3:  # those that were made; more: the machine itself took more than 400 ms
            break
    assert values(late) == {f"r{n}": n for n in range(10, 30, 2)} and late["timeouts"] == 3, late
    later = read_past_late_answers(0.32)
    assert all(r["value"] in (None, int(r["register"][1:])) for r in later["registers"]), later
    assert len([r for r in later["registers"] if r["value"]]) >= 7 and later["timeouts"] >= 2, later


@claim
def a_meter_that_is_always_late_gives_no_value():
    def answer(request, number, speed):
        first, count = struct.unpack(">HH", request[2:6])
        return 0.15, words_reply(request, [first + i for i in range(count)])
    rows = '{ name = "a", address = 1, type = "u16" }, { name = "b", address = 5, type = "u16" }'
    with Meter(answer) as meter:
        device("read", "--on", f"rtu:{meter.path}", "--timeout", "100 ms", "--late", "10 ms", "--map",
               map_file("registers = { " + rows + " }"), status=2)


@claim
def faults_on_the_wire_are_read_over():
    for fault in ("odu1:late@0s,count=1,ms=700", "odu1:garbled@0s,count=1", "odu1:short@0s,count=1", "odu1:wrong-unit@0s,count=1",
                  "odu1:mute@0s,count=1"):
        with Lab("--fault", fault) as lab:
            got = values(device_json("read", "--on", lab.odu, "--unit", "1", "--map", "quatt-odu", "--timeout", "300 ms"))
            assert got["firmware"] == 515 and 225 < got["ac_voltage"] < 236 and got["pump_speed"] == 1000, (fault, got)


@claim
def a_unit_that_is_not_there_is_said_so():
    with Lab() as lab:
        said = device("read", "--on", lab.odu, "--unit", "9", "--map", "quatt-odu", "--timeout", "100 ms", "--late", "50 ms",
                      status=2)[1]
        assert "unit 9" in said and "gives no value: time-out" in said and "factory setting 19200 8E1" in said


@claim
def watching_says_how_fast_the_meter_refreshes():
    with Lab() as lab:
        text = device("read", "--on", lab.meter, "--map", "sdm120", "--register", "voltage", "--watch", "100 ms", "--for", "5 s")[0]
        assert re.search(r"voltage 2\d\d\.\d+ V  min 2\d\d\S* mean 2\d\d\S* max 2\d\d\S*  changed \d\.\d\d s ago", text), text
        every = float(re.search(r"in the middle every ([\d.]+) s", text).group(1))
        assert 0.8 < every < 1.2, text


@claim
def watching_ends_with_control_c_and_its_sum():
    with Lab() as lab:
        watch = subprocess.Popen([PROGRAM, "read", "--on", lab.odu, "--unit", "1", "--map", "quatt-odu", "--register",
                                  "ac_voltage", "--watch"], stdout=subprocess.PIPE, text=True)
        watch.stdout.readline()
        try:
            said = device("scan", "--on", lab.odu, "--unit", "1", status=2)[1]  # meanwhile the port is taken
            assert "in use" in said and lab.odu_path in said, said
        finally:
            watch.send_signal(signal.SIGINT)
            out = watch.communicate(timeout=10)[0]
        assert watch.returncode == 0 and "ac_voltage: " in out and "readings" in out, (watch.returncode, out)


@claim
def a_scan_that_is_stopped_says_so_by_its_status():
    with Meter(lambda request, number, speed: None) as meter:
        scan = subprocess.Popen([PROGRAM, "scan", "--on", f"rtu:{meter.path}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not meter.requests:
            time.sleep(0.01)
        scan.send_signal(signal.SIGINT)
        scan.communicate(timeout=10)
        assert scan.returncode == 4


# looking through


@claim
def refused_ranges_are_narrowed_down_and_named():
    with Lab() as lab:
        got = device_json("dump", "--on", lab.meter, "--function", "3", "--registers", "0xFB00-0xFC20")
        assert [r["address"] for r in got["registers"]] == [0xFC00, 0xFC01]
        assert [(m["from"], m["to"]) for m in got["missing"]] == [(0xFB00, 0xFBFF), (0xFC02, 0xFC20)]
        assert got["registers"][0]["u32 high-first"] == "19051234"
        assert "64514 to 64544 (0xFC02 to 0xFC20): refused (exception 2)" in device(
            "dump", "--on", lab.meter, "--registers", "0xFB00-0xFC20")[0]


@claim
def the_right_view_is_marked_in_either_word_order():
    high, low = struct.unpack(">HH", struct.pack(">f", 49.98))
    words = {"0": high, "1": low, "4": low, "5": high, "8": 0x4233, "9": 0x3220, "12": 0xFFFF, "13": 0xFF85}
    with Server({"1": {"3": {**{str(a): 0 for a in range(16)}, **words}}}) as server:
        seen = {r["address"]: r for r in device_json("dump", "--on", server.on, "--registers", "0-15")["registers"]}
        assert seen[0]["f32 high-first"] == "49.98" and "f32 high-first" in seen[0]["plausible"]
        assert "f32 low-first" not in seen[0]["plausible"]
        assert seen[4]["f32 low-first"] == "49.98" and "f32 low-first" in seen[4]["plausible"]
        assert seen[8]["ascii"] == "B3" and "ascii" in seen[8]["plausible"]
        assert seen[12]["s32 high-first"] == "-123" and "s32 high-first" in seen[12]["plausible"]
        assert seen[13]["s16"] == "-123" and seen[13]["u16"] == "65413"


@claim
def a_device_that_takes_only_pairs_is_read_in_pairs():
    def answer(request, number, speed):
        first, count = struct.unpack(">HH", request[2:6])
        if count % 2 or first % 2 or first + count > 6:
            return 0, bytes([request[0], request[1] | 0x80, 2])
        return 0, words_reply(request, [100 + first + i for i in range(count)])
    with Meter(answer) as meter:
        got = device_json("dump", "--on", f"rtu:{meter.path}?baud=115200", "--registers", "0-9")
        assert [r["raw"] for r in got["registers"]] == [100, 101, 102, 103, 104, 105]
        assert [(m["from"], m["to"]) for m in got["missing"]] == [(6, 9)]


@claim
def a_function_that_is_refused_points_to_the_other():
    with Meter(lambda request, number, speed: (0, bytes([request[0], request[1] | 0x80, 1]))) as meter:
        said = device("dump", "--on", f"rtu:{meter.path}", "--function", "4", status=2)[1]
        assert "refuses function 4 (exception 1): try --function 3" in said


# bad input


@claim
def a_wrong_map_is_refused_with_its_row():
    def said(body):
        return device("read", "--on", "tcp:127.0.0.1:1", "--map", map_file(body), status=2)[1]
    overlap = 'registers = { { name = "a", address = 4, type = "u32" }, { name = "b", address = 5, type = "u16" } }'
    assert "registers 'a' (4..5) and 'b' (5..5) overlap" in said(overlap)
    assert "register 'a': unknown unit 'kilowat'" in said('registers = { { name = "a", address = 4, type = "u16", unit = "kilowat" } }')
    assert "did you mean 'address'" in said('registers = { { name = "a", adress = 4, type = "u16" } }')


@claim
def misspelt_words_get_the_nearest():
    on = "tcp:127.0.0.1:1"
    for words, nearest in ((("sacn",), '"scan"?'), (("read", "--on", on, "--map", "sdm12"), "'sdm120'"), (("read", "--onn", on), "--on"),
                           (("maps", "sdm63"), "'sdm630'"), (("scan", "--on", "rtu:/dev/x?boud=9600"), "'baud'"),
                           (("read", "--on", on, "--map", "sdm120", "--register", "votlage"), "'voltage'")):
        said = device(*words, status=2)[1]
        assert "did you mean" in said and nearest in said, said


@claim
def a_line_that_is_not_one_is_answered_with_what_is_expected():
    for on in ("", "/dev/ttyUSB0", "rtu:", "tcp:", "tcp:host:0", "rtu:/dev/x?parity=X", "rtu:/dev/x?baud=fast", "rtu:/dev/x?stop=3",
               "rtu:/dev/x?baud", "udp:host"):
        said = device("scan", "--on", on, status=2)[1]
        assert "expected" in said, said
    for unit in ("0-300", "5-2", "x", "-1"):
        assert "expected a number or a range" in device("scan", "--on", "tcp:127.0.0.1:1", f"--unit={unit}", status=2)[1]
    assert "/dev/nothing-here" in device("scan", "--on", "rtu:/dev/nothing-here", status=2)[1]
    assert "cannot connect to 127.0.0.1:1" in device("read", "--on", "tcp:127.0.0.1:1", "--map", "sdm120", status=2)[1]
    assert "--map is missing" in device("read", "--on", "tcp:127.0.0.1:1", status=2)[1]
    assert "a TCP port has no baud rate" in device("scan", "--on", "tcp:127.0.0.1:1", "--try", status=2)[1]


@claim
def output_that_does_not_arrive_is_an_error():
    with Server({"1": sdm120(5)}) as server, open("/dev/full", "w") as full:
        for words in (["maps"], ["maps", "sdm120", "--json"], ["read", "--on", server.on, "--map", "sdm120"],
                      ["scan", "--on", server.on, "--unit", "1"], ["dump", "--on", server.on, "--function", "4", "--json"],
                      ["read", "--on", server.on, "--map", "sdm120", "--watch"]):
            done = subprocess.run([PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
            assert done.returncode == 2 and "cannot write the output" in done.stderr, (words, done)


@claim
def maps_are_listed_with_their_state_and_a_wrong_one_hides_no_other():
    text = device("maps")[0]
    assert re.search(r"^sdm230 +verified by 2 examples +15 ", text, re.M) and re.search(r"^em340 +unverified", text, re.M)
    one = device("maps", "em111")[0]
    assert "ET112" in one and "01 03 04 09 1B 00 00 89 A8" in one and "low-first" in one
    broken = os.path.dirname(map_file('registers = { { name = "a", address = 4, type = "u61" } }', "broken"))
    out, said = device("maps", status=2, env={"HEATBENCH_MAPS": broken})
    assert "broken.lua" in said and re.search(r"^broken +wrong", out, re.M) and "sdm630" in out


@claim
def the_manual_lists_the_maps_as_they_are():
    with open(os.path.join(HERE, "..", "..", "docs", "instruments.md")) as f:
        rows = re.findall(r"^\| `([a-z0-9-]+)` \| (verified by \d+ examples?|unverified) \|", f.read(), re.M)
    state = {m["name"]: f"verified by {m['examples']} example" + ("s" if m["examples"] > 1 else "") if m["verified"] else "unverified"
             for m in device_json("maps")}
    assert dict(rows) == state


@claim
def every_subcommand_has_its_help():
    assert "exit status" in device("--help")[0] and device(status=2)[1].startswith("heatbench device - find")
    for name in ("scan", "read", "dump", "maps"):
        assert f"heatbench device {name}" in device(name, "--help")[0]


run()
