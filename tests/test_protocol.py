"""Every public result behaves alike: JSON, copies, equality, a notebook's view, dataframes."""

import copy
import hashlib
import json
import pickle

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure as Canvas

import eigenscale as es
from eigenscale.laws.selection.compare import compare
from eigenscale.laws.selection.multiplier import multiplier
from eigenscale.results import Described, Result, Tabular

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
    "Prediction": lambda: FIT.predict(params=[1e8, 1e9], tokens=1e10),
    "Versus": lambda: es.compare(FIT, "hoffmann"),
    "Outlook": lambda: es.outlook(FIT, 1e20),
    "PublishedLaw": lambda: es.published("hoffmann"),
    "Geometry": lambda: es.dimension(INPUTS[:100]),
    "SgdLoss": lambda: es.sgd_loss(MODEL.spectrum, 20, [10, 100], lr=0.1),
    "SampleSpectrum": lambda: es.sample_spectrum(MODEL.spectrum, 50),
    "Curve": lambda: es.read_curves(_curve())[0],
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
    judged_by_its_own_tests = {"Verification", "ScoreCard"}  # slow, or need a file
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
def test_a_result_says_what_it_is(made, name):
    one = made[name]
    assert isinstance(one, Described)
    assert one.summary
    assert one.summary() == str(one.summary)
    assert isinstance(one.warnings, tuple)
    assert len(repr(one)) < 4000


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_kept_in_a_file(made, name, tmp_path):
    path = made[name].save(tmp_path / "kept.json")
    assert es.load(path) == made[name]
    kept = json.loads(path.read_text())
    assert kept["result"] == made[name].to_dict()
    path.write_text(path.read_text().replace('"class"', '"kind"').replace("fields", "felder"))
    with pytest.raises(es.InputError, match=r"is no saved result|damaged"):
        es.load(path)


@pytest.mark.parametrize("name", RESULTS)
def test_a_notebook_shows_text_a_table_and_a_figure(made, name):
    shown = made[name]._repr_html_()
    assert shown.startswith("<pre>")
    assert shown.count("\n") < 60
    assert ("<img alt=" in shown) == bool(made[name].kinds)
    assert ("<table>" in shown) == isinstance(made[name], Tabular)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_drawn_on_axes_of_ones_own(made, name):
    before = dict(mpl.rcParams)
    for kind in made[name].kinds:
        ax = Canvas().subplots()
        assert made[name].plot(ax=ax, kind=kind) is ax
        assert ax.has_data()
    assert dict(mpl.rcParams) == before
    with pytest.raises(es.InputError, match=r"no figure|there are"):
        made[name].plot(kind="pie")


def test_a_figure_of_its_own_has_all_panels():
    from matplotlib import pyplot as plt

    ax = FIT.plot()
    assert len(ax.figure.axes) >= 2
    left = FIT.plot(Canvas().subplots(1, 2))
    assert left.has_data()
    plt.close("all")
    with pytest.raises(es.InputError, match="no matplotlib Axes"):
        FIT.plot(ax="here")


def test_a_fit_that_was_kept_is_a_saved_fit(tmp_path):
    path = FIT.save(tmp_path / "fit.json")
    assert es.load_fit(path) == FIT
    assert es.predict(path, flops=1e20) == es.predict(FIT, flops=1e20)
    compact = es.save_fit(FIT, tmp_path / "compact.json")
    assert np.array_equal(es.load(compact).theta, FIT.theta)
    assert es.load(compact).kinds == ("law",)
    es.load(compact).plot(ax=Canvas().subplots())


def test_a_file_brings_no_code(tmp_path):
    path = es.published("hoffmann").save(tmp_path / "law.json")
    for place in ("os:system", "eigenscale.writing:whole_file"):
        module, name = place.split(":")
        state = json.dumps({"$named": [module, name]})
        digest = hashlib.sha256(state.encode()).hexdigest()
        head = {"format": "eigenscale-result-1", "class": "X", "sha256": digest}
        path.write_text(json.dumps({**head, "fields": json.loads(state)}))
        with pytest.raises(es.InputError, match="make it again"):
            es.load(path)


def test_what_holds_a_function_of_ones_own_cannot_be_kept(tmp_path):
    from eigenscale.laws.forms.custom import custom

    law = custom(lambda params, *, E=2.0, A=50.0: E + A * params**-0.3)
    fit = es.fit({"params": RUNS.params, "loss": RUNS.loss}, law=law, bootstrap=0)
    with pytest.raises(es.InputError, match="no file keeps code"):
        fit.save(tmp_path / "own.json")
    assert not (tmp_path / "own.json").exists()


def test_compute_alone_asks_for_the_best_size():
    best = es.plan(FIT, flops=1e20)
    assert FIT.predict(flops=1e20).value == pytest.approx(best.loss.value, rel=1e-9)
    frame = pd.DataFrame({"flops": [1e19, 1e20]})
    assert FIT.predict(frame).value[1] == pytest.approx(best.loss.value, rel=1e-9)


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
