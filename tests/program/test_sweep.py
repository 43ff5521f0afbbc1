#!/usr/bin/env python3
"""The pump sweep on the virtual lab: what it finds agrees with the truth, with itself and with its own reports."""
import json
import os
import re
import time
import xml.etree.ElementTree as ElementTree

import end_to_end as e2e
from end_to_end import claim


class Sweep:
    def __init__(self, *arguments):
        results = e2e.folder()
        begin = time.monotonic()
        self.p = e2e.heatbench("pump", "--virtual", "--out", results, "--label", "sweep", *arguments)
        self.took = time.monotonic() - begin
        assert self.p.returncode in (e2e.PASSED, e2e.FAILED, e2e.UNDECIDED), (self.p.returncode, self.p.err)
        self.run = e2e.only_run(results)


FIRST = Sweep()
VERDICTS = {"passed": e2e.PASSED, "failed": e2e.FAILED, "undecided": e2e.UNDECIDED}


def exit_of(results):
    """The verdict of a whole as its parts have it."""
    found = {r["verdict"] for r in results}
    return next((v for v in ("failed", "undecided", "passed") if v in found), "undecided")


@claim
def the_sweep_ends_with_a_report_for_people_one_for_programs_and_one_for_ci():
    html, junit = FIRST.run.text("evaluations", "1", "report.html"), FIRST.run.text("evaluations", "1", "junit.xml")
    assert "<svg" in html and not re.search(r'(src|href)="https?://', html), "it must stand alone"
    assert FIRST.run.name in FIRST.p.out and "report.html" in FIRST.p.out, FIRST.p.out[-300:]
    assert int(ElementTree.fromstring(junit).get("tests")
               or sum(int(s.get("tests")) for s in ElementTree.fromstring(junit))) > 20
    assert FIRST.run.report()["results"]
    assert html.count("steps that name no device under test") == 1


@claim
def a_pump_without_flow_at_a_few_watts_is_told_from_one_that_stands_still():
    at = [r for r in FIRST.run.report()["results"] if r["dut"] == "wilo" and r["set_point"] == 850 and r["quantity"] == "feedback"]
    assert len(at) == 2 and all(r["value"] < 8 and r["state"] == "running below the flow sensor's limit" for r in at), at
    # The truth: it turns.
    assert all(r["wilo_speed"] > 0 for r in FIRST.run.truth() if r["wilo_duty_permille"] == 850 and r["wilo_state"] == "running")
    assert any(r["wilo_state"] == "running" for r in FIRST.run.truth() if r["wilo_duty_permille"] == 850)


@claim
def nothing_of_a_run_is_more_open_than_the_users_other_files():
    mask = os.umask(0)
    os.umask(mask)
    for at, folders, files in os.walk(FIRST.run.file(".")):
        for name in folders + files:
            mode = os.stat(os.path.join(at, name)).st_mode & 0o777
            assert mode & mask == 0, (name, oct(mode), oct(mask))


@claim
def the_table_on_the_screen_keeps_its_columns():
    recorded = e2e.write("time,pump_name,set_pump_duty_cycle,pump_feedback,measured_flow\n" +
                         "".join(f"{1684000000 + i},Wilo,{100 if i < 30 else 850},{43 if i < 30 else 4},{1119 if i < 30 else 0}\n"
                                 for i in range(60)), "open.csv")
    p = e2e.heatbench("pump", "--recording", recorded + ",valve=open", "--out", e2e.folder())
    for out in (FIRST.p.out, p.out):
        rows = [x for x in out.splitlines() if " \u00b1 " in x]
        assert len(rows) >= 4 and len({x.index(" \u00b1 ") for x in rows}) == 1, out
        units = {x.index(unit) for x in rows for unit in ("l/h ", "W ") if " " + unit in x[x.index(" \u00b1 "):]}
        assert len(units) == 1, out
    assert any("\u2013" in x for x in p.out.splitlines()), p.out


@claim
def the_exit_status_is_the_verdict_of_the_report_and_of_its_parts():
    report = FIRST.run.report()
    assert VERDICTS[report["verdict"]] == FIRST.p.returncode, (report["verdict"], FIRST.p.returncode)
    assert report["verdict"] == exit_of(report["results"]), [r for r in report["results"] if r["verdict"] != "passed"]


@claim
def junit_says_the_same_as_the_report():
    report, junit = FIRST.run.report(), ElementTree.fromstring(FIRST.run.text("evaluations", "1", "junit.xml"))
    cases = junit.findall(".//testcase")
    bad = [r for r in report["results"] if r["verdict"] in ("failed", "undecided")]
    skipped = [r for r in report["results"] if r["verdict"] == "not judged"]
    # One case for each result and one for the run as a whole.
    assert len(cases) == len(report["results"]) + 1, (len(cases), len(report["results"]))
    assert sum(c.find("skipped") is not None for c in cases) == len(skipped)
    assert sum(c.find("failure") is not None for c in cases) == len(bad) + (report["verdict"] != "passed")


@claim
def every_step_of_the_procedure_is_in_the_run_with_its_window():
    steps = FIRST.run.sql("SELECT number, name, dut, valve, set_point, first_tick, last_tick, done FROM step")
    assert len(steps) == 2 * (1 + 2 * 7) and [s[0] for s in steps] == list(range(1, 31))
    assert all(s[7] == 1 for s in steps)
    assert all(a[6] < b[5] for a, b in zip(steps, steps[1:])), "steps do not overlap"
    marks = FIRST.run.sql("SELECT name, first_tick, last_tick FROM mark")
    assert len(marks) == 24 and all(m[2] - m[1] == 29 for m in marks)


@claim
def every_tick_of_the_sweep_is_there_once_and_all_of_it_is_good():
    ticks = [t for t, in FIRST.run.sql("SELECT tick FROM scan ORDER BY tick")]
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks))) and len(ticks) > 700
    flags = FIRST.run.sql("SELECT f.tick, c.name, q.name, c.kind FROM flag f JOIN channel c ON c.id = f.channel "
                          "JOIN quality q ON q.code = f.quality")
    # What nobody has set yet has no value.
    first_set = {name: FIRST.run.one(f"SELECT min(tick) FROM scan WHERE {name} IS NOT NULL")
                 for _, name, _, kind in flags if kind in ("setpoint", "state")}
    bad = [f for f in flags if f[1] not in first_set or f[2] != "gap" or f[0] >= first_set[f[1]]]
    assert not bad, bad[:5]


# channel: (column of the truth, factor for its stated expanded uncertainty, allowance for lag and noise)
MEASURED = {"power": ("supply_w", 1, 0.5), "awmt_flow": ("flow_lph", 1, 0), "wilo_flow": ("flow_lph", 1, 0)}


@claim
def steady_readings_agree_with_the_truth_inside_their_stated_uncertainty():
    run = FIRST.run
    truth = {round(row["t_s"] * 10): row for row in run.truth()}
    for channel, (column, _, more) in MEASURED.items():
        stated = run.one("SELECT uncertainty FROM channel WHERE name = ?", channel)
        values, inside, count = run.values(channel), 0, 0
        for name, first, last in run.sql("SELECT name, first_tick, last_tick FROM mark"):
            for tick in range(first + 20, last + 1):  # the first 20 s are the change itself
                row = truth[round(run.lab_time(tick) * 10)]
                if column == "flow_lph" and row[column] < 20:
                    continue  # below what the sensor sees
                value, quality = values[tick]
                assert quality == "good", (channel, tick, quality)
                # A gain error of up to 1 % is the lab's; the rest is what the bench file states.
                inside += abs(value - row[column]) <= stated + more + 0.01 * row[column]
                count += 1
        assert count > 200 and inside >= 0.97 * count, (channel, inside, count)


@claim
def the_feedback_watts_agree_with_the_true_power_of_their_pump():
    run = FIRST.run
    truth = {round(row["t_s"] * 10): row for row in run.truth()}
    for pump in e2e.PUMPS:
        values = run.values(pump + "_feedback")
        for name, first, last in run.sql("SELECT name, first_tick, last_tick FROM mark WHERE name LIKE ?",
                                         pump + "%"):
            rows = [(values[t][0], truth[round(run.lab_time(t) * 10)][pump + "_power_w"])
                    for t in range(first + 20, last + 1)]
            mean = sum(v for v, _ in rows) / len(rows)
            true = sum(t for _, t in rows) / len(rows)
            assert abs(mean - true) <= 1 + 0.04 * true, (name, mean, true)


@claim
def the_reported_means_lie_inside_their_expanded_uncertainty_around_the_truth():
    report, run = FIRST.run.report(), FIRST.run
    truth = {round(row["t_s"] * 10): row for row in run.truth()}
    windows = {(d, v, s): (f, l) for d, v, s, f, l in run.sql(
        "SELECT s.dut, s.valve, s.set_point, m.first_tick, m.last_tick FROM step s JOIN mark m ON m.step = s.number")}
    checked = outside = 0
    for r in report["results"]:
        if r["quantity"] not in ("flow", "volume flow") or r.get("value") is None:
            continue
        first, last = windows[(r["dut"], r["valve"], r["set_point"])]
        true = [truth[round(run.lab_time(t) * 10)]["flow_lph"] for t in range(last - 9, last + 1)]
        true = sum(true) / len(true)
        if true < 20:
            continue
        checked += 1
        outside += abs(r["value"] - true) > r["expanded_uncertainty"] + 0.005 * true
    assert checked >= 8 and outside <= 1, (checked, outside)


def tables(run):
    """Every table but what names this very start: host, clocks, place."""
    names = [n for n, in run.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {n: run.sql(f"SELECT * FROM {n}") for n in names if n not in ("run", "segment", "device")}
    found["run"] = run.sql("SELECT bench, label, procedure, origin, seed, utc, period, ended, verdict, why FROM run")
    found["segment"] = run.sql("SELECT number, bench_digest, monotonic_zero, utc, first_tick FROM segment")
    found["device"] = [(*d[:4], json.loads(d[4])) for d in run.sql("SELECT id, name, driver, map, identity FROM device")]
    found["limit_row"] = [r[:-1] for r in found["limit_row"]]
    found["bus_health"] = run.sql("SELECT segment, bus, transactions, timeouts, late, missed_ticks, drops, utilisation "
                                  "FROM bus_health")
    return found


@claim
def the_same_seed_gives_the_same_run_and_the_same_report():
    again = Sweep()
    one, two = tables(FIRST.run), tables(again.run)
    assert one.keys() == two.keys()
    for name in one:
        different = [(a, b) for a, b in zip(one[name], two[name]) if a != b]
        assert len(one[name]) == len(two[name]) and not different, (name, different[:3])
    assert [(r["dut"], r["quantity"], r["value"]) for r in FIRST.run.report()["results"]] == \
        [(r["dut"], r["quantity"], r["value"]) for r in again.run.report()["results"]]
    # Writes into the lab and its plant are the same to the last digit, too.
    assert FIRST.run.text("truth", "truth.csv") == again.run.text("truth", "truth.csv")


@claim
def another_seed_gives_other_noise():
    other = Sweep("--seed", 4711)
    flows = [[r["value"] for r in s.run.report()["results"] if r["value"] is not None] for s in (FIRST, other)]
    assert flows[0] != flows[1]
    assert other.run.one("SELECT seed FROM run") == 4711


@claim
def the_corrections_of_a_certificate_are_in_the_values():
    certificate = ('certificate{ id = "K-7", laboratory = "PTB", date = "2025-06-01", due = "2027-06-01", U = "3 l/h", unit = "l/h", '
                   'points = {{0, 10}, {2000, 10}} }\n')
    bench = e2e.write(certificate + open(e2e.BENCH).read().replace('role = "flow", uncertainty',
                                                                   'role = "flow", certificate = "K-7", uncertainty'), "bench.lua")
    corrected, before = Sweep("--bench", bench), FIRST.run.values("wilo_flow")
    for tick, (value, quality) in list(corrected.run.values("wilo_flow").items())[:200]:
        plain = before[tick]
        assert (value is None) == (plain[0] is None) and (value is None or abs(value - plain[0] - 10) < 1e-9), (tick, value, plain)
    with open(corrected.run.file("evaluations", "1", "report.html")) as f:
        assert "its corrections applied" in f.read()


@claim
def limits_that_no_pump_meets_fail_the_run_with_status_1():
    bench = e2e.bench_with(('flow("wilo", "open", 400, 705, 835)', 'flow("wilo", "open", 400, 1705, 1835)'))
    p = Sweep("--bench", bench)
    assert p.p.returncode == e2e.FAILED, p.p.returncode
    assert p.run.report()["verdict"] == "failed"
    failed = [r for r in p.run.report()["results"] if r["verdict"] == "failed"]
    assert len(failed) == 1 and failed[0]["dut"] == "wilo" and failed[0]["set_point"] == 400, failed


@claim
def a_bench_without_limits_leaves_the_run_undecided_with_status_3():
    text = re.sub(r"^(limit\{|flow\(\").*$", "", open(e2e.BENCH).read(), flags=re.M)
    p = Sweep("--bench", e2e.write(text, "bench.lua"))
    assert p.p.returncode == e2e.UNDECIDED, p.p.returncode
    assert p.run.report()["verdict"] == "undecided"


@claim
def limits_that_every_pump_meets_pass_the_run_with_status_0():
    text = re.sub(r"^(limit\{|flow\(\").*$", "", open(e2e.BENCH).read(), flags=re.M)
    text = text.replace("return bench", 'limit{ dut = "awmt", quantity = "volume flow", min = "1 l/h", '
                        'max = "3000 l/h" }\nreturn bench')
    p = Sweep("--bench", e2e.write(text, "bench.lua"))
    assert p.p.returncode == e2e.PASSED, (p.p.returncode, p.p.out)


@claim
def six_hours_of_lab_time_pass_in_seconds_and_no_tick_is_missing_or_double():
    procedure = e2e.write('step{ "long" }\nset("wilo_relay", 1)\nset("wilo_duty", 400)\nhold("6 h")\n'
                          'measure{ samples = 5 }\n')
    begin = time.monotonic()
    results = e2e.folder()
    p = e2e.heatbench("pump", "--virtual", "--procedure", procedure, "--out", results)
    took = time.monotonic() - begin
    assert p.returncode == e2e.PASSED, (p.returncode, p.err)  # done, nothing to judge
    run = e2e.only_run(results)
    ticks, first, last = run.sql("SELECT count(*), min(tick), max(tick) FROM scan")[0]
    assert ticks == last - first + 1 and ticks >= 21600, (ticks, first, last)
    slow = [t for t, in run.sql("SELECT tick FROM scan_10 ORDER BY tick")]
    assert all(b - a == 10 for a, b in zip(slow, slow[1:])) and len(slow) >= 2160, len(slow)
    health = run.sql("SELECT bus, missed_ticks, drops, timeouts FROM bus_health")
    assert all(h[1:] == (0, 0, 0) for h in health), health
    assert run.one("SELECT count(*) FROM clock_pair") >= 360, "the clocks are paired every minute"
    assert took < 30, f"{took:.1f} s"


e2e.finish()
