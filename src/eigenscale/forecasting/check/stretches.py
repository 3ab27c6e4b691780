"""Whether the order of rows matters: stretches held back whole against rows held back at random."""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.forecasting.check.students import School
from eigenscale.forecasting.sample.dependence import Stretches
from eigenscale.forecasting.sample.sample import Sample

_STRETCHES = 12
_LEAST = 96  # rows
_MOST = {"fixed": 2400, "random": 1200, "kernel": 1200}  # rows, in dense stretches over the data
_FEATURES = 1000


def stretches(
    school: School, rows: Sample, features: float, ridge: float, rng: np.random.Generator
) -> Stretches:
    """Compare both ways of holding back on the same test rows.

    Of each of twelve stretches a random half is tested twice: after training on rows from outside
    the stretch only, and on as many drawn from everywhere but that half. Among independent
    rows the two differ by chance only.
    """
    if rows.position is None or rows.n_rows < _LEAST or sorted_by_target(rows):
        return Stretches()
    parts = _dense(np.argsort(rows.position, kind="stable"), _MOST[school.learner.kind])
    kept = rows.take(np.concatenate(parts))
    job = _Job(school, kept, min(features, _FEATURES), ridge)
    apart, levels = [], []
    for part in np.array_split(np.arange(kept.n_rows), _STRETCHES):
        inside, outside = job.losses(part, rng)
        apart.append(outside - inside)
        levels.append(inside)
    rise, level = np.array(apart), float(np.mean(levels))
    error = rise.std(ddof=1) / np.sqrt(len(rise))
    mean = float(rise.mean())
    return Stretches(
        level, level + mean, mean / level, mean / float(error) if error > 0 else 0.0, True
    )


def _dense(order: Index, most: int) -> list[Index]:
    """Twelve stretches of the rows in `order`, evenly spaced, with `most` rows together."""
    parts = np.array_split(order, _STRETCHES)
    return [part[: most // _STRETCHES] for part in parts]


def sorted_by_target(rows: Sample) -> bool:
    """Whether rows stand in the order of their target, whose stretches are no fair test."""
    assert rows.position is not None
    target = rows.target[np.argsort(rows.position, kind="stable")]
    if rows.classes is not None:
        changes = np.count_nonzero((np.diff(target, axis=0) != 0).any(axis=1))
        return bool(changes < 4 * len(rows.classes) and changes < len(target) / 8)
    if target.shape[1] > 1:
        return False
    steps = np.diff(target[:, 0])
    return bool((steps >= 0).all() or (steps <= 0).all())


@dataclass(frozen=True, eq=False)
class _Job:
    school: School
    rows: Sample
    features: float
    ridge: float

    def losses(self, part: Index, rng: np.random.Generator) -> tuple[float, float]:
        """Loss on half of the stretch `part`, trained on everywhere and on what is outside."""
        n = self.rows.n_rows
        half = np.sort(rng.permutation(part)[: len(part) // 2])
        everywhere = np.setdiff1d(np.arange(n), half)
        outside = np.setdiff1d(np.arange(n), part)
        inside, without = (
            self._loss(rng.permutation(pool)[: len(outside)], half, rng)
            for pool in (everywhere, outside)
        )
        return inside, without

    def _loss(self, train: Index, test: Index, rng: np.random.Generator) -> float:
        seed = int(rng.integers(2**63))
        x, held = (self._seen(self.rows.inputs[index], seed) for index in (train, test))
        predicted = self.school.predict(x, self.rows.target[train], held, [self.ridge])[0]
        return float(((predicted - self.rows.target[test]) ** 2).sum(axis=1).mean())

    def _seen(self, inputs: Floats, seed: int) -> Floats:
        return self.school.seen(inputs, self.features, np.random.default_rng(seed))
