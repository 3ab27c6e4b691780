"""Is it a power law? The same likelihood for other shapes, and for no structure at all."""

from dataclasses import dataclass

import numpy as np

from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.exponent.finite_sample import (
    FiniteSampleFit,
    dimension,
    first_guess,
    problem_of,
)
from eigenscale.spectra.exponent.likelihood import JITTER, Fitted, Problem, fit_shape
from eigenscale.spectra.exponent.populations import BROKEN, ISOTROPIC, POWER_LAW, STRETCHED, Shape

_NEAR = 4.0  # difference of BIC within which the simplest explanation, noise, is kept
_CLEAR = 6.0  # difference of BIC that decides (Kass and Raftery 1995: strong evidence)


@dataclass(frozen=True)
class ShapeFit:
    """How well a shape fits.

    Attributes
    ----------
    name : str
        "power law", "stretched exponential", "broken power law" or "isotropic".
    bic : float
        -2 log likelihood plus the cost of its parameters; lower is better.
    p_value : float
        Probability of a worse fit by sampling alone.
    parameters : dict
        Fitted values by name.
    """

    name: str
    bic: float
    p_value: float
    parameters: dict[str, float]


@dataclass(frozen=True)
class Verdict:
    """What the comparison says.

    Attributes
    ----------
    power_law : bool
        Whether a power law is the best of the shapes and is not refused.
    sentence : str
        The same as a sentence.
    shapes : tuple of ShapeFit
        Best first.
    """

    power_law: bool
    sentence: str
    shapes: tuple[ShapeFit, ...]


def compare_shapes(spectrum: Diagonalised, fit: FiniteSampleFit) -> Verdict:
    """Compare `fit` with a stretched exponential, a broken power law and isotropic noise.

    All see the same statistics of the same ranks, with the inputs as latent features and with
    the structure of the power law, whichever is likelier. Isotropic Gaussian data of the same
    size is the null hypothesis.
    """
    problem = problem_of(spectrum, fit.ranks)
    cost = float(np.log(max(fit.freedom + 2, 2.0)))
    theta = np.array([fit.alpha.value, np.log(fit.scale)])
    own = (fit.n_features, fit.latent_dim.value)
    reference = fit_shape(problem, POWER_LAW, theta, *own)
    power = _weighed(POWER_LAW, reference, problem, reference, cost)
    others = []
    for shape in (STRETCHED, BROKEN, ISOTROPIC):
        guess = first_guess(spectrum, fit.ranks, shape, 0.6)
        tries = [
            _weighed(shape, fit_shape(problem, shape, guess, *size), problem, reference, cost)
            for size in {(np.inf, float(dimension(spectrum))), own}
        ]
        others.append(min(tries, key=lambda s: s.bic))
    shapes = tuple(sorted((power, *others), key=lambda s: s.bic))
    return Verdict(*_conclude(power, shapes, fit), shapes)


def _weighed(
    shape: Shape, fit: Fitted, problem: Problem, reference: Fitted, cost: float
) -> ShapeFit:
    from scipy.stats import chi2

    return ShapeFit(
        shape.name,
        _deviance(fit, problem, reference) + len(shape.parameters) * cost,
        float(chi2.sf(fit.chi_square, max(fit.freedom, 1.0))),
        dict(zip(shape.parameters, fit.theta.tolist(), strict=True)),
    )


def _deviance(fit: Fitted, problem: Problem, reference: Fitted) -> float:
    """-2 log likelihood with the jitter of one `reference` for all shapes.

    Statistics have fewer directions than there are of them; in the others only the jitter is seen,
    and a shape whose own variances, and so its jitter, are smaller would win there for nothing.
    """
    own, common = (np.sum(f.factor**2, axis=1) * JITTER / (1 + JITTER) for f in (fit, reference))
    covariance = fit.factor @ fit.factor.T + np.diag(common - own)
    factor = np.linalg.cholesky(covariance)
    white = np.linalg.solve(factor, problem.values - fit.mean)
    return float(white @ white + 2 * np.log(np.diagonal(factor)).sum())


def _conclude(
    power: ShapeFit, shapes: tuple[ShapeFit, ...], fit: FiniteSampleFit
) -> tuple[bool, str]:
    best = shapes[0]
    where = f"ranks {fit.ranks[0]} to {fit.ranks[1]}"
    noise = next(s for s in shapes if s.name == "isotropic")
    if noise.bic - best.bic < _NEAR and noise.p_value > 0.01:
        return False, f"no structure: isotropic noise explains {where} as well as a power law"
    if best is not power and power.bic - best.bic > _CLEAR:
        return False, f"not a power law: a {best.name} is far likelier over {where}"
    if fit.p_value < 0.01:
        return False, (
            f"not a power law of Gaussian data over {where} (p = {fit.p_value:.1g}), though no "
            "shape compared is clearly better"
        )
    if best is not power:
        return True, f"a power law fits {where}; a {best.name} fits them as well"
    return True, f"a power law fits {where} and is the likeliest shape compared"
