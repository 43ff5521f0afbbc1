"""Holds lines, agreement and t-tests (tests/analytics/test_method_comparison as a calculator) against scipy, statsmodels
and pandas."""
import subprocess
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import odr, stats
from statsmodels.formula.api import ols

calculator = sys.argv[1]
rng = np.random.default_rng(20230601)


def ask(a, b, *words):
    text = "\n".join(f"{float(x)!r} {float(y)!r}" for x, y in zip(a, b))
    out = subprocess.run([calculator, *words], input=text, text=True, capture_output=True, check=True).stdout
    return [float(w) for w in out.split()]


def meters(n=18):
    true = np.repeat(np.linspace(200, 1200, 6), n // 6)
    return true + rng.normal(0, 4, n), 3 + 1.01 * true + rng.normal(0, 6, n)


def near(a, b, tolerance=1e-8):
    assert np.allclose(a, b, rtol=tolerance, atol=tolerance), f"{a} is not {b}"


def ordinary_line_agrees_with_statsmodels():
    x, y = meters()
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    slope, us, intercept, ui, sd, p_slope, p_intercept = ask(x, y, "ordinary")
    near([slope, us, intercept, ui, sd], [fit.params[1], fit.bse[1], fit.params[0], fit.bse[0], np.sqrt(fit.mse_resid)])
    near([p_intercept, p_slope], [fit.pvalues[0], float(fit.t_test("x1 = 1").pvalue)], 1e-7)


def deming_line_agrees_with_orthogonal_distance_regression():
    for ratio in (0.25, 1.0, 4.0):
        x, y = meters()
        model = odr.ODR(odr.RealData(x, y, sx=1.0, sy=np.sqrt(ratio)), odr.Model(lambda b, t: b[0] + b[1] * t), beta0=[0, 1],
                        sstol=1e-15, partol=1e-15, maxit=500)
        best = model.run().beta
        slope, _, intercept, *_ = ask(x, y, "deming", repr(ratio))
        near([slope], [best[1]], 1e-6)
        near([intercept], [best[0]], 1e-3)


def line(x, y, c):
    sxx, syy, sxy = np.var(x), np.var(y), np.cov(x, y, bias=True)[0, 1]
    d = syy - c * sxx
    slope = (d + np.sqrt(d * d + 4 * c * sxy * sxy)) / (2 * sxy)
    return np.array([slope, y.mean() - slope * x.mean()])


def deming_intervals_are_the_jackknife():
    x, y = meters(24)
    n, whole = len(x), line(x, y, 2.0)
    pseudo = np.array([n * whole - (n - 1) * line(np.delete(x, i), np.delete(y, i), 2.0) for i in range(n)])
    slope, us, intercept, ui, *_ = ask(x, y, "deming", "2")
    near([slope, intercept], whole)
    near([us, ui], pseudo.std(axis=0, ddof=1) / np.sqrt(n), 1e-6)


def deming_by_blocks_is_the_jackknife_of_unequal_blocks():
    x, y = meters(36)
    n, whole, block = len(x), line(x, y, 0.5), np.arange(36) ** 2 % 11
    sizes = [(block == j).sum() for j in np.unique(block)]
    h = n / np.array(sizes)[:, None]
    without = np.array([line(x[block != j], y[block != j], 0.5) for j in np.unique(block)])
    g = len(h)
    about = g * whole - ((1 - 1 / h) * without).sum(axis=0)
    variance = (((h * whole - (h - 1) * without) - about) ** 2 / (h - 1)).mean(axis=0)
    slope, us, intercept, ui, *_ = ask(x, y, "blocks", "0.5", "11")
    near([slope, intercept], whole)
    near([us, ui], np.sqrt(variance))


def agreement_with_repeats_agrees_with_an_analysis_of_variance():
    for balanced in (True, False):
        subjects = np.repeat(np.arange(8), 3 if balanced else rng.integers(2, 6, 8))
        d = rng.normal(0, 3, 8)[subjects] + rng.normal(1, 2, len(subjects))
        frame = pd.DataFrame({"d": d, "s": subjects})
        table = sm.stats.anova_lm(ols("d ~ C(s)", frame).fit())
        msb, msw = table["mean_sq"].iloc[0], table["mean_sq"].iloc[1]
        m = frame.groupby("s").size().to_numpy()
        N = m.sum()
        m0 = (N * N - (m * m).sum()) / ((len(m) - 1) * N)
        between = max(0, (msb - msw) / m0)
        sd = np.sqrt(between + msw)
        u = np.sqrt(between * (m * m).sum() / N**2 + msw / N)
        near(ask(d, subjects, "agreement"),
             [d.mean(), np.sqrt(msw), np.sqrt(between), sd, d.mean() - stats.norm.ppf(0.975) * sd,
              d.mean() + stats.norm.ppf(0.975) * sd, u])


def t_tests_agree_with_scipy():
    a, b = rng.normal(500, 3, 9), rng.normal(502, 4, 9)
    paired, pooled = stats.ttest_rel(b, a), stats.ttest_ind(a, b, equal_var=True)
    near(ask(a, b, "paired"), [paired.statistic, paired.pvalue])
    near(ask(a, b, "pooled"), [pooled.statistic, pooled.pvalue])


checks = [ordinary_line_agrees_with_statsmodels, deming_line_agrees_with_orthogonal_distance_regression,
          deming_intervals_are_the_jackknife, deming_by_blocks_is_the_jackknife_of_unequal_blocks,
          agreement_with_repeats_agrees_with_an_analysis_of_variance, t_tests_agree_with_scipy]
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
