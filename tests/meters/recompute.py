"""recompute.py RUN.DB REPORT.JSON DAYS.CSV: energy, heat, COP and cross-checks of reference meters again, by pandas, from the
database alone. The settings are those of test_meters_program.sh."""
import json
import os
import sqlite3
import sys

import numpy as np
import pandas as pd

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "analytics"))
from if97 import coefficient  # noqa: E402

db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
report = json.load(open(sys.argv[2], encoding="utf-8"))
csv = pd.read_csv(sys.argv[3])
scan = pd.read_sql("SELECT * FROM scan ORDER BY tick", db)
channels = pd.read_sql("SELECT * FROM channel", db)
flags = pd.read_sql("SELECT * FROM flag", db)
BRIDGE, QP, DTMIN, CELL = 2.5, 1.5, 3.0, 300


def near(a, b, tolerance=1e-9, what=""):
    assert abs(a - b) <= tolerance * max(1, abs(b)), f"{what}: {a!r} is not {b!r}"


def series(dut, role):
    """Good samples of a role, at their times."""
    row = channels[(channels.dut == dut) & (channels.role == role)]
    if row.empty:
        return None
    name, number = row.iloc[0]["name"], row.iloc[0]["id"]
    bad = set(flags[flags.channel == number].tick)
    s = scan[scan[name].notna() & ~scan.tick.isin(bad)]
    return pd.Series(s[name].to_numpy(), index=s.time.to_numpy())


def limit(s):
    return BRIDGE * np.sort(np.diff(s.index))[(len(s) - 1) // 2]


def spread(cells, t0, t1, v0, v1, factor):
    """A straight line from (t0, v0) to (t1, v1), into cells of five minutes: amount and seconds."""
    first, last = int(t0 // CELL), int(np.ceil(t1 / CELL))
    for c in range(first, last):
        a, b = max(t0, c * CELL), min(t1, (c + 1) * CELL)
        va, vb = (v0 + (v1 - v0) * (x - t0) / (t1 - t0) for x in (a, b))
        amount, seconds = cells.get(c, (0.0, 0.0))
        cells[c] = (amount + factor * (va + vb) / 2 * (b - a), seconds + b - a)


def integrate(s, factor=1 / 3.6e6, gap=None):
    cells, gap = {}, gap or limit(s)
    t, v = s.index.to_numpy(), s.to_numpy()
    for i in range(1, len(s)):
        if t[i] - t[i - 1] <= gap:
            spread(cells, t[i - 1], t[i], v[i - 1], v[i], factor)
    return cells


def count(s, serial, most):
    """Increments of a register, odd readings (single ones here) taken out by hand: a reading is odd where it is below both
    its neighbours or far above them."""
    v = s.to_numpy()
    odd = [i for i in range(1, len(v) - 1) if (v[i] < v[i - 1] and v[i] < v[i + 1] and v[i + 1] >= v[i - 1]) or
           (v[i] > v[i - 1] + 100 and v[i + 1] < v[i] - 100)]
    s = s.drop(s.index[odd])
    gap, cells, over = limit(s), {}, {}
    t, v = s.index.to_numpy(), s.to_numpy()
    n = serial.reindex(s.index).ffill().to_numpy() if serial is not None else np.zeros(len(s))
    for i in range(1, len(s)):
        if n[i] != n[i - 1]:
            continue  # another meter: nobody knows
        d = v[i] - v[i - 1]
        assert 0 <= d <= most * (t[i] - t[i - 1]) + 1, (t[i], d)
        if t[i] - t[i - 1] <= gap:
            rate = d / (t[i] - t[i - 1])
            spread(cells, t[i - 1], t[i], rate, rate, 1)
        else:
            assert t[i - 1] // 86400 == t[i] // 86400
            over[int(t[i] // 86400)] = over.get(int(t[i] // 86400), 0) + d
    return cells, over


def day_sum(cells, day, k=0):
    return sum(x[k] for c, x in cells.items() if c * CELL // 86400 == day)


def compare(a, b):
    """Deviation in % over the cells that both cover alike."""
    x = y = 0.0
    for c in set(a) & set(b):
        least, most = sorted((a[c][1], b[c][1]))
        if least > 0 and least >= 0.97 * most:
            x += a[c][0] * least / a[c][1]
            y += b[c][0] * least / b[c][1]
    return 100 * (x / y - 1)


def result(dut, quantity, day=""):
    return next(r for r in report["results"] if (r["dut"], r["quantity"], r["valve"]) == (dut, quantity, day))


for dut in sorted(set(channels.dut) - {""}):
    electric, heat, flow = (series(dut, r) for r in ("electric_power", "heat_power", "flow"))
    register, over = count(series(dut, "electric_energy"), series(dut, "electric_serial"), 20 / 3600)
    heat_register, heat_over = count(series(dut, "heat_energy"), None, 60 / 3600)
    supply, ret = (series(dut, r).reindex(flow.index) for r in ("supply_temperature", "return_temperature"))
    dt = supply - ret
    k = pd.Series(coefficient(supply, ret), flow.index)
    power = (k * flow * dt / 3.6).dropna()
    # what the classes permit, as power
    ef = np.minimum(5, 2 + 0.02 * 1000 * QP / flow.where(flow > 0, 1e-9))
    permitted = k * flow / 3.6 * (dt.abs() * (ef + 1) + 4 * DTMIN) / 100
    cells = {"electric_power_kwh": integrate(electric), "heat_power_kwh": integrate(heat),
             "electric_register_kwh": register, "heat_register_kwh": heat_register,
             "heat_flow_dt_k_kwh": integrate(power, gap=limit(flow)), "estimated_heat_kwh": integrate(series(dut, "estimated_heat"))}
    permitted, permitted_electric = integrate(permitted.dropna(), gap=limit(flow)), integrate(electric * 0.02)
    step = max(0.01, np.spacing(np.float32(series(dut, "electric_energy").iloc[-1])))
    heat_step = max(0.1, np.spacing(np.float32(series(dut, "heat_energy").iloc[-1])))
    rows = csv[csv.dut == dut]
    assert len(rows) == 3
    for row in rows.itertuples():
        day = int(pd.Timestamp(row.day, tz="UTC").timestamp() // 86400)
        for name, c in cells.items():
            extra = {"electric_register_kwh": over, "heat_register_kwh": heat_over}.get(name, {}).get(day, 0)
            near(getattr(row, name), day_sum(c, day) + extra, what=f"{dut} {row.day} {name}")
        near(row.electric_covered_percent, day_sum(register, day, 1) / 864, what="coverage")
        near(row.heat_covered_percent, day_sum(heat_register, day, 1) / 864, what="coverage of heat")
        near(row.electric_kwh, row.electric_register_kwh)
        near(row.cop, row.heat_kwh / row.electric_kwh)
        U = np.hypot(day_sum(permitted_electric, day) * row.electric_kwh / day_sum(cells["electric_power_kwh"], day), 2 * step / 6**.5)
        near(row.electric_U_kwh, U, 1e-6, f"{dut} {row.day} U of electricity")
        U = np.hypot(day_sum(permitted, day) * row.heat_kwh / day_sum(cells["heat_flow_dt_k_kwh"], day), 2 * heat_step / 6**.5)
        near(row.heat_U_kwh, U, 1e-6, f"{dut} {row.day} U of heat")
        near(result(dut, "daily_cop", row.day)["value"], row.cop)
        near(result(dut, "daily_electric_energy", row.day)["expanded_uncertainty"], row.electric_U_kwh)
    for name, a, b in (("electric_register", "electric_register_kwh", "electric_power_kwh"),
                       ("heat_register", "heat_register_kwh", "heat_power_kwh"),
                       ("heat_flow", "heat_flow_dt_k_kwh", "heat_register_kwh"),
                       ("heat_estimate", "estimated_heat_kwh", "heat_register_kwh")):
        near(result(dut, name + "_deviation")["value"], compare(cells[a], cells[b]), what=f"{dut} {name}")
    near(result(dut, "electric_energy")["value"], sum(x[0] for x in register.values()) + sum(over.values()), what="total")
    near(result(dut, "heat_energy")["value"], sum(x[0] for x in heat_register.values()) + sum(heat_over.values()), what="total heat")
