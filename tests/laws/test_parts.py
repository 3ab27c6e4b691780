"""Fits to many parts at once are the fits to each part alone."""

import numpy as np
import pytest

from eigenscale.laws.backtest.rolling import approximate
from eigenscale.laws.fitting import fit

RNG = np.random.default_rng(3)
N, D = (
    axis.ravel() for axis in np.meshgrid(np.geomspace(1e8, 1e10, 8), np.geomspace(2e9, 2e11, 8))
)
LOSS = 1.7 + 400 / N**0.34 + 410 / D**0.28
RUNS = {"params": N, "tokens": D, "loss": LOSS * np.exp(0.005 * RNG.normal(size=N.size))}
ORDER = np.argsort(N * D, kind="stable")
PARTS = [np.sort(ORDER[:count]) for count in (32, 45, 60)]


@pytest.mark.parametrize("law", ["chinchilla", "kaplan", "generalised", "power:flops"])
def test_parts_are_fitted_as_if_alone(law):
    found = fit(RUNS, law, bootstrap=0)
    for rows, theta in zip(PARTS, approximate(found, PARTS), strict=True):
        alone = fit({name: column[rows] for name, column in RUNS.items()}, law, bootstrap=0)
        inputs = {name: found.table.inputs[name] for name in found.law.inputs}
        np.testing.assert_allclose(
            found.law.predict(theta, **inputs), found.law.predict(alone.theta, **inputs), rtol=1e-5
        )


def test_breaks_lie_within_the_runs_of_the_part():
    found = fit(RUNS, "broken:flops", bootstrap=0)
    compute = found.table.inputs["flops"]
    for rows, theta in zip(PARTS, approximate(found, PARTS), strict=True):
        place = theta[found.law.index("x_1")]
        assert compute[rows].min() * 0.999 <= place <= compute[rows].max() * 1.001


def test_runs_beyond_a_part_have_no_say():
    found = fit(RUNS, bootstrap=0)
    other = {**RUNS, "loss": RUNS["loss"].copy()}
    other["loss"][ORDER[50:]] *= 3
    changed = fit(other, bootstrap=0)
    for rows, one, two in zip(
        PARTS[:2], approximate(found, PARTS[:2]), approximate(changed, PARTS[:2]), strict=True
    ):
        assert rows.max() >= 0
        np.testing.assert_allclose(one, two, rtol=1e-4)
