"""Fits of curves: recovery, published curves, intervals, families, refusals."""

import time

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.curves.read import read_curves
from eigenscale.laws.curves.backtest import Miss, excess_of
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.fitting import fit_curves
from eigenscale.laws.curves.noise import Noise, estimate_noise, misfit_share
from eigenscale.laws.curves.registry import LAWS, get
from eigenscale.laws.curves.scheduled import scheduled
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.planning.training.best import best_schedule

THREE = ("cosine", "constant", "two-stage")
FITTED = ("cosine_24000", "constant_24000", "wsdcon_9")
OTHERS = (
    *("constant_72000", "cosine_72000", "wsd_20000_24000"),
    *("wsdcon_18", "wsdcon_3", "wsdld_20000_24000"),
)
PUBLISHED = {
    "25M": [3.04045, 0.52469, 0.50787, 363.788, 2.06561, 0.58279, 0.64142],
    "100M": [2.65145, 0.60115, 0.45296, 437.946, 2.13246, 0.59785, 0.65524],
}


def test_curves_without_noise_are_continued_under_another_schedule(simulated, theta):
    found = fit_curves([simulated(name) for name in THREE])
    other = simulated("wsd")
    assert found.solved.certificate.agreeing == 16
    # The prior weighs as much as noise of 1e-3 would let it.
    assert found.loss(other.schedule, other.steps) == pytest.approx(
        np.exp(other.log_loss), rel=1.5e-3
    )
    assert found.solved.objective < 2e-5


@pytest.mark.parametrize("name", LAWS)
def test_every_law_fits_and_agrees(name, simulated):
    found = fit_curves([simulated(each, 1e-3, 5) for each in THREE], name)
    assert found.solved.certificate.converged
    assert found.solved.certificate.agreeing >= 14
    assert set(found.parameters) == set(get(name).names)


def test_only_a_law_that_sees_the_rate_predicts_an_annealing(simulated):
    curves, other = [simulated(name, 1e-3, 1) for name in THREE], simulated("wsd")
    error = {}
    for law in ("multi-power", "steps-only"):
        found = fit_curves(curves, law).predict(other.schedule, other.steps)
        error[law] = abs(np.log(found.loss[-1]) - other.log_loss[-1])
        assert found.reliable == (law == "multi-power")
    assert error["multi-power"] < 0.004 < 0.01 < error["steps-only"]


def test_a_published_fit_is_reached_and_undercut(shared):
    for size, published in PUBLISHED.items():
        files = [shared(f"data/curves/{size}_{name}.csv") for name in FITTED]
        begin = time.process_time()
        found = fit_curves(files, warmup=2160)
        assert time.process_time() - begin < 5
        problem, law = found.solved.problem, found.law
        logs = np.concatenate([np.log(law.loss(np.array(published), e)) for e in problem.exposures])
        goal = parse_objective("huber:1e-3")
        theirs = goal.value(logs - problem.log_loss).sum()
        assert theirs == pytest.approx({"25M": 2.909e-4, "100M": 2.805e-4}[size], rel=0.05)
        assert found.solved.objective < theirs
        assert found.solved.certificate.agreeing == 16


def test_the_ends_of_other_published_schedules(shared):
    inside = 0
    for size, mean, worst in (("25M", 0.0030, 0.006), ("100M", 0.0040, 0.008)):
        found = fit_curves([shared(f"data/curves/{size}_{name}.csv") for name in FITTED])
        errors = []
        for name in OTHERS:
            curve = scheduled(read_curves(shared(f"data/curves/{size}_{name}.csv"))[0])
            end = found.predict(curve.schedule).end
            measured = np.exp(curve.log_loss[-1])
            errors.append(abs(np.log(end.value / measured)))
            inside += end.low <= measured <= end.high
        assert np.mean(errors) < mean
        assert max(errors) < worst
    assert inside >= 10


def test_a_first_part_with_the_shape_of_another_size(shared):
    small = fit_curves([shared(f"data/curves/25M_{name}.csv") for name in FITTED])
    file = shared("data/curves/100M_wsd_20000_24000.csv")
    found = fit_curves(file, until=16000, family=small)
    end = found.predict(found.curves[0].schedule)
    assert end.reliable
    assert end.end.value == pytest.approx(2.9514, rel=0.01)
    alone = fit_curves(file, until=16000).predict(found.curves[0].schedule)
    assert not alone.reliable
    assert "prior, not a measurement" in alone.doubts[0]


def test_intervals_hold_on_simulated_curves(simulated):
    """Ends of a fourth schedule; ten data sets of a law that holds exactly."""
    inside = 0
    for seed in range(10):
        curves = [simulated(n, 3e-3, 10 * seed + i, 128) for i, n in enumerate(THREE)]
        other = simulated("wsd", 3e-3, 10 * seed + 9)
        end = fit_curves(curves, rng=seed).predict(other.schedule).end
        inside += end.low <= np.exp(other.log_loss[-1]) <= end.high
    assert inside >= 7


def test_smooth_residuals_are_misfit_and_rough_ones_noise():
    rng = np.random.default_rng(0)
    for noise in (Noise(1e-3, 0.8, 0.9), Noise(4e-3, 0.5, 1.0)):
        assert misfit_share(list(noise.draw(rng, 3, 150))) == 0.0
    smooth = [np.sin(np.linspace(0, k, 150)) + 0.02 * rng.normal(size=150) for k in (3, 5, 8)]
    assert misfit_share(smooth) == 1.0
    assert misfit_share([rng.normal(size=150)]) == 1.0  # one curve does not tell
    nearly = [Miss("a", 0.004, 0.003), Miss("b", -0.001, 0.002), Miss("c", 0.0, 0.002)]
    assert excess_of(nearly, 0.0).half_width(0.01, 0.9) == pytest.approx(0.01645, rel=1e-3)
    assert excess_of([*nearly, Miss("d", 0.02, 0.002)], 0.0).deviation > 0.005


def test_the_best_wsd_beats_the_usual_ones_on_published_curves(shared):
    """By the fitted law's own figure: against cosine and a linear cooldown over 20 %."""
    found = fit_curves([shared(f"data/curves/25M_{name}.csv") for name in FITTED])
    best = best_schedule(found, 24000)
    assert [rival.gain.value > 0 for rival in best.rivals] == [True, True]


def test_noise_with_memory_is_recognised():
    rng = np.random.default_rng(0)
    series = list(Noise(2e-3, 0.8, 0.9).draw(rng, 6, 300))
    found = estimate_noise(series, 0)
    assert found.deviation == pytest.approx(2e-3, rel=0.15)
    assert found.memory == pytest.approx(Noise(2e-3, 0.8, 0.9).memory, rel=0.4)
    white = estimate_noise([rng.normal(size=2000)], 0)
    assert white.memory == pytest.approx(1.0, abs=0.3)


def test_a_law_is_fast_on_a_long_curve():
    from eigenscale.laws.schedules.shapes import cosine

    exposure = expose(cosine(3e-4, 72000, 2000, 3e-5), np.arange(2000, 72001, 128))
    law, theta = get("multi-power"), np.array(PUBLISHED["25M"])
    begin = time.process_time()
    for _ in range(10):
        law.evaluate(theta, exposure)
    assert (time.process_time() - begin) / 10 < 0.05


def test_loud_logs_widen_the_objective(simulated):
    found = fit_curves([simulated(name, 0.02, 3) for name in THREE])
    assert found.solved.goal.delta > 3e-3
    assert found.solved.certificate.agreeing >= 14


def test_a_schedule_for_a_curve_without_rates(simulated):
    curve = simulated("cosine")
    table = {"step": curve.steps, "loss": np.exp(curve.log_loss)}
    found = fit_curves(table, schedule="cosine:peak=3e-4,end=3e-5,warmup=600,total=8000")
    end = found.predict(curve.schedule).end
    assert end.value == pytest.approx(np.exp(curve.log_loss[-1]), rel=1e-3)
    with pytest.raises(InputError, match="no learning rate"):
        fit_curves(table)
    with pytest.raises(InputError, match="at least as long as the run"):
        fit_curves(table, schedule="cosine:peak=3e-4,total=5000")


def test_what_is_refused(simulated):
    curve = simulated("cosine")
    with pytest.raises(InputError, match="does not cut"):
        fit_curves(curve, until=9000)
    with pytest.raises(InputError, match="at least 5"):
        fit_curves(curve, until=700)
    with pytest.raises(InputError, match="between 0 and 1"):
        fit_curves(curve, level=1.0)
    with pytest.raises(InputError, match="use one law for both"):
        fit_curves(curve, "annealing", family=fit_curves(curve))
    with pytest.raises(InputError, match="steps 1 to 8,000"):
        fit_curves(curve).predict(curve.schedule, [9000])


def test_records_of_the_warm_up_are_left_out_and_said():
    steps = np.arange(50, 4001, 50)
    lr = 1e-3 * np.minimum(steps / 1000, 1.0)
    loss = 2 + 30 * np.cumsum(50 * lr) ** -0.5 * 1e-2 + 5 * np.exp(-steps / 200)
    found = fit_curves({"step": steps, "lr": lr, "loss": loss})
    assert found.curves[0].steps[0] == 1000
    assert any("19 records of the warm-up" in w for w in found.warnings)


def test_a_few_wild_records_are_no_noise():
    rng = np.random.default_rng(0)
    series = rng.normal(size=400) * 1e-3
    series[:5] = 1.0
    assert estimate_noise([series], 0).deviation < 2e-3
