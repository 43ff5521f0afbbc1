#!/usr/bin/env python3
"""--check reads everything, says what would happen and what stands in the way, and touches nothing."""
import grp
import json
import os
import re
import stat

import end_to_end as e2e
from end_to_end import claim


def tree(*places):
    """Every file below with its size and time of change."""
    found = {}
    for place in places:
        for at, _, files in os.walk(place):
            found[at] = os.stat(at).st_mtime_ns
            for f in files:
                s = os.stat(os.path.join(at, f))
                found[os.path.join(at, f)] = (s.st_size, s.st_mtime_ns)
    return found


def check(*arguments, **more):
    more.setdefault("cwd", e2e.folder())
    p = e2e.heatbench("pump", "--check", *arguments, **more)
    p.cwd = more["cwd"]
    return p


def checked(*arguments, **more):
    p = check("--json", *arguments, **more)
    p.report = json.loads(p.out)
    return p


@claim
def it_touches_nothing_and_starts_nothing():
    results, place = e2e.folder(), e2e.folder()
    before = tree(results, place)
    # A laboratory that cannot start, and ports that are not there, are nobody's concern yet.
    p = check("--virtual", "--fault", "no-such:thing@1s", "--out", results, cwd=place)
    assert p.returncode == e2e.PASSED, (p.returncode, p.err)
    p = check("--out", os.path.join(place, "not-yet"), cwd=place)
    assert p.returncode in (e2e.PASSED, e2e.UNABLE)
    assert tree(results, place) == before


@claim
def it_lists_every_bus_with_its_load_and_every_device_with_its_reads():
    p = checked("--virtual")
    buses = {b["name"]: b for b in p.report["buses"]}
    assert set(buses) == {"odu", "meter"}
    assert 0.02 < buses["odu"]["load"] < 0.7 and buses["odu"]["limit"] == 0.7
    assert len(p.report["devices"]) == 4 and all(d["blocks"] for d in p.report["devices"])
    text = check("--virtual").out
    assert re.search(r"bus odu +.* busy [0-9.]+ % \(limit 70 %\)", text), text
    assert "nothing stands in the way of this run" in text


@claim
def the_load_is_what_the_baud_rate_and_the_blocks_give():
    """8 characters of request, 5 + 2n of reply, 7 of silence, 11 bits each; and 15 ms until the device answers."""
    p = checked("--virtual")
    floor = 0
    for d in p.report["devices"]:
        if d["bus"] == "odu":
            floor += sum((8 + 5 + 2 * b["count"] + 7) * 11 / 19200 + 0.015 for b in d["blocks"])
    load = [b["load"] for b in p.report["buses"] if b["name"] == "odu"][0]
    assert abs(load - floor) < 0.01, (load, floor)


@claim
def a_bus_that_would_be_too_busy_is_refused_with_what_to_slow_down():
    slow = e2e.bench_with(("baud = 19200", "baud = 600"))
    p = checked("--virtual", "--bench", slow)
    assert p.returncode == e2e.UNABLE
    problem = "\n".join(p.report["problems"])
    assert re.search(r"bus odu would be busy \d+ % of the time, more than 70 %", problem), problem
    assert re.search(r"""'odu[12]' .*every = "2 s" """, problem), problem
    # A run is refused for the same reason, before anything is made.
    results = e2e.folder()
    run = e2e.heatbench("pump", "--virtual", "--bench", slow, "--out", results)
    assert run.returncode == e2e.UNABLE and "would be busy" in run.err and os.listdir(results) == [], run.err


def advised(p):
    """Whose channels, and what to write there: word for word."""
    return re.search(r"give (?:the channels of '(\w+)'.*?|all its channels) (every = \S+ s\") or more", p.report["problems"][0]).groups()


@claim
def what_it_advises_against_the_load_helps_word_for_word():
    for tick in ("1 s", "500 ms"):
        slow = (("baud = 19200", "baud = 600"), ('tick = "1 s"', f'tick = "{tick}"'))
        unit, every = advised(checked("--virtual", "--bench", e2e.bench_with(*slow)))
        if unit:
            pump = {"odu1": "awmt", "odu2": "wilo"}[unit]
            every = every.replace("every = ", f'every = pump == "{pump}" and ') + " or nil"
        helps = [(f'role = "{role}"', f'role = "{role}", {every}') for role in ("flow", "feedback")]
        p = checked("--virtual", "--bench", e2e.bench_with(*slow, *helps))
        assert p.returncode == e2e.PASSED, (tick, unit, every, p.report["problems"], p.report["buses"])
        p = checked("--virtual", "--bench", e2e.bench_with(*slow, ("baud = 600", "baud = 2400")))
        assert p.returncode == e2e.PASSED, p.report["problems"]


@claim
def where_no_single_device_is_to_blame_all_are_to_be_slower():
    bench = """
local line = modbus_rtu{ name = "odu", port = "/dev/ttyS9", baud = 1200, parity = "N" }
for unit = 1, 6 do
	local meter = device{ name = "meter" .. unit, bus = line, unit = unit, map = "sdm120" }
	channel{ name = "power" .. unit, from = meter.power EVERY }
end
return bench{ name = "six", tick = "500 ms" }
"""
    hold = e2e.write("hold(10)")
    one = lambda text: checked("--virtual", "--bench", e2e.write(bench.replace("EVERY", text), "bench.lua"), "--procedure", hold)
    unit, every = advised(one(""))
    assert unit is None, unit
    p = one(", " + every)
    assert p.returncode == e2e.PASSED, (every, p.report["problems"], p.report["buses"])


@claim
def the_procedure_is_run_on_paper_step_by_step():
    p = checked("--virtual")
    procedure = p.report["procedure"]
    assert procedure["steps"] == 30 and procedure["asks"] == 0
    # 24 steps of 30 samples and 4 rests of 10 s; what waits for the valve is content at once.
    assert 24 * 30 + 4 * 10 <= procedure["seconds"] <= 24 * 30 + 4 * 10 + 60, procedure["seconds"]
    assert any("wilo_duty = 850" in c["what"] for c in procedure["calls"])


@claim
def lines_that_the_dry_run_never_reached_are_listed():
    procedure = e2e.write('step{ "x" }\nlocal m = measure{ samples = 3 }\nif (m.wilo_flow.mean or 0) < -5 then\n'
                          '\tset("wilo_duty", 100)\n\thold(5)\nend\nhold(1)\n')
    p = checked("--virtual", "--procedure", procedure)
    assert p.report["procedure"]["unreached"] == "4-5", p.report["procedure"]["unreached"]
    assert "not reached in the dry run: 4-5" in check("--virtual", "--procedure", procedure).out


@claim
def a_procedure_that_asks_wants_a_terminal_or_answers():
    procedure = e2e.write('step{ "x" }\nask("Ready?")\n')
    p = checked("--virtual", "--procedure", procedure)
    assert any("asks 1 times" in w and "--answers" in w for w in p.report["warnings"]), p.report["warnings"]
    p = checked("--virtual", "--procedure", procedure, "--answers", e2e.write("yes\n", "answers"))
    assert not any("asks" in w for w in p.report["warnings"])


@claim
def it_says_what_the_safe_state_does_and_what_it_does_not_cover():
    p = checked("--virtual")
    steps = [(s["channel"], s["value"]) for s in p.report["safe"]["steps"]]
    assert steps[0] == ("awmt_duty", 1000) and steps.index(("wilo_duty", 1000)) < steps.index(("wilo_relay", 0))
    assert any("power" in w and "guard" in w for w in p.report["warnings"])
    less = e2e.bench_with(('safe{ channel = "awmt_relay", value = 0 }\n', ""))
    p = checked("--virtual", "--bench", less)
    assert "awmt_relay" in p.report["safe"]["uncovered"], p.report["safe"]


@claim
def a_safe_state_that_lets_an_ipwm1_pump_run_at_full_speed_is_refused():
    full = e2e.bench_with(('safe{ channel = "awmt_duty", value = "1000 permille" }',
                           'safe{ channel = "awmt_duty", value = "0 permille" }'))
    p = checked("--virtual", "--bench", full)
    assert p.returncode == e2e.UNABLE and "full speed" in "\n".join(p.report["problems"]), p.report["problems"]


@claim
def a_pump_that_has_no_safe_state_at_all_is_refused_too():
    none = e2e.write("\n".join(l for l in open(e2e.BENCH).read().splitlines() if not l.startswith("safe{")), "bench.lua")
    p = checked("--virtual", "--bench", none)
    assert p.returncode == e2e.UNABLE, p.report["problems"]


@claim
def it_says_how_much_disk_the_run_will_need():
    long = e2e.write('step{ "x" }\nhold("48 h")\n')
    short, more = checked("--virtual").report["disk"], checked("--virtual", "--procedure", long).report["disk"]
    assert 0 < short["need"] < 50e6 and more["need"] > 10 * short["need"], (short, more)
    results = e2e.folder()
    e2e.heatbench("pump", "--virtual", "--out", results)
    size = os.path.getsize(e2e.only_run(results).file("run.db"))
    assert size < short["need"] < 20 * size, (size, short)


@claim
def a_run_for_which_there_is_no_room_is_refused_before_it_starts():
    ages = e2e.write('step{ "x" }\nfor _ = 1, 40000 do hold("24 h") end\n')
    p = checked("--virtual", "--procedure", ages)
    assert p.returncode == e2e.UNABLE and any("MB" in x for x in p.report["problems"]), p.report["problems"]


@claim
def a_port_that_is_not_there_is_a_problem():
    p = checked("--bench", e2e.BENCH)
    assert p.returncode == e2e.UNABLE
    assert any(x.startswith("bus odu: no such port: /dev/serial/by-id/") for x in p.report["problems"]), p.report["problems"]


@claim
def a_port_that_the_user_may_not_open_is_a_problem_that_names_the_group():
    if os.geteuid() != 0:
        raise e2e.Skip("only root can make a port that somebody else may not open, and become that somebody")
    port, files = os.path.join(e2e.folder(), "ttyUSB7"), e2e.folder()
    os.mknod(port, 0o660 | stat.S_IFCHR, os.makedev(4, 127))
    os.chmod(port, 0o660)
    os.chown(port, 0, grp.getgrnam("dialout").gr_gid)
    bench = e2e.write(re.sub(r'port = "[^"]*"', f'port = "{port}"', open(e2e.BENCH).read()), "bench.lua", files)
    nobody = e2e.as_nobody(bench)
    os.chmod(os.path.dirname(port), 0o755)
    p = checked("--bench", bench, **nobody)
    assert p.returncode == e2e.UNABLE, p.err
    assert any(x.startswith(f"bus odu: user nobody may not open {port}: not in group dialout") for x in p.report["problems"]), \
        p.report["problems"]
    p = checked("--bench", bench, **e2e.as_nobody(groups=["dialout"]))
    assert not any("dialout" in x for x in p.report["problems"]), p.report["problems"]


@claim
def a_chip_that_is_not_there_is_a_problem():
    parts = ("local b = lines{ name = \"lines\" }", "local w = WHAT",
             "channel{ name = \"extra\", from = w.POINT, output = OUTPUT }")
    for what, point, output, says in (
            ('relay{ name = "fan", bus = b, chip = "gpiochip77", line = 3 }', "state", "true", "fan: there is no GPIO chip gpiochip77"),
            ('pwm_output{ name = "mixer", bus = b, chip = "pwmchip77" }', "duty", "true", "mixer: there is no PWM chip pwmchip77"),
            ('pulse_input{ name = "gas", bus = b, chip = "gpiochip77", line = 5 }', "count", "false", "gas: there is no GPIO chip gpiochip77")):
        text = [x.replace("WHAT", what).replace("POINT", point).replace("OUTPUT", output) for x in parts]
        if output == "true":
            text.append('safe{ channel = "extra", value = 0 }' if point == "state" else 'safe{ channel = "extra", value = "1000 permille" }')
        p = checked("--bench", with_parts(*text))
        assert any(x.startswith("bus lines: " + says) for x in p.report["problems"]), (p.report["problems"], p.err)


def with_parts(*parts):
    return e2e.bench_with(("return bench{", "\n".join(parts) + "\nreturn bench{"))


@claim
def a_feed_whose_host_has_no_address_is_named():
    feed = with_parts('local f = http_feed{ name = "feed1", url = "http://no-such-cic.invalid:8080/beta/feed/data.json" }',
                      'local g = http_feed{ name = "feed2", url = "http://127.0.0.1:8080/beta/feed/data.json" }',
                      'local r = redis{ name = "redis1", host = "no-such-redis.invalid" }',
                      'local c = device{ name = "cic1", bus = f, map = "cic-feed" }',
                      'local d = device{ name = "regs1", bus = r, map = "cic-redis" }',
                      'channel{ name = "cic_power", from = c.hp1_power_input, every = "10 s" }',
                      'channel{ name = "cic_flow", from = d.flow, every = "10 s" }')
    p = checked("--bench", feed)
    assert any(x.startswith("bus feed1: ") and "no-such-cic.invalid" in x for x in p.report["problems"]), p.report["problems"]
    assert any(x.startswith("bus redis1: ") and "no-such-redis.invalid" in x for x in p.report["problems"]), p.report["problems"]
    assert not any("feed2" in x for x in p.report["problems"]), p.report["problems"]
    assert any("map cic-feed of device 'cic1' is unverified" in x for x in p.report["warnings"]), p.report["warnings"]
    buses = {b["name"]: b for b in p.report["buses"]}
    assert buses["feed1"]["address"] == "http://no-such-cic.invalid:8080/beta/feed/data.json"
    assert buses["redis1"]["address"] == "redis://no-such-redis.invalid:6379/0" and 0 < buses["feed1"]["load"] < 0.02


@claim
def a_bus_with_another_master_is_said_to_be_listened_to_and_costs_it_nothing():
    line = with_parts('local l = modbus_rtu{ name = "odu9", port = "/dev/nobody", baud = 19200, parity = "E", listen_only = true }',
                      'local o = device{ name = "odu9", bus = l, map = "quatt-odu", unit = 1 }',
                      'channel{ name = "odu9_fan", from = o.fan_speed }')
    p = checked("--bench", line)
    assert any("odu9" in x and "listened to, nothing is sent" in x for x in p.report["warnings"]), p.report["warnings"]
    assert {b["name"]: b["load"] for b in p.report["buses"]}["odu9"] == 0
    assert any(x.startswith("bus odu9: no such port") for x in p.report["problems"]), p.report["problems"]


@claim
def a_rate_that_no_port_has_is_named_with_the_nearest_in_the_virtual_lab_too():
    odd = e2e.bench_with(("baud = 19200", "baud = 19000"))
    for how in (("--virtual",), ()):
        p = checked("--bench", odd, *how)
        assert p.returncode == e2e.UNABLE and "bus odu: 19000 baud is no rate of a port (did you mean 19200?)" in p.report["problems"], p.report
    assert not any("baud is no rate" in x for x in checked("--bench", e2e.BENCH).report["problems"])


@claim
def a_channel_whose_name_means_something_else_in_the_runs_tables_is_named_with_its_line():
    for name, said in (("order", "the word means something else"), ("oid", "the word means something else"), ("Flow9", "lower-case")):
        p = checked("--virtual", "--bench", with_parts(f'channel{{ name = "{name}", from = "reference.current" }}'))
        problems = p.report["problems"]
        assert p.returncode == e2e.UNABLE and len(problems) == 1, problems
        assert re.search(r"bench\S*\.lua:\d+: channel \"" + name + '"', problems[0]) and said in problems[0], problems
        results = e2e.folder()
        run = e2e.heatbench("pump", "--virtual", "--out", results, "--bench", with_parts(f'channel{{ name = "{name}", from = "reference.current" }}'))
        assert run.returncode == e2e.UNABLE and said in run.err and os.listdir(results) == [], run.err


e2e.finish()
