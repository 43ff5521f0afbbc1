"""Holds the statistics of the accuracy study (test programs in the folder given, used as calculators) against scipy and
statsmodels, or where those have none, against the formulas of the headers written here again."""
import subprocess
import sys

import numpy as np
from scipy import integrate, optimize, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import acf

folder = sys.argv[1]
rng = np.random.default_rng(20230601)


def ask(program, words, *columns):
    text = "\n".join(" ".join(repr(float(x)) for x in row) for row in zip(*columns))
    out = subprocess.run([f"{folder}/test_{program}", *map(str, words)], input=text, text=True, capture_output=True,
                         check=True).stdout
    return np.array([float(w) for w in out.split()])


def near(a, b, tolerance=1e-9):
    assert np.allclose(a, b, rtol=tolerance, atol=1e-12, equal_nan=True), f"{a} is not {b}"


def first_order(n, phi):
    x = np.empty(n)
    x[0] = rng.normal()
    for i in range(1, n):
        x[i] = phi * x[i - 1] + np.sqrt(1 - phi * phi) * rng.normal()
    return x


def student(p, dof):
    """scipy's own quantile has nine digits; its distribution function has them all."""
    return optimize.brentq(lambda t: stats.t.cdf(t, dof) - p, 0, 1e6, xtol=1e-15, rtol=1e-14)


def around(level, dof, mean, u):
    t = student(0.5 + level / 2, dof)
    return [mean - t * u, mean + t * u]


class Xoshiro:
    MASK = 2**64 - 1

    def __init__(self, seed):
        self.s = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & self.MASK
            z = seed
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & self.MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & self.MASK
            self.s.append(z ^ (z >> 31))

    def rotated(self, x, by):
        return ((x << by) | (x >> (64 - by))) & self.MASK

    def below(self, n):
        """n is small here: no number has to be drawn again."""
        s = self.s
        out = (self.rotated(s[1] * 5 & self.MASK, 7) * 9) & self.MASK
        t = (s[1] << 17) & self.MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = self.rotated(s[3], 45)
        return (out >> 32) * n >> 32


def resampled(a, b, seed, block, replicates, level):
    n, random = len(a), Xoshiro(seed)
    values = []
    for _ in range(replicates):
        days = np.concatenate([(random.below(n) + np.arange(block)) % n for _ in range(-(-n // block))])[:n]
        values.append(a[days].sum() / b[days].sum())
    estimate, values = a.sum() / b.sum(), np.sort(values)
    without = np.array([np.delete(a, (i + np.arange(block)) % n).sum() / np.delete(b, (i + np.arange(block)) % n).sum()
                        for i in range(n)])
    d = without.mean() - without
    acceleration = np.sqrt(block) * (d**3).sum() / (6 * (d**2).sum() ** 1.5)
    z0 = stats.norm.ppf((values < estimate).mean())
    z = stats.norm.ppf(0.5 + level / 2)
    z_both = z0 + (z0 + np.array([-z, z])) / (1 - acceleration * (z0 + np.array([-z, z])))
    ends = np.interp(stats.norm.cdf(z_both) * (replicates + 1) - 1, np.arange(replicates), values)
    blocks = n / block
    widen = np.sqrt(blocks / (blocks - 1))
    times = widen * student(0.5 + level / 2, blocks - 1) / z
    return [estimate, *(estimate + times * (ends - estimate)), widen * values.std(ddof=1), 0]


def resampled_days_are_those_of_a_second_implementation():
    for n, block, level in ((27, 4, 0.95), (20, 1, 0.9), (31, 7, 0.99)):
        b = rng.lognormal(0, 0.4, n)
        a = 1.02 * b + 0.1 * first_order(n, 0.3)
        near(ask("bootstrap", [n + 5, block, 501, level], a, b), resampled(a, b, n + 5, block, 501, level))


def correlations_agree_with_statsmodels():
    x = first_order(300, 0.6) + 50
    near(ask("autocorrelation", [20], x), acf(x, nlags=20, fft=False))


def correlations_with_gaps_are_those_of_pairs():
    x = first_order(200, 0.6) + 50
    x[rng.integers(0, 200, 50)] = np.nan
    z, known = x - np.nanmean(x), ~np.isnan(x)
    want = []
    for k in range(8):
        products = z[: len(z) - k] * z[k:]
        products = products[~np.isnan(products)]
        want.append(products.sum() / (len(products) + k) / (np.nansum(z * z) / known.sum()))
    near(ask("autocorrelation", [7], x), want)
    conservative = acf(x, nlags=7, fft=False, missing="conservative")
    pairs = np.array([(known[: 200 - k] & known[k:]).sum() + k for k in range(8)])
    near(np.array(want), conservative * known.sum() / pairs)


def the_long_run_variance_is_the_hac_of_a_constant():
    for gaps in (False, True):
        x = first_order(250, 0.5)
        if gaps:
            x[rng.integers(0, 250, 40)] = np.nan
        # a missing sample is a row of zeros: it has a place and no weight
        one = (~np.isnan(x)).astype(float)
        fit = OLS(np.nan_to_num(x), one).fit(cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": False})
        mean, variance, u, effective, lag = ask("autocorrelation", ["long", 6], x)
        near([mean, u, lag], [fit.params[0], fit.bse[0], 6])
        near([variance, effective], [u * u * one.sum(), one.sum() * np.nanvar(x) / (u * u * one.sum())])


def tolerance_factors_solve_the_integral():
    for n, dof, coverage, confidence in ((2, 1, 0.95, 0.95), (6, 5, 0.95, 0.95), (27, 26, 0.9, 0.99), (4, 20, 0.99, 0.9)):
        k, k_next = ask("tolerance", [n, dof, coverage, confidence])

        def inside(z):
            x = z / np.sqrt(n)
            r = optimize.brentq(lambda r: stats.norm.cdf(x + r) - stats.norm.cdf(x - r) - coverage, 0, 20, xtol=1e-15)
            return 2 * stats.norm.pdf(z) * stats.chi2.sf(dof * r * r / (k * k), dof)

        near(integrate.quad(inside, 0, 9, epsabs=1e-13, epsrel=1e-13, limit=200)[0], confidence, 1e-10)
        near(k_next, student(0.5 + coverage / 2, n - 1) * np.sqrt(1 + 1 / n))


def reml(y, v):
    def minus(t):
        w = 1 / (v + t)
        m = (w * y).sum() / w.sum()
        return 0.5 * (-np.log(w).sum() + np.log(w.sum()) + (w * (y - m) ** 2).sum())

    def slope(t):
        w = 1 / (v + t)
        m = (w * y).sum() / w.sum()
        return w.sum() - (w * w).sum() / w.sum() - (w * w * (y - m) ** 2).sum()

    best = optimize.minimize_scalar(minus, bounds=(0, 50), method="bounded", options={"xatol": 1e-10}).x
    return optimize.brentq(slope, best * 0.9, best * 1.1, xtol=1e-15) if minus(best) < minus(0) else 0.0


def paule_mandel(y, v):
    def excess(t):
        w = 1 / (v + t)
        return (w * (y - (w * y).sum() / w.sum()) ** 2).sum() - (len(y) - 1)

    return optimize.brentq(excess, 0, 1e3, xtol=1e-15) if excess(0) > 0 else 0.0


def units_agree_with_statsmodels():
    for k in (3, 6, 12):
        v = rng.uniform(0.05, 0.4, k)
        y = rng.normal(1, 1.5, k) + rng.normal(0, np.sqrt(v))
        for method in (0, 1):
            mean, u, low, high, tau2, q, p, i2, next_low, next_high = ask("unit_effect", [0.95, method], y, v)
            theirs = combine_effects(y, v, method_re="iterated", use_t=True)
            near([q, i2, p], [theirs.q, max(0, theirs.i2), stats.chi2.sf(theirs.q, k - 1)])
            if method == 1:
                near(tau2, paule_mandel(y, v))
                near(tau2, theirs.tau2, 1e-4)  # iterates to 1e-5
            else:
                near(tau2, reml(y, v), 1e-8)
            w = 1 / (v + tau2)
            m = (w * y).sum() / w.sum()
            se = np.sqrt(max(1, (w * (y - m) ** 2).sum() / (k - 1)) / w.sum())
            near([mean, u], [m, se])
            near([low, high], around(0.95, k - 1, m, se))
            near([next_low, next_high], around(0.95, k - 2, m, np.sqrt(tau2 + se * se)))
            if method == 1 and (w * (y - m) ** 2).sum() >= k - 1:
                near(u, theirs.sd_eff_w_re_hksj, 1e-4)


def two_one_sided_tests_agree_with_statsmodels():
    for n in (5, 14, 27):
        d = rng.normal(0.002, 0.01, n)
        low, high, below, above, _ = ask("equivalence", ["days", 0.01, 0.05], d)
        t = (d.mean() + 0.01) / stats.sem(d), (d.mean() - 0.01) / stats.sem(d)
        near([below, above], [stats.t.sf(t[0], n - 1), stats.t.cdf(t[1], n - 1)])
        near(below, stats.ttest_1samp(d, -0.01, alternative="greater").pvalue)
        near(above, stats.ttest_1samp(d, 0.01, alternative="less").pvalue)
        near([low, high], around(0.9, n - 1, d.mean(), stats.sem(d)))


def over_chi(f, dof):
    """Mean of f(s), s the standard deviation that dof degrees of freedom show of 1. (SciPy's own noncentral t is nan in far tails.)"""
    def density(s):
        return f(s) * stats.chi.pdf(s * np.sqrt(dof), dof) * np.sqrt(dof)

    return sum(integrate.quad(density, a, b, epsabs=1e-14, epsrel=1e-13, limit=500)[0] for a, b in ((0, 1), (1, 1 + 20 / np.sqrt(dof))))


def powers_are_integrals_over_the_noncentral_distributions():
    for shift, u, dof, margin, alpha in ((0.002, 0.003, 6, 0.01, 0.05), (0, 0.05, 1, 0.5, 0.05), (0.015, 0.002, 12, 0.01, 0.05),
                                         (-0.004, 0.0025, 200, 0.01, 0.025), (0.012, 0.004, 2, 0.01, 0.1)):
        t = student(1 - alpha, dof)

        def shown(s):
            inside = margin - t * u * s
            p = stats.norm.cdf((inside - shift) / u) - stats.norm.cdf((-inside - shift) / u)
            return p * stats.chi.pdf(s * np.sqrt(dof), dof) * np.sqrt(dof)

        most = margin / (t * u)
        middle = min(1, most / 2)
        want = sum(integrate.quad(shown, a, b, epsabs=1e-14, epsrel=1e-13, limit=500)[0]
                   for a, b in ((0, middle), (middle, min(most, 1 + 20 / np.sqrt(dof)))) if b > a)
        # outside: one noncentral t for either side
        above, below = (shift - margin) / u, (shift + margin) / u
        worse = over_chi(lambda s: stats.norm.sf(t * s - above) + stats.norm.cdf(-t * s - below), dof)
        got = ask("equivalence", ["power", shift, u, dof, margin, alpha])
        near(got[0], want, 1e-9)
        assert abs(got[1] - worse) < 1e-8, f"{got[1]} is not {worse}"


def adjusted_chances_agree_with_statsmodels():
    p = rng.uniform(0, 0.1, 12)
    near(ask("equivalence", ["holm"], p), multipletests(p, method="holm")[1])


def mover(A, B, s, N, bias, bias_u, sd):
    z = stats.norm.ppf(0.975)

    def off(p):
        a = A * (1 - (s - 1) / stats.chi2.ppf(p, s - 1))
        b = B * (1 - (N - s) / stats.chi2.ppf(p, N - s)) if N > s else 0
        return np.sqrt(a * a + b * b)

    lower = np.sqrt(max(0, sd * sd - off(0.975)))
    upper = np.sqrt(sd * sd + off(0.025))
    inward = np.sqrt((z * bias_u) ** 2 + (z * (sd - lower)) ** 2)
    outward = np.sqrt((z * bias_u) ** 2 + (z * (upper - sd)) ** 2)
    low, high = bias - z * sd, bias + z * sd
    return [bias, bias_u, sd, low, high, low - outward, low + inward, high - inward, high + outward]


def limits_of_agreement_lie_where_their_variances_say():
    subject = np.repeat(np.arange(8), rng.integers(2, 7, 8))
    d = rng.normal(0, 1, 8)[subject] + rng.normal(0.5, 0.6, len(subject))
    groups = [d[subject == i] for i in range(8)]
    m, means, N, s = np.array([len(g) for g in groups]), np.array([g.mean() for g in groups]), len(d), 8
    MSw = sum(((g - g.mean()) ** 2).sum() for g in groups) / (N - s)
    MSb = (m * (means - d.mean()) ** 2).sum() / (s - 1)
    m0, mh = (N - (m * m).sum() / N) / (s - 1), s / (1 / m).sum()
    between = max(0, (MSb - MSw) / m0)
    want = mover(MSb / m0, (1 - 1 / m0) * MSw, s, N, d.mean(), np.sqrt(between * (m * m).sum() / N**2 + MSw / N),
                 np.sqrt(between + MSw))
    A, B = means.var(ddof=1), (1 - 1 / mh) * MSw
    want += mover(A, B, s, N, means.mean(), np.sqrt(A / s), np.sqrt(A + B))
    near(ask("agreement", ["limits"], d, subject), want)


checks = [resampled_days_are_those_of_a_second_implementation, correlations_agree_with_statsmodels,
          correlations_with_gaps_are_those_of_pairs, the_long_run_variance_is_the_hac_of_a_constant,
          tolerance_factors_solve_the_integral, units_agree_with_statsmodels, two_one_sided_tests_agree_with_statsmodels,
          powers_are_integrals_over_the_noncentral_distributions, adjusted_chances_agree_with_statsmodels,
          limits_of_agreement_lie_where_their_variances_say]
print(f"1..{len(checks)}")
failed = 0
for number, check in enumerate(checks, 1):
    try:
        check()
        print(f"ok {number} - {check.__name__}")
    except AssertionError as error:
        failed = 1
        print(f"not ok {number} - {check.__name__} {error}")
sys.exit(failed)
