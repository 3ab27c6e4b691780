"""A training curve as it was recorded."""

from dataclasses import dataclass

from eigenscale.arrays import Floats, Ints
from eigenscale.results import Result


@dataclass(frozen=True, eq=False)
class Curve(Result):
    """Losses at recorded steps of one run.

    Attributes
    ----------
    name : str
    steps : array (n,) of int
        Recorded steps, growing, from 1.
    loss : array (n,)
        Loss at each of them, in the unit of the file; NaN where a plan was read, not a run.
    rates : array (n,) or None
        Learning rate at each of them; None where it was not recorded.
    ahead : tuple of two arrays, or None
        Steps behind the last loss and their rates, where the file has them: the plan of a run
        that is still going.
    batch_tokens : float or None
        Tokens per step, where the file says so.
    unit : str
        Of the losses, which stay in it.
    warnings : tuple of str
        What was mended while reading, in sentences.

    Examples
    --------
    >>> import numpy as np
    >>> Curve("run", np.array([10, 20]), np.array([3.1, 2.9]), np.array([1e-3, 1e-3]))
    Curve(run: 2 records, steps 10 to 20)
    """

    name: str
    steps: Ints
    loss: Floats
    rates: Floats | None = None
    batch_tokens: float | None = None
    ahead: tuple[Ints, Floats] | None = None
    warnings: tuple[str, ...] = ()
    unit: str = "nats/token"

    def __repr__(self) -> str:
        return (
            f"Curve({self.name}: {len(self.steps):,} records, "
            f"steps {self.steps[0]:,} to {self.steps[-1]:,})"
        )
