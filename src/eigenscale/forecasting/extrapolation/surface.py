"""A subset fit that answers for any size: as measured, its steady form, and the modes beyond it."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.extrapolation.transfer import Place, Query, loss_at, solve
from eigenscale.forecasting.subset_fits.subset_fit import SubsetFit
from eigenscale.forecasting.subset_fits.tail import SCENARIOS, extend, is_open, steady


@dataclass(frozen=True, eq=False)
class SubsetSurface:
    """A subset fit that answers for any size.

    Up to its own number of rows the loss is as measured there; from twice as many on it is
    the steady one, and in between it passes from one to the other.
    """

    fit: SubsetFit

    @property
    def n_samples(self) -> int:
        """Rows that its fits were made on."""
        return self.fit.n_samples

    @cached_property
    def open_ended(self) -> bool:
        """Whether there may be modes that its rows do not resolve."""
        return is_open(self.fit)

    @cached_property
    def whole(self) -> SubsetFit:
        """The subset fit with what is below its smallest κ."""
        return extend(self.fit) if self.open_ended else self.fit

    def own(self, log_kappa: Floats) -> tuple[Floats, Floats, Floats]:
        """Give ridge, loss and scatter of its own fits at a κ, or at the least they have."""
        n = len(log_kappa)
        place = Place.of(self.fit, np.maximum(log_kappa, self.fit.log_kappa[0]))
        query = Query(np.full(n, float(self.n_samples)), np.full(n, np.inf), np.zeros(n))
        loss = loss_at(self.fit, query, place, draws=False)[0]
        return np.exp(place(self.fit.log_ridges)), loss, loss - place(self.fit.bias)

    @cached_property
    def _faces(self) -> "tuple[_Face, ...]":
        """As measured and steady, for each way that the modes may go on."""
        calm = steady(self.fit)
        if not self.open_ended:
            return (_Face(self.fit, calm, self.n_samples),)
        tails = [self.whole, *(extend(self.fit, way) for way in range(1, len(SCENARIOS)))]
        return tuple(_Face(tail, _graft(tail, calm), self.n_samples) for tail in tails)

    def ready(self) -> "SubsetSurface":
        """Work out what all queries share, before the first comes."""
        _ = self._faces
        return self

    def loss(self, query: Query, *, drawn: bool = True) -> tuple[Floats, Floats, Place]:
        """Give the expected loss (n,), draws (B, n), and where the queries fall on `whole`.

        No draws, (0, n), where they are not wanted.
        """
        place = solve(self.whole, query)
        value, draws = self._faces[0].loss(query, place, draws=drawn)
        beyond = place.log_kappa < self.fit.log_kappa[0]
        if drawn and len(self._faces) > 1 and beyond.any():
            part = query.take(np.flatnonzero(beyond))
            count = len(self._faces)
            for way, face in enumerate(self._faces[1:], start=1):
                others = face.loss(part, solve(face.measured, part))[1]
                draws[way::count, beyond] = others[way::count]
        return value, draws, place

    def loss_at(self, query: Query, place: Place) -> Floats:
        """Give the expected loss at values of κ that are known already."""
        return self._faces[0].loss(query, place, draws=False)[0]


def _graft(tail: SubsetFit, calm: SubsetFit) -> SubsetFit:
    """Put the steady form onto the measured part of an extended subset fit."""
    count = len(tail.log_kappa) - len(calm.log_kappa)

    def joined(a: Floats, b: Floats) -> Floats:
        return np.concatenate([a[..., :count], b], axis=-1)

    return replace(
        tail,
        bias=joined(tail.bias, calm.bias),
        cross=joined(tail.cross, calm.cross),
        binned=joined(tail.binned, calm.binned),
        bias_draws=joined(tail.bias_draws, calm.bias_draws),
        cross_draws=joined(tail.cross_draws, calm.cross_draws),
        binned_draws=joined(tail.binned_draws, calm.binned_draws),
    )


@dataclass(frozen=True, eq=False)
class _Face:
    """A loss as measured at n rows, which passes to the steady one at 2n, in the logarithm."""

    measured: SubsetFit
    calm: SubsetFit
    n_samples: int

    def loss(self, query: Query, place: Place, draws: bool = True) -> tuple[Floats, Floats]:
        value, drawn = loss_at(self.measured, query, place, draws=draws)
        share = np.clip(np.log2(query.n_samples / self.n_samples), 0, 1)
        far = share > 0
        if far.any():
            part, there = query.take(np.flatnonzero(far)), place.take(far)
            other, other_drawn = loss_at(self.calm, part, there, draws=draws)
            value[far] = _mix(value[far], other, share[far])
            drawn[:, far] = _mix(drawn[:, far], other_drawn, share[far])
        return value, drawn


def _mix(a: Floats, b: Floats, share: Floats) -> Floats:
    sound = np.isfinite(a) & np.isfinite(b)
    logs = [np.log(np.where(sound, np.maximum(x, 1e-300), 1.0)) for x in (a, b)]
    return np.where(sound, np.exp((1 - share) * logs[0] + share * logs[1]), np.inf)
