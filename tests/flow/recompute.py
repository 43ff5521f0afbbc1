"""recompute.py RUN.DB REPORT.JSON: a flow comparison again, by pandas, statsmodels and scipy, from the database alone."""
import json
import sqlite3
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
report = json.load(open(sys.argv[2], encoding="utf-8"))
scan = pd.read_sql("SELECT * FROM scan", db).set_index("tick")
steps = pd.read_sql("SELECT * FROM step ORDER BY number", db)


def rows(name):
    table = next(t for t in report["tables"] if t["name"] == name)
    titles = [c["title"] for c in table["columns"]]
    return [dict(zip(titles, r)) | {"all": r} for r in table["rows"]]


def near(a, b, tolerance):
    assert abs(float(a) - b) <= tolerance, f"{a} is not {b}"


def trial(step):
    part = scan.loc[step.first_tick:step.last_tick].tail(24)
    reading, reference = part.internal_flow, part.reference
    blocks = (reference != reference.shift()).cumsum()
    pairs = reading.groupby(blocks).mean() - reference.groupby(blocks).first()
    return pd.Series({"set": step.set_point, "y": reading.median(), "x": reference.median(), "mean_y": reading.mean(),
                      "mean_x": reference.mean(), "independent": blocks.nunique(), "pairs": list(pairs)})


trials = steps.apply(trial, axis=1)
trials["error"] = 100 * (trials.y / trials.x - 1)
points = trials.groupby("set")

for r in report["results"]:
    near(r["value"], points.error.mean()[r["set_point"]], 1e-9)
for r in rows("points"):
    near(r["repeatability"], points.error.std()[float(r["set point"].split()[0])], 1e-3)
for r in rows("comparisons"):
    own = points.get_group(float(r["set point"].split()[0]))
    near(r["independent"], own.independent.sum(), 1e-9)
    near(r["error of means"], (100 * (own.mean_y / own.mean_x - 1)).mean(), 0.006)
    pairs = np.concatenate(own.pairs.to_list())
    near(r["t paired"], stats.ttest_1samp(pairs, 0).statistic, 0.01)
line = sm.OLS(trials.y, sm.add_constant(trials.x)).fit()
ordinary = next(r for r in rows("regression") if r["line"] == "ordinary")
near(ordinary["slope"], line.params["x"], line.bse["x"] / 2)
near(ordinary["residual sd"], np.sqrt(line.mse_resid), 1e-3)
relative = next(r for r in rows("agreement") if r["in"] == "%")
m = points.error.count()
msb = (m * (points.error.mean() - trials.error.mean()) ** 2).sum() / (len(m) - 1)
msw = ((trials.error - points.error.transform("mean")) ** 2).sum() / (len(trials) - len(m))
sd = np.sqrt(max(0, (msb - msw) / m.iloc[0]) + msw)
near(relative["lower limit"], trials.error.mean() - stats.norm.ppf(0.975) * sd, 2e-3)
weighted = sm.OLS(np.ones(len(trials)), np.column_stack([trials.y / trials.x, 1 / trials.x])).fit()
near(rows("correction")[0]["gain"], weighted.params[0], 0.001)
near(rows("correction")[0]["all"][4], weighted.params[1], 0.1)
