import json

import numpy as np
import pytest

from eigenscale import InputError, measure
from eigenscale.cli.app import main
from eigenscale.io.data.generators import generator, is_generator, teacher, with_seed
from eigenscale.spectra.generated import structured_exponent


@pytest.mark.parametrize(
    ("name", "alpha"),
    [
        ("tree:2:0.6", -np.log2(0.6)),
        ("tree:3:0.5", np.log(2) / np.log(3)),
        ("field:1:2", 1.0),
        ("field:2:3", 0.5),
        ("tokens:1.5", 0.5),
    ],
)
def test_the_predicted_exponent_is_recovered(name, alpha):
    made = generator(name)
    assert made.alpha == pytest.approx(alpha)
    found = structured_exponent(measure(name), made)
    assert found.alpha.value == pytest.approx(alpha, rel=0.02)


@pytest.mark.parametrize("name", ["tree:2:0.6", "tree:4:0.3", "field:1:1.5", "field:3:4"])
def test_the_population_is_what_is_drawn(name):
    made = generator(f"{name}:rows=4000")
    rows = np.concatenate(list(made.source().blocks(1000)))
    drawn = np.linalg.eigvalsh(np.cov(rows.T))[::-1]
    values = np.sort(np.repeat(made.values, made.counts.astype(int)))[::-1]
    scale = 1.0 if name.startswith("tree") else drawn.sum() / values.sum()
    assert drawn[: values.size].sum() == pytest.approx(scale * values.sum(), rel=0.1)
    np.testing.assert_allclose(drawn[1:8], scale * values[1:8], rtol=0.15)


def test_rows_do_not_depend_on_how_they_are_read():
    source = generator("tree:2:0.5:rows=5000").source()
    whole = np.concatenate(list(source.blocks(5000)))
    parts = np.concatenate(list(source.blocks(777)))
    np.testing.assert_array_equal(whole, parts)
    np.testing.assert_array_equal(whole[3001:], np.concatenate(list(source.blocks_from(500, 3001))))
    other = generator("tree:2:0.5:rows=5000:seed=1").source().head(10)
    assert not np.array_equal(other, whole[:10])


def test_seeds_and_names():
    assert with_seed("tree:2:0.6", 3) == "tree:2:0.6:seed=3"
    assert with_seed("tree:2:0.6:seed=1", 3) == "tree:2:0.6:seed=1"
    assert with_seed("table.csv", 3) == "table.csv"
    assert not is_generator("archive.npz:tree")
    assert teacher("tree:2:0.6:rows=100").shape == (100,)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tree:2", "is not tree:BRANCH:RHO"),
        ("tree:2:1.5", "between 0 and 1"),
        ("tree:2.5:0.5", "whole number from 2 to 10"),
        ("tree:2:x", "not a number"),
        ("field:7:3", "1, 2, 3 or 4"),
        ("tokens:-1", "it is positive"),
        ("tokens:1.5:rows=1", "at least 2"),
    ],
)
def test_bad_names_are_one_line(capsys, name, words):
    assert main(["spectrum", name]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert words in err
    assert len(err.splitlines()) == 1


def test_too_few_rows_are_said():
    name = "tree:2:0.6:rows=100"
    with pytest.raises(InputError, match="give more with rows="):
        structured_exponent(measure(name), generator(name))


def test_the_command_gives_the_exponent_and_the_seed_moves_it(capsys):
    found = []
    for seed in ("0", "1"):
        assert main(["spectrum", "tree:2:0.6:rows=8192", "--seed", seed, "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0]["predicted_alpha"] == pytest.approx(0.737, abs=1e-3)
    assert found[0]["alpha"]["value"] == pytest.approx(0.737, rel=0.02)
    assert found[0]["eigenvalues"] != found[1]["eigenvalues"]
