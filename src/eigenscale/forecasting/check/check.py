"""Check a forecast: train ridge regression itself on parts of the data and measure its loss.

Rows are held back before the forecast is made; it never sees them. The student that was forecast
is trained on nested subsets of the other rows, in several orders, and tested on those held back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.errors import InputError
from eigenscale.forecasting.check.stretches import stretches
from eigenscale.forecasting.check.students import School
from eigenscale.forecasting.check.verdict import Check, CheckPoint
from eigenscale.forecasting.forecaster import Forecaster, Kind, Learner, rows_of
from eigenscale.forecasting.row import ForecastRow, MeasuredPoint
from eigenscale.forecasting.sample.dependence import Copies, Dependence, Stretches, near_copies
from eigenscale.forecasting.sample.kernels import Scaling
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.progress import Progress
from eigenscale.results import Interval

DRAWS = 6
LEAST_ROWS = 64
_SIZES = 6
_LEAST = 16
_MOST: dict[Kind, int] = {"fixed": 16_000, "random": 8_000, "kernel": 4_000}
_TEST, _MOST_TEST = 4, 4000  # one row of so many is held back, and no more than that
_WORK = 6e11  # multiplications for all students of one curve
_CURVES = 3  # numbers of features, and ridges, that are checked


@dataclass(frozen=True, eq=False)
class Split:
    """Rows parted before anything is learned from them.

    Attributes
    ----------
    seen : Sample
        What the forecast is made from.
    pool : Sample
        Rows that students are trained on; those of `seen` are its first.
    test : Sample
        Rows held back.
    """

    seen: Sample
    pool: Sample
    test: Sample


def rows_wanted(learner: Learner, max_rows: int) -> int:
    """Rows to read for a forecast from `max_rows` and its check."""
    return max(_MOST[learner.kind], 2 * max_rows)


def split(sample: Sample, max_rows: int) -> Split:
    """Hold back a quarter of the rows (4,000 at most); rows come in random order."""
    n = sample.n_rows
    if n < LEAST_ROWS:
        raise InputError(
            f"{sample.name} has {n} rows; a check holds a quarter back and needs {LEAST_ROWS} or "
            "more; leave it out"
        )
    pool, test = _parted(sample, min(n // _TEST, _MOST_TEST))
    seen = sample.take(pool[:max_rows])
    if not np.ptp(seen.inputs, axis=0).any() or not np.ptp(seen.target, axis=0).any():
        raise InputError(
            f"{sample.name} hardly varies in the {len(pool)} rows left for the forecast; leave the "
            "check out"
        )
    return Split(seen, sample.take(pool), sample.take(test))


def _parted(sample: Sample, n_test: int) -> tuple[Index, Index]:
    """Rows to train on and rows held back, of every class the same share."""
    n = sample.n_rows
    if sample.classes is None:
        return np.arange(n - n_test), np.arange(n - n_test, n)
    label = sample.target.argmax(axis=1)
    rank, size = np.empty(n), np.bincount(label, minlength=len(sample.classes))
    for code in range(len(sample.classes)):
        rows = np.flatnonzero(label == code)
        rank[rows] = (np.arange(len(rows)) + 0.5) / size[code]
    last = np.sort(np.argsort(rank, kind="stable")[n - n_test :])
    return np.setdiff1d(np.arange(n), last), last


@dataclass(frozen=True, eq=False)
class Asked:
    """Curves that were forecast: ridges, and numbers of random features (or infinity)."""

    ridges: tuple[float | str, ...]
    features: Floats

    def fewer(self) -> "Asked":
        """Leave a few of them, evenly chosen."""
        pick = np.unique(np.linspace(0, len(self.ridges) - 1, _CURVES).round().astype(int))
        some = np.unique(np.linspace(0, len(self.features) - 1, _CURVES).round().astype(int))
        return Asked(tuple(self.ridges[i] for i in pick), self.features[some])


def check(
    forecaster: Forecaster,
    parts: Split,
    asked: Asked,
    copies: Copies,
    *,
    level: float = 0.9,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Check:
    """Train at the sizes that were forecast, and compare losses."""
    school = School(forecaster.learner, Scaling.of(parts.seen.inputs))
    few = asked.fewer()
    points: list[CheckPoint] = []
    for k, features in enumerate(few.features):
        sizes = _sizes(forecaster, parts.pool, features)
        rows = _predicted(forecaster, few.ridges, features, sizes, level)
        curve = _Curve(school, parts, float(features), sizes, few.ridges, rows)
        for done in curve.train(rng):
            if progress is not None:
                progress(k + done, len(few.features))
        points += curve.points(level)
    left_out = len(asked.ridges) * len(asked.features) - len(few.ridges) * len(few.features)
    return Check(
        tuple(points),
        parts.seen.n_rows,
        parts.pool.n_rows,
        parts.test.n_rows,
        left_out,
        _dependence(school, parts, points, copies, rng),
    )


def _dependence(
    school: School,
    parts: Split,
    points: list[CheckPoint],
    copies: Copies,
    rng: np.random.Generator,
) -> Dependence:
    """Look for copies, near copies and an order that matters."""
    pool, test = parts.pool, parts.test
    kept = pool.joined(test)
    order = Stretches()
    if points:
        at = points[-1].measured
        features = float(at.n_features or np.inf)
        order = stretches(school, kept, features, float(at.ridge or 0.0), rng)
    return Dependence(
        copies.n_rows,
        copies.both,
        copies.inputs,
        near_copies(pool.inputs, test.inputs, rng),
        order,
        copies.left_out,
    )


def _sizes(forecaster: Forecaster, pool: Sample, features: float) -> Floats:
    """Numbers of samples to train on, the largest so that it does not take minutes."""
    width = {"fixed": pool.inputs.shape[1], "random": features, "kernel": np.inf}
    columns = width[forecaster.learner.kind]

    def work(samples: int) -> float:
        small, large = sorted((float(samples), columns if np.isfinite(columns) else samples))
        made = pool.inputs.shape[1] * (features if forecaster.learner.kind == "random" else 0.0)
        return float(2 * DRAWS * (small**2 * large + 3 * small**3 + samples * made))

    top = pool.n_rows
    while top > 4 * _LEAST and work(top) > _WORK:
        top = int(0.8 * top)
    least = max(_LEAST, 2 * pool.target.shape[1], top // 64)
    return np.unique(np.geomspace(min(least, top), top, _SIZES).round())


def _predicted(
    forecaster: Forecaster,
    ridges: tuple[float | str, ...],
    features: float,
    sizes: Floats,
    level: float,
) -> list[list[ForecastRow]]:
    """Rows of the forecast, by ridge and size."""
    out = []
    for ridge in ridges:
        query, prediction = forecaster.ask(sizes, np.full(len(sizes), features), ridge)
        out.append(rows_of(forecaster, query, prediction, level))
    return out


class _Curve:
    """Students on nested subsets, for one number of features and every ridge."""

    def __init__(
        self,
        school: School,
        parts: Split,
        features: float,
        sizes: Floats,
        ridges: tuple[float | str, ...],
        rows: list[list[ForecastRow]],
    ) -> None:
        self.school, self.parts, self.features = school, parts, features
        self.sizes, self.ridges, self.rows = sizes, ridges, rows
        self.losses = np.zeros((len(rows), len(sizes), DRAWS))
        self.wrong = np.zeros_like(self.losses)
        self.by_row = np.zeros((len(rows), len(sizes), parts.test.n_rows))
        self.wrong_by_row = np.zeros_like(self.by_row)

    def train(self, rng: np.random.Generator) -> Iterator[float]:
        """Train them all; yield the share done."""
        pool, test = self.parts.pool, self.parts.test
        work = np.cumsum(self.sizes**2) / np.sum(self.sizes**2)
        for d in range(DRAWS):
            order, seed = rng.permutation(pool.n_rows), int(rng.integers(2**63))
            seen = self._seen(pool.inputs, seed), self._seen(test.inputs, seed)
            for t, size in enumerate(self.sizes):
                rows = order[: int(size)]
                ridges = [row[t].ridge or 0.0 for row in self.rows]
                found = self.school.predict(seen[0][rows], pool.target[rows], seen[1], ridges)
                for r, predicted in enumerate(found):
                    self._note(r, t, d, predicted)
                yield (d + work[t]) / DRAWS

    def _seen(self, inputs: Floats, seed: int) -> Floats:
        return self.school.seen(inputs, self.features, np.random.default_rng(seed))

    def _note(self, r: int, t: int, d: int, predicted: Floats) -> None:
        target = self.parts.test.target
        squared = ((predicted - target) ** 2).sum(axis=1)
        self.losses[r, t, d] = squared.mean()
        self.by_row[r, t] += squared / DRAWS
        if self.parts.test.classes is not None:
            wrong = predicted.argmax(axis=1) != target.argmax(axis=1)
            self.wrong[r, t, d] = wrong.mean()
            self.wrong_by_row[r, t] += wrong / DRAWS

    def points(self, level: float) -> list[CheckPoint]:
        """Put what was measured beside what was predicted, where that is finite."""
        share = self.sizes / self.parts.pool.n_rows
        errors = _errors(self.losses, self.by_row, share)
        wrong_errors = _errors(self.wrong, self.wrong_by_row, share)
        out = []
        for r, t in np.ndindex(errors.shape):
            row = self.rows[r][t]
            if row.status != "ok":
                continue
            loss = _interval(self.losses[r, t].mean(), float(errors[r, t]), level)
            wrong = _rate(self.wrong[r, t].mean(), float(wrong_errors[r, t]), level)
            out.append(
                CheckPoint(
                    MeasuredPoint(row.n_samples, row.n_features, row.ridge, loss, DRAWS),
                    row,
                    self.ridges[r],
                    None if self.parts.test.classes is None else wrong,
                )
            )
        return out


def _errors(losses: Floats, by_row: Floats, share: Floats) -> Floats:
    """Give standard errors of the means over draws, shape (ridges, sizes).

    Draws that take a share ρ of one pool overlap by ρ: their own scatter s² is σ²(1 - ρ), and the
    variance of their mean is σ²(ρ + (1 - ρ)/draws). Where ρ is above a half, σ is carried on from
    smaller subsets as 1/√T. The rows held back are the same for all draws and add their own part.
    """
    spread = losses.std(axis=2, ddof=1) / np.sqrt(np.maximum(1 - share, 0.5))
    fine = np.flatnonzero(share <= 0.5)
    if fine.size:
        last = fine[-1]
        carried = spread[:, [last]] * np.sqrt(share[last] / share)
        spread = np.where(share > 0.5, np.maximum(carried, losses.std(axis=2, ddof=1)), spread)
    drawn = spread**2 * (share + (1 - share) / losses.shape[2])
    tested = by_row.var(axis=2, ddof=1) / by_row.shape[2]
    return np.asarray(np.sqrt(drawn + tested))


def _interval(value: float, error: float, level: float) -> Interval:
    half = NormalDist().inv_cdf((1 + level) / 2) * error
    low = max(float(value - half), 0.0)
    return Interval(float(value), low, float(value + half), level, float(error))


def _rate(value: float, error: float, level: float) -> Interval:
    """Interval of a share: of a Beta distribution with the share's mean and variance."""
    from scipy.stats import beta

    count = max(value * (1 - value), 1e-4) / max(error, 1e-6) ** 2
    right, wrong = value * count + 0.5, (1 - value) * count + 0.5
    ends = [float(beta.ppf(share, right, wrong)) for share in ((1 - level) / 2, (1 + level) / 2)]
    low, high = min(ends[0], value), max(ends[1], value)
    return Interval(float(value), low, high, level, float(error))
