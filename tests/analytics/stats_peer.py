"""Compares the numbers of tests/analytics/test_stats (used as a calculator) with scipy and statsmodels."""
import subprocess
import sys

import numpy as np
from scipy import stats
from statsmodels.tsa.stattools import acf

calculator = sys.argv[1]
rng = np.random.default_rng(20230601)


def ask(x, *words):
    out = subprocess.run([calculator, *words], input="\n".join(map(repr, map(float, x))), text=True,
                         capture_output=True, check=True).stdout
    return [float(w) for w in out.split()]


def first_order(n, phi):
    x = np.empty(n)
    x[0] = rng.normal()
    for i in range(1, n):
        x[i] = phi * x[i - 1] + np.sqrt(1 - phi * phi) * rng.normal()
    return x


def effective(x):
    """The stated formula, from statsmodels' autocorrelations."""
    n, r = len(x), acf(x, nlags=len(x) - 1, fft=False)
    least = 0.5 / np.sqrt(n)
    unbiased = np.minimum(0.95, r + (1 + 4 * r) / n)
    weight = 1 - np.arange(n) / n
    if n < 8 or r[1] < least:
        return n
    stop = next((k for k in range(1, n // 2) if r[k] < least), n // 2)
    summed = 1 + 2 * np.sum(weight[1:stop] * unbiased[1:stop])
    modelled = 1 + 2 * np.sum(weight[1:] * unbiased[1] ** np.arange(1, n))
    return max(3, min(n, n / max(summed, modelled)))


def autocorrelation_agrees():
    for n in (9, 30, 300):
        x = first_order(n, 0.6) + 1000
        for lag in (1, 2, 5):
            assert abs(ask(x, "autocorrelation", str(lag))[0] - acf(x, nlags=lag, fft=False)[lag]) < 1e-9


def effective_n_agrees():
    for phi in (0, 0.3, 0.6, 0.9):
        for n in (8, 15, 30, 200):
            x = first_order(n, phi)
            assert abs(ask(x, "describe")[3] / effective(x) - 1) < 1e-9


def mean_and_interval_agree():
    x = rng.normal(500, 3, 7)
    n, mean, sd, n_effective, u, dof = ask(x, "describe")
    low, high = stats.t.interval(0.95, 6, loc=np.mean(x), scale=stats.sem(x))
    assert n_effective == 7 and dof == 6
    assert abs(mean - np.mean(x)) < 1e-9 and abs(sd - np.std(x, ddof=1)) < 1e-9
    assert abs(mean + stats.t.ppf(0.975, dof) * u - high) < 1e-9


def welch_agrees():
    a, b = rng.normal(5, 1, 7), rng.normal(4, 3, 6)
    _, _, _, _, ua, da = ask(a, "describe")
    _, _, _, _, ub, db = ask(b, "describe")
    dof = (ua**2 + ub**2) ** 2 / (ua**4 / da + ub**4 / db)
    t = (np.mean(a) - np.mean(b)) / np.hypot(ua, ub)
    want = stats.ttest_ind(a, b, equal_var=False)
    assert abs(t - want.statistic) < 1e-9
    assert abs(2 * stats.t.sf(abs(t), dof) - want.pvalue) < 1e-9


checks = [autocorrelation_agrees, effective_n_agrees, mean_and_interval_agree, welch_agrees]
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
