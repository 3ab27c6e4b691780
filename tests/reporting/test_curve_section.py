"""The report on training curves alone: where a running run will end, and the best cooldown."""

import numpy as np

from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.registry import get
from eigenscale.laws.schedules.shapes import cosine
from eigenscale.reporting.report import report

THETA = np.array([3.04, 0.525, 0.508, 364.0, 2.07, 0.583, 0.641])


def test_a_report_on_curves_alone(tmp_path):
    plan = cosine(3e-4, 8000, 600, 3e-5)
    steps = np.arange(640, 8001, 80)
    loss = get("multi-power").loss(THETA, expose(plan, steps))
    loss *= np.exp(1e-3 * np.random.default_rng(0).normal(size=len(steps)))
    running = np.where(steps <= 6000, loss, np.nan)
    table = {"run": ["mine"] * len(steps), "step": steps, "lr": plan.rates[steps - 1]}
    page = report(tmp_path / "page", curves={**table, "loss": running})
    text = page.read_text(encoding="utf-8")
    for words in ("mine will end at a loss of", "Training curves", "The best cooldown of"):
        assert words in text
    assert (tmp_path / "page" / "training-curves.png").exists()
