"""`eigenscale spectrum` of more inputs than moments are kept for, at a limit of 60."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.spectra.moments import collect


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "MAX_INPUTS", 60)
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2000, 200)) * np.arange(1.0, 201) ** -0.75
    np.save(tmp_path / "x.npy", rows)
    np.save(tmp_path / "y.npy", rows[:, :1] + 0.1 * rng.normal(size=(2000, 1)))
    return tmp_path


def test_json_has_the_tail_and_the_errors(data, capsys):
    assert main(["spectrum", f"{data}/x.npy", "--leading", "40", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert len(out["eigenvalues"]) == len(out["errors"]) == 40
    assert out["effective_rank"] is None
    low, high = out["effective_rank_bounds"]
    assert 1 < low < high
    assert set(out["tail"]) == {"modes", "alive", "power", "square", "square_error"}
    assert out["tail"]["modes"] == 160
    assert sum(out["eigenvalues"]) + out["tail"]["power"] == pytest.approx(out["trace"])
    assert out["alpha"]["low"] - 0.05 < 0.5 < out["alpha"]["high"] + 0.05


def test_words_say_what_is_not_known(data, capsys):
    command = ["spectrum", f"{data}/x.npy", "--target", f"{data}/y.npy", "--leading", "40"]
    assert main([*command, "--plot", f"{data}/wide.html"]) == 0
    out = capsys.readouterr().out
    assert "at most 200; 40 eigenvalues are known one by one" in out
    assert "unknown tail" in out
    assert "160 eigenvalues, not known one by one, hold" in out
    assert "by the 40 known; more by the tail?" in out
    assert "160 further eigenvalues" in (data / "wide.html").read_text(encoding="utf-8")


def test_an_estimated_norm_shows_its_error(data, capsys):
    rows = np.random.default_rng(0).normal(size=(900, 200)) * np.arange(1.0, 201) ** -0.3
    np.save(data / "slow.npy", rows)
    command = ["spectrum", f"{data}/slow.npy", "--leading", "2", "--frobenius", "estimate"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "the sum of squares estimated" in out
    assert "±" in out.split("participation ratio")[1].splitlines()[0]


def test_theory_lets_a_power_law_stand_in_and_says_so(data, capsys):
    assert main(["spectrum", f"{data}/x.npy", "--leading", "40", "--json"]) == 0
    (data / "s.json").write_text(capsys.readouterr().out)
    sizes = ["--features", "20,50", "--samples", "100", "--ridge", "0.01", "--json"]
    assert main(["theory", "--spectrum", f"{data}/s.json", *sizes]) == 0
    out, said = capsys.readouterr()
    assert "holds 40 of 200 eigenvalues; a power law of the same power stands in" in said
    assert len(json.loads(out)["rows"]) == 2
    assert json.loads(out)["rows"][0]["latent_dim"] == 200


def test_subsets_and_figure(data, capsys):
    command = ["spectrum", f"{data}/x.npy", "--samples", "20,50", "--leading", "40", "--json"]
    assert main([*command, "--plot", f"{data}/subsets.svg"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert [s["n_samples"] for s in out["subsets"]] == [20, 50]
    assert (data / "subsets.svg").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--leading", "0"], "ask for 1 or more"),
        (["--leading", "1000000"], "GB that are allowed"),
        (["--frobenius", "never"], "use auto, exact or estimate"),
        (["--scheduler", "threads"], "leave the scheduler out"),
        (["--leading", "40", "--ranks", "5,80"], "which has ranks 1 to 40 above zero"),
    ],
)
def test_refusals_are_one_line(options, said, data, capsys):
    assert main(["spectrum", f"{data}/x.npy", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err
