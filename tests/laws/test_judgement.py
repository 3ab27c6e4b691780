"""How sure a fit is: likelihood, profiles, doubts, residual shape, sensitivity, comparison."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws.estimation.likelihood import curvature, log_likelihood
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.selection.compare import compare

HOFFMANN = np.array([1.69, 406.4, 410.7, 0.34, 0.28])


def table(law="chinchilla", theta=HOFFMANN, noise=0.01, side=8, seed=0, ranges=None):
    law = get(law)
    ranges = ranges or {"params": (1e7, 1e10), "tokens": (1e9, 1e12), "flops": (1e17, 1e22)}
    axes = [np.geomspace(*ranges[name], side) for name in law.inputs]
    inputs = dict(zip(law.inputs, (a.ravel() for a in np.meshgrid(*axes)), strict=True))
    loss = law.predict(theta, **inputs)
    scatter = np.random.default_rng(seed).standard_normal(len(loss))
    return {**inputs, "loss": loss * np.exp(noise * scatter)}


@pytest.fixture(scope="module")
def found():
    return fit(table(), objective="huber:0.02", bootstrap=300, holdout=0.2)


def test_the_likelihood_is_the_gaussian_one_where_all_residuals_are_within_delta():
    r = np.random.default_rng(0).normal(0, 0.01, 200)
    expected = -100 * (np.log(2 * np.pi * np.mean(r**2)) + 1)
    assert log_likelihood(r, parse_objective("squares")) == pytest.approx(expected, rel=1e-9)
    assert log_likelihood(r, parse_objective("huber:1")) == pytest.approx(expected, rel=1e-9)


def test_the_likelihood_tends_to_the_exponential_one_for_small_delta():
    r = np.random.default_rng(0).laplace(0, 0.01, 200)
    expected = -200 * (np.log(2 * np.mean(np.abs(r))) + 1)
    assert log_likelihood(r, parse_objective("huber:1e-6")) == pytest.approx(expected, rel=1e-4)


def test_the_density_of_the_likelihood_integrates_to_one():
    from eigenscale.laws.estimation.likelihood import log_normaliser

    r = np.linspace(-3, 3, 600_001)
    for s, delta in [(0.1, 0.05), (0.3, 0.5), (0.05, 0.2)]:
        rho = parse_objective(f"huber:{delta}").value(r)
        mass = np.trapezoid(np.exp(-rho / s**2 - log_normaliser(s, delta)), r)
        assert mass == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("objective", ["huber:0.02", "squares", "huber:1e-3"])
def test_delta_method_bootstrap_and_profile_agree(objective):
    found = fit(table(), objective=objective, bootstrap=300)
    problem = found.problem
    known = curvature(found)
    drawn = problem.coordinates(found.draws).std(axis=0)
    np.testing.assert_allclose(np.sqrt(np.diag(known.covariance)), drawn, rtol=0.35)
    profile = found.profile("alpha").interval
    interval = found.parameters["alpha"]
    assert profile.low < interval.value < profile.high
    width = (profile.high - profile.low) / (interval.high - interval.low)
    assert 0.6 < width < 1.6


def test_least_squares_profile_is_the_one_of_minos():
    """Against iminuit, where it is installed: the same Gaussian likelihood, the same ends."""
    iminuit = pytest.importorskip("iminuit")
    runs = table(side=6)
    found = fit(runs, objective="squares", bootstrap=0)
    ours = found.profile("alpha", level=0.6827)
    s2 = np.mean(found.residuals**2) * 36 / 31
    known = curvature(found)
    rise = known.rise(found.problem.direction("alpha"))

    def cost(E, a, b, alpha, beta):
        centred = [E, np.exp(a) * 1e8**alpha, np.exp(b) * 1e10**beta, alpha, beta]
        r = np.log(get("chinchilla").predict(centred, params=runs["params"], tokens=runs["tokens"]))
        return np.sum((r - np.log(runs["loss"])) ** 2) / rise

    E, A, B, alpha, beta = found.theta
    start = [E, np.log(A / 1e8**alpha), np.log(B / 1e10**beta), alpha, beta]
    m = iminuit.Minuit(cost, *start)
    m.errordef = 1.0
    m.migrad()
    m.minos("alpha")
    theirs = m.merrors["alpha"]
    assert ours.interval.low == pytest.approx(alpha + theirs.lower, abs=2e-4)
    assert ours.interval.high == pytest.approx(alpha + theirs.upper, abs=2e-4)
    assert rise == pytest.approx(s2, rel=0.5)


def test_a_profile_rises_from_the_estimate_on_both_sides(found):
    for name in found.law.names:
        profile = found.profile(name)
        middle = int(np.argmin(profile.chi_squared))
        assert profile.chi_squared[middle] == 0
        order = np.argsort(profile.values)
        assert (order == np.arange(len(order))).all()
        assert (np.diff(profile.chi_squared[middle:]) > -1e-6).all()
        assert (np.diff(profile.chi_squared[: middle + 1]) < 1e-6).all()
        assert not profile.open_ended


def test_profiles_refuse_what_is_fixed():
    held = fit(table(), fix={"E": 1.69}, bootstrap=0)
    with pytest.raises(InputError, match=r"E is fixed at 1\.69"):
        held.profile("E")


def test_a_floor_out_of_reach_is_said_to_be_unknown():
    theta = [0.1, 60.0, 0.08]
    runs = table("compute", theta, side=25, noise=0.03)
    found = fit(runs, "compute", bootstrap=200)
    known = found.identifiability
    assert not known.floor_known
    (doubt,) = [d for d in known.doubts if d.parameter == "E"]
    assert doubt.partner in {"alpha", "A"}
    assert doubt.sentence.startswith("These runs cannot distinguish E = ")
    assert doubt.apart < 0.05
    assert doubt.sentence in found.summary()
    assert found.to_dict()["identifiability"]["floor_known"] is False


def test_a_floor_in_reach_is_known(found):
    assert found.identifiability.floor_known
    assert found.identifiability.doubts == ()


def test_a_bend_is_seen_and_a_straight_law_is_not_accused():
    theta = [0.0, 60.0, 0.02, 3e19, 0.12, 0.5]
    law = get("broken:flops")
    C = np.geomspace(1e17, 1e22, 60)
    rng = np.random.default_rng(1)
    loss = law.predict(theta, flops=C) * np.exp(0.005 * rng.standard_normal(60))
    wrong = fit({"flops": C, "loss": loss}, "power-no-floor", bootstrap=0)
    said = wrong.structure.sentences(0.01)
    assert "The residuals are curved by" in said[0]
    right = fit({"flops": C, "loss": loss}, "broken", bootstrap=0)
    assert right.structure.sentences(0.005) == []


def test_a_straight_law_is_rarely_accused():
    accused = 0
    for seed in range(40):
        found = fit(table(seed=seed), bootstrap=0, objective="huber:0.02")
        accused += bool(found.structure.sentences(0.01))
    assert accused <= 1


def test_sensitivity_says_what_each_choice_does(found):
    rows = {v.change: v for v in found.sensitivity}
    assert {"delta 0.2", "delta 0.002"} <= set(rows)
    pinned = [v for change, v in rows.items() if change.startswith("E pinned")]
    assert sorted(v.theta[0] for v in pinned) == pytest.approx(
        [found.parameters["E"].low, found.parameters["E"].high]
    )
    assert pinned[0].beyond * pinned[1].beyond < 0
    assert "Sensitivity to choices of the analysis" in found.summary()


def test_outliers_are_left_out_in_turn():
    runs = table(noise=0.002)
    runs["loss"][[5, 20, 41]] *= 1.5
    found = fit(runs, objective="huber:1e-3", bootstrap=0)
    (without,) = [v for v in found.sensitivity if v.change.startswith("without 3 runs")]
    assert without.n_runs == 61
    assert abs(without.theta[3] - 0.34) < 0.02


def test_flags_of_the_table_and_other_columns_are_tried(tmp_path):
    runs = table(noise=0.005)
    lines = ["params,n_params_non_embedding,tokens,loss,outlier"]
    for i, (n, d, v) in enumerate(zip(runs["params"], runs["tokens"], runs["loss"], strict=True)):
        lines.append(f"{n:.9g},{0.8 * n:.9g},{d:.9g},{v:.9g},{'true' if i < 3 else 'false'}")
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(lines) + "\n")
    found = fit(path, bootstrap=0)
    changes = {v.change: v for v in found.sensitivity}
    assert changes["without the rows the table flags"].n_runs == 61
    (counted,) = [v for change, v in changes.items() if "counted as" in change]
    ratio = counted.theta[1] / found.theta[1]
    assert ratio in (pytest.approx(0.8**0.34, rel=0.02), pytest.approx(0.8**-0.34, rel=0.02))


@pytest.mark.parametrize("law", ["compute", "chinchilla"])
def test_flops_counted_by_another_column_are_tried(tmp_path, law):
    """Also where tokens are only known as flops / (6 params)."""
    runs = table(noise=0.003)
    flops = 6 * runs["params"] * runs["tokens"]
    lines = ["params,flops,compute,loss"]
    rows = zip(runs["params"], flops, 1.25 * flops, runs["loss"], strict=True)
    lines += [",".join(f"{value:.9g}" for value in row) for row in rows]
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(lines) + "\n")
    found = fit(path, law, bootstrap=0)
    (counted,) = [v for v in found.sensitivity if v.change.startswith("flops counted as")]
    i, power = (1, 2) if law == "compute" else (2, 4)
    ratio = counted.theta[i] / found.theta[i]
    expected = 1.25 ** found.theta[power]
    assert ratio in (pytest.approx(expected, rel=1e-3), pytest.approx(1 / expected, rel=1e-3))


def test_everything_that_may_be_chosen_otherwise_is_printed(tmp_path):
    """Outliers, delta both ways, the floor at both ends or free, sizes counted otherwise."""
    runs = table(noise=0.003)
    runs["loss"][[7, 30]] *= 1.3
    rows = zip(runs["params"], 0.8 * runs["params"], runs["tokens"], runs["loss"], strict=True)
    lines = ["params,n_params_non_embedding,tokens,loss,outlier"]
    lines += [
        ",".join(f"{v:.9g}" for v in row) + f",{'true' if i == 7 else 'false'}"
        for i, row in enumerate(rows)
    ]
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(lines) + "\n")
    printed = fit(path, bootstrap=50).summary()
    wanted = (
        "without the rows the table flags",
        "without 2 runs beyond 5 sd",
        "delta 0.01",
        "delta 0.0001",
        "params counted as",
    )
    assert all(text in printed for text in wanted)
    assert printed.count("E pinned at") == 2
    assert "E free" in fit(path, fix={"E": 1.69}, bootstrap=0).summary()


def test_waves_in_the_residuals_are_seen_though_no_parabola_fits_them():
    C = np.geomspace(1e17, 1e22, 80)
    wave = 0.01 * np.sign(np.sin(np.linspace(0, 6 * np.pi, 80) + 0.1))
    loss = 40 * C**-0.06 * np.exp(wave + 0.002 * np.random.default_rng(0).standard_normal(80))
    found = fit({"flops": C, "loss": loss}, "power-no-floor", bootstrap=0)
    said = found.structure.sentences(0.01)
    assert said[0].startswith("Residuals of the same sign are adjacent along compute")


def test_the_true_form_is_found_by_the_runs_it_foretells():
    made = compare(
        table(noise=0.002, side=7),
        ("power", "chinchilla", "kaplan", "steps"),
        bootstrap=30,
        objective="huber:0.01",
    )
    assert made.best.law.name == "chinchilla"
    order = [c.law for c in made.candidates]
    assert order[0] == "chinchilla"
    assert order[-1] == "steps"
    assert "needs steps" in made.candidates[-1].reason
    errors = [c.holdout_error for c in made.candidates]
    assert errors == sorted(errors)
    assert made.candidates[0].aicc == min(c.aicc for c in made.candidates)
    assert made.candidates[0].rolling_error < 0.01
    plain = made.to_dict()
    assert plain["law"] == "chinchilla"
    assert plain["laws"][0]["holdout_error"] == pytest.approx(errors[0])
    assert made.sentence().startswith("Predictions use chinchilla (size and data were varied")


def test_comparison_refuses_where_no_law_applies():
    with pytest.raises(InputError, match="no law can be fitted"):
        compare({"tokens": [1.0, 2.0], "loss": [2.0, 1.0]}, ("chinchilla", "power"))
