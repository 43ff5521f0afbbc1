"""Compares the fits of tests/analytics/test_regress (used as a calculator) with statsmodels, scikit-learn and scipy."""
import subprocess
import sys

import numpy as np
import statsmodels.api as sm
from scipy.optimize import lsq_linear, nnls
from sklearn.linear_model import Lasso, Ridge
from statsmodels.robust.scale import mad

calculator = sys.argv[1]
rng = np.random.default_rng(20240611)


class Fit:
    def __init__(self, group, y, X, method, lam=float("nan"), lag=0, roles=None):
        """Columns of X but the constant; `roles` of all columns, the constant first unless said otherwise."""
        roles = roles or "c" + "f" * X.shape[1]
        text = "\n".join(f"{g} {v!r} " + " ".join(map(repr, row)) for g, v, row in zip(group.tolist(), y.tolist(), X.tolist()))
        out = subprocess.run([calculator, method, repr(lam), str(lag), roles], input=text, text=True, capture_output=True, check=True)
        first, second = out.stdout.strip().split("\n")
        self.sd, self.lam, self.scale = map(float, first.split())
        numbers, p = np.array(second.split(), float), len(roles)
        self.b, self.covariance = numbers[:p], numbers[p:].reshape(p, p)


def heat_pumps(n=900, outliers=0.0):
    """Power, fan, a heater, and a useless column; noise with memory; six heat pumps with an offset each."""
    group = np.sort(rng.integers(0, 6, n))
    power = rng.uniform(0, 2000, n)
    X = np.column_stack([power, 300 + 0.2 * power + rng.normal(0, 80, n), rng.random(n) < 0.2, rng.normal(0, 1, n)]).astype(float)
    noise = rng.normal(0, 15, n)
    for i in range(1, n):
        noise[i] += 0.5 * noise[i - 1]
    y = 5 + X @ [1.1, -0.05, 150, 0] + noise + rng.normal(0, 8, 6)[group]
    y[rng.random(n) < outliers] += 900
    return group, y, X


def close(got, want, rtol=1e-9):
    assert np.allclose(got, want, rtol=rtol, atol=0), (got, want)


def ols_and_hac_agree_with_statsmodels():
    group, y, X = heat_pumps()
    model = sm.OLS(y, sm.add_constant(X))
    one = np.zeros_like(group)
    for lag in (0, 1, 7, 30):
        want = model.fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False})
        got = Fit(one, y, X, "ols", lag=lag)
        close(got.b, want.params)
        close(got.sd, np.sqrt(want.mse_resid))
        assert np.allclose(got.covariance, want.cov_params(), rtol=1e-7, atol=1e-9 * np.abs(want.cov_params()).max())
        close(np.sqrt(np.diag(got.covariance)), want.bse)


def breaks_between_heat_pumps_agree_with_statsmodels():
    group, y, X = heat_pumps()
    model = sm.OLS(y, sm.add_constant(X))
    for lag in (1, 12):
        want = model.fit(cov_type="hac-panel", cov_kwds={"groups": group, "maxlags": lag, "use_correction": False, "df_correction": False})
        close(np.sqrt(np.diag(Fit(group, y, X, "ols", lag=lag).covariance)), want.bse)


def standard(X):
    return (X - X.mean(0)) / X.std(0)


def by_sklearn(method, X, y, lam):
    """Coefficients in the columns' own units, the constant first."""
    model = Ridge(alpha=lam * len(y), tol=1e-14) if method == "ridge" else Lasso(alpha=lam, tol=1e-14, max_iter=1000000)
    model.fit(standard(X), y)
    b = model.coef_ / X.std(0)
    return np.append(model.intercept_ - X.mean(0) @ b, b)


def penalties_agree_with_sklearn():
    group, y, X = heat_pumps()
    for method, lambdas in (("ridge", (1e-6, 1e-3, 0.1, 10)), ("lasso", (1e-3, 0.5, 5, 100, 500))):
        for lam in lambdas:
            got = Fit(group, y, X, method, lam)
            want = by_sklearn(method, X, y, lam)
            assert np.allclose(got.b, want, rtol=1e-8, atol=1e-10), (method, lam, got.b, want)
            assert ((got.b == 0) == (want == 0)).all()


def the_lambda_chosen_is_the_best_of_a_hundred_by_sklearn():
    group, y, X = heat_pumps()
    most = np.abs(standard(X).T @ (y - y.mean())).max() / len(y)
    for method, top, decades in (("ridge", 100, 10), ("lasso", most, 5)):
        lambdas = top * 10 ** (-decades * np.arange(100) / 99)
        error = np.zeros(100)
        for g in range(6):
            out = group == g
            for k, lam in enumerate(lambdas):
                b = by_sklearn(method, X[~out], y[~out], lam)
                error[k] += ((y[out] - b[0] - X[out] @ b[1:]) ** 2).sum()
        close(Fit(group, y, X, method).lam, lambdas[error.argmin()])


def robust_fits_agree_with_statsmodels():
    for outliers in (0, 0.05):
        group, y, X = heat_pumps(outliers=outliers)
        D = sm.add_constant(X)
        huber = sm.RLM(y, D, M=sm.robust.norms.HuberT()).fit(tol=1e-12, maxiter=500, conv="coefs")
        got = Fit(group, y, X, "huber")
        close(got.b, huber.params, 1e-7)
        close(got.scale, huber.scale, 1e-8)
        tukey = sm.RLM(y, D, M=sm.robust.norms.TukeyBiweight()).fit(tol=1e-12, maxiter=500, conv="coefs", start_params=huber.params)
        got = Fit(group, y, X, "bisquare")
        close(got.b, tukey.params, 1e-7)
        close(got.scale, tukey.scale, 1e-8)
        close(got.scale, mad(y - D @ got.b, center=0), 1e-9)


def their_covariance_is_the_sandwich():
    """Without memory: (sum psi' x x')^-1 (sum psi^2 x x') (sum psi' x x')^-1 with statsmodels' psi and psi'."""
    group, y, X = heat_pumps(outliers=0.05)
    D = sm.add_constant(X)
    for method, norm in (("huber", sm.robust.norms.HuberT()), ("bisquare", sm.robust.norms.TukeyBiweight())):
        got = Fit(group, y, X, method)
        z = (y - D @ got.b) / got.scale
        bread = np.linalg.inv(D.T @ (norm.psi_deriv(z)[:, None] * D))
        meat = D.T @ ((norm.psi(z) * got.scale)[:, None] ** 2 * D)
        close(np.diag(got.covariance), np.diag(bread @ meat @ bread), 1e-7)


def bounds_agree_with_scipy():
    for _ in range(20):
        group, y, X = heat_pumps(200)
        y = y + X @ (rng.normal(0, 1, 4) * [1, 1, 200, 20])
        D = sm.add_constant(X)
        size = np.linalg.norm(D, axis=0)
        want = nnls(D / size, y)[0] / size
        X_first = np.column_stack([np.ones(len(y)), X])
        assert np.allclose(Fit(group, y, X_first, "nonnegative", roles="bbbbb").b, want, rtol=1e-8, atol=1e-10)
        low = np.array([-np.inf, 0, -np.inf, 0, -np.inf])
        part = lsq_linear(D / size, y, (low, np.inf), method="bvls", tol=1e-14).x / size
        assert np.allclose(Fit(group, y, X, "nonnegative", roles="cbfbf").b, part, rtol=1e-8, atol=1e-9)


def a_fixed_column_is_an_offset_to_sklearn():
    group, y, X = heat_pumps()
    want = by_sklearn("lasso", X[:, 1:], y - 2 * X[:, 0], 3)
    got = Fit(group, y, X, "lasso", 3.0, roles="cxfff").b
    assert got[1] == 2
    assert np.allclose(np.delete(got, 1), want, rtol=1e-8, atol=1e-10)


checks = [ols_and_hac_agree_with_statsmodels, breaks_between_heat_pumps_agree_with_statsmodels, penalties_agree_with_sklearn,
          the_lambda_chosen_is_the_best_of_a_hundred_by_sklearn, robust_fits_agree_with_statsmodels, their_covariance_is_the_sandwich,
          bounds_agree_with_scipy, a_fixed_column_is_an_offset_to_sklearn]
print(f"1..{len(checks)}")
failed = 0
for number, check in enumerate(checks, 1):
    try:
        check()
        print(f"ok {number} - {check.__name__}")
    except AssertionError as error:
        failed = 1
        print(f"not ok {number} - {check.__name__}")
        print(f"# {str(error)[:600]}".replace("\n", "\n# "))
sys.exit(failed)
