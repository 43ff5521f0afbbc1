"""recompute.py RUN DUMP.JSON: every number of a small study (dump.c) again, by pandas, NumPy, SciPy and statsmodels from the run's database
alone. Models: electricity, heat-997x4182, reported electricity, reported heat. Days are those of Amsterdam. Prints how many numbers it compared."""
import datetime
import json
import os
import sys

import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.stats
import statsmodels.api as sm

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "analytics")]
import again  # noqa: E402
from if97 import coefficient  # noqa: E402

MODELS = os.path.join(HERE, "../../analytics/accuracy/models")
compared = 0
worst = (0.0, "")


def near(ours, again_, what, tolerance=1e-9, scale=None):
    """Relative to the largest of the numbers that belong together, or to `scale`; what is not known is not known in both."""
    global compared, worst
    ours, again_ = np.array(ours, float), np.array(again_, float)
    assert ours.shape == again_.shape, (what, ours.shape, again_.shape)
    assert (np.isnan(ours) == np.isnan(again_)).all(), (what, "not known", np.argwhere(np.isnan(ours) != np.isnan(again_))[:5], ours, again_)
    known = ~np.isnan(ours)
    compared += int(known.sum())
    if not known.any():
        return
    off = np.abs(ours - again_)[known] / (scale or max(np.abs(again_[known]).max(), 1e-300))
    if off.max() > worst[0]:
        worst = off.max(), what
    assert off.max() <= tolerance, (what, off.max(), ours[known][off.argmax()], again_[known][off.argmax()])


def near_sums(ours, again_, what):
    """[..., 9]: each kind of sum by itself."""
    ours, again_ = np.array(ours, float).reshape(-1, 9), np.array(again_).reshape(-1, 9)
    for i, name in enumerate(("n", "error", "absolute", "square", "reference", "reference_square", "seconds", "reference_j", "estimate_j")):
        near(ours[:, i], again_[:, i], f"{what}, {name}", scale=max(np.abs(again_[:, 2 if i == 1 else i]).max(), 1e-300))


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


dump = json.load(open(sys.argv[2], encoding="utf-8"), parse_constant=lambda x: float("nan"))
pumps = again.load(sys.argv[1])
assert [p.name for p in pumps] == dump["pumps"]
for p in pumps:
    again.exclude(p, [("hp2", instant("2024-02-01T12:00:00Z"), instant("2024-02-01T14:30:00Z"))])
cal = again.Calendar("Europe/Amsterdam", pumps[0].time[0], pumps[0].time[-1])
electricity, heat = (again.load_model(os.path.join(MODELS, n + ".json")) for n in ("electricity", "heat-997x4182"))


def reported(role):
    def model(p):
        v = p.column[role]
        return v, np.where(np.isnan(v), -1, 2).astype(np.int8)
    return model


models = [(electricity, "electric_power"), (heat, "heat_power"), (reported("estimated_power"), "electric_power"),
          (reported("estimated_heat"), "heat_power")]
assert dump["models"] == len(models)


def permitted(p, target, r):
    """W: class B and class 2, qp 1.5 m3/h, 3 K."""
    if target == "electric_power":
        return 0.02 * np.abs(r)
    flow, dt = p.column["flow"], p.column["supply_temperature"] - p.column["return_temperature"]
    k = coefficient(p.column["supply_temperature"], p.column["return_temperature"])
    with np.errstate(divide="ignore"):
        ef = np.where(flow > 0, np.minimum(5, 2 + 0.02 * 1500 / flow), 5)
    return np.where(np.isnan(flow), np.nan, k * np.abs(flow) / 3.6 * (np.abs(dt) * (ef + 1) + 12) / 100)


def registers(p, role):
    """J of each day: the register interpolated at both midnights. It counts without any reset here."""
    if role not in p.column:
        return np.full(cal.days, np.nan)
    good = ~np.isnan(p.column[role])
    t, v = p.time[good], p.column[role][good]
    q = again.Pump("register")
    q.time, q.series = cal.start, {"register": (t, v - v[0])}
    return np.diff(again.reference(q, "register", 0)) * 3.6e6


def check_comparison(got, c, p, target, number):
    what = f"model {number}, {p.name}"
    applied = got["skew"]["applied"]
    near([got["skew"]["rmse_before"], got["skew"]["rmse_after"]], again.rmse_by_skew(p, c.estimate, target, [0, applied]), what + ", RMSE by skew")
    near_sums([d["span"] for d in got["days"]], c.spans, what + ", spans")
    near_sums([d["regime"] for d in got["days"]], c.by_regime, what + ", regimes")
    near_sums([d["level"] for d in got["days"]], c.by_level, what + ", levels")
    near([d["covered"] for d in got["days"]], c.covered, what + ", covered")
    near([d["outside"] for d in got["days"]], c.outside, what + ", outside temperature")
    near([d["register_j"] for d in got["days"]], registers(p, target.replace("power", "energy")), what + ", register")
    allowed = permitted(p, target, c.reference)[c.counts]
    known, day, step = ~np.isnan(allowed), cal.of(p.time[c.counts]), p.step[c.counts]
    j = np.bincount(day[known], (allowed * step)[known], cal.days) / np.bincount(day[known], step[known], cal.days) * c.covered
    near([d["permitted_j"] for d in got["days"]], j, what + ", permitted")
    near(got["permitted"], 100 * j.sum() / np.abs(c.by_regime.sum(axis=1)[:, 7]).sum(), what + ", permitted share")
    c.permitted_j = j
    for name, s in (("point", c.by_point), ("power", c.by_power), ("temperature", c.by_temperature), ("hour", c.by_hour)):
        near_sums(got[name], s, f"{what}, by {name}")
    near(got["residual"], c.residual.ravel(), what + ", residual map", scale=np.nanmax(np.abs(c.pairs[0])))
    near(got["acf"], c.acf, what + ", autocorrelation", 1e-9)
    near(got["pair_reference"], c.pairs[0], what + ", hourly reference")
    near(got["pair_estimate"], c.pairs[1], what + ", hourly estimate")
    near(np.array(got["metric"], float)[:, 0].reshape(5, 7), again.metrics(c.spans.sum(axis=0)), what + ", metrics", scale=None)
    seconds = [np.sum(p.step[c.reason == k]) for k in range(8)]
    near(got["seconds_by_reason"], seconds, what + ", seconds by reason")
    check_events(got["events"], c, p, what)


def check_events(got, c, p, what):
    """Stretches of ten minutes with the largest squared error, none within half an hour of another."""
    key = np.floor(p.time[c.counts] / 600).astype(int)
    square = c.error[c.counts] ** 2 * p.step[c.counts]
    stretches = [(square[key == k].sum(), c.counts[key == k]) for k in np.unique(key)]
    found = []
    for total, rows in sorted(stretches, key=lambda s: -s[0]):
        if len(found) == 6:
            break
        if all(abs(f[0] - p.time[rows[0]]) >= 1800 for f in found):
            at = rows[np.argmax(np.abs(c.error[rows]))]
            found.append((p.time[at], c.reference[at], c.estimate[at], c.regime[at], total / square.sum()))
    near(np.array(got, float)[:, [0, 2, 3, 5, 6]], found, what + ", events")


def check_rows(got, c, p, number):
    what = f"model {number}, {p.name}, rows"
    for name in ("time", "step"):
        near(got[name], getattr(p, name), f"{what}, {name}")
    for name in ("estimate", "reference"):
        near(got[name], getattr(c, name), f"{what}, {name}")
    for name in ("regime", "level", "reason"):
        assert (np.array(got[name]) == getattr(c, name)).all(), (what, name, np.flatnonzero(np.array(got[name]) != getattr(c, name))[:5])


def tolerance_factor(n):
    def half(x):
        return scipy.optimize.brentq(lambda r: scipy.stats.norm.cdf(x + r) - scipy.stats.norm.cdf(x - r) - 0.95, 0, 50, xtol=1e-14)

    def confidence(k):
        f = lambda z: scipy.stats.chi2.sf((n - 1) * half(z / n ** 0.5) ** 2 / k ** 2, n - 1) * scipy.stats.norm.pdf(z)  # noqa: E731
        return 2 * scipy.integrate.quad(f, 0, 9, epsabs=1e-13, epsrel=1e-13, limit=200)[0] - 0.95
    return scipy.optimize.brentq(confidence, 1, 200, xtol=1e-11)


def unit_effect(y, v):
    """REML tau^2 and the mean of Hartung and Knapp."""
    def sums(tau2):
        w = 1 / (v + tau2)
        m = (w * y).sum() / w.sum()
        return w, m, (w * (y - m) ** 2).sum()

    def slope(tau2):
        w, m, _ = sums(tau2)
        return w.sum() - (w ** 2).sum() / w.sum() - (w ** 2 * (y - m) ** 2).sum()
    tau2 = scipy.optimize.brentq(slope, 0, 100 * np.ptp(y) ** 2, xtol=1e-300, rtol=1e-15, maxiter=500) if slope(0) < 0 else 0.0
    w, m, q = sums(tau2)
    dof = len(y) - 1
    u = np.sqrt(max(1, q / dof) / w.sum()) * scipy.stats.t.ppf(0.975, dof)
    q0 = sums(0)[2]
    return np.sqrt(tau2), m, m - u, m + u, 100 * max(0, (q0 - dof) / q0)


def check_spread(got, of, number):
    y = np.array([c["metric"][6][0] for c in of])
    v = np.array([c["energy_se"] for c in of]) ** 2
    n, mean, sd = len(y), y.mean(), y.std(ddof=1)
    k, t = tolerance_factor(n), scipy.stats.t.ppf(0.975, n - 1) * np.sqrt(1 + 1 / n)
    tau, common, low, high, i2 = unit_effect(y, v)
    expected = [n, mean, sd, k, mean - k * sd, mean + k * sd, mean - t * sd, mean + t * sd, tau, np.sqrt(v.mean()), common, low, high, i2]
    for i, (a, b) in enumerate(zip(got, expected)):
        near(a, b, f"model {number}, across heat pumps, {i}", 1e-9, scale=max(abs(b), abs(mean), sd))


def deming(x, y):
    (xx, xy), (_, yy) = np.cov(x, y, ddof=0)
    slope = (yy - xx + np.sqrt((yy - xx) ** 2 + 4 * xy * xy)) / (2 * xy)
    return np.array([slope, y.mean() - slope * x.mean()])


def jackknife(x, y, day):
    """By leaving out whole days (Busing, Meijer, van der Leeden, Stat. Comput. 9 (1999) 3)."""
    whole, n = deming(x, y), len(x)
    days = np.unique(day)
    h = np.array([n / (day == d).sum() for d in days])[:, None]
    without = np.array([deming(x[day != d], y[day != d]) for d in days])
    middle = len(days) * whole - ((1 - 1 / h) * without).sum(axis=0)
    u = np.sqrt((((h * whole - (h - 1) * without) - middle) ** 2 / (h - 1)).mean(axis=0))
    t = scipy.stats.t.ppf(0.975, len(days) - 2)
    return [x for k in (0, 1) for x in (whole[k], whole[k] - t * u[k], whole[k] + t * u[k])]


def check_agreement(got, of, number):
    d = np.concatenate([c.pairs[1] - c.pairs[0] for c in of])
    subject = np.concatenate([np.full(len(c.pairs[0]), i) for i, c in enumerate(of)])
    n, s = len(d), len(of)
    fit = sm.OLS(d, sm.add_constant(np.eye(s)[subject][:, 1:])).fit()
    msw, msb = fit.mse_resid, fit.ess / (s - 1)
    m = np.bincount(subject)
    m0 = (n - (m ** 2).sum() / n) / (s - 1)
    between = max(0, (msb - msw) / m0)
    sd, bias = np.sqrt(between + msw), d.mean()
    bias_u = np.sqrt(between * (m ** 2).sum() / n ** 2 + msw / n)
    a, b, z = msb / m0, (1 - 1 / m0) * msw, scipy.stats.norm.ppf(0.975)
    off = lambda x, dof, p: x * abs(1 - dof / scipy.stats.chi2.ppf(p, dof))  # noqa: E731
    low = np.sqrt(max(0, sd ** 2 - np.hypot(off(a, s - 1, 0.975), off(b, n - s, 0.975))))
    high = np.sqrt(sd ** 2 + np.hypot(off(a, s - 1, 0.025), off(b, n - s, 0.025)))
    inner, outer = z * np.hypot(bias_u, sd - low), z * np.hypot(bias_u, high - sd)
    lower, upper = bias - z * sd, bias + z * sd
    x, y, day = (np.concatenate([c.pairs[i] for c in of]) for i in range(3))
    expected = [n, s, bias, sd, np.sqrt(msw), np.sqrt(between), lower, lower - outer, lower + inner, upper, upper - inner, upper + outer,
                *jackknife(x, y, day)]
    for i, (ours, e) in enumerate(zip(got, expected)):
        near(ours, e, f"model {number}, agreement, {i}", 1e-9, scale=max(abs(e), sd))


def check_heat(got):
    for row, p in zip(got, pumps):
        c = made[1][pumps.index(p)]
        k = coefficient(p.column["supply_temperature"], p.column["return_temperature"])
        qr, qm = p.column["flow"], p.column["internal_flow"]
        dr, dm = p.column["supply_temperature"] - p.column["return_temperature"], p.column["water_out_temperature"] - p.column["water_in_temperature"]
        rows = c.counts[~np.isnan((k + qr + qm + dr + dm)[c.counts])]
        k, qr, qm, dr, dm, step, r, m = (v[rows] for v in (k, qr, qm, dr, dm, p.step, c.reference, c.estimate))
        flows = qr > 0
        expected = [1, pumps.index(p), step.sum(), (r * step).sum(), (m * step).sum(), (k * (qm - qr) * dr / 3.6 * step).sum(),
                    (k * qr * (dm - dr) / 3.6 * step).sum(), (k * (qm - qr) * (dm - dr) / 3.6 * step).sum(),
                    ((997 * 4182e-6 - k) * qm * dm / 3.6 * step).sum(), ((k * qr * dr / 3.6 - r) * step).sum(),
                    100 * ((qm * step)[flows].sum() / (qr * step)[flows].sum() - 1), ((dm - dr) * step)[flows].sum() / step[flows].sum()]
        near(row, expected, p.name + ", heat in parts", scale=None)
        near(row[5:10], expected[5:10], p.name + ", heat in parts", scale=abs(expected[4] - expected[3]))
        near(sum(row[5:10]), row[4] - row[3], p.name + ", the parts are the whole", scale=abs(row[4]))


def check_cop(got):
    for o in got:
        el, th = ([made[m][i] for i in (range(len(pumps)) if o["pump"] < 0 else [o["pump"]])] for m in (0, 1))
        day_el, day_th = (sum(c.by_regime.sum(axis=1) for c in of) for of in (el, th))
        allowed_el, allowed_th = (sum(c.permitted_j for c in of) for of in (el, th))
        seconds_el, seconds_th = day_el[:, 6], day_th[:, 6]
        used = np.flatnonzero(np.abs(seconds_el - seconds_th) <= 0.1 * seconds_el)
        same = (seconds_el / seconds_th)[used]
        er, em, hr, hm = day_el[used, 7], day_el[used, 8], day_th[used, 7] * same, day_th[used, 8] * same
        allowed = hr / er * np.hypot(allowed_el[used] / er, allowed_th[used] / day_th[used, 7])
        near(np.array(o["days"], float), np.stack([used, hr / er, hm / em, allowed], axis=1), f"COP by day, {o['pump']}")
        r, m = hr.sum() / er.sum(), hm.sum() / em.sum()
        near([o["reference"], o["estimate"]], [r, m], f"COP, {o['pump']}")
        near(o["error"], 100 * (m / r - 1), f"COP error, {o['pump']}")


def check_variants(got):
    for v in got:
        model, target = models[v["model"]]
        of, sums = made[v["model"]], np.zeros(9)
        least = 2
        for p, c in zip(pumps, of):
            estimate, level = again.evaluate(model, p, v["input"])
            counts = (p.excluded == 0) & ~np.isnan(estimate) & ~np.isnan(c.reference)
            if counts.any():
                sums += again.sums_by(np.zeros(counts.sum(), int), 1, c.reference[counts], estimate[counts], p.step[counts])[0]
                least = min(least, level[counts].min())
        rules = {r["fills"]: r for r in model.get("rules", [])}
        there = v["input"] in rules or v["input"] == "outside_temperature" or (v["input"] in ("ac_voltage", "ac_current") and False)
        assert v["there"] == there, v
        if not there:
            continue
        all_ = again.metrics(sum(c.by_regime.sum(axis=(0, 1)) for c in of))
        m = again.metrics(sums)
        near([v["energy"], v["nmbe"], v["rmse"], v["energy_cost"], v["rmse_cost"]], [m[6], m[3], m[2], m[6] - all_[6], m[2] - all_[2]],
             f"without {v['input']}")
        assert v["level"] == least, (v, least)


def check_production(got):
    for o in got:
        number, pump = (int(x) for x in o["totals"][:2])
        p, c = pumps[pump], made[number][pump]
        interval = np.diff(p.time)
        counted = np.minimum(interval, 900)
        used = p.excluded[1:] != again.LISTED
        wh = np.nan_to_num(c.estimate[1:]) * counted / 3600
        label = np.ceil(p.time[1:] / 3600) * 3600
        hours = np.unique(label[used])
        near(o["hour"], hours, f"old hours, {number}, {p.name}")
        near(o["wh"], [wh[used & (label == h)].sum() for h in hours], f"old hourly energy, {number}, {p.name}", scale=np.abs(wh).sum())
        whole = c.by_regime.sum(axis=(0, 1))
        gaps = (wh * (p.step[:-1] == 0))[used].sum()
        zeros = (counted * np.isnan(c.estimate[1:]))[used].sum()
        near(o["totals"][2:], [wh[used].sum(), whole[8] / 3600, whole[7] / 3600, gaps, zeros], f"old and new energy, {number}, {p.name}")


at = {(c["model"], c["pump"]): c for c in dump["comparisons"]}
made = []
for number, (model, target) in enumerate(models):
    made.append([again.Comparison(p, model, target, at[number, i]["skew"]["applied"], cal) for i, p in enumerate(pumps)])
    for i, (p, c) in enumerate(zip(pumps, made[-1])):
        check_rows(dump["rows"][number * len(pumps) + i], c, p, number)
        check_comparison(at[number, i], c, p, target, number)
    both = at[number, -1]
    near_sums([d["span"] for d in both["days"]], sum(c.spans for c in made[-1]), f"model {number}, all, spans")
    near(np.array(both["metric"], float)[:, 0].reshape(5, 7), again.metrics(sum(c.spans for c in made[-1]).sum(axis=0)), f"model {number}, all, metrics")
    check_spread(dump["across"][number]["spread"], [at[number, i] for i in range(len(pumps))], number)
    check_agreement(dump["across"][number]["agreement"], made[-1], number)
check_heat(dump["heats"])
check_cop(dump["cops"])
check_variants(dump["variants"])
check_production(dump["productions"])
print(f"{compared} numbers, the furthest off {worst[0]:.1e} ({worst[1]})")
