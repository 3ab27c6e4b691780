"""Measured learning curves of cheap learners, on splits that respect classes, groups and time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.errors import InputError
from eigenscale.forecasting.answer.learners import LEARNERS
from eigenscale.forecasting.answer.metrics import Metric
from eigenscale.forecasting.external.curve import fit_curve
from eigenscale.forecasting.external.points import Points
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.surface import LossSurface

_SIZES = 6
_LEAST = 12  # training rows of the smallest subset
_RANGE = 16  # largest over smallest subset
_FOLDS, _FEW_FOLDS, _MANY = 5, 3, 1500  # fewer folds from so many rows on
_WORK = 2e7  # rows times inputs times classes of the largest fit
_MOST_ROWS = 4000
_FEWEST_ROWS = 400


@dataclass(frozen=True, eq=False)
class MeasuredCurve:
    """Losses of a learner at several sizes, and the curve through them.

    Attributes
    ----------
    learner : str
    metric : Metric
    points : Points
        Losses of the metric, a column for each fold.
    curve : LossSurface
    """

    learner: str
    metric: Metric
    points: Points
    curve: LossSurface

    def at(self, n_samples: Floats) -> tuple[Floats, Floats]:
        """Give expected losses, shape (n,), and draws, (B, n)."""
        return self.curve.loss(np.inf, n_samples), self.curve.loss_draws(np.inf, n_samples)


def measure(
    raw: Sample,
    learners: Sequence[str],
    metrics: Sequence[Metric],
    *,
    rng: np.random.Generator,
    draws: int = 200,
) -> dict[tuple[str, str], MeasuredCurve]:
    """Train on nested subsets of each fold and fit curves, by learner and metric.

    `raw` is not prepared: medians, scales and categories are learned from each subset anew.

    Raises
    ------
    InputError
        Where the rows are too few for four sizes.
    """
    sample = _fewer(raw)
    folds = list(splits(sample, rng))
    sizes = _sizes(sample, min(len(train) for train, _ in folds))
    losses = np.full((len(learners), len(metrics), len(sizes), len(folds)), np.nan)
    for f, (train, test) in enumerate(folds):
        for s, size in enumerate(sizes):
            x, y, held, truth = _prepared(sample, train[: int(size)], test)
            for i, learner in enumerate(learners):
                predicted = LEARNERS[learner](x, y, held)
                losses[i, :, s, f] = [metric.loss(truth, predicted) for metric in metrics]
    n = sizes.astype(float)
    found = {}
    for i, learner in enumerate(learners):
        for j, metric in enumerate(metrics):
            # A test set without a mistake does not show that there will be none.
            floor = 0.5 / sample.n_rows
            points = Points(n, np.maximum(losses[i, j], 0.0), len(folds) > 1, sample.name)
            if points.mean.min() <= 0:
                points = Points(n, np.maximum(losses[i, j], floor), points.paired, sample.name)
            curve = fit_curve(points, draws=draws, rng=rng)
            found[learner, metric.name] = MeasuredCurve(learner, metric, points, curve)
    return found


def _prepared(sample: Sample, train: Index, test: Index) -> tuple[Floats, Floats, Floats, Floats]:
    part, held = sample.take(train).prepared(), sample.take(test)
    held = held.prepared(part.preparation)
    return part.inputs, part.target, held.inputs, held.target


def _fewer(sample: Sample) -> Sample:
    """Take so many rows that the largest fit is cheap."""
    width = sample.inputs.shape[1] * sample.target.shape[1]
    most = int(np.clip(_WORK / width, _FEWEST_ROWS, _MOST_ROWS))
    return sample if sample.n_rows <= most else sample.take(np.arange(most))


def _sizes(sample: Sample, most: int) -> Index:
    least = max(_LEAST, 2 * sample.target.shape[1], most // _RANGE)
    found = np.unique(np.geomspace(min(least, most), most, _SIZES).round().astype(int))
    if len(found) < 4:
        raise InputError(
            f"{sample.name} has {sample.n_rows} rows, too few to measure a learning curve; give "
            "more rows"
        )
    return found


def splits(sample: Sample, rng: np.random.Generator) -> Iterator[tuple[Index, Index]]:
    """Give training rows, in the order in which they join, and test rows of each fold."""
    count = _FOLDS if sample.n_rows < _MANY else _FEW_FOLDS
    for train, test in _folds(sample, count, int(rng.integers(2**31))):
        if sample.times is not None:  # the latest rows before the test join first
            yield train[np.argsort(-sample.times[train], kind="stable")], test
        elif sample.groups is not None:
            yield _by_group(sample.groups, train, rng), test
        else:
            yield _in_turn(sample, rng.permutation(train)), test


def _folds(sample: Sample, count: int, seed: int) -> Iterator[tuple[Index, Index]]:
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    rows = np.zeros(sample.n_rows)
    if sample.times is not None:
        yield from _later(sample.times, sample.groups, count)
        return
    label = None if sample.classes is None else sample.target.argmax(axis=1)
    groups = sample.groups
    if groups is not None:
        n_groups = len(np.unique(groups))
        if n_groups < count:
            raise InputError(
                f"{sample.name} has {n_groups} groups; a split that keeps them whole needs {count}"
            )
        grouped = GroupKFold if label is None else StratifiedGroupKFold
        yield from grouped(count, shuffle=True, random_state=seed).split(rows, label, groups)
    elif label is None or np.bincount(label).min() < count:
        yield from KFold(count, shuffle=True, random_state=seed).split(rows)
    else:
        yield from StratifiedKFold(count, shuffle=True, random_state=seed).split(rows, label)


def _later(times: Floats, groups: Index | None, count: int) -> Iterator[tuple[Index, Index]]:
    """Test on stretches of the last half, each after training on what came before."""
    order = np.argsort(times, kind="stable")
    edges = np.linspace(len(order) // 2, len(order), count + 1).round().astype(int)
    for start, stop in pairwise(edges):
        test = order[start:stop]
        train = order[:start]
        train = train[times[train] < times[test].min()]
        if groups is not None:
            train = train[~np.isin(groups[train], groups[test])]
        if len(train) and len(test):
            yield train, test


def _by_group(groups: Index, train: Index, rng: np.random.Generator) -> Index:
    """Order rows so that whole groups join, in random order."""
    rank = rng.permutation(int(groups.max()) + 1)
    return np.asarray(train[np.argsort(rank[groups[train]], kind="stable")])


def _in_turn(sample: Sample, train: Index) -> Index:
    """Order rows so that every subset holds the classes in their shares."""
    if sample.classes is None:
        return train
    label = sample.target[train].argmax(axis=1)
    place = np.empty(len(train))
    for code in np.unique(label):
        rows = np.flatnonzero(label == code)
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return np.asarray(train[np.argsort(place, kind="stable")])
