"""The learning curve of a learner, measured on nested subsets within a budget of CPU time.

Sizes grow by a factor of √2 from a few rows of each class to all rows of a fold. Each size is
fitted on every fold before the next is begun, and the next is begun only where the time it is
likely to take, by the times so far, is left. Finished fits are kept in a store and found again.
"""

import time
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from eigenscale.arrays import Floats, Index
from eigenscale.errors import InputError
from eigenscale.forecasting.external.estimator import measured_loss, nested_order
from eigenscale.forecasting.external.learners import learner_of
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.progress import Progress
from eigenscale.store.cells import Store, digest

_VERSION = 1
_STEP = 2**0.5
_FEWEST = 16  # rows of the smallest subset, or two of each class
_EARLIER = 0.75  # share of the rows, by time, that is trained on
_ALWAYS = 4  # sizes that are measured whatever they cost
_GROWTH = 1.3  # power of the size that the time of a fit is taken to grow with, at least 1


@dataclass(frozen=True, eq=False)
class LearnerCurve:
    """Measured losses of one learner.

    Attributes
    ----------
    learner : str
    sizes : array, shape (m,)
    losses : array, shape (m, folds)
    seconds : float
        CPU time of the fits, those found in the store included.
    found : int
        Fits that were in the store.
    most : int
        Rows that a fold could train on; the largest size is less where time ran out.
    """

    learner: str
    sizes: Floats
    losses: Floats
    seconds: float
    found: int
    most: int

    @property
    def note(self) -> str | None:
        """Whether time ran out, as a sentence."""
        if self.sizes[-1] >= self.most:
            return None
        return (
            f"{self.learner} was measured on up to {int(self.sizes[-1]):,} of {self.most:,} rows: "
            "larger subsets do not fit in the time allowed (--minutes)"
        )


def measure_learner(
    sample: Sample,
    learner: str,
    *,
    minutes: float = 2.0,
    folds: int = 5,
    metric: str | None = None,
    store: str | Path | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> LearnerCurve:
    """Train a learner on subsets of growing size and test it on the rows of each fold.

    Parameters
    ----------
    sample : Sample
        The rows; its preparation is fitted to each training subset alone.
    learner : str
        See `learner_of`.
    minutes : float
        CPU time for new fits; the four smallest sizes are measured in any case.
    folds : int
        Of cross-validation: by groups where there are any, else stratified by class; with times,
        repeats that all are tested on the last quarter of the rows.
    metric : str, optional
        A scorer of scikit-learn by name; the loss is -score for names that begin with ``neg_``,
        else 1 - score. By default the share of wrong classes, or the mean squared error.
    store : path, optional
        File in which finished fits are kept, so that work goes on where it stopped.
    seed : int
        Of folds, subsets and the learner.
    progress : callable, optional
        Called with (work done, work in all).

    Raises
    ------
    InputError
        Where the learner is not known, folds are fewer than two or more than the rows allow, or a
        fit fails.
    """
    if folds < 2 or sample.n_rows < 2 * folds:
        raise InputError(f"folds {folds} of {sample.n_rows} rows cannot be made; use 2 to 10")
    if not minutes > 0:
        raise InputError(f"minutes {minutes:g} is not positive; give the CPU minutes to spend")
    classes = sample.classes is not None
    y = sample.target.argmax(axis=1) if classes else sample.target.squeeze()
    random = np.random.RandomState(seed)
    parts = [
        (nested_order(y, train, classes, random), test)
        for train, test in _folds(sample, y, folds, classes, seed)
    ]
    sizes = _sizes(min(len(order) for order, _ in parts), 2 * len(sample.classes or ()))
    fits = _Fits(sample, y, learner_of(learner, classes, seed), metric, (folds, seed))
    losses: list[list[float]] = []
    work, done, last = float(np.sum(sizes**_GROWTH)) * folds, 0.0, 0.0
    with nullcontext() if store is None else Store(store, "learning curve", _VERSION) as kept:
        for at, size in enumerate(sizes):
            ahead = last * (size / sizes[max(at - 1, 0)]) ** _GROWTH
            late = fits.new + ahead > 60 * minutes
            if at >= _ALWAYS and late and not fits.all_kept(kept, int(size)):
                break
            before = fits.seconds
            losses.append([])
            for fold, (order, test) in enumerate(parts):
                losses[-1].append(fits.loss(kept, fold, order[: int(size)], test))
                done += size**_GROWTH
                if progress is not None:
                    progress(done, work)
            last = fits.seconds - before
    if progress is not None:
        progress(work, work)
    measured = sizes[: len(losses)]
    return LearnerCurve(
        learner, measured, np.array(losses), fits.seconds, fits.found, int(sizes[-1])
    )


class _Fits:
    """Fits of one learner, found in the store or made and kept there."""

    def __init__(
        self, sample: Sample, y: Any, estimator: Any, metric: str | None, split: tuple[int, int]
    ) -> None:
        self.sample, self.y, self.estimator, self.metric = sample, y, estimator, metric
        self.folds, seed = split
        self.known = {
            "data": digest(sample.inputs),
            "target": digest(y),
            "preparation": repr(sample.preparation),
            "learner": repr(estimator),
            "metric": metric,
            "folds": self.folds,
            "seed": seed,
        }
        self.seconds, self.new, self.found = 0.0, 0.0, 0

    def loss(self, kept: Store | None, fold: int, train: Index, test: Index) -> float:
        """Give the test loss of one fold after training on some of its rows."""
        key = {**self.known, "fold": fold, "size": len(train)}
        cell = None if kept is None else kept.get(key)
        if cell is not None:
            self.found += 1
            self.seconds += cell.seconds or 0.0
            return float(cell.value)
        start = time.process_time()
        loss = self._measured(train, test)
        taken = time.process_time() - start
        self.seconds, self.new = self.seconds + taken, self.new + taken
        if kept is not None:
            kept.put(key, loss, taken)
        return loss

    def all_kept(self, kept: Store | None, size: int) -> bool:
        """Whether every fit of a size is in the store."""
        keys = ({**self.known, "fold": fold, "size": size} for fold in range(self.folds))
        return kept is not None and all(kept.get(key) is not None for key in keys)

    def _measured(self, train: Index, test: Index) -> float:
        y, seen = self.y, self.sample.take(train).prepared()
        held = self.sample.take(test).prepared(seen.preparation)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of iterations that end early: the loss tells
            try:
                return measured_loss(
                    self.estimator, seen.inputs, y[train], held.inputs, y[test], self.metric
                )
            except ValueError as error:
                text = str(error).strip().splitlines()[0]
                raise InputError(
                    f"a fit of {len(train)} rows failed: {text}; choose another learner or metric"
                ) from None


def _folds(
    sample: Sample, y: Any, folds: int, classes: bool, seed: int
) -> Iterator[tuple[Index, Index]]:
    """Rows to train on and to test on: later rows, other groups, or stratified by class."""
    rows = np.zeros(sample.n_rows)
    if sample.times is not None:
        order = np.argsort(sample.times, kind="stable")
        cut = int(_EARLIER * len(order))
        return iter([(order[:cut], order[cut:])] * folds)
    if sample.groups is not None:
        count = len(np.unique(sample.groups))
        if count < folds:
            raise InputError(f"groups are {count}, fewer than {folds} folds; use fewer folds")
        return iter(GroupKFold(folds).split(rows, y, sample.groups))
    if classes and np.bincount(y).min() >= folds:
        return iter(StratifiedKFold(folds, shuffle=True, random_state=seed).split(rows, y))
    return iter(KFold(folds, shuffle=True, random_state=seed).split(rows))


def _sizes(most: int, least: int) -> Floats:
    """Sizes from few rows to all, each √2 times the one before, counted down from the largest."""
    first = min(max(_FEWEST, least), most)
    steps = int(np.log(most / first) / np.log(_STEP))
    sizes = np.unique(np.round(most / _STEP ** np.arange(steps + 1)))
    if len(sizes) < _ALWAYS:
        raise InputError(
            f"{most} training rows are too few for a learning curve of {_ALWAYS} sizes from "
            f"{first} rows on; give more rows"
        )
    return np.asarray(sizes, dtype=float)
