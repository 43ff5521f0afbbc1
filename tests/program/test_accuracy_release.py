#!/usr/bin/env python3
"""Releases held against each other, from exported logs to exit status: two firmware releases that took turns, and one log through two
estimators. The figures are recomputed here from the rows."""
import csv
import json
import math
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys

import end_to_end as e2e
from end_to_end import claim

START = 1704067200  # 2024-01-01 00:00 UTC
STEP, DAY = 60, 86400
PUMPS = ("hp1", "hp2")
ELECTRICITY = os.path.join(e2e.ROOT, "analytics", "accuracy", "models", "electricity.json")


def on_day(day, pump):
    """Rows of a heat pump on a day: what it draws follows the production model (STUDIES A1), heat goes with it."""
    rng = random.Random(f"{day}{pump}")
    load = 900 + 60 * rng.random() + 40 * (pump == "hp2")
    for i in range(DAY // STEP):
        on = i % 90 < 60
        volts, amps = 230, round((load / 230 if on else 0) + (0.1 if on else 0) * (i % 3), 1)
        fan, duty = (600, 43) if on else (0, 0)
        watts = max(0, 5.150232354845286 + 1.1240096401010435 * volts * amps - 0.04858859969715763 * fan + duty)
        heat = 4.0 * watts if on else 0
        yield i, {"acInputVoltage": volts, "acInputCurrent": amps, "getFanSpeed": fan, "circulatingPumpDutyCycle": duty, "getCirculatingPumpRelay": on,
                  "bottomPlateHeaterEnable": False, "compressorCrankcaseHeaterEnable": False, "temperatureOutside": 8.5,
                  "externalElectricityMeterPower": round(watts, 4), "externalHeatMeterPower": round(heat, 4)}


def write(path, days, error, pumps=PUMPS, metered=True, spoil=None):
    """A log of these days; error(day, pump) -> (electricity, heat): what the CiC's own estimates are off by, as ratios.
    spoil(day, number, row) changes a row, or leaves it out where it returns true."""
    kept = []
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = None
        for day in days:
            off = {p: error(day, p) for p in pumps}
            for rows in zip(*(on_day(day, p) for p in pumps)):
                row = {"time.ts": (START + day * DAY + rows[0][0] * STEP) * 1000}
                for p, (i, values) in zip(pumps, rows):
                    said = {"electricPower": round(values["externalElectricityMeterPower"] * (1 + off[p][0]), 4),
                            "powerOutput": round(values["externalHeatMeterPower"] * (1 + off[p][1]), 4)}
                    if not metered:
                        values = {k: v for k, v in values.items() if not k.startswith("external")}
                    row |= {f"{p}.{k}": v for k, v in (values | said).items()}
                if spoil and spoil(day, rows[0][0], row):
                    continue
                out = out or csv.DictWriter(f, row)
                if not f.tell():
                    out.writeheader()
                out.writerow({k: str(v).upper() if isinstance(v, bool) else v for k, v in row.items()})
                kept.append(row)
    return kept


def log(days, error, **more):
    """A run folder of these days, and its rows."""
    place = e2e.folder()
    path = os.path.join(place, "log.csv")
    rows = write(path, days, error, **more)
    results = e2e.folder()
    p = e2e.heatbench("meters", "--recording", path, "--out", results, "--quiet")
    assert p.returncode in (e2e.PASSED, e2e.UNDECIDED), p.err
    return e2e.only_run(results).path, rows


def daily(scale, bias, day, pump):
    return bias + scale * random.Random(f"error{day}{pump}").gauss(0, 1)


def release(bias, heat=None, scale=0.002):
    return lambda day, pump: (daily(scale, bias, day, pump), daily(scale, bias if heat is None else heat, day, pump + "heat"))


class Check:
    """One call of heatbench accuracy, and its report."""

    def __init__(self, *arguments, **more):
        self.folder = e2e.folder() + "-report"
        p = e2e.heatbench("accuracy", *arguments, "--out", self.folder, **more)
        self.status, self.out, self.err = p.returncode, p.out, p.err
        path = os.path.join(self.folder, "report.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                self.report = json.load(f)

    def text(self, name="report.html"):
        with open(os.path.join(self.folder, name), encoding="utf-8", newline="") as f:
            return f.read()

    def table(self, name):
        with open(os.path.join(self.folder, name + ".csv"), encoding="utf-8", newline="") as f:
            return list(csv.DictReader(f))

    def result(self, quantity, dut="all heat pumps"):
        return next(r for r in self.report["results"] if r["quantity"] == quantity and r["dut"] == dut)


def with_firmware(run, firmware):
    """The run as if its heat pumps had said so: a run that was changed after its end, too."""
    copy = os.path.join(e2e.folder(), "run")
    shutil.copytree(run, copy)
    db = os.path.join(copy, "run.db")
    os.chmod(db, 0o644)
    with sqlite3.connect(db) as c:
        c.execute("UPDATE dut SET firmware = ?", (firmware,))
    c.close()
    return copy


ABBA = [d for d in range(12) if d % 4 in (0, 3)], [d for d in range(12) if d % 4 in (1, 2)]
OLD, OLD_ROWS = log(ABBA[0], release(0.01))
SAME, SAME_ROWS = log(ABBA[1], release(0.011))
WORSE, _ = log(ABBA[1], release(0.05, 0.012))
EQUIVALENT = Check("abba", "--old", OLD, "--new", SAME)


@claim
def releases_that_differ_by_a_tenth_of_the_margin_are_equivalent():
    assert EQUIVALENT.status == e2e.PASSED, (EQUIVALENT.status, EQUIVALENT.out, EQUIVALENT.err)
    assert EQUIVALENT.report["verdict"] == "passed" and EQUIVALENT.report["bench"] == "accuracy"
    for name in ("electricity", "heat", "cop"):
        r = EQUIVALENT.result(f"{name} difference")
        assert r["verdict"] == "passed" and abs(r["value"]) + r["expanded_uncertainty"] < 1, r
        assert r["limit"]["min"] == -1 and r["limit"]["max"] == 1
    assert '<failure' not in EQUIVALENT.text("junit.xml") and "Equivalent" in EQUIVALENT.report["verdict_sentence"]


def energies(rows, pump, role):
    """J by day: each row stands for the time until the next, before a gap for none."""
    sums = {}
    for row, after in zip(rows, rows[1:] + [None]):
        t = row["time.ts"] // 1000
        step = STEP if after is None else after["time.ts"] // 1000 - t
        if step <= 2.5 * STEP:
            sums[(t - START) // DAY] = sums.get((t - START) // DAY, 0) + step * row[f"{pump}.{role}"]
    return sums


def pairs_of(pump, roles=(("electricPower", "externalElectricityMeterPower"),)):
    errors = {}
    for newer, rows in ((False, OLD_ROWS), (True, SAME_ROWS)):
        estimate, reference = energies(rows, pump, roles[0][0]), energies(rows, pump, roles[0][1])
        errors |= {d: (newer, math.log(estimate[d] / reference[d])) for d in estimate}
    waiting, pairs = [], []
    for d in sorted(errors):
        if waiting and errors[waiting[0]][0] != errors[d][0]:
            first = waiting.pop(0)
            old, new = (first, d) if errors[d][0] else (d, first)
            pairs.append((old, new, errors[old][1], errors[new][1]))
        else:
            waiting.append(d)
    return pairs


@claim
def pairs_and_their_means_are_those_of_the_rows():
    table = EQUIVALENT.table("pairs")
    means = {}
    for pump in PUMPS:
        own = pairs_of(pump)
        assert len(own) == 6
        said = [r for r in table if r["quantity"] == "electricity" and r["heat pump"] == pump]
        assert len(said) == 6
        for (old, new, a, b), row in zip(own, said):
            assert row["day old"] == f"2024-01-{old + 1:02}" and row["day new"] == f"2024-01-{new + 1:02}", (old, new, row)
            assert math.isclose(float(row["error old [%]"]), 100 * math.expm1(a), rel_tol=1e-9), (row, a)
            assert math.isclose(float(row["new - old [%]"]), 100 * math.expm1(b - a), rel_tol=1e-9, abs_tol=1e-9)
        d = [b - a for _, _, a, b in own]
        means[pump] = sum(d) / len(d)
        sd = math.sqrt(sum((x - means[pump]) ** 2 for x in d) / (len(d) - 1))
        r = EQUIVALENT.result("electricity difference", pump)
        assert math.isclose(r["value"], 100 * math.expm1(means[pump]), rel_tol=1e-9) and r["verdict"] == "not judged"
        t = 2.0150483726691575  # t(0.95, 5)
        high, low = means[pump] + t * sd / math.sqrt(6), means[pump] - t * sd / math.sqrt(6)
        assert math.isclose(r["expanded_uncertainty"], 50 * (math.expm1(high) - math.expm1(low)), rel_tol=1e-7)
    assert math.isclose(EQUIVALENT.result("electricity difference")["value"], 100 * math.expm1(sum(means.values()) / 2), rel_tol=1e-9)


@claim
def a_release_that_estimates_four_per_cent_more_is_worse_and_says_which_quantity():
    c = Check("abba", "--old", OLD, "--new", WORSE, "--units", "fixed")
    assert c.status == e2e.FAILED, (c.status, c.out, c.err)
    assert c.result("electricity difference")["verdict"] == "failed" and c.result("heat difference")["verdict"] == "passed"
    assert c.result("electricity growth of |bias|")["verdict"] == "failed"
    assert "Worse" in c.report["verdict_sentence"] and c.text("junit.xml").count('type="failed"') >= 2
    assert "fixed" in json.dumps(c.report["facts"])


@claim
def a_release_that_comes_nearer_to_the_reference_is_not_worse_and_named_so():
    old, _ = log(ABBA[0], release(0.06))
    c = Check("abba", "--old", old, "--new", SAME, "--units", "fixed", "--model", "reported")
    assert c.status == e2e.PASSED, (c.status, c.out, c.err)
    assert "Not worse" in c.report["verdict_sentence"] and "nearer to the reference" in c.report["verdict_sentence"]


@claim
def too_few_days_are_inconclusive_with_the_days_still_needed():
    old, _ = log([0, 3], release(0.01, scale=0.006))
    new, _ = log([1, 2], release(0.01, scale=0.006))
    c = Check("abba", "--old", old, "--new", new, "--units", "fixed")
    assert c.status == e2e.UNDECIDED, (c.status, c.out, c.err)
    assert re.search(r"about \d+ more days? of each release", c.report["verdict_sentence"]), c.report["verdict_sentence"]
    plan = c.table("plan")[0]
    assert float(plan["needed"]) - 2 == float(plan["still needed"]) > 0
    assert 'type="undecided"' in c.text("junit.xml")


@claim
def all_old_before_all_new_decides_nothing_and_says_why():
    old, _ = log(range(4), release(0.01))
    new, _ = log(range(4, 8), release(0.05))
    c = Check("abba", "--old", old, "--new", new)
    assert c.status == e2e.UNDECIDED
    assert "weather and season cannot be told from the release" in c.report["verdict_sentence"]


@claim
def always_old_first_is_decided_but_named():
    old, _ = log([0, 2, 4, 6], release(0.01))
    new, _ = log([1, 3, 5, 7], release(0.01))
    c = Check("abba", "--old", old, "--new", new, "--units", "fixed")
    assert c.status == e2e.PASSED, (c.status, c.out, c.err)
    assert "in all pairs the old release came first" in c.text() and c.table("design")[0]["order [%]"] == ""


@claim
def firmwares_of_several_runs_under_one_release_are_named_once_each():
    runs = [with_firmware(log([day], release(0.01), pumps=("hp1",))[0], firmware) for day, firmware in ((0, "2.13"), (3, "2.1"), (4, "2.13"))]
    new, _ = log([1, 2, 5], release(0.01), pumps=("hp1",))
    c = Check("abba", "--new", new, *(a for r in runs for a in ("--old", r)))
    assert "hp1 ran more than one firmware under the old release: 2.13, 2.1." in c.text(), c.err


@claim
def a_run_folder_for_each_day_is_the_same_as_one_for_all():
    arguments = []
    for newer, days, error in ((False, ABBA[0], release(0.01)), (True, ABBA[1], release(0.011))):
        for day in days[:4]:
            path, _ = log([day], error, pumps=("hp1",))
            arguments += ["--new" if newer else "--old", path]
    c = Check("abba", *arguments, "--old-name", "2.13", "--new-name", "2.14")
    assert c.status in (e2e.PASSED, e2e.UNDECIDED), c.err
    said = {(r["day old"], r["day new"]): float(r["new - old [%]"]) for r in c.table("pairs") if r["quantity"] == "electricity"}
    own = {(f"2024-01-{o + 1:02}", f"2024-01-{n + 1:02}"): 100 * math.expm1(b - a) for o, n, a, b in pairs_of("hp1")}
    assert len(said) == 4
    for key, value in said.items():  # a run's last row has nothing after it
        assert abs(value - own[key]) < 0.01, (key, value, own[key])
    assert "2.14 against 2.13" in c.report["subtitle"]


@claim
def hours_that_both_releases_claim_are_refused_with_heat_pump_and_day():
    new, _ = log([2, 3], release(0.01))
    c = Check("abba", "--old", OLD, "--new", new)
    assert c.status == e2e.UNABLE and "both releases claim hp1 on 2024-01-04" in c.err, c.err
    c = Check("abba", "--old", OLD, "--new", OLD)
    assert c.status == e2e.UNABLE and "both releases claim" in c.err
    assert not os.path.exists(c.folder)


@claim
def a_day_on_which_the_release_was_changed_counts_for_neither():
    noon = DAY // STEP // 2
    old, _ = log([0, 2, 3], release(0.01), spoil=lambda day, i, row: day == 2 and i >= noon)
    new, _ = log([1, 2, 4], release(0.01), spoil=lambda day, i, row: day == 2 and i < noon)
    c = Check("abba", "--old", old, "--new", new)
    assert c.status in (e2e.PASSED, e2e.UNDECIDED), c.err
    design = c.table("design")[0]
    assert design["part old"] == "2" and design["part new"] == "2", design  # two heat pumps
    assert design["days old"] == "4" and design["days new"] == "4"
    assert {r["day"] for r in c.table("days")} == {"2024-01-01", "2024-01-02", "2024-01-04", "2024-01-05"}


@claim
def runs_that_name_one_firmware_for_both_releases_are_pointed_out_and_changed_runs_decide_nothing():
    c = Check("abba", "--old", with_firmware(OLD, "2.13"), "--new", with_firmware(SAME, "2.13"))
    assert c.status == e2e.UNDECIDED and "is incomplete" in c.report["verdict_sentence"], (c.out, c.err)
    assert "Old and new runs name the same firmware" in c.text() and c.report["incomplete"]
    c = Check("abba", "--old", with_firmware(OLD, "2.13"), "--new", with_firmware(SAME, "2.14"))
    assert "same firmware" not in c.text() and c.report["subtitle"].startswith("2.14 against 2.13")


@claim
def one_log_through_the_same_model_twice_differs_in_nothing():
    c = Check("replay", "--old-model", "electricity", "--new-model", ELECTRICITY, OLD)
    assert c.status == e2e.PASSED, (c.status, c.out, c.err)
    assert c.result("electricity difference")["value"] == 0 and "Both files hold the same model" in c.text()
    assert c.table("worst") == [] and c.table("levels") == []


def changed_model(**changes):
    with open(ELECTRICITY, encoding="utf-8") as f:
        model = json.load(f)
    model["name"], model["version"] = "changed", "2"
    for term in model["terms"]:
        if term.get("of") == ["apparent_power"] and "power" in changes:
            term["coefficient"] *= changes["power"]
    return e2e.write(json.dumps(model), "changed.json")


@claim
def a_model_that_is_off_by_three_per_cent_more_is_worse_and_its_sums_are_those_of_the_rows():
    c = Check("replay", "--old-model", ELECTRICITY, "--new-model", changed_model(power=1.03), OLD, "--units", "fixed", "--set", "skew=0 s")
    assert c.status == e2e.FAILED, (c.status, c.out, c.err)
    for pump in PUMPS:
        old = new = reference = square = seconds = rows = 0
        for row, after in zip(OLD_ROWS, OLD_ROWS[1:] + [None]):
            step = STEP if after is None else (after["time.ts"] - row["time.ts"]) / 1000
            if step > 2.5 * STEP:
                continue
            va = row[f"{pump}.acInputVoltage"] * row[f"{pump}.acInputCurrent"]
            rest = 5.150232354845286 - 0.04858859969715763 * row[f"{pump}.getFanSpeed"] + (
                row[f"{pump}.circulatingPumpDutyCycle"] if row[f"{pump}.getCirculatingPumpRelay"] else 0)
            a, b = (max(0, rest + 1.1240096401010435 * k * va) for k in (1, 1.03))
            r = row[f"{pump}.externalElectricityMeterPower"]
            old, new, reference, seconds = old + a * step, new + b * step, reference + r * step, seconds + step
            square, rows = square + (b - r) ** 2, rows + 1
        said = next(r for r in c.table("changes") if r["heat pump"] == pump)
        for column, value in (("energy [% of old]", 100 * (new - old) / old), ("energy [% of ref.]", 100 * (new - old) / reference),
                              ("time [h]", seconds / 3600), ("RMSE new [W]", math.sqrt(square / rows))):
            assert math.isclose(float(said[column]), value, rel_tol=1e-9), (pump, column, said[column], value)
    days = [r for r in c.table("days") if r["heat pump"] == "hp1"]
    assert len(days) == len(ABBA[0]) and len({r["heat pump"] for r in c.table("regimes")}) == 3
    worst = c.table("worst")
    assert len(worst) == 10 and all(float(a["new - old [W]"]) >= float(b["new - old [W]"]) > 0 for a, b in zip(worst, worst[1:]))
    assert re.fullmatch(r"2024-01-\d\d \d\d:\d\d:00", worst[0]["instant (UTC)"])


@claim
def rows_on_which_the_estimators_rest_on_different_inputs_are_counted():
    def without_heater_flags(day, i, row):
        if day == 0 and i < 100:
            row["hp1.bottomPlateHeaterEnable"] = None
    run, _ = log([0, 1], release(0.01), pumps=("hp1",), spoil=without_heater_flags)
    c = Check("replay", "--old-model", "electricity", "--new-model", "reported", run)
    assert c.status in (e2e.PASSED, e2e.UNDECIDED, e2e.FAILED), c.err
    levels = c.table("levels")
    assert [(r["old"], r["new"], r["rows"]) for r in levels] == [("without heater flags", "all inputs", "100")], levels


@claim
def without_a_reference_estimators_can_agree_but_none_is_worse():
    run, _ = log(ABBA[0], release(0.01), metered=False)
    c = Check("replay", "--old-model", ELECTRICITY, "--new-model", changed_model(power=1.001), run)
    assert c.status == e2e.PASSED, (c.status, c.out, c.err)
    c = Check("replay", "--old-model", ELECTRICITY, "--new-model", changed_model(power=1.2), run)
    assert c.status == e2e.UNDECIDED and "No heat pump has a reference" in c.text()
    c = Check("abba", "--old", run, "--new", SAME)
    assert c.status == e2e.UNABLE and "no electricity meter" in c.err, c.err


@claim
def what_cannot_be_done_says_why_and_leaves_nothing():
    for arguments, words in ((("abba", "--new", SAME), "which run under the old release"), (("abba", "--old", OLD), "which run under the new release"),
                             (("abba", "--old", OLD, "--new", SAME, "--model", "electricty"), "no shipped model"),
                             (("abba", "--old", OLD, "--new", SAME, "--model", "electricity", "--model", "electricity-lte"), "one for each"),
                             (("abba", "--old", OLD, "--new", SAME, "--margn", "1 %"), "margin"),
                             (("abba", "--old", OLD, "--new", SAME, "--margin", "1"), "%"),
                             (("abba", "--old", OLD, "--new", SAME, "--set", "coverd=90 %"), "covered"),
                             (("abba", "--old", OLD, "--new", SAME, "--zone", "Europe/Amstredam"), "time zone"),
                             (("replay", "--old-model", "electricity", "--new-model", "heat-en1434", OLD), "nothing to compare"),
                             (("replay", "--old-model", "electricity", "--new-model", "electricity"), "which run"),
                             (("replay", "--old-model", "electricity", "--new-model", "electricity-lte", OLD), "no heat pump has what both estimators need"),
                             (("replay", "--new-model", "electricity", OLD), "--old-model")):
        c = Check(*arguments)
        assert c.status == e2e.UNABLE and words in c.err and not os.path.exists(c.folder), (arguments, c.status, c.err)


@claim
def files_are_whole_fit_the_schema_and_hold_no_inf_and_no_nan():
    c = Check("replay", "--old-model", "electricity", "--new-model", "reported", OLD)
    for check in (EQUIVALENT, c):
        names = os.listdir(check.folder)
        assert {"report.html", "report.json", "junit.xml", "effects.csv", "plan.csv", "days.csv", "effects.svg", "daily.svg"} <= set(names), names
        assert "This figure is missing" not in check.text()
        for name in names:
            assert not re.search(r"(?<![A-Za-z])-?(nan|inf)(?![A-Za-z])", check.text(name)) or name.endswith(".svg"), name
    schema = os.path.join(e2e.ROOT, "docs", "report.schema.json")
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        raise e2e.Skip("no python3 with jsonschema")
    paths = [os.path.join(x.folder, "report.json") for x in (EQUIVALENT, c)]
    subprocess.run([sys.executable, os.path.join(e2e.ROOT, "tests", "pump", "check_schema.py"), schema, *paths], check=True)


e2e.finish()
