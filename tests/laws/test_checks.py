"""What stands beside a law: no form, countings, repeats, tasks, priors apart."""

import json

import numpy as np
import pytest
from scipy.stats import chi2, ttest_ind

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.tasks import read_tasks
from eigenscale.laws.checks.counting import counting_sentences, countings
from eigenscale.laws.checks.downstream import downstream
from eigenscale.laws.checks.local import local_sentence, local_slopes
from eigenscale.laws.checks.priors import apart
from eigenscale.laws.checks.repeats import repeats, seeds_needed
from eigenscale.laws.fitting import fit
from eigenscale.laws.reference.priors import published_priors
from eigenscale.laws.registry import get
from eigenscale.laws.table import tabulate

THETA = np.array([1.7, 400.0, 410.0, 0.34, 0.28])
N, D = (x.ravel() for x in np.meshgrid(np.geomspace(3e7, 3e9, 7), np.geomspace(6e8, 6e10, 7)))
LAW = get("chinchilla")
LOSS = LAW.predict(THETA, params=N, tokens=D)


def test_local_slopes_are_those_of_a_smooth_law():
    places = local_slopes(tabulate({"params": N, "tokens": D, "loss": LOSS}), LAW, THETA)
    assert len(places) == 3
    for place in places:
        size = THETA[1] * THETA[3] * place.params ** -THETA[3]
        data = THETA[2] * THETA[4] * place.tokens ** -THETA[4]
        loss = LAW.predict(THETA, params=place.params, tokens=place.tokens)
        assert place.law_size == pytest.approx(size / loss, rel=1e-5)
        assert place.law_data == pytest.approx(data / loss, rel=1e-5)
        assert place.size_exponent.value == pytest.approx(size / loss, rel=0.2)
        assert place.data_exponent.value == pytest.approx(data / loss, rel=0.2)
        assert place.agrees
    assert "agrees with the law's exponents" in local_sentence(places)


def test_a_wrong_form_shows():
    places = local_slopes(
        tabulate({"params": N, "tokens": D, "loss": LOSS}), LAW, THETA * [1, 3, 1, 1, 1]
    )
    assert not all(place.agrees for place in places)
    assert "the form is wrong there" in local_sentence(places)


def test_local_slopes_are_refused_where_size_and_data_grow_together():
    x = np.geomspace(1e7, 1e9, 20)
    table = tabulate({"params": x, "tokens": 20 * x, "loss": 2 + 100 * x**-0.3})
    with pytest.raises(InputError, match="grow together"):
        local_slopes(table, LAW, THETA)
    with pytest.raises(InputError, match="too few"):
        local_slopes(table.take(np.arange(8)), LAW, THETA)


def test_the_right_count_of_parameters_predicts_best():
    rng = np.random.default_rng(0)
    whole = N + 5e7  # embeddings
    loss = LAW.predict(THETA, params=whole, tokens=D) * np.exp(1e-3 * rng.standard_normal(len(N)))
    runs = Runs.from_arrays(loss, params=whole, tokens=D)
    columns = {"params_bare": N, "name": np.array(["x"] * len(N))}
    found, warned = countings(runs, columns)
    assert not warned
    assert [one.counted for one in found if one.quantity == "params"] == ["params", "params_bare"]
    assert counting_sentences(found)[0].startswith("Counting size as params predicts")
    _, warned = countings(runs, {})
    assert "only one way of counting" in warned[0]


def test_depth_and_width_give_sizes_without_embeddings():
    runs = Runs.from_arrays(LOSS, params=N, tokens=D)
    shape = {"n_layer": np.full(len(N), 12.0), "d_model": np.sqrt(N / 150), "seq": N * 0 + 2048}
    names = {one.counted for one in countings(runs, shape)[0]}
    assert "12 layers width²" in names


def test_repeats_are_pooled_over_their_cells():
    rng = np.random.default_rng(1)
    size = np.repeat(np.geomspace(1e8, 1e9, 40), 3)
    loss = np.repeat(np.linspace(3, 2.5, 40), 3) * np.exp(0.004 * rng.standard_normal(120))
    seed = np.tile(["1", "2", "3"], 40)
    found = repeats(Runs.from_arrays(loss, params=size, tokens=size, seed=seed))
    variances = np.log(loss).reshape(40, 3).var(axis=1, ddof=1)
    assert found.cells == 40
    assert found.scatter.value == pytest.approx(np.sqrt(variances.mean()))
    ends = np.sqrt(80 * variances.mean() / chi2.ppf([0.95, 0.05], 80))
    assert (found.scatter.low, found.scatter.high) == pytest.approx(tuple(ends))
    assert "Seeds of each of two settings" in found.sentence()
    assert repeats(Runs.from_arrays(loss, params=size, tokens=size)) is None
    one = Runs.from_arrays(LOSS, params=N, tokens=D, seed=np.arange(49).astype(str))
    assert repeats(one) is None
    optimizer = np.tile(np.array(["a", "b", "c"], dtype=object), 40)
    runs = Runs.from_arrays(loss, params=size, tokens=size, seed=seed)
    assert repeats(runs, columns={"optimizer": optimizer}) is None


def test_seeds_have_the_power_that_is_said():
    rng = np.random.default_rng(2)
    n = seeds_needed(0.01, 0.01)
    a, b = 0.01 * rng.standard_normal((2, 4000, n))
    p = ttest_ind(a, b + 0.01, axis=1).pvalue
    assert 0.77 < np.mean(p < 0.05) < 0.87


def test_scores_come_through_the_loss_and_directly():
    flops = 6 * N * D
    score = 0.25 + 0.6 / (1 + np.exp((LOSS - 2.6) / 0.2))
    runs = {"flops": flops, "params": N, "tokens": D, "loss": LOSS}
    point = {"flops": [6e22], "params": [1e10], "tokens": [1e12]}
    point = {name: np.array(value) for name, value in point.items()}
    tasks = {"task": score, "error": 1 - score}
    one, other = downstream(runs, tasks, point, bootstrap=40)
    truth = 0.25 + 0.6 / (1 + np.exp((LAW.predict(THETA, params=1e10, tokens=1e12) - 2.6) / 0.2))
    assert one.two_step[0].low <= truth <= one.two_step[0].high
    assert one.errors["two_step"] < one.errors["direct"]
    assert other.falls
    assert other.two_step[0].value == pytest.approx(1 - one.two_step[0].value, abs=1e-6)
    assert all(0 <= x <= 1 for x in (one.direct[0].low, one.direct[0].high))
    with pytest.raises(InputError, match="divide percentages by 100"):
        downstream(runs, {"task": 100 * score}, point)


def test_tasks_of_a_table_without_losses(tmp_path):
    table = tmp_path / "scores.csv"
    score = 0.3 + 0.5 / (1 + np.exp(-(np.log10(6 * N * D) - 19.5)))
    rows = np.stack([N, D, score], axis=1)
    np.savetxt(table, rows, delimiter=",", header="params,tokens,MMLU", comments="")
    known = read_tasks(str(table), ["MMLU"])
    assert "loss" not in known.inputs
    assert known.inputs["flops"] == pytest.approx(6 * N * D)
    with pytest.raises(InputError, match="no such column"):
        read_tasks(str(table), ["GSM8K"])


def test_published_priors_pull_and_are_shown_apart():
    few = np.arange(0, 49, 9)
    found = fit(
        {"params": N[few], "tokens": D[few], "loss": LOSS[few]},
        prior=published_priors("besiroglu"),
        bootstrap=0,
    )
    rows = apart(found)
    assert {row.parameter for row in rows} == {"E", "alpha", "beta"}
    assert rows[0].prior.mean == pytest.approx(1.8172)
    assert "prior" in rows[0].sentence()
    with pytest.raises(InputError, match="constants 'nobody' are unknown"):
        published_priors("nobody")


def test_all_of_it_on_the_command_line(tmp_path, capsys):
    table = tmp_path / "runs.csv"
    score = 0.25 + 0.6 / (1 + np.exp((LOSS - 2.6) / 0.2))
    rows = np.stack([N, D, LOSS, score], axis=1)
    np.savetxt(table, rows, delimiter=",", header="params,tokens,loss,MMLU", comments="")
    call = ["fit", str(table), "--bootstrap", "20", "--local", "--counting", "--json"]
    assert main([*call, "--downstream", "MMLU", "--prior-from", "hoffmann"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert len(printed["local"]) == 3
    assert printed["downstream"][0]["two_step"]["predictions"][0]["value"] > 0.5
    assert {row["parameter"] for row in printed["priors"]} == {"E", "alpha", "beta"}
    assert len(printed["countings"]) <= 2
    assert any("only one way of counting" in text for text in printed["warnings"])
    assert main(["fit", str(table), "--downstream", "nothing", "--json"]) == 2
