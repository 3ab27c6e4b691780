"""How others fit L = E + A/N^alpha + B/D^beta: each procedure as its authors run it.

Every function takes arrays N, D and loss and returns (E, A, B, alpha, beta).
"""

import contextlib
import io
import tempfile
from itertools import product

import numpy as np
from scipy.optimize import curve_fit, least_squares, minimize

HOFFMANN = np.array([1.69, 406.4, 410.7, 0.34, 0.28])


def predict(theta, size, data):
    E, A, B, alpha, beta = theta
    return E + A / size**alpha + B / data**beta


def log_huber(theta, size, data, loss, delta=1e-3):
    """The objective of Hoffmann et al., summed over runs."""
    r = np.abs(np.log(predict(theta, size, data)) - np.log(loss))
    return float(np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).sum())


def scipy_least_squares(size, data, loss, start=HOFFMANN):
    """SciPy's least_squares from one start, Huber on log residuals, analytic Jacobian."""
    log_n, log_d, log_loss = np.log(size), np.log(data), np.log(loss)

    def terms(x):
        return np.exp(x[1] - x[3] * log_n), np.exp(x[2] - x[4] * log_d)

    def residual(x):
        a, b = terms(x)
        return np.log(np.exp(x[0]) + a + b) - log_loss

    def jacobian(x):
        a, b = terms(x)
        e = np.full_like(a, np.exp(x[0]))
        return np.stack([e, a, b, -a * log_n, -b * log_d], axis=1) / (e + a + b)[:, None]

    x0 = [*np.log(start[:3]), *start[3:]]
    x = least_squares(residual, x0, jacobian, loss="huber", f_scale=1e-3, x_scale="jac",
                      xtol=1e-12, ftol=1e-12, gtol=1e-12, max_nfev=2000).x  # fmt: skip
    return np.array([*np.exp(x[:3]), *x[3:]])


def migrad(size, data, loss, rise=None):
    """iminuit's MIGRAD on the same objective from Hoffmann's values, A and B as logarithms.

    With `rise` the objective is scaled so that its rise is chi-squared distributed.
    """
    from iminuit import Minuit

    log_n, log_d, log_loss = np.log(size), np.log(data), np.log(loss)
    scale = 1.0 if rise is None else 2 / rise

    def cost(E, a, b, alpha, beta):
        r = np.abs(np.log(E + np.exp(a - alpha * log_n) + np.exp(b - beta * log_d)) - log_loss)
        return scale * float(np.where(r <= 1e-3, r**2 / 2, 1e-3 * (r - 5e-4)).sum())

    minuit = Minuit(cost, HOFFMANN[0], *np.log(HOFFMANN[1:3]), *HOFFMANN[3:])
    minuit.strategy = 2
    minuit.errordef = 1.0 if rise is not None else cost(*minuit.values) / 100
    minuit.tol = 1e-9 if rise is None else 1e-4
    for _ in range(5):
        minuit.migrad(ncall=50_000)
    return minuit


def minos(size, data, loss, rises, level=0.9):
    """MINOS ends (5, 2) of E, A, B, alpha, beta; one `rise` for each of them."""
    ends = []
    for name, rise in zip(("E", "a", "b", "alpha", "beta"), rises, strict=True):
        minuit = migrad(size, data, loss, rise)
        minuit.minos(name, cl=level)
        centre, error = minuit.values[name], minuit.merrors[name]
        both = np.array([centre + error.lower, centre + error.upper])
        ends.append(np.exp(both) if name in {"a", "b"} else both)
    return np.array(ends)


def replication(size, data, loss, starts=100):
    """Besiroglu et al.'s notebook: L-BFGS-B on log-sum-exp from Hoffmann's grid of starts.

    Their grid has 4,500 starts; an even sample of `starts` of them is taken here.
    """
    log_n, log_d, log_loss = np.log(size), np.log(data), np.log(loss)

    def objective(x):
        parts = np.stack([x[0] - x[3] * log_n, x[1] - x[4] * log_d, np.full_like(log_n, x[2])])
        r = np.abs(np.logaddexp.reduce(parts, axis=0) - log_loss)
        return np.where(r <= 1e-3, r**2 / 2, 1e-3 * (r - 5e-4)).sum()

    grid = list(product(range(0, 30, 5), range(0, 30, 5), np.arange(-1, 1.5, 0.5),
                        np.arange(0, 2.5, 0.5), np.arange(0, 2.5, 0.5)))  # fmt: skip
    ends = []
    for k in np.linspace(0, len(grid) - 1, starts).astype(int):
        a, b, e, alpha, beta = grid[k]
        with np.errstate(all="ignore"):
            ends.append(minimize(objective, [a, b, e, alpha, beta], method="L-BFGS-B"))
    best = min((end for end in ends if np.isfinite(end.fun)), key=lambda end: end.fun).x
    return np.array([np.exp(best[2]), np.exp(best[0]), np.exp(best[1]), best[3], best[4]])


def variable_projection(size, data, loss, step=0.01):
    """Two-dimensional search over exponents, the linear rest by least squares (as in vpnls)."""
    best = (np.inf, HOFFMANN)
    for alpha in np.arange(0.05, 0.951, step):
        for beta in np.arange(0.05, 0.951, step):
            basis = np.stack([np.ones_like(size), size**-alpha, data**-beta], axis=1)
            scale = np.linalg.norm(basis, axis=0)
            found, *_ = np.linalg.lstsq(basis / scale, loss, rcond=None)
            if (found < 0).any():
                continue
            cost = float(np.sum((basis @ (found / scale) - loss) ** 2))
            if cost < best[0]:
                best = (cost, np.array([*(found / scale), alpha, beta]))
    return best[1]


def package(size, data, loss, loss_fn="default"):
    """The package `chinchilla` 0.2.0 from 3^5 starts, with its default or the paper's loss."""
    import chinchilla
    import pandas as pd
    from chinchilla._metrics import asymmetric_mae
    from chinchilla._metrics import log_huber as package_huber

    def huber(y_true, y_pred):
        return package_huber(y_true, y_pred, delta=1e-3)

    grid = {
        "e": np.linspace(0, 1, 3),
        "a": np.linspace(2, 9, 3),
        "b": np.linspace(2, 9, 3),
        "alpha": np.linspace(0.2, 0.6, 3),
        "beta": np.linspace(0.2, 0.6, 3),
    }
    chosen = asymmetric_mae if loss_fn == "default" else huber
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        model = chinchilla.Chinchilla(folder, param_grid=grid, loss_fn=chosen, log_level=100)
        model.visualizer.optim = lambda *_, **__: None
        flops = 6 * size * data
        model.database.df = pd.DataFrame({"C": flops, "N": size, "D": data, "loss": loss})
        with np.errstate(all="ignore"):
            model.fit(parallel=True)
        return np.array([model.E, model.A, model.B, model.alpha, model.beta], dtype=float)


def power_curve_fit(x, loss):
    """SciPy's curve_fit of E + A/x^alpha from one start; returns a function of x."""
    unit = np.exp(np.log(x).mean())
    start = [loss.min() * 0.8, loss.mean() - loss.min() * 0.8, 0.3]
    with np.errstate(all="ignore"):
        found, _ = curve_fit(lambda x, E, A, a: E + A * x**-a, x / unit, loss, start, maxfev=20_000)
    return lambda z: found[0] + found[1] * (z / unit) ** -found[2]


def straight_line(x, loss):
    """A straight line on log-log axes: a power law without a floor."""
    slope, level = np.polyfit(np.log(x), np.log(loss), 1)
    return lambda z: np.exp(level + slope * np.log(z))
