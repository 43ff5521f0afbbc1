"""recompute_curve.py RUN.DB REPORT.JSON: head and power over flow again, by numpy from the later half of each step."""
import json
import sqlite3
import sys

import numpy as np

db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
report = json.load(open(sys.argv[2], encoding="utf-8"))
tables = {t["name"]: t["rows"] for t in report["tables"]}
density, g = 998.20675, 9.80665

points = {}
for set_point, first, last in db.execute("SELECT set_point, first_tick, last_tick FROM step"):
    middle = (first + last + 1) // 2
    flow, power, dp = np.array(db.execute("SELECT wilo_flow, wilo_power, wilo_dp FROM scan WHERE tick BETWEEN ? AND ?",
                                          (middle, last)).fetchall()).mean(axis=0)
    points.setdefault(set_point, []).append((flow / 1000, dp * 100 / density / g, power))
assert len(points) == len(tables["curves"]) == 4
for row in tables["curves"]:
    q, h, p = np.array(points[float(row[1])]).T
    at = np.linspace(q.min(), q.max(), 9)
    mine_h, mine_p = np.polyval(np.polyfit(q, h, 2), at), np.polyval(np.polyfit(q, p, 2), at)
    head, power = (np.polyval([float(x) for x in row[i + 2:i - 1:-1]], at) for i in (4, 8))
    assert np.allclose(head, mine_h, atol=0.01) and np.allclose(power, mine_p, rtol=0.005, atol=0.05), row
    eta = density * g * at / 3600 * mine_h / mine_p
    assert abs(float(row[12]) - 100 * eta.max()) < 1, (row, eta.max())
seen = 0
for row in tables["curve_points"]:
    q, h, p = min(points[float(row[1])], key=lambda x: abs(x[0] - float(row[3])))
    assert abs(float(row[10]) - 100 * density * g * q / 3600 * h / p) < 0.3, row
    seen += 1
assert seen >= 22, seen
