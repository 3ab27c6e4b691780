"""Every public result behaves alike: JSON, copies, equality, a notebook's view, dataframes."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

import eigenscale as es
from eigenscale.laws.selection.compare import compare
from eigenscale.laws.selection.multiplier import multiplier
from eigenscale.results import Result, Tabular

RNG = np.random.default_rng(0)


def _runs() -> es.Runs:
    N, D = np.meshgrid(np.geomspace(1e6, 1e8, 5), np.geomspace(1e8, 1e10, 4))
    loss = 1.7 + 400 / N**0.34 + 410 / D**0.28
    loss = loss * np.exp(0.003 * np.random.default_rng(1).normal(size=loss.shape))
    return es.Runs.from_arrays(loss.ravel(), params=N.ravel(), tokens=D.ravel())


def _inputs() -> np.ndarray:
    return RNG.normal(size=(300, 12)) * np.arange(1, 13) ** -0.8


def _curve() -> pd.DataFrame:
    step = np.arange(50, 4050, 50)
    loss = 2.5 + 20 * step**-0.5
    return pd.DataFrame({"step": step, "lr": np.full(len(step), 1e-3), "loss": loss})


RUNS = _runs()
FIT = es.fit(RUNS, bootstrap=20, rng=0)
MODEL = es.SolvableModel(es.Spectrum.power_law(alpha=0.5, latent_dim=100))
INPUTS = _inputs()
RESULTS = {
    "Runs": lambda: RUNS,
    "LawFit": lambda: FIT,
    "LawFit:power": lambda: es.fit(RUNS, law="power", bootstrap=0),
    "LawFit:broken": lambda: es.fit(RUNS, law="broken:tokens", bootstrap=0),
    "Comparison": lambda: compare(RUNS, ("chinchilla", "kaplan"), bootstrap=0),
    "Multiplier": lambda: multiplier(FIT, es.published("hoffmann"), 1e8, 1e10, "data"),
    "Plan": lambda: es.plan(FIT, flops=1e20),
    "Frontier": lambda: es.frontier(FIT, [1e19, 1e20]),
    "Reach": lambda: es.reach(FIT, 2.2),
    "Margin": lambda: es.margin(FIT, 1e8, 1e10),
    "Proposal": lambda: es.next_runs(FIT, 1e20, 1e18),
    "Spectrum": lambda: es.Spectrum.power_law(alpha=0.5, latent_dim=1e6),
    "MeasuredSpectrum": lambda: es.measure(INPUTS),
    "Solution": lambda: MODEL.solve(20, 40, ridge=1e-3),
    "Simulation": lambda: MODEL.simulate(10, 20, ridge=1e-3, draws=4, rng=0),
    "Predictions": lambda: es.predict(FIT, params=1e9, tokens=1e11),
    "CurveFit": lambda: es.fit_curves(_curve(), law="steps-only", rng=0),
    "SimulatedGrid": lambda: es.simulate_grid([({}, MODEL.spectrum)], [10], [20, 30], draws=4),
    "Forecast": lambda: es.forecast(INPUTS, INPUTS[:, 0] + 0.1, n_samples=[100, 1000], rng=0),
}


@pytest.fixture(scope="module")
def made():
    return {name: make() for name, make in RESULTS.items()}


def test_every_public_result_is_among_them():
    public = {
        name
        for name in es.__all__
        if isinstance(found := getattr(es, name), type) and issubclass(found, Result)
    }
    judged_by_its_own_tests = {"Verification", "ScoreCard"}
    assert public - judged_by_its_own_tests == {n.partition(":")[0] for n in RESULTS} & public


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_plain_json(made, name):
    text = json.dumps(made[name].to_dict(), allow_nan=False)
    assert json.loads(text) == made[name].to_dict()


@pytest.mark.parametrize("name", RESULTS)
def test_a_copy_equals_its_original(made, name):
    one = made[name]
    assert one == copy.deepcopy(one)
    assert one == pickle.loads(pickle.dumps(one))
    assert one != object()
    assert hash(one) == hash(copy.deepcopy(one))


@pytest.mark.parametrize("name", RESULTS)
def test_a_notebook_shows_text(made, name):
    assert made[name]._repr_html_().startswith("<pre>")
    assert len(repr(made[name])) < 4000


def test_another_fit_is_another():
    assert es.fit(RUNS, bootstrap=0) != FIT


@pytest.mark.parametrize("name", RESULTS)
def test_dataframes_take_tables(made, name):
    one = made[name]
    if isinstance(one, Tabular):
        frame = one.to_pandas()
        assert len(frame) == pl.DataFrame(one).height == one.to_arrow().num_rows
        assert list(frame.columns) == one.to_polars().columns


def test_pandas_takes_runs_and_gives_them_back():
    frame = pd.DataFrame(RUNS)
    assert np.array_equal(es.read_runs(frame).loss, RUNS.loss)


def test_points_may_be_a_frame():
    points = {"params": [1e8, 2e8], "tokens": [1e10, 2e10], "note": ["a", "b"]}
    wanted = FIT.predict(params=points["params"], tokens=points["tokens"]).value
    for frame in (points, pd.DataFrame(points), pl.DataFrame(points)):
        assert np.array_equal(FIT.predict(frame).value, wanted)
    with pytest.raises(es.InputError, match="no column 'tokens'"):
        FIT.predict({"params": [1e8]})
    with pytest.raises(es.InputError, match="not all numbers"):
        FIT.predict({"params": ["x"], "tokens": [1.0]})
    with pytest.raises(es.InputError, match="points are a int"):
        FIT.predict(3)


def test_all_in_python_is_all_on_the_command_line(tmp_path):
    found = es.fit(RUNS, law="all", bootstrap=0)
    assert found == compare(RUNS, bootstrap=0).best
    es.save_fit(found, tmp_path / "fit.json")
    assert np.array_equal(es.load_fit(tmp_path / "fit.json").theta, found.theta)
    with pytest.raises(es.InputError, match="weights goes with one law"):
        es.fit(RUNS, law="all", weights=np.ones(20))
