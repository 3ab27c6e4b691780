"""Several laws at once, each weighted by how well it predicted larger runs.

Forms that fit the runs equally well part beyond them, each to its own side. Their weighted mean
predicts better than the best of them picked by the same evidence, and the spread between them
belongs to the interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.allocation.split import best_split
from eigenscale.laws.backtest.record import mixed
from eigenscale.laws.points import point_columns
from eigenscale.laws.result import LawFit
from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN, surface_loss
from eigenscale.laws.table import Extent, Table
from eigenscale.laws.uncertainty.prediction import Prediction, decades_beyond
from eigenscale.laws.uncertainty.resample import resample
from eigenscale.progress import Progress, track
from eigenscale.results import Result
from eigenscale.surface import Provenance, RunIntervals

POWER = 5  # weights fall as the backtest error to this power
RUNAWAY = float(np.log(2.0))  # from the median of the members: such a law has lost its way
LEAST = 0.02  # members of smaller weight are left out
BOTH = {"params", "tokens"}


@dataclass(frozen=True, eq=False)
class Blend(Result):
    """A loss surface that several fitted laws agree on, weighted; with draws.

    Attributes
    ----------
    members : tuple of LawFit
        Best first; the draws of each are as many as its weight asks for, so that all
        draws together are a sample of what may be, the doubt about the form included.
    weights : array (m,)
        They sum to one.
    best : LawFit or None
        The form that was chosen to be shown, where one was.
    known_reach : float or None
        In a blend loaded from a file, its `reach`.
    """

    members: tuple[LawFit, ...]
    weights: Floats
    level: float = 0.9
    best: LawFit | None = None
    known_reach: float | None = None

    def __repr__(self) -> str:
        shares = (f"{100 * w:.0f} % {name}" for name, w in self.shares.items())
        return f"Blend({', '.join(shares)})"

    @property
    def shares(self) -> dict[str, float]:
        """Weight of each law by name."""
        names = [member.law.name for member in self.members]
        return dict(zip(names, self.weights.tolist(), strict=True))

    @property
    def size_name(self) -> str:
        """What size counts."""
        return self.members[0].size_name

    @property
    def data_name(self) -> str:
        """What data counts."""
        return self.members[0].data_name

    @property
    def n_runs(self) -> int:
        """How many runs it was fitted to."""
        return self.members[0].n_runs

    @property
    def table(self) -> Table | None:
        """The runs as they were fitted; None in a blend loaded from a file."""
        return self.members[0].table

    @property
    def measured(self) -> Extent | None:
        """Where the runs were, in a blend loaded from a file."""
        return self.members[0].measured

    @property
    def extent(self) -> Extent | None:
        """Ranges of the runs and the largest of them."""
        return self.members[0].extent

    @property
    def shown(self) -> LawFit:
        """The form whose parameters stand for the blend."""
        return self.members[0] if self.best is None else self.best

    @property
    def residuals(self) -> Floats:
        """Log residuals of the form that is shown."""
        return self.shown.residuals

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences: of the form that is shown."""
        return self.shown.warnings

    @property
    def cautions(self) -> list[str]:
        """The same as `warnings`, by their name of version 0.1."""
        return list(self.warnings)

    def _text(self) -> str:
        return f"{self.shown.summary}\n{self.sentence()}"

    @property
    def name(self) -> str:
        """What it is, for sentences."""
        return f"a blend of {len(self.members)} laws, fitted to {self.n_runs} runs"

    @property
    def reach(self) -> float:
        """Log error, over 1 + decades beyond the runs, that a share `level` stays below; or NaN."""
        if self.known_reach is not None:
            return self.known_reach
        return mixed([m.rolling for m in self.members], self.weights).reach(self.level)

    def sentence(self) -> str:
        """Name the laws and their weights."""
        parts = ", ".join(f"{100 * share:.0f} % {name}" for name, share in self.shares.items())
        return f"Predictions average the laws, weighted by backtest error: {parts}"

    def predict(self, points: Any = None, /, **inputs: ArrayLike) -> Prediction:
        """Predict at new points, with a confidence and a prediction interval.

        Parameters
        ----------
        points : mapping or dataframe, optional
            Columns named as the inputs, instead of `inputs`; others are not looked at.
        **inputs : arrays
            Size, data and whatever else the members need; FLOPs that are missing are
            6 params × tokens, unique tokens that are missing are all tokens. Members that need
            more than is given are left out, and the others weighted up.

        Raises
        ------
        InputError
            No member can do with these inputs.
        """
        if points is not None:
            inputs = {**_needed(points, self.members), **inputs}
        if set(inputs) == {"flops"} and set(self.shown.law.inputs) >= BOTH:
            inputs = dict(best_split(self.shown.law, self.shown.theta, inputs["flops"]))
        known = _completed(inputs)
        able = [i for i, m in enumerate(self.members) if set(m.law.inputs) <= set(known)]
        if not able:
            needs = "; ".join(f"{m.law.name}: {', '.join(m.law.inputs)}" for m in self.members)
            raise InputError(f"the inputs {', '.join(inputs)} are too few; laws need {needs}")
        members, weights = [self.members[i] for i in able], self.weights[able]
        columns = [{n: known[n] for n in m.law.inputs} for m in members]
        logs = [np.log(m.law.predict(m.theta, **c)) for m, c in zip(members, columns, strict=True)]
        value = np.exp(_mean(logs, weights))
        draws = [m.law.predict(m.draws, **c) for m, c in zip(members, columns, strict=True)]
        made = self._around(value, members, draws)
        return self._widened(made, members, weights, columns)

    def _widened(
        self,
        made: Prediction,
        members: Sequence[LawFit],
        weights: Floats,
        columns: Sequence[Mapping[str, ArrayLike]],
    ) -> Prediction:
        """Beyond the runs, at least as wide as the blend of fits to smaller runs missed by."""
        every = self.known_reach is not None or len(members) == len(self.members)
        part = replace(self, members=tuple(members), weights=weights)
        beyond = [decades_beyond(m, c) for m, c in zip(members, columns, strict=True)]
        decades = np.max(np.broadcast_arrays(*beyond), axis=0)
        if not (decades > 0).any() or not len(members[0].draws):
            return made
        return made.widened(decades, self.reach if every else part.reach)

    def _around(
        self, value: Floats, members: Sequence[LawFit], draws: Sequence[Floats]
    ) -> Prediction:
        """Put the intervals of all draws around the value."""
        rng = np.random.default_rng(0)
        full = [np.broadcast_to(d, (len(d), *value.shape)) for d in draws]
        scatter = [rng.choice(m.scatter, len(m.draws)) for m in members]
        together = np.concatenate(full)
        if len(together) < 2:
            unknown = np.full(value.shape, np.nan)
            return Prediction(value, unknown, unknown, unknown, unknown, self.level)
        noise = np.exp(np.concatenate(scatter)).reshape(-1, *(1,) * value.ndim)
        ends = [(1 - self.level) / 2, (1 + self.level) / 2]
        low, high = np.quantile(together, ends, axis=0)
        run_low, run_high = np.quantile(together * noise, ends, axis=0)
        return Prediction(value, low, high, run_low, run_high, self.level)

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Loss of `size` params on `data` fresh tokens, by the laws of both; they broadcast."""
        able, weights = self.joint()
        logs = [np.log(surface_loss(m.law, m.theta, size, data)) for m in able]
        return np.exp(_mean(logs, weights))

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Give the same for every draw, shape (B, *broadcast)."""
        able, _ = self.joint()
        return np.concatenate([surface_loss(m.law, m.draws, size, data) for m in able])

    def joint(self) -> tuple[list[LawFit], Floats]:
        """Keep the members that choose between size and data: the others know compute alone.

        Raises
        ------
        InputError
            There is none.
        """
        able = [
            i
            for i, m in enumerate(self.members)
            if BOTH <= set(m.law.inputs) <= {*BOTH, "flops", "unique_tokens"}
        ]
        if not able:
            raise InputError(
                f"no member of the blend ({', '.join(self.shares)}) is a law of params and tokens, "
                "so it cannot choose between size and data; fit runs in which both vary"
            )
        return [self.members[i] for i in able], self.weights[able]

    def provenance(self) -> Provenance:
        """Say where this surface comes from, for planning: from no single law."""
        first = self.members[0].provenance()
        return Provenance(
            name=self.name,
            runs=first.runs,
            ranges=first.ranges,
            largest=first.largest,
            residuals=self.residuals,
            run_intervals=self._run_intervals if len(self.members[0].draws) else None,
            unit=self.unit,
        )

    def _run_intervals(self, size: Floats, data: Floats, level: float) -> RunIntervals:
        """Where single runs lie, around the mean of the laws of size and data."""
        found = replace(self, level=level).predict(params=size, tokens=data)
        around = self.loss(size, data) / found.value
        low, high, warnings = found.of_runs()
        return RunIntervals(low * around, high * around, warnings)

    @property
    def unit(self) -> str:
        """Unit of the loss that people see."""
        return self.members[0].unit

    def to_dict(self) -> dict[str, Any]:
        """Plain form: of the form that is shown, with the weights of all."""
        return {**self.shown.to_dict(), "blend": self.shares}


def _mean(logs: Sequence[Floats], weights: Floats) -> Floats:
    """Weighted mean, without the laws that run away from the median of all by a factor of two."""
    every = np.array(np.broadcast_arrays(*logs))
    apart = np.abs(every - np.median(every, axis=0))
    shape = (-1, *(1,) * (every.ndim - 1))
    kept = np.where(apart <= RUNAWAY, weights.reshape(shape), 0.0)
    lost = kept.sum(axis=0) <= 0
    kept = np.where(lost, weights.reshape(shape), kept)
    return np.asarray((kept * np.where(kept > 0, every, 0.0)).sum(axis=0) / kept.sum(axis=0))


def _needed(points: Any, members: Sequence[LawFit]) -> dict[str, Floats]:
    """Take the columns that the first member needs which can be had of these points."""
    for member in members[:-1]:
        try:
            return point_columns(points, member.law)
        except InputError:
            continue
    return point_columns(points, members[-1].law)


def _completed(inputs: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    known = {name: np.asarray(values, dtype=float) for name, values in inputs.items()}
    if "flops" not in known and {"params", "tokens"} <= set(known):
        known["flops"] = FLOPS_PER_PARAM_TOKEN * known["params"] * known["tokens"]
    if "unique_tokens" not in known and "tokens" in known:
        known["unique_tokens"] = known["tokens"]
    return known


def weights_of(errors: Sequence[float]) -> Floats:
    """Weights that fall as the error to the power `POWER`; 0 where small, or not finite.

    Examples
    --------
    >>> weights_of([0.01, 0.02, float("inf")]).round(3).tolist()
    [0.97, 0.03, 0.0]
    """
    error = np.asarray(errors, dtype=float)
    if not np.isfinite(error).any():
        raise InputError("no law has a backtest: there are too few runs")
    least = max(float(error[np.isfinite(error)].min()), 1e-12)
    raw = np.where(np.isfinite(error), (np.maximum(error, 1e-12) / least) ** -float(POWER), 0.0)
    raw = np.where(raw / raw.sum() < LEAST, 0.0, raw)
    return np.asarray(raw / raw.sum())


def blend(
    fits: Sequence[LawFit],
    errors: Sequence[float],
    *,
    draws: int = 1000,
    rng: int | np.random.Generator = 0,
    best: LawFit | None = None,
    progress: Progress | None = None,
) -> Blend:
    """Blend fits by the `errors` of their laws in a backtest.

    Parameters
    ----------
    fits : sequence of LawFit
        Fits of different laws to the same runs.
    errors : sequence of float
        Mean size of the log errors of each, as `Rolling.error` gives; infinite ones are out.
    draws : int
        Resampled tables in all, shared out by weight; 0 for no intervals.
    best : LawFit, optional
        The form to show.
    """
    weights = weights_of(errors)
    order = [int(i) for i in np.argsort(-weights, kind="stable") if weights[i] > 0]
    generator = np.random.default_rng(rng)
    members = tuple(
        _drawn(fits[i], round(draws * weights[i]), generator)
        for i in track(order, len(order), progress)
    )
    return Blend(members, weights[order], fits[order[0]].level, best)


def _drawn(found: LawFit, count: int, rng: np.random.Generator) -> LawFit:
    problem, groups = found.problem, found.groups
    at = problem.coordinates(found.theta)
    kind, _, _ = str(found.settings.get("resampling", "case")).partition(":")
    drawn = resample(problem, found.objective, at, count, rng, kind=kind, groups=groups)
    return replace(
        found,
        draws=problem.theta(drawn.coordinates),
        failed_draws=drawn.failed,
        record=found.rolling if count else found.record,
    )
