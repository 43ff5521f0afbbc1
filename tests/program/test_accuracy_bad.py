#!/usr/bin/env python3
"""Logs and models that do not go together: `heatbench accuracy` says what is wrong in words, in the report or as an error, never inf or
nan, and drops nothing in silence."""
import csv
import glob
import json
import math
import os
import re
import shutil
import sqlite3
import subprocess

import end_to_end as e2e
from end_to_end import claim

STEP = 60
WINTER = 1704067200  # 2024-01-01 00:00 UTC
MODEL = "electricity"


def row(i, pump):
    """A heat pump that runs forty minutes of sixty; what it draws differs a little from what the model thinks."""
    on = i % 60 < 40
    amps = round(4 + math.sin(i / 200) + 0.3 * pump, 1) if on else 0
    watts = 6 + (1.1 + 0.01 * pump) * 230 * amps - (0.045 * 600 if on else 0) + (43 if on else 4)
    return {"acInputVoltage": 230, "acInputCurrent": amps, "getFanSpeed": 600 if on else 0, "circulatingPumpDutyCycle": 43 if on else 4,
            "getCirculatingPumpRelay": True, "bottomPlateHeaterEnable": False, "compressorCrankcaseHeaterEnable": False,
            "temperatureOutside": 8.5, "externalElectricityMeterPower": round(watts, 2), "electricPower": round(1.02 * watts)}


def log(start=WINTER, hours=72, pumps=2, change=None):
    """Imports a log; change(i, pump, values) may spoil them. Returns the run's folder."""
    place = e2e.folder()
    path = os.path.join(place, "log.csv")
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = None
        for i in range(hours * 3600 // STEP):
            line = {"time.ts": (start + STEP * i) * 1000}
            for p in range(1, pumps + 1):
                values = row(i, p)
                if change:
                    change(i, p, values)
                line |= {f"hp{p}.{k}": v for k, v in values.items()}
            out = out or csv.DictWriter(f, line)
            if not f.tell():
                out.writeheader()
            out.writerow({k: "" if v is None else str(v).upper() if isinstance(v, bool) else v for k, v in line.items()})
    p = e2e.heatbench("meters", "--recording", path, "--out", os.path.join(place, "results"), "--quiet", "--set", "electric_class=B")
    assert p.returncode == e2e.UNDECIDED, p.err
    return e2e.only_run(os.path.join(place, "results")).path


def drop(*names, pump=None):
    def change(i, p, values):
        for name in names:
            if pump in (None, p):
                del values[name]
    return change


class Study:
    def __init__(self, *arguments, status, model=MODEL):
        self.out = os.path.join(e2e.folder(), "report")
        p = e2e.heatbench("accuracy", *arguments, "--model", model, "--out", self.out)
        assert p.returncode in status if isinstance(status, tuple) else p.returncode == status, (p.returncode, p.out, p.err)
        self.text, self.err = p.out, p.err
        self.tables = {os.path.basename(f)[:-4]: list(csv.DictReader(open(f, encoding="utf-8-sig")))
                       for f in glob.glob(os.path.join(self.out, "*.csv"))}
        pages = [os.path.join(self.out, f) for f in ("report.html", "report.json", "junit.xml")]
        self.page = "".join(open(f, encoding="utf-8").read() for f in pages)
        self.json = json.load(open(pages[1], encoding="utf-8"))
        for name, content in [("page", re.sub(r"<svg.*?</svg>", "", self.page, flags=re.S)), ("terminal", self.text)] + \
                [(f, open(f, encoding="utf-8").read()) for f in glob.glob(os.path.join(self.out, "*.csv")) + glob.glob(os.path.join(self.out, "*.svg"))]:
            found = re.search(r"(?<![\w.-])-?(nan|inf|infinity)(?![\w-])", content, re.I)
            assert not found, (name, content[max(0, found.start() - 100):found.end() + 50])

    def says(self, *words):
        plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page))
        for word in words:
            assert re.search(word, plain), word


def refused(*words, arguments):
    """Status 2, these words, nothing made."""
    out = os.path.join(e2e.folder(), "report")
    p = e2e.heatbench("accuracy", *arguments, "--out", out)
    assert p.returncode == e2e.UNABLE, (p.returncode, p.out, p.err)
    for word in words:
        assert re.search(word, p.err), (word, p.err)
    assert not os.path.exists(out)


def edited(run, *statements):
    """A copy of the run whose definitions were changed by hand."""
    copy = os.path.join(e2e.folder(), os.path.basename(run))
    shutil.copytree(run, copy)
    subprocess.run(["chmod", "-R", "u+w", copy], check=True)
    db = sqlite3.connect(os.path.join(copy, "run.db"))
    for s in statements:
        db.execute(s)
    db.commit()
    db.close()
    return copy


usual = log()


@claim
def a_model_that_asks_for_what_no_heat_pump_has_is_refused_with_its_name():
    refused("needs fan_speed \\(rpm\\), which is not there", arguments=(log(change=drop("getFanSpeed")), "--model", MODEL))


@claim
def a_heat_pump_that_lacks_an_input_is_named_and_the_others_are_compared():
    s = Study(log(change=drop("getFanSpeed", pump=2)), status=(e2e.FAILED, e2e.UNDECIDED))
    s.says("hp2.*needs fan_speed", "hp1")
    assert {r["heat pump"] for r in s.tables["energy_total"]} >= {"hp1"}


@claim
def a_unit_that_does_not_convert_is_refused_with_channel_and_units():
    refused("ac_current.* A", "kg", arguments=(edited(usual, "UPDATE channel SET unit = 'kg' WHERE role = 'ac_current'"), "--model", MODEL))


@claim
def a_unit_that_the_model_cannot_use_is_refused_with_both():
    refused("rpm", "kg", arguments=(edited(usual, "UPDATE channel SET unit = 'kg' WHERE role = 'fan_speed'"), "--model", MODEL))


@claim
def a_run_that_was_changed_since_its_end_is_studied_and_does_not_pass():
    s = Study(edited(usual, "UPDATE run SET label = 'other'"), status=(e2e.FAILED, e2e.UNDECIDED))
    s.says("changed")


@claim
def a_heat_pump_without_a_meter_is_named_and_spread_says_nothing_of_the_one_that_is_left():
    s = Study(log(change=drop("externalElectricityMeterPower", pump=2)), status=(e2e.FAILED, e2e.UNDECIDED))
    s.says("hp2 has no electricity meter", "single heat pump|one heat pump|fewer than two")
    assert all(not (r.get("tolerance low [%]") or r.get("low [%]") or "").strip() for r in s.tables.get("spread", []))


@claim
def no_meter_at_all_is_an_error_that_says_which_channels_it_would_be():
    refused("no electricity meter", "electric_power or electric_energy",
            arguments=(log(change=drop("externalElectricityMeterPower")), "--model", MODEL))


@claim
def a_run_that_is_still_being_written_is_studied_so_far_and_never_passes():
    place = e2e.folder()
    made = subprocess.run([os.path.join(e2e.BUILD, "tests/accuracy/make_run"), place, "days=3", "open=1", "pumps=2"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    s = Study(json.loads(made.stdout)["run"], status=(e2e.FAILED, e2e.UNDECIDED))
    s.says("no clean end|being written")


@claim
def what_two_runs_both_hold_counts_once_and_is_counted_as_left_out():
    later = log(start=WINTER + 36 * 3600)
    s = Study(usual, later, status=(e2e.FAILED, e2e.UNDECIDED))
    s.says("inside an earlier run")
    n = [int(r["n"]) for r in s.tables["power_errors_each"] if r["heat pump"] == "hp1" and r["mean over"] == "1 h"]
    assert n and n[0] <= 72 + 36, n
    refused("given twice", arguments=(usual, usual, "--model", MODEL))


@claim
def days_of_23_and_25_hours_are_what_they_are():
    for start, name, hours in ((1711839600 - 86400, "2024-03-31", 23), (1729980000 - 86400, "2024-10-27", 25)):
        run = log(start=start, hours=24 + hours + 24)
        s = Study(run, "--zone", "Europe/Amsterdam", status=(e2e.FAILED, e2e.UNDECIDED))
        day, = [r for r in s.tables["energy_by_day_each"] if r["heat pump"] == "hp1" and r["day"] == name]
        assert abs(float(day["counts [h]"]) - hours) < 0.01, day
        n, = [int(r["n"]) for r in s.tables["power_errors_each"] if r["heat pump"] == "hp1" and r["mean over"] == "1 h"]
        assert n == 48 + hours, n
        n, = [int(r["n"]) for r in s.tables["power_errors_each"] if r["heat pump"] == "hp1" and r["mean over"] == "1 d"]
        assert n == 3, n


@claim
def a_time_zone_that_nobody_knows_is_refused():
    refused("Europe/Nowhere", arguments=(usual, "--model", MODEL, "--zone", "Europe/Nowhere"))


@claim
def columns_without_a_single_value_are_as_if_they_were_not_there():
    def no_power(i, p, values):
        values["externalElectricityMeterPower"] = None

    def no_current(i, p, values):
        values["acInputCurrent"] = None
    refused("no electricity meter", arguments=(log(change=no_power), "--model", MODEL))
    refused("needs|no row has a value", arguments=(log(change=no_current), "--model", MODEL))


@claim
def a_column_that_is_there_but_never_good_is_no_value_and_said_so():
    def late(i, p, values):
        if i > 5:
            values["acInputCurrent"] = None
    s = Study(log(change=late), status=(e2e.FAILED, e2e.UNDECIDED))
    s.says("the model has no value")
    assert [int(r["n"]) for r in s.tables["power_errors_each"] if r["heat pump"] == "hp1" and r["mean over"] == "1 d"] in ([0], [])


@claim
def no_demand_at_all_is_no_division_by_zero():
    def nothing(i, p, values):
        values |= {"acInputCurrent": 0, "getFanSpeed": 0, "circulatingPumpDutyCycle": 0, "externalElectricityMeterPower": 0, "electricPower": 0}
    s = Study(log(change=nothing), status=(e2e.FAILED, e2e.UNDECIDED))
    total, = [r for r in s.tables["power_errors_each"] if r["heat pump"] == "hp1" and r["mean over"] == "1 d"]
    assert float(total["bias [W]"]) > 5 and total["NMBE [%]"] in ("", None) and total["CV(RMSE) [%]"] in ("", None), total


@claim
def a_single_heat_pump_says_nothing_of_a_spread():
    s = Study(log(pumps=1), status=(e2e.FAILED, e2e.UNDECIDED))
    s.says("single heat pump|one heat pump|fewer than two")


@claim
def too_few_days_have_no_interval_and_nothing_passes():
    s = Study(log(hours=24), status=(e2e.FAILED, e2e.UNDECIDED))
    total, = [r for r in s.tables["power_errors_each"] if r["heat pump"] == "hp1" and r["mean over"] == "15 s"]
    assert total["bias [W]"] and total["bias low [W]"] in ("", None), total
    assert not any(r.get("verdict") == "passed" for r in s.tables["verdicts"]), s.tables["verdicts"][:3]


@claim
def a_list_of_test_installations_that_is_off_is_refused_with_its_line():
    for text, words in (("id,from,to\n", "id,from,to,why"), ("id,from,to,why\nhp1,31-01-2024,,x\n", ":2:.*no instant"),
                        ("id,from,to,why\nhp1,2024-02-01,2024-01-01,x\n", ":2:.*not after")):
        refused(words, arguments=(usual, "--model", MODEL, "--exclude", e2e.write(text, "list.csv")))


@claim
def all_rows_on_the_list_leave_nothing_to_compare_and_that_is_said():
    refused("nothing can be compared|no row", arguments=(usual, "--model", MODEL, "--exclude",
                                                         e2e.write("id,from,to,why\nhp1,,,test\nhp2,,,test\n", "list.csv")))


e2e.finish()
