"""What a law of the curve is: a floor, a power of the exposure, and what changes of the rate do.

All laws here have one shape. With η(k) the rate of step k, S₁(t) the sum of the rates to step t
and x(t) either S₁(t) or t itself,

    L(t) = L0 + A x(t)^-alpha − Σ_{k ≤ t} (η(k−1) − η(k)) K(t, k),

where the kernel K of a law says how much loss a unit of rate that was taken away at step k has
brought down by step t.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.exposure import Exposure

Kernel = Callable[[Floats, Exposure], tuple[Floats, Floats]]
"""(parameters of the kernel, exposure) → the sum over changes (n,), and its derivatives (p, n) by
those parameters: by their logarithm where they are fitted so."""


@dataclass(frozen=True)
class CurveParameter:
    """One parameter of a kernel.

    Attributes
    ----------
    name, meaning : str
    log : bool
        Whether it is positive and fitted by its logarithm.
    low, high : float
        Bounds, where it is not.
    typical, spread : float
        Centre and standard deviation of a weak prior, in the scaled form below (of its logarithm
        where it is fitted so).
    rate_power, rate_exponent : float, str
        The scaled form that does not depend on the unit of the rate: the parameter times
        peak^(rate_power − value of the parameter rate_exponent).
    of_loss : bool
        Whether the scaled form is a share of the loss.
    """

    name: str
    meaning: str
    typical: float
    spread: float
    log: bool = True
    low: float = 0.0
    high: float = np.inf
    rate_power: float = 0.0
    rate_exponent: str = ""
    of_loss: bool = False


@dataclass(frozen=True)
class CurveLaw:
    """A law of the training curve.

    Attributes
    ----------
    name, equation, source : str
    shape : tuple of CurveParameter
        Parameters of the kernel.
    kernel : Kernel or None
        None where the law knows nothing of the rate.
    clock : str
        ``"exposure"`` or ``"steps"``: what x(t) is.
    """

    name: str
    equation: str
    source: str
    shape: tuple[CurveParameter, ...] = ()
    kernel: Kernel | None = None
    clock: str = "exposure"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters: L0, A, alpha, then those of the kernel."""
        return ("L0", "A", "alpha", *(p.name for p in self.shape))

    def time(self, exposure: Exposure) -> Floats:
        """Give what the power is taken of, x(t), shape (n,)."""
        return exposure.steps if self.clock == "steps" else exposure.total

    def evaluate(self, theta: Floats, exposure: Exposure) -> tuple[Floats, Floats]:
        """Loss (n,) at `theta` (p,), and its derivatives (p, n).

        The derivatives are by log L0, log A, alpha and the parameters of the kernel, by their
        logarithm where they are fitted so.
        """
        log_x = np.log(self.time(exposure))
        power = theta[1] * np.exp(-theta[2] * log_x)
        loss = theta[0] + power
        slopes = [np.full(len(log_x), theta[0]), power, -power * log_x]
        if self.kernel is None:
            return loss, np.array(slopes)
        value, by_shape = self.kernel(theta[3:], exposure)
        return loss - value, np.concatenate([np.array(slopes), -by_shape])

    def loss(self, theta: Floats, exposure: Exposure) -> Floats:
        """Loss (n,) at the recorded steps of `exposure`."""
        return self.evaluate(theta, exposure)[0]

    def annealing(self, theta: Floats, exposure: Exposure) -> Floats:
        """Sum up what falls of the rate since the warm-up have brought the loss down by, (n,)."""
        if self.kernel is None:
            return np.zeros(len(exposure.steps))
        late = replace(exposure, drop=np.where(exposure.warm, 0.0, exposure.drop))
        return self.kernel(theta[3:], late)[0]
