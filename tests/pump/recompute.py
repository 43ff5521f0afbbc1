"""recompute.py RUN.DB REPORT.JSON: settled means and their scatter again, by pandas and scipy, from the database alone.

Takes from the report only how long each window was; means, effective samples and intervals are its own.
"""
import json
import sqlite3
import sys

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tsa.stattools import acf

db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
report = json.load(open(sys.argv[2], encoding="utf-8"))
scan = pd.read_sql("SELECT * FROM scan", db).set_index("tick")
steps = pd.read_sql("SELECT * FROM step ORDER BY number", db)
table = next(t for t in report["tables"] if t["name"] == "steps")
titles = [c["title"] for c in table["columns"]]
window = {int(r[0]): float(r[titles.index("window")]) for r in table["rows"]}


def effective(x):
    n = len(x)
    if n < 8 or np.std(x) == 0:
        return n
    r = acf(x, nlags=n - 1, fft=False)
    least, unbiased = 0.5 / np.sqrt(n), np.minimum(0.95, r + (1 + 4 * r) / n)
    weight = 1 - np.arange(n) / n
    if r[1] < least:
        return n
    stop = next((k for k in range(1, n // 2) if r[k] < least), n // 2)
    summed = 1 + 2 * np.sum(weight[1:stop] * unbiased[1:stop])
    modelled = 1 + 2 * np.sum(weight[1:] * unbiased[1] ** np.arange(1, n))
    return max(3, min(n, n / max(summed, modelled)))


checked = 0
for step in steps.itertuples():
    found = [r for r in report["results"] if r["dut"] == step.dut and r["quantity"] == "flow"
             and r["set_point"] == step.set_point and r["valve"] == step.valve]
    x = scan.loc[step.last_tick - window[step.number]:step.last_tick, step.dut + "_flow"].to_numpy(float)
    n = effective(x)
    s2 = np.var(x, ddof=1) * n * (len(x) - 1) / (len(x) * (n - 1)) if n > 1 else 0
    type_a = stats.t.ppf(0.975, n - 1) * np.sqrt(s2 / n)
    assert found and found[0]["n"] == len(x), (step, found)
    assert abs(found[0]["value"] - np.mean(x)) < 1e-6, (step, found, np.mean(x))
    assert abs(found[0]["n_effective"] - n) < 1e-6, (step, found, n)
    if found[0]["expanded_uncertainty"] is None:  # a zero that may hide a flow
        assert np.mean(x) < 1, (step, found)
        checked += 1
        continue
    # the instrument's 15 l/h is in the reported interval: it must exceed both
    assert found[0]["expanded_uncertainty"] >= max(14.69, 0.5 * type_a), (step, found)
    checked += 1
assert checked == 24, checked
