"""Laws whose compute-optimal point has a closed form: one term in size, one in data.

    L(N, D) = E + (A N^-α + B D^-β)^κ

holds Chinchilla (κ = 1), Kaplan's joint law (E = 0, α = α_N/α_D, β = 1, κ = α_D) and Gadre's
(A = a 6^-η, B = b 6^-η, α = β = 2η). At fixed C = k N D the terms balance where
αA N^-α = βB D^-β (Hoffmann et al. 2022, arXiv:2203.15556, equation 4), whatever E and κ are.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats

_TINY = 1e-12  # an exponent or a factor that a bootstrap draw put at zero


class LogOptimum(NamedTuple):
    """Logarithms of the compute-optimal size and data, and the loss there."""

    log_size: Floats
    log_data: Floats
    loss: Floats


@dataclass(frozen=True, eq=False)
class AdditiveLaw:
    """Coefficients of one law, or of many draws of it; all arrays broadcast, shape (draws, 1).

    Attributes
    ----------
    floor : (…)
        E, the loss that no size and no data beat.
    log_a, log_b : (…)
        Logarithms of A and B.
    alpha, beta : (…)
        Exponents of size and of data.
    power : (…)
        κ, the power of the sum.

    Examples
    --------
    The rounded constants of Hoffmann et al. at 1e21 FLOP:

    >>> law = AdditiveLaw.of(floor=1.69, a=406.4, b=410.7, alpha=0.34, beta=0.28)
    >>> best = law.optimum(np.log(1e21 / 6))
    >>> f"{np.exp(best.log_size):.4g} {np.exp(best.log_data):.4g} {best.loss:.5g}"
    '1.824e+09 9.136e+10 2.3289'
    """

    floor: Floats
    log_a: Floats
    alpha: Floats
    log_b: Floats
    beta: Floats
    power: Floats

    @classmethod
    def of(
        cls,
        *,
        floor: ArrayLike,
        a: ArrayLike,
        b: ArrayLike,
        alpha: ArrayLike,
        beta: ArrayLike,
        power: ArrayLike = 1.0,
    ) -> "AdditiveLaw":
        """Build from A and B themselves rather than their logarithms."""
        f64 = np.float64
        return cls(
            np.asarray(floor, f64),
            np.log(np.asarray(a, f64)),
            np.asarray(alpha, f64),
            np.log(np.asarray(b, f64)),
            np.asarray(beta, f64),
            np.asarray(power, f64),
        )

    def transposed(self) -> "AdditiveLaw":
        """Draws along the last axis, so that (n, 1) budgets meet (draws,) coefficients."""
        return AdditiveLaw(*(getattr(self, field.name).ravel() for field in fields(self)))

    def loss(self, size: ArrayLike, data: ArrayLike) -> Floats:
        """Give the loss; coefficients and arguments broadcast."""
        return self.loss_of_logs(np.log(np.asarray(size)), np.log(np.asarray(data)))

    def loss_of_logs(self, log_size: Floats, log_data: Floats) -> Floats:
        """Give the loss from the logarithms of size and data."""
        inner = np.exp(self.log_a - self.alpha * log_size)
        inner = inner + np.exp(self.log_b - self.beta * log_data)
        reducible = inner if np.all(self.power == 1.0) else inner**self.power
        return np.asarray(self.floor + reducible)

    def optimum(self, log_product: ArrayLike) -> LogOptimum:
        """Split a budget best, given ``log_product`` = log(N D) = log(C / 6).

        The reducible loss at the optimum is ``(A N*^-α (1 + α/β))^κ``, a power of C.
        """
        product = np.asarray(log_product, dtype=np.float64)
        total = self.alpha + self.beta
        offset = (self.log_a - self.log_b + np.log(self.alpha / self.beta)) / total
        log_size = offset + self.beta / total * product
        prefactor = np.log1p(self.alpha / self.beta) + self.log_a - self.alpha * offset
        slope = self.alpha * self.beta / total
        reducible = np.exp(self.power * prefactor - self.power * slope * product)
        return LogOptimum(log_size, product - log_size, self.floor + reducible)

    def product_for(self, loss: ArrayLike) -> Floats:
        """Invert the frontier: log(N D) whose best split reaches `loss`, inf below the floor."""
        total = self.alpha + self.beta
        offset = (self.log_a - self.log_b + np.log(self.alpha / self.beta)) / total
        prefactor = np.log1p(self.alpha / self.beta) + self.log_a - self.alpha * offset
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.log(np.asarray(loss, dtype=np.float64) - self.floor) / self.power
        product = (prefactor - needed) * total / (self.alpha * self.beta)
        return np.where(np.isnan(product), np.inf, product)


def additive(law: str, theta: ArrayLike) -> AdditiveLaw | None:
    """Find the closed form of a law by name, with parameters in the order of the law.

    Parameters
    ----------
    law : str
    theta : (…, p)
        Leading axes are draws.

    Returns
    -------
    AdditiveLaw or None
        None where the law has no closed form over size and data.
    """
    columns = np.maximum(np.moveaxis(np.asarray(theta, dtype=np.float64), -1, 0), _TINY)
    if law == "chinchilla":
        E, A, B, alpha, beta = columns
        return AdditiveLaw.of(floor=E, a=A, b=B, alpha=alpha, beta=beta)
    if law == "data-constrained":  # as long as every token is fresh
        E, A, B, alpha, beta = columns[:5]
        return AdditiveLaw.of(floor=E, a=A, b=B, alpha=alpha, beta=beta)
    if law == "chinchilla-tied":
        E, A, B, alpha = columns
        return AdditiveLaw.of(floor=E, a=A, b=B, alpha=alpha, beta=alpha)
    if law == "over-training":  # Gadre's, with C = 6 N D
        E, a, b, eta = columns
        return AdditiveLaw.of(floor=E, a=a * 6**-eta, b=b * 6**-eta, alpha=2 * eta, beta=2 * eta)
    if law == "kaplan":
        N_c, D_c, alpha_N, alpha_D = columns
        ratio = alpha_N / alpha_D
        one, none = np.ones_like(ratio), np.zeros_like(ratio)
        return AdditiveLaw(none, ratio * np.log(N_c), ratio, np.log(D_c), one, alpha_D)
    return None
