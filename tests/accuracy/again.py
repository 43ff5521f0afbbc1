"""The accuracy study again, with pandas and NumPy, from a run's SQLite files and the models' JSON: written from docs/accuracy.md. recompute.py
holds every number of a small study against it; tests/peers/accuracy_pandas.py takes its time."""
import glob
import json
import os
import sqlite3

import numpy as np
import pandas as pd

BRIDGE, COVERED = 2.5, 0.9
STEP, ON, OFF, STARTUP, MIDDLE, HIGH = 50, 100, 30, 300, 700, 1400
SPANS = (15, 300, 900, 3600, 0)  # s; 0: local days
REGIMES, LAGS = 12, 240
(TRANSITION, DEFROST, ANTIFREEZE, COOLING, STARTS, HEATER, CRANKCASE, OFFLINE, STANDBY, LOW, MID, HIGHEST) = range(REGIMES)
INCLUDED, LISTED, OVERLAP, BACKWARDS, GAP, COMMISSIONING, INPUTS, REFERENCE = range(8)
UNITS = {"ac_voltage": "V"}


# --- loading ---------------------------------------------------------------------------------------------------------

class Pump:
    def __init__(self, name):
        self.name, self.column = name, {}


def connect(path):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def load(folder, wanted=None):
    """Heat pumps of a run whose channels are all of one rate group. `wanted`: roles; None: all."""
    db = connect(os.path.join(folder, "run.db"))
    channels = pd.read_sql_query("SELECT * FROM channel", db)
    own = channels[(channels.dut != "") & (channels.role != "")]
    if wanted is not None:
        own = own[own.role.isin(wanted)]
    group, = own.rate_group.unique()
    timed = channels[(channels.role == "time") & (channels.rate_group == group)]
    names = ["tick", *timed.name, *own.name]
    sql = f'SELECT {", ".join(chr(34) + n + chr(34) for n in names)} FROM "{group}" ORDER BY tick'
    days = sorted(glob.glob(os.path.join(folder, "days", "*.db")))
    parts = [connect(d) for d in days] or [db]
    table = pd.concat([pd.read_sql_query(sql, part, dtype={n: float for n in names[1:]}) for part in parts], ignore_index=True)
    flags = pd.concat([pd.read_sql_query("SELECT tick, channel FROM flag", part) for part in parts])
    start, period = pd.read_sql_query("SELECT s.utc, r.period FROM segment s, run r", db).iloc[0]
    time = table[timed.name.iloc[0]].to_numpy() if len(timed) else start / 1e9 + table.tick.to_numpy() * (period / 1e9)
    number = own.set_index("id")["name"]
    for channel, bad in flags.groupby("channel"):
        if channel in number.index:
            table.loc[table.tick.isin(bad.tick), number[channel]] = np.nan
    pumps = []
    for dut, rows in own.groupby("dut", sort=False):
        p = Pump(dut)
        p.column = {role: table[name].to_numpy() for role, name in zip(rows.role, rows.name)}
        p.unit = dict(zip(rows.role, rows.unit))
        p.time = time
        settle(p)
        pumps.append(p)
    return pumps


def spacing(t):
    d = np.diff(t[:4097])
    return np.median(d)


def settle(p):
    """What each row stands for, and which do not count whatever the model."""
    p.spacing = spacing(p.time)
    following = np.append(np.diff(p.time), p.spacing)
    gap = following > BRIDGE * p.spacing
    p.step = np.where(gap, 0, following)
    p.excluded = np.where(gap, GAP, INCLUDED).astype(np.int8)
    mode = p.column.get("supervisory_mode")
    if mode is not None:
        p.excluded[(mode >= 100) & ~gap] = COMMISSIONING
    p.series = {}
    for target, role in (("electric_power", "electric_power"), ("heat_power", "heat_power")):
        if role in p.column:
            good = ~np.isnan(p.column[role])
            p.series[target] = p.time[good], p.column[role][good]


def exclude(p, rows):
    """rows: (id, from, to)."""
    for name, begin, end in rows:
        if name == p.name:
            p.excluded[(p.time >= begin) & (p.time < end)] = LISTED


# --- models ----------------------------------------------------------------------------------------------------------

def evaluate(model, p, without=None):
    """Estimate in W and availability level of each row."""
    n, value = len(p.time), {}
    for i in model["inputs"]:
        role = {"apparent_power": "power_input"}.get(i["name"], i["name"])
        have = i.get("measured", True) and role in p.column and i["name"] != without
        value[i["name"]] = p.column[role].copy() if have else np.full(n, np.nan)
    level = np.full(n, model["level"], np.int8)
    for rule in model.get("rules", []):
        to = value[rule["fills"]]
        if rule["by"] == "product":
            v = value[rule["first"]] * value[rule["second"]]
        else:
            t, power = value[rule["temperature"]], value[rule["power"]]
            if rule["by"] == "cold_probability":
                v = np.where(t <= rule["one_to"], 1, 1 / (rule["intercept"] + rule["slope"] * (t - rule["shift"])))
                v = np.where((power <= 0) | (t > rule["zero_above"]), 0, v)
                v[np.isnan(v) | (np.isnan(power) & ~(t > rule["zero_above"])) | (np.isnan(t) & ~(power <= 0))] = np.nan
            else:
                v = np.where((t > rule["threshold"]) & (power > 0), 1.0, np.where((t <= rule["threshold"]) | (power <= 0), 0, np.nan))
        used = np.isnan(to) & ~np.isnan(v)
        to[used] = v[used]
        level[used] = np.minimum(level[used], rule["level"])
    if "heat" in model:
        h = model["heat"]
        assert h["convention"] == "997x4182"
        out = 997 * 4182e-6 * value[h["flow"]] * (value[h["supply"]] - value[h["return"]]) / 3.6
    else:
        out = np.zeros(n)
    for term in model.get("terms", []):
        v = np.full(n, float(term["coefficient"]))
        for name in term.get("of", []):
            v = v * value[name]
        out += v
    if "floor" in model:
        out = np.where(out < model["floor"], model["floor"], out)
    level[np.isnan(out)] = -1
    return out, level


# --- reference, regimes ------------------------------------------------------------------------------------------------

def reference(p, target, skew):
    t, v = p.series[target]
    at = p.time - skew
    k = np.searchsorted(t, at, "right") - 1
    a, b = np.clip(k, 0, len(t) - 1), np.clip(k + 1, 0, len(t) - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        out = v[a] + (v[b] - v[a]) * ((at - t[a]) / (t[b] - t[a]))
    out = np.where(t[a] == at, v[a], out)
    known = (k >= 0) & ((t[a] == at) | ((k + 1 < len(t)) & (t[b] - t[a] <= BRIDGE * spacing(t))))
    return np.where(known, out, np.nan)


def regimes(p, electric):
    """By the electric reference."""
    n = len(p.time)
    nothing = np.full(n, np.nan)
    c = lambda role: p.column.get(role, nothing)  # noqa: E731
    va = c("power_input") if "power_input" in p.column else nothing
    va = np.where(np.isnan(va), c("ac_voltage") * c("ac_current"), va)
    runs = np.where(np.isnan(va), electric > ON, va > ON)
    with np.errstate(invalid="ignore"):
        steady = np.where(electric >= HIGH, HIGHEST, np.where(electric >= MIDDLE, MID, LOW))
        still = np.where((np.isnan(electric) | (electric < OFF)) & ~(c("pump_relay") > 0), OFFLINE, STANDBY)
        out = np.where(runs, steady, still)
        out = np.where(~runs & (c("crankcase_heater") > 0), CRANKCASE, out)
        out = np.where(c("bottom_plate_heater") > 0, HEATER, out)
        out = np.where((c("working_mode") == 1) & runs, COOLING, out)
        out = np.where((c("supervisory_mode") >= 96) & (c("supervisory_mode") <= 99), ANTIFREEZE, out)
        out = np.where(c("defrost") > 0, DEFROST, out)
        before = np.concatenate([[True], runs[:-1]])
        before[1:][p.step[:-1] == 0] = True
        started = np.maximum.accumulate(np.where(runs & ~before, p.time, -np.inf))
        out = np.where((out >= HEATER) & runs & (p.time - started < STARTUP), STARTS, out)
        steps = np.abs(np.diff(electric)) > STEP
        for role in ("bottom_plate_heater", "crankcase_heater", "pump_relay"):
            a, b = c(role)[:-1], c(role)[1:]
            steps |= ~np.isnan(a) & ~np.isnan(b) & ((a != 0) != (b != 0))
    steps &= p.step[:-1] > 0
    out[:-1][steps] = TRANSITION
    out[1:][steps] = TRANSITION
    return out.astype(np.int8)


# --- sums -------------------------------------------------------------------------------------------------------------

def sums_by(key, count, r, m, seconds):
    """[count, 9]: n, error, absolute, square, reference, reference square, seconds, J of reference and estimate."""
    e = m - r
    return np.stack([np.bincount(key, w, count) for w in
                     (np.ones(len(r)), e, np.abs(e), e * e, r, r * r, seconds, r * seconds, m * seconds)], axis=1)


class Calendar:
    """Local days from the first to the last row."""

    def __init__(self, zone, first, last):
        begin = pd.Timestamp(first, unit="s", tz="UTC").tz_convert(zone).normalize()
        days = [begin]
        while days[-1].timestamp() <= last:
            days.append((days[-1].tz_localize(None) + pd.Timedelta(days=1)).tz_localize(zone))
        self.start = np.array([d.timestamp() for d in days])  # and the end of the last
        self.days = len(days) - 1
        self.hours = [[(d + pd.Timedelta(hours=k, minutes=30)).hour for k in range(26)] for d in days[:-1]]

    def of(self, t):
        return np.searchsorted(self.start, t, "right") - 1


def pieces(cal, at, end, length):
    """Rows cut at the edges of stretches of `length` of a local day (0: at midnight): which row, from, to, day, stretch."""
    day = cal.of(at)
    midnight, next_day = cal.start[day], cal.start[day + 1]
    edge = next_day if not length else np.minimum(midnight + (np.floor((at - midnight) / length) + 1) * length, next_day)
    over = end > edge
    row = np.concatenate([np.arange(len(at)), np.flatnonzero(over)])
    begin = np.concatenate([at, edge[over]])
    stop = np.concatenate([np.minimum(end, edge), end[over]])
    day = np.concatenate([day, cal.of(edge[over])])
    inside = day < cal.days
    row, begin, stop, day = row[inside], begin[inside], stop[inside], day[inside]
    stretch = np.floor((begin - cal.start[day]) / length).astype(int) if length else np.zeros(len(day), int)
    return row, begin, stop, day, stretch


def means(cal, at, step, r, m, length):
    """Means over stretches that are covered: day, stretch, seconds, reference, estimate."""
    row, begin, stop, day, stretch = pieces(cal, at, at + step, length)
    most = int(26 * 3600 / length) if length else 1
    key, seconds = day * most + stretch, stop - begin
    total = np.bincount(key, seconds)
    rj, mj = (np.bincount(key, v[row] * seconds) for v in (r, m))
    held = np.flatnonzero(total > 0)
    day, stretch = held // most, held % most
    whole = cal.start[day + 1] - cal.start[day]
    full = np.minimum(length, whole - stretch * length) if length else whole
    held, day, stretch = (x[total[held] >= COVERED * full - 1e-3] for x in (held, day, stretch))
    return day, stretch, total[held], rj[held] / total[held], mj[held] / total[held]


def autocorrelation(p, e, counts):
    n = int((p.time[-1] - p.time[0]) / p.spacing + 0.5) + 1
    k = ((p.time[counts] - p.time[0]) / p.spacing + 0.5).astype(int)
    x, w = np.zeros(n), np.zeros(n)
    x[k], w[k] = e[counts] - e[counts].mean(), 1
    size = 1 << int(np.ceil(np.log2(n + LAGS + 1)))
    fx, fw = np.fft.rfft(x, size), np.fft.rfft(w, size)
    products, pairs = (np.fft.irfft(f * np.conj(f), size)[:LAGS + 1] for f in (fx, fw))
    return products / np.rint(pairs) / (x @ x / w.sum())


class Comparison:
    """One heat pump against one model."""

    def __init__(self, p, model, target, skew, cal):
        self.estimate, self.level = model(p) if callable(model) else evaluate(model, p)
        electric = reference(p, "electric_power", skew)
        self.regime = regimes(p, electric)
        self.reference = electric if target == "electric_power" else reference(p, target, skew)
        reason = np.where(p.excluded != INCLUDED, p.excluded, np.where(np.isnan(self.estimate), INPUTS,
                                                                       np.where(np.isnan(self.reference), REFERENCE, INCLUDED)))
        self.reason, self.error = reason, self.estimate - self.reference
        counts = self.counts = np.flatnonzero(reason == INCLUDED)
        at, step, r, m = p.time[counts], p.step[counts], self.reference[counts], self.estimate[counts]
        day = cal.of(at)
        by = lambda key, most: sums_by(key, most, r, m, step)  # noqa: E731
        self.by_regime = by(day * REGIMES + self.regime[counts], cal.days * REGIMES).reshape(cal.days, REGIMES, 9)
        known = self.level[counts] >= 0
        self.by_level = sums_by((day * 3 + self.level[counts])[known], cal.days * 3, r[known], m[known], step[known]).reshape(cal.days, 3, 9)
        self.covered = np.bincount(day, step, cal.days)
        self.spans = np.zeros((cal.days, len(SPANS), 9))
        self.spans[:, 0] = self.by_regime.sum(axis=1)
        for s, length in list(enumerate(SPANS))[0 if p.spacing < 10 else 1:]:
            d, stretch, seconds, rm, mm = means(cal, at, step, r, m, length)
            self.spans[:, s] = sums_by(d, cal.days, rm, mm, seconds)
            if length == 3600:
                self.pairs = rm, mm, d
                self.residual = np.full((cal.days, 24), np.nan)
                self.residual[d, [cal.hours[x][y] for x, y in zip(d, stretch)]] = mm - rm
        outside = p.column.get("outside_temperature", np.full(len(p.time), np.nan))[counts]
        power = np.clip(np.floor(r / 250), 0, 11).astype(int)
        self.by_power = by(power, 12)
        hour = np.array(cal.hours)[day, np.clip(((at - cal.start[day]) // 3600).astype(int), 0, 25)]
        self.by_hour = by(hour, 24)
        known = ~np.isnan(outside)
        warmth = np.clip(np.floor((outside[known] + 10) / 3), 0, 9).astype(int)
        some = (r[known], m[known], step[known])
        self.by_temperature = sums_by(warmth, 10, *some)
        self.by_point = sums_by(power[known] * 10 + warmth, 120, *some)
        self.outside = np.bincount(day[known], outside[known] * step[known], cal.days) / np.bincount(day[known], step[known], cal.days)
        self.acf = autocorrelation(p, self.error, counts)


def metrics(s):
    """bias, MAE, RMSE, NMBE, CV(RMSE), R2, energy error of sums[..., 9]."""
    n, e, a, q, r, rr, _, rj, mj = np.moveaxis(s, -1, 0)
    rmse = np.sqrt(q / n)
    return np.stack([e / n, a / n, rmse, 100 * e / r, 100 * rmse / np.abs(r / n), 1 - q / (rr - r * r / n), 100 * (mj - rj) / rj], axis=-1)


def rmse_by_skew(p, estimate, target, skews):
    """RMSE of the model with the reference moved by each of the skews."""
    out = []
    for skew in skews:
        e = estimate - reference(p, target, skew)
        e = e[(p.excluded == INCLUDED) & ~np.isnan(e)]
        out.append(np.sqrt((e * e).mean()))
    return np.array(out)


def load_model(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)
