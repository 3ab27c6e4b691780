"""Nominal 90 % intervals hold the truth that often; in full, benchmarks/coverage.py."""

import numpy as np

from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get

TRUTH = np.array([1.7, 410.7, 0.28])


def test_intervals_of_a_power_law_cover():
    law, inside = get("power:tokens"), []
    for k in range(60):
        rng = np.random.default_rng([11, k])
        family = np.repeat(np.arange(12), 4)
        tokens = np.exp(rng.uniform(np.log(5e8), np.log(1e12), 48))
        noise = 0.004 * rng.normal(size=12)[family] + 0.006 * rng.normal(size=48)
        noise += (rng.uniform(size=48) < 0.04) * rng.exponential(0.05, 48)
        loss = law.predict(TRUTH, tokens=tokens) * np.exp(noise)
        table = {"tokens": tokens, "loss": loss, "family": family.astype(str)}
        found = fit(table, law, bootstrap=150, rng=k)
        there = found.predict(tokens=1e13)
        ends = [(p.low, p.high) for p in found.parameters.values()]
        exact = law.predict(TRUTH, tokens=1e13)
        held = [low <= t <= high for (low, high), t in zip(ends, TRUTH, strict=True)]
        inside.append([*held, there.low <= exact <= there.high])
    share = np.mean(inside, axis=0)
    assert (share >= 0.8).all()  # four standard errors of 60 below 93 %
    assert share.mean() <= 0.98
