"""A saved fit predicts as before, without its runs; other files are refused in one line."""

import copy
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.laws.fitting import fit
from eigenscale.laws.forms.custom import custom
from eigenscale.laws.registry import get
from eigenscale.laws.saving.saved import is_saved_fit, load_fit, save_fit

THETA = [1.69, 406.4, 410.7, 0.34, 0.28]


@pytest.fixture(scope="module")
def found():
    N, D = np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6))
    inputs = {"params": N.ravel(), "tokens": D.ravel()}
    scatter = 0.01 * np.random.default_rng(0).standard_normal(36)
    loss = get("chinchilla").predict(THETA, **inputs) * np.exp(scatter)
    return fit({**inputs, "loss": loss}, bootstrap=40, holdout=6)


def test_a_loaded_fit_predicts_to_the_bit(found, tmp_path):
    path = save_fit(found, tmp_path / "fit.json")
    again = load_fit(path)
    at = {"params": [1e9, 1e11], "tokens": [1e10, 1e12]}
    for field in ("value", "low", "high", "run_low", "run_high"):
        assert (getattr(again.predict(**at), field) == getattr(found.predict(**at), field)).all()
    assert again.certificate == found.certificate
    assert again.parameters == found.parameters
    assert again.table is None
    assert again.extent == found.extent
    assert again.holdout.sentence() == found.holdout.sentence()
    assert again.cautions == found.cautions
    assert "E + A" in again.summary()
    json.dumps(again.to_dict()["certificate"])
    saved = json.loads(path.read_text())
    assert len(saved["data"]["sha256"]) == 64
    assert saved["versions"] == {"eigenscale": es.__version__, "numpy": np.__version__}
    assert (saved["settings"]["bootstrap"], saved["settings"]["seed"]) == (40, 0)


def test_the_file_says_what_was_read_and_takes_the_same_runs_back(tmp_path):
    N, D = np.meshgrid(np.geomspace(1e7, 1e10, 5), np.geomspace(1e9, 1e12, 5))
    table = {"Model Size": N.ravel(), "tokens": D.ravel(), "loss": 2 + 30 / N.ravel() ** 0.2}
    table["loss"] += 300 / D.ravel() ** 0.3
    runs = es.read_runs(table).without_highest_loss(2)
    made = fit(runs, bootstrap=10)
    path = save_fit(made, tmp_path / "fit.json")
    told = json.loads(path.read_text())["data"]
    assert told["recognised"]["params"] == "Model Size"
    assert told["derived"] == {"flops": "6 params tokens"}
    assert told["excluded"][0]["reason"] == "the 2 highest losses"
    again = load_fit(path, runs)
    assert again.cautions == made.cautions
    assert es.results.to_plain(again) == es.results.to_plain(made)
    with pytest.raises(InputError, match="was fitted to other runs than these 22"):
        load_fit(path, runs.without_highest_loss(1))


def test_a_loaded_fit_is_saved_again_as_it_was(found, tmp_path):
    first = save_fit(found, tmp_path / "fit.json")
    second = save_fit(load_fit(first), tmp_path / "again.json")
    one, two = (json.loads(path.read_text()) for path in (first, second))
    assert one == two


def test_a_loaded_fit_plans_as_before_and_knows_how_far_its_runs_reached(found, tmp_path):
    again = load_fit(save_fit(found, tmp_path / "fit.json"))
    before, after = es.plan(found, flops=1e24), es.plan(again, flops=1e24)
    assert after.params == before.params
    assert after.loss == before.loss
    assert after.warnings == before.warnings
    assert any("extrapolation" in text for text in after.warnings)


def test_laws_of_one_input_and_fixed_parameters_come_back(tmp_path):
    x = np.geomspace(1e6, 1e10, 8)
    one = fit({"tokens": x, "loss": 2 + 30 / x**0.2}, "power", fix={"E": 2.0}, bootstrap=0)
    again = load_fit(save_fit(one, tmp_path / "fit.json"))
    assert again.law.name == "power:tokens"
    assert again.parameters["E"].value == again.fixed["E"] == 2.0
    assert again.draws.shape == (0, 3)
    assert np.isnan(again.predict(tokens=1e12).low)


def test_a_law_of_the_users_own_is_not_saved(tmp_path):
    mine = custom(lambda tokens, *, a=1.0, b=1.0: a + b / tokens, "mine")
    x = np.geomspace(1, 100, 9)
    made = fit({"tokens": x, "loss": 2 + 3 / x}, mine, bootstrap=0)
    with pytest.raises(InputError, match="law 'mine' is unknown"):
        save_fit(made, tmp_path / "fit.json")
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_refused(found, tmp_path):
    path = save_fit(found, tmp_path / "fit.json")
    whole = path.read_text()
    with pytest.raises(InputError, match="cannot be read as a saved fit"):
        load_fit(tmp_path / "absent.json")
    for text, message in [
        ("oops", "cannot be read"),
        (whole[: len(whole) // 2], "cannot be read"),
        ("[]", "is not a fit saved as"),
        ('{"format": "eigenscale-fit"}', "is not a fit saved as"),
        ('{"format": "eigenscale-fit-1"}', "by an older eigenscale"),
        ('{"format": "eigenscale-fit-2"}', "damaged fit"),
        (
            '{"format": "eigenscale-fit-3"}',
            "newer eigenscale .format 3, this one reads 2",
        ),
        (whole.replace('"theta": [', '"theta": [1.0, '), "damaged fit.*theta has shape"),
        (whole.replace('"level": 0.9', '"level": 90'), "damaged fit.*level is 90"),
        (whole.replace('"chinchilla"', '"mine"'), "damaged fit: law 'mine' is unknown"),
    ]:
        path.write_text(text)
        with pytest.raises(InputError, match=message):
            load_fit(path)
    with pytest.raises(InputError, match="cannot be written"):
        save_fit(found, tmp_path / "absent" / "fit.json")


def test_a_saved_fit_is_told_from_tables(found, tmp_path):
    path = save_fit(found, tmp_path / "fit.json")
    assert is_saved_fit(path)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    assert is_saved_fit(path)
    path.write_bytes(path.read_bytes()[:500])
    assert is_saved_fit(path)
    for text in ('{"loss": [1, 2]}', '[{"format": "eigenscale-fit-2"}]', "", "loss\n1\n"):
        path.write_text(text)
        assert not is_saved_fit(path)
    assert not is_saved_fit(tmp_path)


ODD = st.sampled_from([None, True, -1, 0, 1.5, 1e400, float("nan"), "x", "", [], [None], [[1]], {}])


def places(tree, path=()):
    """Paths to every value in a JSON document, long lists by their first two."""
    yield path
    items = tree.items() if isinstance(tree, dict) else enumerate(tree[:2])
    for key, value in items:
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))
        else:
            yield (*path, key)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_one_line_or_a_fit(found, tmp_path, data):
    """Change one value anywhere: it loads and predicts, or it is refused in one line."""
    path = save_fit(found, tmp_path / "fit.json")
    saved = json.loads(path.read_text())
    place = data.draw(st.sampled_from([p for p in places(saved) if p]))
    damaged, odd = copy.deepcopy(saved), data.draw(ODD)
    at = damaged
    for key in place[:-1]:
        at = at[key]
    if data.draw(st.booleans()):
        del at[place[-1]]
    else:
        at[place[-1]] = odd
    path.write_text(json.dumps(damaged))
    said = ""
    try:
        again = load_fit(path)
    except InputError as error:
        said = str(error)
    if said:
        assert "\n" not in said
        assert str(path) in said
        return
    assert np.isfinite(again.predict(params=1e9, tokens=1e10).value)
    json.dumps(es.results.to_plain(again.to_dict()), allow_nan=False)
    again.summary()
