#!/usr/bin/env python3
"""One small study, from exported logs to the report, with every number of it reckoned again by programs nobody of this house wrote."""
import csv
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "program"))
import end_to_end as e2e  # noqa: E402
from end_to_end import claim  # noqa: E402

MODELS = [os.path.join(e2e.ROOT, "analytics/accuracy/models", m + ".json") for m in ("electricity", "heat-997x4182")]
place = e2e.folder()
exclude = os.path.join(place, "exclude.csv")


def call(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=e2e.ROOT, **more)
    assert done.returncode == 0, (command, done.returncode, done.stderr)
    return done.stdout


def imported():
    call(sys.executable, os.path.join(HERE, "make_logs.py"), place)
    e2e.heatbench("meters", "--recording", os.path.join(place, "cic1.csv"), "--out", os.path.join(place, "results"), "--quiet",
                  "--set", "electric_class=B,heat_class=2,qp=1.5 m3/h")
    return e2e.only_run(os.path.join(place, "results")).path


def dumped():
    out = os.path.join(place, "dump.json")
    with open(out, "w", encoding="utf-8") as f:
        f.write(call(os.path.join(e2e.BUILD, "tests/accuracy/dump"), run, *MODELS, "reported", "zone=Europe/Amsterdam", "exclude=" + exclude,
                     "rows=1", "production=1"))
    return out


run = imported()
dump = dumped()


@claim
def every_number_is_found_again_by_pandas_scipy_and_statsmodels():
    said = call(sys.executable, os.path.join(HERE, "recompute.py"), run, dump, timeout=200)
    print("# " + said.strip())
    assert int(said.split()[0]) > 500000, said


@claim
def what_is_found_again_would_not_be_if_it_were_off_by_a_billionth():
    d = json.load(open(dump, encoding="utf-8"))
    d["rows"][0]["reference"] = [None if v is None else v * (1 + 1e-8) for v in d["rows"][0]["reference"]]
    spoilt = os.path.join(place, "spoilt.json")
    json.dump(d, open(spoilt, "w", encoding="utf-8"))
    done = subprocess.run([sys.executable, os.path.join(HERE, "recompute.py"), run, spoilt], capture_output=True, text=True)
    assert done.returncode and "model 0, hp1, rows, reference" in done.stderr, done.stderr


@claim
def the_report_says_what_was_reckoned():
    out = os.path.join(place, "report")
    done = e2e.heatbench("accuracy", run, "--model", "electricity", "--model", "heat-997x4182", "--model", "reported", "--zone", "Europe/Amsterdam",
                         "--exclude", exclude, "--as-production", "--out", out)
    assert done.returncode in (e2e.PASSED, e2e.FAILED, e2e.UNDECIDED), (done.returncode, done.err)
    tables = {os.path.basename(p)[:-4]: list(csv.reader(open(p, encoding="utf-8-sig"))) for p in glob.glob(os.path.join(out, "*.csv"))}
    d = json.load(open(dump, encoding="utf-8"))
    head, *rows = tables["power_errors_each"]
    of = {(r[0], r[1], r[2]): r for r in rows}
    checked = 0
    for c in d["comparisons"]:
        if c["pump"] < 0:
            continue
        name = ("electricity", "heat 997x4182", "reported power", "reported heat")[c["model"]]
        for s, span in enumerate(("15 s", "5 min", "15 min", "1 h", "1 d")):
            row = next(r for k, r in of.items() if k[0].startswith(name) and k[1] == d["pumps"][c["pump"]] and k[2] == span)
            values = [float(x) for x in (row[head.index(h)] for h in head if h.startswith(("bias", "RMSE")) and "low" not in h and "high" not in h)]
            for ours, theirs in zip(values, (c["metric"][7 * s][0], c["metric"][7 * s + 2][0])):
                assert abs(ours - theirs) <= 1e-9 * abs(theirs), (name, span, ours, theirs)
                checked += 1
    assert checked == 80, checked


e2e.finish()
