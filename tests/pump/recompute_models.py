"""recompute_models.py RUN.DB REPORT.JSON: the coefficients, errors and static lines of an excitation run again, by numpy from
the database alone."""
import json
import sqlite3
import sys

import numpy as np

db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
report = json.load(open(sys.argv[2], encoding="utf-8"))
tables = {t["name"]: t for t in report["tables"]}
checked = 0


def close(text, value, what):
    """As printed: four significant digits."""
    assert abs(float(text) - value) <= 6e-4 * abs(value) + 1e-12, (what, text, value)


def column(name, dut):
    step = db.execute("SELECT first_tick, last_tick FROM step WHERE dut = ? AND name LIKE '%excitation%'", (dut,)).fetchone()
    rows = db.execute(f"SELECT {dut}_{name} FROM scan WHERE tick BETWEEN ? AND ? ORDER BY tick", step).fetchall()
    return np.array([r[0] for r in rows], float)


for dut in ("awmt", "wilo"):
    u = column("duty", dut)
    assert len(u) == 120 and np.mean(np.diff(u) != 0) > 0.9, len(u)
    for answer, label in (("feedback", "read-back"), ("flow", "flow")):
        y = column(answer, dut)
        X = np.column_stack([u[1:-1], u[:-2], y[1:-1], y[:-2], np.ones(118)])
        c = np.linalg.lstsq(X, y[2:], rcond=None)[0]
        e = y[2:] - X @ c
        se = np.sqrt(np.diag(e @ e / 113 * np.linalg.inv(X.T @ X)))
        rows = [r for r in tables["arx_coefficients"]["rows"] if r[0] == dut and r[2] == label]
        assert [r[3] for r in rows] == ["b1", "b2", "a1", "a2", "c"], rows
        for row, value, error in zip(rows, c, se):
            close(row[4], value, (dut, answer, row[3]))
            close(row[5], error, (dut, answer, row[3], "standard error"))
        run = y.copy()
        for k in range(2, 120):
            run[k] = c @ [u[k - 1], u[k - 2], run[k - 1], run[k - 2], 1]
        row = next(r for r in tables["arx"]["rows"] if r[0] == dut and r[2].startswith(label))
        close(row[5], np.sqrt(np.mean(e * e)), "one step")
        close(row[7], np.sqrt(np.mean((y - run)[2:] ** 2)), "free run")
        close(row[12], (c[0] + c[1]) / (1 - c[2] - c[3]), "gain")
        checked += 1
    line = next(r for r in tables["static_lines"]["rows"] if r[0] == dut)
    later = int(float(line[3]))
    w = column("feedback", dut)[later:]
    x = np.convolve(u[:len(w)], np.ones(20) / 20, "valid")
    slope, intercept = np.polyfit(x, np.convolve(w, np.ones(20) / 20, "valid"), 1)
    assert abs(float(line[7]) - slope) <= float(line[8]) / 10 and abs(float(line[5]) - intercept) <= float(line[6]) / 10, line
    # both pumps' feedback falls with duty, and the long run of the model says the same
    assert slope < -0.03 and abs(float(line[7]) / slope - 1) < 0.05
assert checked == 4, checked
