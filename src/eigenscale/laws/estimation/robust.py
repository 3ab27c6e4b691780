"""What a robust fit needs to know of what it fits: residuals and a prior, in coordinates."""

from typing import Protocol

from eigenscale.arrays import Floats


class RobustProblem(Protocol):
    """Residuals as a function of q coordinates: of runs, of curves, of whatever can be fitted."""

    @property
    def weights(self) -> Floats:
        """Weight of each residual in the sum, (n,)."""

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the coordinates."""

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest coordinates, each (q,)."""

    @property
    def prior(self) -> object | None:
        """What `penalty` stands for; None where there is none."""

    def residuals(self, coordinates: Floats, /) -> tuple[Floats, Floats]:
        """Residuals (B, n) and their derivatives (B, q, n) at coordinates (B, q)."""

    def penalty(self, coordinates: Floats, /) -> tuple[Floats, Floats, Floats]:
        """Give what the prior adds at (B, q): value (B,), gradient (B, q) and Hessian (q, q)."""
