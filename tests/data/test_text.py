"""Text becomes hashed n-grams by paragraph; tokens give Zipf's line."""

import json

import numpy as np
import pytest

from eigenscale.data import open_source
from eigenscale.data.text import text_source, token_counts, tokenize
from eigenscale.errors import InputError
from eigenscale.measure.zipf import zipf

TEXT = "The cat sat on the mat.\n\nThe dog sat on the log.\n\nshort\n\nThe cat sat on the mat."


def read(source, size=2):
    return np.concatenate(list(source.blocks(size)))


def test_paragraphs_become_rows_of_length_one(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    rows = read(open_source(tmp_path / "a.txt"))
    assert rows.shape == (3, 1024)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, rtol=1e-6)
    np.testing.assert_array_equal(rows[0], rows[2])
    assert 0.2 < rows[0] @ rows[1] < 0.9


def test_rows_repeat_and_do_not_depend_on_blocks(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    one, two = text_source(tmp_path / "a.txt", 64), text_source(tmp_path / "a.txt", 64)
    np.testing.assert_array_equal(read(one, 1), read(two, 50))


def test_folders_and_json_lines(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a.txt").write_text(TEXT)
    assert len(read(open_source(tmp_path / "b"))) == 3
    lines = [json.dumps({"text": part}) for part in TEXT.split("\n\n")]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n")
    np.testing.assert_array_equal(
        read(open_source(tmp_path / "a.jsonl")), read(open_source(tmp_path / "b"))
    )


def test_bytes_that_are_not_text_are_refused(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"abc \xff\xfe")
    with pytest.raises(InputError, match="not UTF-8 text"):
        read(open_source(tmp_path / "a.txt"))


def test_tokens_are_words_and_signs():
    assert tokenize("It's 3.5!") == ["it", "'", "s", "3", ".", "5", "!"]
    np.testing.assert_array_equal(token_counts(["a b a", "a c"]), [3, 1, 1])


@pytest.mark.parametrize("exponent", [0.8, 1.1])
def test_zipf_recovers_the_exponent_of_drawn_tokens(exponent, tmp_path):
    weights = np.arange(1.0, 5001) ** -exponent
    draws = np.random.default_rng(0).choice(5000, 100000, p=weights / weights.sum())
    (tmp_path / "a.txt").write_text(" ".join(f"w{i}" for i in draws))
    got = zipf(tmp_path / "a.txt")
    assert got.n_tokens == 100000
    assert got.exponent.value == pytest.approx(exponent, abs=0.05)
    assert got.exponent.low - 0.03 < exponent < got.exponent.high + 0.03


def test_short_texts_have_no_zipf(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    with pytest.raises(InputError, match="give a longer text"):
        zipf(tmp_path / "a.txt")
    with pytest.raises(InputError, match="does not exist"):
        zipf(tmp_path / "b.txt")
