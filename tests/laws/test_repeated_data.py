"""The data-constrained form on the runs of Muennighoff et al. 2023, against what they published."""

import numpy as np
import pytest

from eigenscale.io.runs.read import read_runs
from eigenscale.laws.fitting import fit
from eigenscale.laws.reference.constants import published


def test_a_free_fit_to_real_runs_with_repeats_holds_the_published_half_lives(shared):
    """All seven parameters free; at least 1e9 distinct tokens, at most 64 passes over them."""
    runs = read_runs(shared("data/runs/data_constrained.csv"))
    passes = runs.tokens / runs.unique_tokens
    kept = runs.select((runs.unique_tokens >= 1e9) & (passes <= 64), "few tokens, many passes")
    found = fit(kept, "data-constrained", objective="huber:1e-2", bootstrap=100)
    theirs = published("muennighoff").parameters
    assert found.n_runs == 158
    assert found.certificate.agreeing > 1
    for name in ("R_D", "R_N", "alpha", "beta", "E"):
        interval = found.parameters[name]
        assert interval.low < theirs[name] < interval.high, name
    assert found.parameters["R_D"].value == pytest.approx(8.3, rel=0.1)
    once = kept.select(kept.tokens / kept.unique_tokens < 1.01, "repeats")
    at = {name: getattr(once, name) for name in ("params", "tokens", "unique_tokens")}
    off = np.log(once.loss / published("muennighoff").predict(**at))
    assert 0.06 < np.median(off) < 0.15  # their constants lie below the runs of this table
