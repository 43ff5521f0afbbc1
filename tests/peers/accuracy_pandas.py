#!/usr/bin/env python3
"""accuracy_pandas.py RUN [MODEL.JSON]: the accuracy study of electricity as an analyst would write it, with pandas, NumPy and SciPy, from the
same run's SQLite files. Prints as JSON the seconds (wall, CPU) of loading and of computing, and some results. No figures, no resampling."""
import json
import os
import sys
import time

import numpy as np
import scipy.stats

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "accuracy"))
import again  # noqa: E402

ROLES = ("ac_voltage", "ac_current", "fan_speed", "pump_duty", "pump_relay", "bottom_plate_heater", "crankcase_heater", "working_mode", "defrost",
         "outside_temperature", "electric_power", "electric_energy")


def now():
    return np.array([time.perf_counter(), time.process_time()])


def find_skew(p, estimate):
    """The skew curve at the 201 shifts that the report shows, and the vertex of the parabola through its lowest three."""
    at = np.linspace(-20, 20, 201)
    rmse = again.rmse_by_skew(p, estimate, "electric_power", at)
    i = np.clip(rmse.argmin(), 1, 199)
    a, b, c = rmse[i - 1:i + 2]
    return at[i] + 0.2 * (a - c) / (2 * (a - 2 * b + c))


def deming(x, y):
    (xx, xy), (_, yy) = np.cov(x, y, ddof=0)
    return (yy - xx + np.sqrt((yy - xx) ** 2 + 4 * xy * xy)) / (2 * xy)


def study(pumps, model, cal):
    made = []
    for p in pumps:
        estimate, _ = again.evaluate(model, p)
        made.append(again.Comparison(p, model, "electric_power", find_skew(p, estimate), cal))
    out = {"metrics": [again.metrics(c.spans.sum(axis=0)).tolist() for c in made]}
    out["regimes"] = [c.by_regime.sum(axis=0).tolist() for c in made]
    energy = np.array([m[0][6] for m in out["metrics"]])
    k = scipy.stats.t.ppf(0.975, len(energy) - 1) * np.sqrt(1 + 1 / len(energy))
    out["across"] = [energy.mean(), energy.std(ddof=1), k]
    x, y, day = (np.concatenate([c.pairs[i] for c in made]) for i in range(3))
    out["deming"] = [deming(x, y)] + [deming(x[day != d], y[day != d]) for d in np.unique(day)]
    out["variants"] = {}
    for i in model["inputs"]:
        total = np.zeros(9)
        for p, c in zip(pumps, made):
            m, _ = again.evaluate(model, p, i["name"])
            use = (p.excluded == 0) & ~np.isnan(m) & ~np.isnan(c.reference)
            if use.any():
                total += again.sums_by(np.zeros(use.sum(), int), 1, c.reference[use], m[use], p.step[use])[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            out["variants"][i["name"]] = again.metrics(total).tolist()
    return out


def main():
    model = again.load_model(sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "../../analytics/accuracy/models/electricity.json"))
    begun = now()
    pumps = again.load(sys.argv[1], ROLES)
    loaded = now()
    found = study(pumps, model, again.Calendar("UTC", pumps[0].time[0], pumps[0].time[-1]))
    done = now()
    print(json.dumps({"load_s": (loaded - begun).tolist(), "compute_s": (done - loaded).tolist(), "scans": sum(len(p.time) for p in pumps),
                      "energy_error": [m[0][6] for m in found["metrics"]]}))


main()
