"""What is drawn when runs are resampled."""

import numpy as np
import pytest

from eigenscale.laws.fitting import fit

N, D = (
    axis.ravel() for axis in np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(2e9, 2e11, 6))
)
NOISE = np.exp(0.005 * np.random.default_rng(0).normal(size=N.size))
RUNS = {"params": N, "tokens": D, "loss": (1.7 + 400 / N**0.34 + 410 / D**0.28) * NOISE}


def test_families_that_share_noise_widen_the_intervals():
    rng = np.random.default_rng(1)
    family = np.repeat(np.arange(12), 3)
    size = np.geomspace(1e8, 1e10, 12)[family]
    tokens = 20 * size * np.tile([0.5, 1, 2], 12)
    loss = (1.7 + 400 / size**0.34 + 410 / tokens**0.28) * np.exp(
        0.01 * rng.normal(size=12)[family]
    )
    table = {"params": size, "tokens": tokens, "loss": loss, "family": family.astype(str)}
    whole = fit(table, "power:flops", bootstrap=300).parameters["alpha"]
    single = fit(table, "power:flops", bootstrap=300, resampling="case").parameters["alpha"]
    assert whole.se > 1.2 * single.se


@pytest.mark.parametrize(
    ("labels", "drawn"),
    [({}, "case"), ({"family": np.repeat(list("abcdefghi"), 4)}, "cluster:family"),
     ({"family": np.repeat(list("abc"), 12)}, "case"),
     ({"name": np.repeat(list("abcdefghi"), 4)}, "cluster:name"),
     ({"name": np.arange(36).astype(str)}, "case")],
)  # fmt: skip
def test_groups_that_share_noise_are_drawn_whole(labels, drawn):
    found = fit({**RUNS, **labels}, bootstrap=20, holdout=0.2)
    assert found.settings["resampling"] == drawn
    asked = fit({**RUNS, **labels}, bootstrap=20, resampling="case")
    assert asked.settings["resampling"] == "case"
