"""Compares ARX, moving means and the constancy test of tests/analytics/test_models with numpy and statsmodels."""
import subprocess
import sys

import numpy as np
import statsmodels.api as sm
from statsmodels.stats.oneway import anova_generic

calculator = sys.argv[1]
rng = np.random.default_rng(20240117)


def ask(rows, *words):
    text = "\n".join(" ".join(repr(float(v)) for v in row) for row in rows)
    out = subprocess.run([calculator, *words], input=text, text=True, capture_output=True, check=True).stdout
    return [float(w) for w in out.split()]


def recording(n):
    """Filtered noise and the answer of a slower system than the model has, with noise and a digit."""
    u, y, level, state = [], [], 475.0, 20.0
    for _ in range(n):
        level += 0.28 * (rng.uniform(100, 850) - level)
        state += 0.3 * (45 - 0.05 * (u[-3] if len(u) > 3 else 475) - state)
        u.append(round(level))
        y.append(round(state + rng.normal(0, 0.3), 1))
    return np.array(u, float), np.array(y)


def reference(u, y):
    """numpy.linalg.lstsq over the rows whose two predecessors are all there, and the free run by hand."""
    whole = [k for k in range(2, len(y)) if np.isfinite([y[k], y[k - 1], y[k - 2], u[k - 1], u[k - 2]]).all()]
    X = np.array([[u[k - 1], u[k - 2], y[k - 1], y[k - 2], 1] for k in whole])
    target = y[whole]
    c, _, rank, _ = np.linalg.lstsq(X, target, rcond=None)
    assert rank == 5
    e = target - X @ c
    s2 = e @ e / (len(target) - 5)
    se = np.sqrt(np.diag(s2 * np.linalg.inv(X.T @ X)))
    run = y.copy()
    for k in whole:
        run[k] = c @ [u[k - 1], u[k - 2], run[k - 1], run[k - 2], 1]
    d = target - run[whole]
    fit = 100 * (1 - np.linalg.norm(d) / np.linalg.norm(target - target.mean()))
    tau = -1 / np.log(max(abs(np.roots([1, -c[2], -c[3]]))))
    gain = (c[0] + c[1]) / (1 - c[2] - c[3])
    return whole, c, se, [np.sqrt(np.mean(e * e)), np.sqrt(np.mean(d * d)), fit, tau, gain]


def compare(u, y):
    got = ask(zip(u, y), "arx")
    whole, c, se, rest = reference(u, y)
    assert got[0] == len(whole)
    assert np.allclose(got[1:11:2], c, rtol=1e-8, atol=1e-10), (got[1:11:2], c)
    assert np.allclose(got[2:11:2], se, rtol=1e-7), (got[2:11:2], se)
    assert np.allclose(got[11:], rest, rtol=1e-7), (got[11:], rest)


def arx_agrees_with_lstsq():
    for n in (120, 480):
        compare(*recording(n))


def arx_with_gaps_agrees_with_lstsq():
    u, y = recording(240)
    y[[50, 120, 122]] = np.nan
    u[200] = np.nan
    compare(u, y)


def moving_means_agree_with_the_matrices():
    u, y = recording(120)
    for w in (1, 5, 20):
        a, b = np.convolve(u, np.ones(w) / w, "valid"), np.convolve(y, np.ones(w) / w, "valid")
        n = len(a)
        X, i = np.column_stack([np.ones(n), a]), np.arange(n)
        R = np.maximum(0, 1 - abs(i[:, None] - i) / w)
        A = np.linalg.inv(X.T @ X)
        M = np.eye(n) - X @ A @ X.T
        c = A @ X.T @ b
        s2 = np.sum((b - X @ c) ** 2) / np.trace(M @ R)
        se = np.sqrt(np.diag(s2 * A @ X.T @ R @ X @ A))
        dof = np.trace(M @ R) ** 2 / np.trace(M @ R @ M @ R)
        got = ask(zip(a, b), "moving", str(w))
        assert np.allclose(got, [*c, *se, np.sqrt(s2), dof], rtol=1e-6), (got, c, se, s2, dof)
        if w == 1:  # without overlap it is ordinary least squares
            assert np.allclose(got[2:4], sm.OLS(b, X).fit().bse, rtol=1e-7)


def constancy_agrees_with_welchs_anova():
    n = np.array([15, 12, 20, 8, 30])
    samples = [rng.normal(0.68 + 0.01 * i, 0.02 * (1 + i), k) for i, k in enumerate(n)]
    means, variances = np.array([s.mean() for s in samples]), np.array([s.var(ddof=1) for s in samples])
    want = anova_generic(means, variances, n, use_var="unequal", welch_correction=True)
    got = ask(zip(means, np.sqrt(variances / n), n - 1), "constancy")
    assert np.allclose(got, [want.statistic, *want.df, want.pvalue], rtol=1e-9), (got, want)


checks = [arx_agrees_with_lstsq, arx_with_gaps_agrees_with_lstsq, moving_means_agree_with_the_matrices,
          constancy_agrees_with_welchs_anova]
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
