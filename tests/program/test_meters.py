#!/usr/bin/env python3
"""Reference meters on the virtual lab of four CiCs: what is logged and reckoned agrees with the truth, whatever a CiC, a server or a
meter does is flagged and never a wrong good value, and a log of days survives what happens to it."""
import csv
import hashlib
import os
import re
import signal

import end_to_end as e2e
from end_to_end import claim

PUMPS = [f"hp{n}" for n in range(1, 7)]


def meters(*arguments, **more):
    results = e2e.folder()
    p = e2e.heatbench("meters", "--virtual", "--quiet", "--out", results, *arguments, **more)
    return p, (e2e.only_run(results) if len(e2e.runs_in(results)) == 1 else None)


class Days:
    """The values of a run whose tables stand in databases of days."""

    def __init__(self, run):
        self.run, self.rows, self.flags = run, {}, {}
        zero, period = run.lab_time(0), run.one("SELECT period FROM run") / 1e9
        self.lab_time = lambda tick: zero + tick * period
        code = dict(run.sql("SELECT code, name FROM quality"))
        name = dict(run.sql("SELECT id, name FROM channel"))
        self.group = dict(run.sql("SELECT name, rate_group FROM channel"))
        for day in sorted(os.listdir(run.file("days"))):
            if not day.endswith(".db"):
                continue
            of = e2e.Run(run.path, db=os.path.join("days", day))
            self.flags.update({(t, name[c]): code[q] for t, c, q in of.sql("SELECT tick, channel, quality FROM flag")})
            for channel, group in self.group.items():
                self.rows.setdefault(channel, []).extend(of.sql(f"SELECT tick, {channel} FROM {group} ORDER BY tick"))

    def of(self, channel, begin=0, end=1e9):
        """[(lab time, value, quality)]"""
        return [(self.lab_time(t), v, self.flags.get((t, channel), "good")) for t, v in self.rows[channel]
                if begin <= self.lab_time(t) < end]

    def qualities(self, channel, begin=0, end=1e9):
        return {q for _, _, q in self.of(channel, begin, end)}

    def good(self, channel, begin=0, end=1e9):
        return [(t, v) for t, v, q in self.of(channel, begin, end) if q == "good"]


def truth_rows(run):
    with open(run.file("truth", "truth.csv")) as f:
        return [{k: float(v) for k, v in row.items() if not k.endswith(("_mode", "_phase"))} for row in csv.DictReader(f)]


FIRST, RUN = meters("--argument", "25 min", "--lab", "cic2.clock_offset=5", "--lab", "cic2.clock_drift=0")


@claim
def power_heat_and_clocks_agree_with_the_truth():
    assert FIRST.returncode == e2e.UNDECIDED, (FIRST.returncode, FIRST.err)
    days, truth = Days(RUN), truth_rows(RUN)
    at = {row["t_s"]: row for row in truth}
    for pump in PUMPS:
        good = days.good(pump + "_power", 60)
        assert len(good) > 1400, (pump, len(good))
        # The meters' own errors are a few tenths of a per cent; what moves between two seconds is left out.
        pairs = [(v, at[round(t, -1)][pump + "_power_w"]) for t, v in good if abs(t - round(t, -1)) < 0.6 and round(t, -1) in at]
        steady = [(v, w) for v, w in pairs if abs(v - w) <= 0.03 * w + 8]
        assert len(steady) > 0.8 * len(pairs), (pump, len(steady), len(pairs))
        flows = {q for q in days.qualities(pump + "_flow", 60)}
        assert flows == {"good"}, (pump, flows)
    offset = [v for _, v in days.good("hp3_clock_offset", 60)]
    assert 4 < max(offset) < 5.2 and min(offset) > 0, (min(offset), max(offset))  # less the age of the document
    assert not [c for c in days.group if not c.endswith("_clock_offset") and days.qualities(c, 120) - {"good", "stale", "gap"}]


@claim
def the_evaluation_finds_energy_heat_and_cop_of_every_heat_pump():
    report = RUN.report()
    truth = truth_rows(RUN)
    for pump in PUMPS:
        whole = {r["quantity"]: r for r in report["results"] if r["dut"] == pump and not r.get("valve")}
        energy = whole["electric_energy"]
        true = truth[-1][pump + "_energy_kwh"] - truth[0][pump + "_energy_kwh"]
        assert abs(energy["value"] - true) <= 2 * energy["expanded_uncertainty"] + 0.02, (pump, energy, true)
        assert energy["expanded_uncertainty"] > 0
    assert any(r["quantity"] == "cop" and r["value"] and 2 < r["value"] < 7 for r in report["results"]), "some ran"
    page = open(RUN.file("evaluations", "1", "report.html")).read()
    rows = [re.findall(r"<td[^>]*>([^<]*)", row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)]
    odd = [row for row in rows if "does not agree" in row]
    assert any("agrees" in row for row in rows) and not odd, odd
    short = {row[0]: row[-1] for row in rows if row[1:3] == ["volume register", "flow"]}
    # A flow that is held for 32 s is late in a start-up.
    assert all(re.fullmatch(r"not judged: shorter than 100 refreshes of 3\d(\.\d)? s", short[p]) for p in PUMPS), short
    assert "This figure is missing" not in page
    assert re.search(r"hp[1-4]: its heat meter shows another value every 3\d s only: it is in a slow mode", page), "32 s, read every 4"
    assert not re.search(r"hp[56]: its heat meter shows", page), "read every 30 s: cannot tell"


@claim
def every_transaction_is_kept_and_the_run_is_intact():
    p = e2e.heatbench("runs", "verify", RUN.path)
    assert p.returncode == 0, p.out + p.err
    assert RUN.one("SELECT count(*) FROM day WHERE sha256 IS NOT NULL") == 1


FAULTS = ("feed1:null@120s+120s", "feed2:http-500@120s+120s", "feed3:half@120s+120s", "feed4:clock-step@120s+120s,by=3600",
          "redis1:gone@120s+60s", "heat_hp5:garbled@120s+120s", "electricity_hp1:reset@300s", "electricity_hp2:replaced@300s",
          "electricity_hp3:mute@120s+60s", "odu_hp6:mute@120s+60s")
BROKEN, BAD = meters("--argument", "10 min", *[a for f in FAULTS for a in ("--fault", f)])


@claim
def whatever_breaks_the_log_goes_on_and_nothing_bad_is_good():
    assert BROKEN.returncode == e2e.UNDECIDED and BAD.verdict() == "complete", (BROKEN.returncode, BROKEN.err)
    days = Days(BAD)
    expected = {"hp1_estimated_power": {"gap"}, "hp3_estimated_power": {"exception", "timeout", "gap"}, "hp5_estimated_power": {"timeout", "gap", "checksum"},
                "cic1_alive": {"timeout", "gap"}, "hp5_flow": {"checksum", "gap", "timeout", "suspect"}, "hp3_power": {"timeout", "gap", "suspect"}}
    for channel, bad in expected.items():
        found = days.qualities(channel, 132, 175)
        assert found and found <= bad, (channel, found)
        assert all(v is None for _, v, q in days.of(channel, 132, 175) if q != "suspect"), channel
        after = days.of(channel, 400)
        assert after and all(q == "good" for _, _, q in after[-3:]), (channel, after[-3:])
    assert days.qualities("hp6_power", 132, 175) == {"good"}, "others never notice"
    unit = days.of("hp6_fan", 140, 175)
    assert unit and all(q in ("stale", "gap") for _, _, q in unit), unit[:3]


@claim
def a_cic_whose_clock_jumps_an_hour_is_flagged_and_said():
    days, said = Days(BAD), " ".join(text for _, _, text in BAD.events())
    jumped = [(v, q) for _, v, q in days.of("hp6_clock_offset", 125, 235) if v is not None]
    assert any(abs(v - 3600) < 5 for v, _ in jumped), jumped[:4]
    assert any(q == "suspect" for _, q in jumped), jumped[:4]
    assert "clock" in said, said


@claim
def counters_that_go_back_and_meters_that_are_replaced_are_no_energy():
    days, report = Days(BAD), BAD.report()
    assert "rollback" in days.qualities("hp1_energy", 300), days.of("hp1_energy", 295, 330)
    for pump in ("hp1", "hp2"):
        energy = next(r for r in report["results"] if r["dut"] == pump and r["quantity"] == "electric_energy" and not r.get("valve"))
        assert 0 <= energy["value"] < 0.5, energy
    assert not any(q == "good" for _, _, q in days.of("hp2_power", 330)), "another meter answers in its place: nothing of it is good"
    page = open(BAD.file("evaluations", "1", "report.html")).read()
    assert "reset" in page, "the report says so"


SMALL = """
local line = modbus_tcp{ name = "electricity_tcp", host = "192.0.2.31" }
local meter = device{ name = "meter", bus = line, unit = 5, map = "sdm120" }
dut{ name = "hp5", kind = "heat_pump" }
channel{ name = "hp5_power", from = meter.power, dut = "hp5", role = "electric_power" }
channel{ name = "hp5_energy", from = meter.total, dut = "hp5", role = "electric_energy" }
return bench{ name = "meters", tick = "2 min", daily = true }
"""


def closed_days(results):
    runs = e2e.runs_in(results)
    if len(runs) != 1:
        return []
    run = runs[0]
    if not os.path.exists(run.file("days")):
        return []
    return [d for d, in run.sql("SELECT date FROM day WHERE sha256 IS NOT NULL ORDER BY date")]


def digests(run, days):
    return {d: hashlib.sha256(open(run.file("days", d + ".db"), "rb").read()).hexdigest() for d in days}


@claim
def a_log_of_days_is_evaluated_while_it_goes_on_killed_and_resumed():
    results, bench = e2e.folder(), e2e.write(SMALL, "bench.lua")
    options = ("meters", "--virtual", "--quiet", "--out", results, "--bench", bench, "--argument", "90 d")
    p = e2e.start(*options)
    e2e.wait_for("three days are closed", lambda: len(closed_days(results)) >= 3, 120)
    run = e2e.only_run(results)
    interim = e2e.heatbench("evaluate", run.path)
    assert interim.returncode == e2e.UNDECIDED and p.poll() is None, (interim.returncode, interim.err)
    whole = [r for r in run.report()["results"] if r["quantity"] == "daily_electric_energy" and r["value"] and "covered to" not in r["note"]]
    assert len(whole) >= 2, run.report()["results"]
    p.kill()
    p.wait()
    e2e.wait_for("the writer is gone", lambda: not os.path.exists(run.file("lock")) or e2e.heatbench("runs", "verify", run.path).returncode == 2, 20)
    closed = closed_days(results)
    before = digests(run, closed)
    p = e2e.start(*options, "--resume", run.path)
    e2e.wait_for("more days are closed", lambda: len(closed_days(results)) >= len(closed) + 2 or p.poll() is not None, 120)
    assert p.poll() is None, p.communicate()
    p.send_signal(signal.SIGINT)
    status = p.wait(60)
    assert status == e2e.STOPPED, (status, p.communicate())
    assert digests(run, closed) == before, "what was closed was not touched"
    assert run.one("SELECT count(*) FROM segment") == 2
    assert e2e.heatbench("runs", "verify", run.path).returncode == 0


@claim
def two_masters_on_one_bus_are_refused_and_a_misspelt_key_is_named():
    text = open(os.path.join(e2e.ROOT, "benches", "meters", "bench.lua")).read()
    p, run = meters("--check", "--bench", e2e.write(text.replace("listen_only = true", "listen_onyl = true"), "bench.lua"))
    assert p.returncode == e2e.UNABLE and "did you mean 'listen_only'" in p.err, p.err
    p, run = meters("--argument", "soon")
    assert p.returncode == e2e.UNABLE and "how long to log" in p.err and run is None, p.err


STEPS = """
local units = modbus_rtu{ name = "odu", port = "/dev/ttyX", baud = 19200, parity = "E", response_timeout = "300 ms" }
local line = modbus_tcp{ name = "meter", host = "192.0.2.20", response_timeout = "500 ms" }
local unit = device{ name = "odu2", bus = units, unit = 2, map = "quatt-odu" }
local meter = device{ name = "reference", bus = line, unit = 1, map = "sdm120" }
dut{ name = "hp1", kind = "heat_pump" }
channel{ name = "relay", from = unit.pump_relay, output = true }
channel{ name = "speed", from = unit.pump_speed, output = true, min = "250 permille", max = "700 permille" }
channel{ name = "seen", from = unit.pump_power, dut = "hp1", role = "estimated_power", every = "3 s" }
channel{ name = "power", from = meter.power, dut = "hp1", role = "electric_power" }
safe{ channel = "speed", value = "700 permille" }
safe{ channel = "relay", value = 0 }
return bench{ name = "meters", tick = "1 s" }
"""


@claim
def steps_that_a_procedure_makes_show_the_skew_that_the_instruments_have():
    script = os.path.join(e2e.ROOT, "scripts", "meters-step.lua")
    results, bench = e2e.folder(), e2e.write(STEPS, "bench.lua")
    procedure = e2e.write('set("relay", 1)\n' + open(script).read(), "steps.lua")
    p = e2e.heatbench("pump", "--virtual", "--quiet", "--out", results, "--bench", bench, "--procedure", procedure, "--argument", "speed 12")
    assert p.returncode == e2e.UNDECIDED, p.err
    p = e2e.heatbench("evaluate", e2e.only_run(results).path, "--set", "skew_step=10 W")
    (row,) = next(t["rows"] for t in e2e.only_run(results).report(2)["tables"] if t["name"] == "skew")
    late, U, steps = (float(x) for x in row[2:5])
    # The meter shows the mean of the second before: 0.5 s late. The unit looks every 0.2 s.
    assert row[1] == "estimated power" and steps >= 24 and 0 < U < 0.4, row
    assert abs(late + 0.45) <= U + 0.1, row
    p, _ = meters("--check", "--procedure", script, "--argument", "hp1_heater")
    assert p.returncode == e2e.UNABLE and "no output" in p.err, p.err
    p = e2e.heatbench("pump", "--check", "--virtual", "--bench", bench, "--procedure", script, "--argument", "sped")
    assert p.returncode == e2e.UNABLE and "expected one of relay, speed" in p.err, p.err


@claim
def the_skew_of_every_heat_pump_is_measured_or_said_not_to_be():
    rows = next(t["rows"] for t in RUN.report()["tables"] if t["name"] == "skew")
    assert {(r[0], r[1]) for r in rows} == {(p, v) for p in PUMPS for v in ("V x I", "estimated power")}, rows
    for row in rows:
        measured = row[2] not in ("\u2013", "")
        assert measured != row[-1].startswith("not measurable: "), row
    assert any(r[-1] == "not measurable: too few steps" for r in rows), "25 minutes hold few steps"
    assert [r[9] for r in rows if r[0] == "hp1"][0] not in ("\u2013", ""), "beside the clock's own offset"


GATEWAY = """
local line = mbus_tcp{ name = "mbus", host = "192.0.2.33", tcp_port = 10001, baud = 2400 }
for n = 5, 6 do
	local meter = device{ name = "heat_hp" .. n, bus = line, unit = n, map = "kamstrup-403-mbus" }
	dut{ name = "hp" .. n, kind = "heat_pump" }
	channel{ name = "hp" .. n .. "_flow", from = meter.flow, dut = "hp" .. n, role = "flow" }
	channel{ name = "hp" .. n .. "_energy", from = meter.energy, dut = "hp" .. n, role = "heat_energy" }
end
return bench{ name = "meters", tick = "30 s" }
"""


@claim
def heat_meters_behind_a_gateway_of_the_virtual_lab_are_logged_like_those_on_a_line():
    p, run = meters("--bench", e2e.write(GATEWAY, "bench.lua"), "--argument", "20 min", "--fault", "heat_hp6:mute@300s+120s")
    assert p.returncode == e2e.UNDECIDED, (p.returncode, p.err)
    truth = {row["t_s"]: row for row in truth_rows(run)}
    for n in (5, 6):
        values = run.values(f"hp{n}_flow")
        good = [(run.lab_time(t), v) for t, (v, q) in values.items() if q == "good"]
        assert len(good) >= (38 if n == 5 else 33), (n, values)
        near = [abs(v - truth[round(t, -1)][f"hp{n}_flow_lph"]) <= 0.05 * v + 5 for t, v in good if round(t, -1) in truth and t > 60]
        assert sum(near) >= 0.8 * len(near) > 10, (n, good)
    bad = {q for t, (v, q) in run.values("hp6_flow").items() if 320 < run.lab_time(t) < 415}
    assert bad and bad <= {"timeout", "gap"}, bad
    assert "tcp:127.0.0.1:" in run.one("SELECT address FROM device WHERE name = 'heat_hp5'")


@claim
def meters_that_differ_are_told_by_heat_pump_and_checked_with_line_path_and_nearest_name():
    text = open(os.path.join(e2e.ROOT, "benches", "meters", "bench.lua")).read()
    own = 'flow_sensor = "return", hp3 = { heat_class = 3, flow_sensor = "supply" } }'
    for wrong, said in ((own, None), (own.replace("heat_class", "heat_clas"), r"lua:\d+: evaluation\.hp3: unknown key 'heat_clas' \(did you mean 'heat_class'\?\)"),
                        (own.replace("hp3", "hp33"), r"lua:\d+: evaluation: no device under test is called 'hp33' \(did you mean 'hp3'\?\)"),
                        (own.replace("heat_class = 3", 'coverage = "90 %"'), r"lua:\d+: evaluation\.hp3: 'coverage' counts for all"),
                        (own.replace('"supply"', '"hot"'), r"lua:\d+: evaluation\.hp3\.flow_sensor = \"hot\": expected one of"),
                        (own.replace("class = 3", "class = 7"), r"lua:\d+: evaluation\.hp3\.heat_class = 7 is outside 0 to 3")):
        bench = text.replace('flow_sensor = "return" }', wrong)
        assert bench != text
        p, run = meters("--check", "--bench", e2e.write(bench, "bench.lua"))
        if said:
            assert p.returncode == e2e.UNABLE and re.search(said, p.err), (said, p.err)
        else:
            assert p.returncode == e2e.PASSED, p.err


e2e.finish()
