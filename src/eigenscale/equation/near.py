"""As few modes as a sum needs that looks closely at some of them only.

Near the negative axis a sum over λ/(λ+g) sees single eigenvalues at λ ≈ abs(g), but those far in
log λ only as a measure. So modes are condensed (`eigenscale.equation.gauss`) as far as the distance
of their logarithms from the pole at log(-g) allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.equation.gauss import condense
from eigenscale.equation.modes import Modes

_FEW = 200  # modes that are not worth condensing
_LEVELS = ((0.6, 1.0), (0.06, 0.1))  # distance from the axis in arg g, and width of bins in log λ
_NODES = 8
_REACH = 2.0  # how far below log abs(g) single modes are kept


@dataclass(frozen=True, eq=False)
class NearModes:
    """Modes condensed to what sums at one g after the other need."""

    modes: Modes

    def parts(self, log_rho: Floats, angle: Floats) -> Iterator[tuple[NDArray[np.intp], Modes]]:
        """Group points g = ρ e^(i angle), each with the modes that its sums are taken over."""
        every = np.arange(log_rho.size)
        if self.modes.values.size <= _FEW:
            yield every, self.modes
            return
        left = np.pi - angle
        for (distance, _), modes in zip(_LEVELS, self._condensed, strict=True):
            here = left >= distance
            if here.any():
                yield every[here], modes
            every, left = every[~here], left[~here]
        window = np.floor(log_rho[every])
        for place in np.unique(window):
            yield every[window == place], self._window(float(place))

    @cached_property
    def _condensed(self) -> tuple[Modes, ...]:
        return tuple(self._shortened(0, width) for _, width in _LEVELS)

    @cached_property
    def _windows(self) -> dict[float, Modes]:
        return {}

    def _window(self, place: float) -> Modes:
        """Keep modes down to `place` - 2 in log λ one by one, and condense what lies below."""
        if place not in self._windows:
            floor = np.exp(np.maximum(place - _REACH, -700.0))
            kept = int(np.searchsorted(-self.modes.values, -floor, side="right"))
            self._windows[place] = self._shortened(kept, 1.0)
        return self._windows[place]

    def _shortened(self, kept: int, width: float) -> Modes:
        values, counts = self.modes.values, self.modes.counts
        if kept < values.size:
            rest = condense(values[kept:], counts[kept:], width, _NODES)
            values = np.concatenate([values[:kept], rest[0]])
            counts = np.concatenate([counts[:kept], rest[1]])
        before = np.concatenate([[0.0], np.cumsum(counts)])
        return replace(self.modes, values=values, counts=counts, before=before)
