#!/usr/bin/env python3
"""Recorded pump tests instead of hardware: several files are one run with one report, whose figures an independent
computation confirms."""
import json
import math
import os
import random
import statistics

import end_to_end as e2e
from end_to_end import claim

# Steady medians of the published comparison (W, l/h) by duty in permille; one file for each valve position.
TABLE = {
    ("AWMT", "open"): {100: (49.5, 1215), 250: (38, 1058), 400: (26, 899), 550: (17, 724), 700: (9, 566), 850: (9, 422)},
    ("AWMT", "throttled"): {100: (43.5, 790), 250: (33, 687), 400: (22, 583), 550: (14, 480), 700: (10, 383),
                            850: (8, 294)},
    ("Wilo", "open"): {100: (43, 1119), 250: (38.5, 995), 400: (31, 770), 550: (22, 544), 700: (12, 338), 850: (4, 0)},
    ("Wilo", "throttled"): {100: (31, 791), 250: (26, 649), 400: (22, 505), 550: (15, 369), 700: (8, 241), 850: (4, 0)},
}
SAMPLES = 30


def samples(pump, valve, begin, random_numbers):
    """Rows (time, pump, duty, W, l/h) of one sweep: dead time, an approach to the new value, noise."""
    t, at, power, flow = begin, 0, 4.0, 0.0
    for duty, (w, lph) in TABLE[(pump, valve)].items():
        old_power, old_flow = power, flow
        for i in range(SAMPLES):
            share = 0 if i < 3 else 1 - math.exp(-(i - 2) / 2.2)
            power = old_power + (w - old_power) * share
            flow = old_flow + (lph - old_flow) * share
            seen = flow + random_numbers.gauss(0, 2) if flow > 25 else 0.0
            yield (t + random_numbers.uniform(0, 0.02), pump, duty, max(0, power + random_numbers.gauss(0, 0.25)), seen)
            t += 1


def record(valve, form="{:.3f},{},{},{:.2f},{:.1f}\n",
           head="time,pump_name,set_pump_duty_cycle,pump_feedback,measured_flow\n", seed=1):
    numbers = random.Random(f"{valve}{seed}")
    rows = list(samples("AWMT", valve, 1690000000, numbers)) + list(samples("Wilo", valve, 1690000300, numbers))
    path = e2e.write(head + "".join(form.format(*r) for r in rows), f"2023-{valve}.csv")
    return path, rows


OPEN, OPEN_ROWS = record("open")
THROTTLED, THROTTLED_ROWS = record("throttled")
ROWS = {"open": OPEN_ROWS, "throttled": THROTTLED_ROWS}


def evaluate(*recordings, **more):
    results = e2e.folder()
    arguments = [a for r in recordings for a in ("--recording", r)]
    p = e2e.heatbench("pump", *arguments, "--out", results, *more.get("extra", ()))
    assert p.returncode in (e2e.PASSED, e2e.UNDECIDED), (p.returncode, p.err)
    p.run = e2e.only_run(results)
    return p


BOTH = evaluate(OPEN + ",valve=open", THROTTLED + ",valve=throttled")


def last_half(rows, pump, duty, column):
    values = [r[column] for r in rows if r[1] == pump and r[2] == duty]
    return statistics.mean(values[len(values) // 2:])


@claim
def two_files_are_one_run_with_one_report():
    assert BOTH.run.verdict() == "complete"
    assert BOTH.run.one("SELECT origin FROM run") == "imported"
    assert sorted(os.listdir(BOTH.run.file("evaluations"))) == ["1"]
    names = {(d, v) for d, v in BOTH.run.sql("SELECT dut, valve FROM step WHERE dut <> ''")}
    assert names == {("awmt", "open"), ("wilo", "open"), ("awmt", "throttled"), ("wilo", "throttled")}, names
    for name in ("2023-open.csv", "2023-throttled.csv"):
        assert os.path.exists(BOTH.run.file(name)), "the recording is part of the evidence"
    assert e2e.heatbench("runs", "verify", BOTH.run.path).returncode == 0


@claim
def without_limits_a_recording_is_undecided():
    assert BOTH.returncode == e2e.UNDECIDED and BOTH.run.report()["verdict"] == "undecided"


@claim
def every_row_of_the_recordings_is_in_the_run():
    assert BOTH.run.one("SELECT count(*) FROM scan") == len(OPEN_ROWS) + len(THROTTLED_ROWS)
    assert BOTH.run.one("SELECT count(*) FROM step WHERE dut <> ''") == 24


@claim
def settled_means_agree_with_the_last_halves_computed_here():
    checked = 0
    for r in BOTH.run.report()["results"]:
        if r["quantity"] not in ("flow", "feedback") or r["value"] is None or r["set_point"] == 850:
            continue
        pump = {"awmt": "AWMT", "wilo": "Wilo"}[r["dut"]]
        mean = last_half(ROWS[r["valve"]], pump, r["set_point"], 4 if r["quantity"] == "flow" else 3)
        allowed = (3 + 0.004 * mean) if r["quantity"] == "flow" else 0.4
        assert abs(r["value"] - mean) <= allowed, (r["dut"], r["valve"], r["set_point"], r["quantity"], r["value"], mean)
        checked += 1
    assert checked >= 36, checked


@claim
def the_means_of_the_last_halves_stand_beside_them_digit_by_digit():
    table = next(t for t in BOTH.run.report()["tables"] if t["name"] == "steps")
    titles = [c["title"] for c in table["columns"]]
    halves = [i for i, t in enumerate(titles) if t == "last half"]  # of flow, then of the read-back
    assert len(table["rows"]) == 24 and len(halves) == 2, titles
    for row in table["rows"]:
        cell = dict(zip(titles, row))
        pump, duty = {"awmt": "AWMT", "wilo": "Wilo"}[cell["under test"]], int(cell["set point"])
        for column, at in ((4, halves[0]), (3, halves[1])):
            mean = last_half(ROWS[cell["valve"]], pump, duty, column)
            assert abs(float(row[at]) - mean) <= 0.0051 * max(1, mean) / 5 + 0.005, (cell, row[at], mean)


@claim
def a_pump_that_shows_4_watts_and_no_flow_is_not_called_running():
    states = {(r["valve"]): r["state"] for r in BOTH.run.report()["results"]
              if r["dut"] == "wilo" and r["set_point"] == 850 and r["quantity"] == "flow"}
    assert set(states) == {"open", "throttled"} and all(s != "running" for s in states.values()), states


@claim
def throttling_takes_the_share_of_the_flow_that_the_rows_say():
    ratios = {(r["dut"], r["set_point"]): r["value"] for r in BOTH.run.report()["results"] if r["quantity"] == "flow_ratio"}
    for duty in (100, 400, 700):
        mine = last_half(THROTTLED_ROWS, "Wilo", duty, 4) / last_half(OPEN_ROWS, "Wilo", duty, 4)
        assert abs(ratios[("wilo", duty)] - mine) < 0.01, (duty, ratios[("wilo", duty)], mine)


@claim
def evaluating_again_gives_the_same_figures_beside_the_first():
    p = e2e.heatbench("evaluate", BOTH.run.path)
    assert p.returncode == BOTH.returncode, (p.returncode, p.err)
    again = json.loads(BOTH.run.text("evaluations", "2", "report.json"))
    assert [(r["dut"], r["quantity"], r["value"]) for r in again["results"]] == \
        [(r["dut"], r["quantity"], r["value"]) for r in BOTH.run.report()["results"]]
    assert e2e.heatbench("runs", "verify", BOTH.run.path).returncode == 0


@claim
def another_column_layout_needs_a_map_and_no_program():
    other, _ = record("open", form="{:.3f};{};{};{:.2f};{:.4f}\n".replace(";", ","),
                      head="t,pump,duty permille,watt,flow m3h\n")
    # Flow in m3/h, as another logger writes it.
    lines = open(other).read().splitlines()
    with open(other, "w") as f:
        f.write(lines[0] + "\n")
        for line in lines[1:]:
            cells = line.split(",")
            cells[4] = f"{float(cells[4]) / 1000:.6f}"
            f.write(",".join(cells) + "\n")
    layout = e2e.write("""
return recording{
	title = "Other logger",
	time = { column = "t", unit = "s" },
	dut = { column = "pump", kind = "pump", profile = "wilo-ipwm1", names = { AWMT = "awmt", Wilo = "wilo" } },
	set_point = "duty",
	columns = {
		{ column = "duty permille", channel = "duty", unit = "permille", quantity = "pump duty", kind = "setpoint",
			resolution = 1 },
		{ column = "watt", channel = "feedback", unit = "W", quantity = "feedback power" },
		{ column = "flow m3h", channel = "flow", unit = "m3/h", quantity = "volume flow" },
	},
}
""", "other.lua")
    p = evaluate(other + ",valve=open", extra=("--map", layout))
    flows = {(r["dut"], r["set_point"]): (r["value"], r["unit"]) for r in p.run.report()["results"]
             if r["quantity"] == "flow"}
    value, unit = flows[("wilo", 400)]
    lph = value * 1000 if unit == "m3/h" else value
    assert abs(lph - last_half(OPEN_ROWS, "Wilo", 400, 4)) < 8, (value, unit)
    refused = e2e.heatbench("pump", "--recording", other + ",valve=open", "--out", e2e.folder())
    assert refused.returncode == e2e.UNABLE and "no column" in refused.err, refused.err


@claim
def a_map_with_a_misspelt_key_is_shown_with_its_line():
    text = open(os.path.join(e2e.ROOT, "benches", "pump", "recording.lua")).read().replace("set_point =", "setpoint =")
    p = e2e.heatbench("pump", "--recording", OPEN, "--map", e2e.write(text, "bad.lua"), "--out", e2e.folder())
    assert p.returncode == e2e.UNABLE and "bad.lua:" in p.err and "set_point" in p.err, p.err


@claim
def one_bad_file_of_two_makes_no_run():
    results = e2e.folder()
    p = e2e.heatbench("pump", "--recording", OPEN + ",valve=open", "--recording", e2e.write("", "empty.csv"), "--out", results)
    assert p.returncode == e2e.UNABLE and "empty.csv" in p.err, p.err
    assert os.listdir(results) == [], os.listdir(results)


@claim
def a_recording_that_names_no_valve_position_is_evaluated_without_one():
    p = evaluate(OPEN)
    assert {r["valve"] for r in p.run.report()["results"]} == {""}


e2e.finish()
