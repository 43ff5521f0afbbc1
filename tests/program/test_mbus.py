#!/usr/bin/env python3
"""A run with M-Bus meters on a pseudo-terminal and behind a TCP gateway, which answer byte by byte with the telegram of a real
meter: with noise, a wrong checksum, silence, and another meter in its place."""
import json
import os
import pty
import socket
import sys
import threading
import time
import tty

import end_to_end as e2e
from end_to_end import claim

sys.path.insert(0, os.path.join(e2e.ROOT, "tests", "cli"))
from mbus_peer import Meter  # noqa: E402

HOLD = 'step{ "look" }\nhold(%d)\n'


def bench(text, name):
    return e2e.write(text + """
dut{ name = "hp5", kind = "heat_pump" }
channel{ name = "energy", from = hm5.energy, dut = "hp5", role = "heat_energy" }
channel{ name = "flow", from = hm5.flow, dut = "hp5", role = "flow" }
channel{ name = "supply", from = hm5.t1, dut = "hp5", role = "supply_temperature" }
channel{ name = "status", from = hm5.status }
return bench{ name = "meters" }
""", name)


def run_with(bench_file, seconds):
    results = e2e.folder()
    e2e.heatbench("pump", "--bench", bench_file, "--procedure", e2e.write(HOLD % seconds), "--out", results, "--quiet")
    return e2e.only_run(results)


def missed_ticks(run):
    """Those whose time was over before the bus came to them: 0 unless something else keeps the machine busy."""
    return run.one("SELECT sum(missed_ticks) FROM bus_health")


@claim
def a_meter_on_a_line_is_good_but_where_it_was_not():
    master, slave = pty.openpty()
    tty.setraw(slave)
    begin = {}

    def mood(n):
        if n in (2, 5):
            return {2: "garbled", 5: "noise"}[n]
        if n == 14:  # away for five seconds, and then another one
            begin.setdefault("away", time.monotonic())
            return "mute" if time.monotonic() - begin["away"] < 5 else "other"
        return "other" if 14 < n < 17 else "good"

    meter = Meter(master, master, mood)
    try:
        run = run_with(bench(f"""
local m = mbus{{ name = "mbus", port = "{os.ttyname(slave)}", baud = 9600, retry_after = "2 s" }}
hm5 = device{{ name = "hm5", bus = m, unit = 17, map = "kamstrup-403-mbus",
        identity = {{ serial = "06855817", manufacturer = "KAM" }} }}
""", "line.lua"), 28)
    finally:
        meter.end()
    rows = [run.values("energy")[t] for t in sorted(run.values("energy"))]
    said = [q for _, q in rows]
    good = [v for v, q in rows if q == "good"]
    assert len(good) >= 14, said
    assert all(37351 < v <= meter.energy for v in good) and good == sorted(set(good)), good  # each one asked for, none twice
    assert [v for v, q in rows if q == "suspect" and v is not None and v < 100], said  # the other meter's 3 kWh
    assert "timeout" in said and "gap" in said and all(v is None for v, q in rows if q in ("timeout", "gap")), said
    # What is broken is asked for again. A tick that the machine itself came too late for was missed, and says so.
    assert said[:10].count("good") + said[:10].count("gap") == 10 and said[:10].count("gap") <= missed_ticks(run), said
    assert said[-1] == "good", said
    supply = [v for v, q in run.values("supply").values() if q == "good"]
    assert supply and all(abs(v - 101.69) < 1e-6 for v in supply)
    events = "\n".join(f"{source}: {text}" for _, source, text in run.events())
    for words in ("hm5: does not answer", "hm5: answers again", "hm5: another meter answers in its place (06855899",
                  "hm5: meter 068558172D2C0804 is back"):
        assert words in events, (words, events)
    assert "went back" not in events, events
    identity = json.loads(run.one("SELECT identity FROM device"))
    assert identity["serial"] == "06855817" and identity["manufacturer"] == "KAM" and identity["version"] == "8", identity
    blocks = run.sql("SELECT raw FROM block WHERE length(raw) > 0")
    assert len(blocks) >= 14 and all(b[0][0] == 0x68 and b[0][-1] == 0x16 for b in blocks)
    print(f"# {len(good)} good of {len(said)}")


@claim
def a_meter_behind_a_gateway_is_selected_by_its_number():
    listener = socket.create_server(("127.0.0.1", 0))
    meters = []

    def accept():
        connection = listener.accept()[0]
        meters.append((Meter(connection.fileno(), connection.fileno(), lambda n: "good"), connection))

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    run = run_with(bench(f"""
local m = mbus_tcp{{ name = "gate", host = "127.0.0.1", tcp_port = {listener.getsockname()[1]}, baud = 9600 }}
hm5 = device{{ name = "hm5", bus = m, secondary = "068558172D2CFFFF", map = "kamstrup-403-mbus" }}
""", "gate.lua"), 4)
    for meter, connection in meters:
        meter.end()
        connection.close()
    said = [q for _, q in run.values("flow").values()]
    assert len(said) >= 4 and set(said) <= {"good", "gap"} and said.count("gap") <= missed_ticks(run), said
    assert {v for v, q in run.values("flow").values() if q == "good"} == {543}, run.values("flow")
    assert run.one("SELECT address FROM device") == f"tcp:127.0.0.1:{listener.getsockname()[1]} meter 068558172D2CFFFF"
    listener.close()


@claim
def the_wrong_meter_and_none_at_all_do_not_start():
    master, slave = pty.openpty()
    tty.setraw(slave)
    line = f"""
local m = mbus{{ name = "mbus", port = "{os.ttyname(slave)}", baud = 9600 }}
hm5 = device{{ name = "hm5", bus = m, unit = %d, map = "kamstrup-403-mbus", identity = {{ serial = "%s" }} }}
"""
    meter = Meter(master, master, lambda n: "good")
    try:
        for unit, serial, words in ((17, "11111111", "its serial is 06855817, the bench file says 11111111"),
                                    (18, "06855817", "primary address 18 on bus mbus) does not say who it is: time-out")):
            done = e2e.heatbench("pump", "--bench", bench(line % (unit, serial), "wrong.lua"), "--procedure",
                                 e2e.write(HOLD % 2), "--out", e2e.folder())
            assert done.returncode == e2e.UNABLE and words in done.err, done.err
    finally:
        meter.end()


e2e.finish()
