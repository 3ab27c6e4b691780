"""Effective ranks by name, with and without the mean, and several spectra side by side."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.figures.topics.side_by_side import side_by_side_figure
from eigenscale.spectra.effective_ranks import DEFINITIONS, effective_ranks
from eigenscale.spectra.measure import measure
from eigenscale.spectra.side_by_side import side_by_side

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(600, 30)) * np.arange(1.0, 31) ** -0.6 + 0.5


def entropy(values):
    share = values / values.sum()
    return np.exp(-np.sum(share * np.log(share)))


@pytest.mark.parametrize("center", [True, False])
def test_ranks_are_those_of_the_singular_values(center):
    z = ROWS - ROWS.mean(axis=0) if center else ROWS
    s = np.linalg.svd(z, compute_uv=False)
    got = effective_ranks(measure(ROWS, center=center))
    assert got.rankme == pytest.approx(entropy(s), rel=1e-8)
    assert got.entropy_rank == pytest.approx(entropy(s**2), rel=1e-8)
    assert got.stable_rank == pytest.approx((s**2).sum() / s[0] ** 2, rel=1e-8)
    assert got.participation_ratio == pytest.approx((s**2).sum() ** 2 / (s**4).sum(), rel=1e-8)


def test_equal_eigenvalues_have_every_rank_equal_to_their_number():
    rows = np.linalg.qr(RNG.normal(size=(100, 9)) - 0)[0]
    rows = np.concatenate([rows, -rows])
    got = effective_ranks(measure(rows)).to_dict()
    alpha = got.pop("alpha_req")
    assert list(got.values()) == pytest.approx([9] * 4)
    assert alpha == pytest.approx(0, abs=1e-6)
    assert set(DEFINITIONS) == {*got, "alpha_req"}


def test_the_same_rows_have_no_difference_and_its_interval_is_narrow():
    found = side_by_side([ROWS, ROWS @ np.linalg.qr(RNG.normal(size=(30, 30)))[0]])
    (row,) = found.differences
    assert row["paired"]
    for name in DEFINITIONS:
        assert abs(row[name].value) < 1e-6
        assert row[name].high - row[name].low < 1e-5


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    scale = np.arange(1.0, 13) ** -0.5
    inside = 0
    truth = scale.sum() ** 2 / 1  # of singular values
    share = scale / scale.sum()
    truth = np.exp(-np.sum(share * np.log(share)))
    for seed in range(60):
        rows = np.random.default_rng(seed).normal(size=(2000, 12)) * scale
        found = side_by_side([rows], rng=seed).sides[0].effective["rankme"]
        inside += found.low <= truth <= found.high
    assert inside >= 48


def test_files_of_other_lengths_are_compared_without_pairs():
    found = side_by_side([ROWS, ROWS[:400]])
    assert not found.differences[0]["paired"]
    assert found.differences[0]["rankme"].se > 0
    assert len(side_by_side_figure(found).panels[0].layers) == 2


def test_the_command_takes_several_files(tmp_path, capsys):
    paths = [str(tmp_path / f"{name}.npy") for name in "ab"]
    np.save(paths[0], ROWS)
    np.save(paths[1], ROWS[:, :10])
    assert main(["spectrum", *paths, "--center", "no", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert [side["n_inputs"] for side in plain["spectra"]] == [30, 10]
    assert plain["differences"][0]["rankme"]["high"] < 0
    assert main(["spectrum", *paths]) == 0
    assert "RankMe: exp of the entropy of the singular values" in capsys.readouterr().out


def test_one_file_names_its_ranks_too(tmp_path, capsys):
    path = str(tmp_path / "a.npy")
    np.save(path, ROWS)
    assert main(["spectrum", path, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["entropy_rank"] == pytest.approx(plain["effective_rank"])
    assert plain["rankme"] > plain["entropy_rank"]


def test_too_few_rows_are_one_line():
    with pytest.raises(InputError, match="12 rows; intervals of differences need 30"):
        side_by_side([ROWS[:12], ROWS])
