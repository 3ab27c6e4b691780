"""Fits: published optima, exact recovery, what the certificate sees, intervals, refusals."""

import csv
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.laws.estimation.certificate import certify
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.refine import refine
from eigenscale.laws.estimation.starts import cold_starts
from eigenscale.laws.estimation.stated import problem_of
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.table import tabulate

HOFFMANN = np.array([1.69, 406.4, 410.7, 0.34, 0.28])


@pytest.fixture(scope="session")
def chinchilla(shared):
    """All 245 digitised runs, highest loss first."""
    with shared("data/runs/chinchilla_points.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = {"params": "Model Size", "flops": "Training FLOP", "loss": "loss"}
    columns = {k: np.array([float(row[v]) for row in rows]) for k, v in names.items()}
    order = np.argsort(-columns["loss"], kind="stable")
    return {k: v[order] for k, v in columns.items()}


@pytest.fixture(scope="session")
def kept(chinchilla):
    return {k: v[5:] for k, v in chinchilla.items()}


def parameters(found):
    return [p.value for p in found.parameters.values()]


def test_the_published_optimum_from_cold_starts(kept):
    began = time.process_time()
    found = fit(kept, bootstrap=0)
    spent = time.process_time() - began
    assert found.objective_value == pytest.approx(0.0010182740178, rel=1e-11)
    expected = [1.817218, 477.826, 2143.42, 0.347310, 0.367172]
    np.testing.assert_allclose(parameters(found), expected, rtol=2e-6)
    assert found.certificate.agreeing == found.certificate.starts == 16
    assert found.certificate.gradient_norm < 1e-8
    assert spent < 0.5  # about 0.05 alone on a core


def test_bootstrap_errors_are_the_published_ones(kept):
    found = fit(kept, bootstrap=1000, rng=0)
    se = {name: p.se for name, p in found.parameters.items()}
    for name, expected in {"E": 0.0255, "A": 123, "alpha": 0.0152, "beta": 0.0205}.items():
        assert se[name] == pytest.approx(expected, rel=0.12)
    assert se["B"] == pytest.approx(1280, rel=0.35)  # heavy-tailed: 1,300 to 1,700 by the seed
    draws = found.draws  # a = beta / (alpha + beta), how the best size grows with compute
    assert np.std(draws[:, 4] / (draws[:, 3] + draws[:, 4])) == pytest.approx(0.0198, rel=0.12)
    assert found.failed_draws == 0


def test_least_absolute_deviation_gives_what_the_replication_prints(kept):
    found = fit(kept, objective="lad", bootstrap=0)
    expected = [1.8172, 482.01, 2085.43, 0.3478, 0.3658]
    np.testing.assert_allclose(parameters(found), expected, rtol=3e-4)


def test_five_outliers_move_the_data_term_six_fold(chinchilla):
    found = fit(chinchilla, bootstrap=0)
    expected = [1.8913, 495.7, 12846, 0.3493, 0.4530]
    np.testing.assert_allclose(parameters(found), expected, rtol=2e-4)


def test_the_certificate_catches_an_optimiser_that_stops_early(kept):
    """L-BFGS at its default tolerance stays at Hoffmann's values: the published failure."""
    from scipy.optimize import minimize

    table = tabulate(kept)
    problem = problem_of(table, get("chinchilla"), {})
    goal = parse_objective("huber:1e-3")
    N, D, loss = table.inputs["params"], table.inputs["tokens"], table.target

    def summed(log_theta):
        e, a, b, alpha, beta = log_theta
        terms = np.stack([e + 0 * N, a - alpha * np.log(N), b - beta * np.log(D)])
        return goal.value(np.logaddexp.reduce(terms) - np.log(loss)).sum()

    start = [0.5267228, 6.0073404, 6.0179186, 0.33917084, 0.2849083]  # of the TeX source
    ended = minimize(summed, start, method="L-BFGS-B")
    theta = np.concatenate([np.exp(ended.x[:3]), ended.x[3:]])
    assert ended.success
    assert ended.fun == pytest.approx(0.00116327, abs=5e-9)
    ends = refine(problem, goal, cold_starts(problem, goal))
    judged = certify(problem, goal, problem.coordinates(theta), ends)
    assert not judged.converged
    assert judged.agreeing == 0
    assert judged.gradient_norm > 0.01
    assert "NOT CONVERGED" in judged.sentence()


def grid(side=4):
    N, D = np.meshgrid(np.geomspace(1e7, 1e10, side), np.geomspace(1e9, 1e12, side))
    return {"params": N.ravel(), "tokens": D.ravel()}


@given(
    E=st.floats(0.1, 3),
    size=st.floats(0.05, 1),
    data=st.floats(0.05, 1),
    alpha=st.floats(0.15, 0.9),
    beta=st.floats(0.15, 0.9),
)
def test_exact_tables_are_recovered_to_eight_digits(E, size, data, alpha, beta):
    inputs = grid()
    theta = [E, size * 3e8**alpha, data * 3e10**beta, alpha, beta]
    loss = get("chinchilla").predict(theta, **inputs)
    found = fit({**inputs, "loss": loss}, bootstrap=0)
    np.testing.assert_allclose(parameters(found), theta, rtol=1e-8)


def test_scaling_the_units_scales_the_constants(kept):
    found = fit(kept, bootstrap=0)
    scaled = {"params": kept["params"] / 1e9, "flops": kept["flops"] / 1e18, "loss": kept["loss"]}
    moved = fit(scaled, bootstrap=0)
    E, A, B, alpha, beta = parameters(found)
    np.testing.assert_allclose(
        parameters(moved), [E, A / 1e9**alpha, B / 1e9**beta, alpha, beta], rtol=1e-7
    )
    assert moved.objective_value == pytest.approx(found.objective_value, rel=1e-10)


def test_the_order_of_runs_does_not_matter(kept):
    order = np.random.default_rng(3).permutation(len(kept["loss"]))
    shuffled = fit({k: v[order] for k, v in kept.items()}, bootstrap=0)
    np.testing.assert_allclose(parameters(shuffled), parameters(fit(kept, bootstrap=0)), rtol=1e-7)


def test_weights_are_repetitions(kept):
    twice = {k: np.concatenate([v, v[:50]]) for k, v in kept.items()}
    weights = np.ones(len(kept["loss"]))
    weights[:50] = 2
    np.testing.assert_allclose(
        parameters(fit(kept, weights=weights, bootstrap=0)),
        parameters(fit(twice, bootstrap=0)),
        rtol=1e-7,
    )


def test_a_fixed_parameter_stays_and_the_rest_is_at_its_best(kept):
    found = fit(kept, fix={"E": 1.69}, bootstrap=30)
    assert found.parameters["E"].value == 1.69
    assert found.parameters["E"].low == found.parameters["E"].high == 1.69
    assert (found.draws[:, 0] == 1.69).all()
    free = fit(kept, bootstrap=0)
    assert found.objective_value > free.objective_value
    again = fit(
        kept, fix={"E": free.parameters["E"].value, "A": free.parameters["A"].value}, bootstrap=0
    )
    np.testing.assert_allclose(parameters(again), parameters(free), rtol=1e-6)


def test_one_seed_gives_the_same_bits(kept):
    first, second = (fit(kept, bootstrap=40, rng=7).draws for _ in range(2))
    assert (first == second).all()
    assert (first != fit(kept, bootstrap=40, rng=8).draws).any()


@pytest.mark.parametrize("resampling", ["case", "bayesian", "residual", "cluster:family"])
def test_resampling_kinds_agree_on_a_well_behaved_table(resampling):
    rng = np.random.default_rng(0)
    inputs = grid(8)
    loss = get("chinchilla").predict(HOFFMANN, **inputs) * np.exp(0.01 * rng.standard_normal(64))
    family = np.array([f"f{i % 16}" for i in range(64)])
    found = fit(
        {**inputs, "loss": loss, "family": family},
        objective="huber:0.01",
        bootstrap=200,
        resampling=resampling,
    )
    assert 0.007 < found.parameters["alpha"].se < 0.013
    assert found.parameters["alpha"].low < 0.34 < found.parameters["alpha"].high


def test_refits_end_where_cold_starts_of_the_same_table_end(kept):
    """A warm start does not miss a better basin."""
    rng = np.random.default_rng(0)
    problem = problem_of(tabulate(kept), get("chinchilla"), {})
    goal = parse_objective("huber:1e-3")
    best = cold_starts(problem, goal)[:1]
    best = refine(problem, goal, best).coordinates
    weights = rng.multinomial(240, np.full(240, 1 / 240), size=20).astype(float)
    warm = refine(problem, goal, np.repeat(best, 20, axis=0), weights=weights)
    starts = cold_starts(problem, goal)
    for row, value in zip(weights, warm.objective, strict=True):
        cold = refine(problem, goal, starts, weights=np.repeat(row[None], len(starts), axis=0))
        assert value == pytest.approx(cold.objective.min(), rel=1e-9)


def test_held_out_runs_are_foretold(kept):
    found = fit(kept, bootstrap=200, holdout=0.1)
    held = found.holdout
    assert (held.n_fitted, held.n_held_out) == (216, 24)
    assert held.error < 0.02
    smallest = (held.inputs["params"] * held.inputs["tokens"]).min() * 6
    assert np.sort(kept["flops"])[-24] == pytest.approx(smallest)
    assert "24 largest" in held.sentence()


def test_what_grows_is_named(kept):
    one = {"tokens": np.geomspace(1e8, 1e11, 12)}
    one["loss"] = 1.7 + 400 / one["tokens"] ** 0.3
    found = fit(one, "power", bootstrap=50, holdout=3)
    assert found.cost == "tokens"
    assert "times the tokens)" in found.holdout.sentence()
    assert fit(kept, bootstrap=0).cost == "compute"
    with pytest.raises(InputError, match=r"needs params, and the runs have tokens; .*, as power$"):
        fit(one)


def test_predictions_carry_both_intervals(kept):
    found = fit(kept, bootstrap=200)
    made = found.predict(params=[[1e9], [1e10]], tokens=[1e10, 1e11, 1e12])
    assert made.value.shape == (2, 3)
    assert (made.low <= made.value).all()
    assert (made.value <= made.high).all()
    assert (made.run_high - made.run_low > made.high - made.low).all()
    assert len(made.intervals(run=True)) == 6
    assert found.loss_draws([1e9, 1e10], 1e11).shape == (200, 2)
    np.testing.assert_allclose(found.loss(1e9, [1e10, 1e11]), made.value[0, :2])


def test_a_fit_reads_well(kept):
    found = fit(kept, bootstrap=50, holdout=24)
    assert repr(found).startswith("LawFit(chinchilla on 240 runs: E 1.817 [")
    text = found.summary()
    assert "16 of 16 cold starts" in text
    assert "E + A / params^alpha + B / tokens^beta" in text
    assert found.to_dict()["parameters"]["E"]["se"] > 0


def test_a_path_and_a_dataframe_are_read(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({**grid(), "loss": get("chinchilla").predict(HOFFMANN, **grid())})
    frame.to_csv(tmp_path / "runs.csv", index=False)
    for source in (frame, tmp_path / "runs.csv", str(tmp_path / "runs.csv")):
        np.testing.assert_allclose(parameters(fit(source, bootstrap=0)), HOFFMANN, rtol=1e-6)


def test_refusals():
    with pytest.raises(InputError, match="the runs have no loss"):
        fit({"params": [1, 2]})
    with pytest.raises(InputError, match="params has shape"):
        fit({"params": [1, 2], "tokens": [1, 2, 3], "loss": [3, 2, 1]})
    with pytest.raises(InputError, match="loss has -2 in row 2"):
        fit({"params": [1, 2], "loss": [3, -2]})
    with pytest.raises(InputError, match="no column varies"):
        fit({"params": [1, 1], "loss": [3, 2]}, law="power")
    with pytest.raises(InputError, match="weights have shape"):
        fit({**grid(), "loss": np.arange(1, 17)}, weights=[1, 2])
