"""Text becomes hashed n-grams by paragraph; tokens are counted."""

import json

import numpy as np
import pytest

from eigenscale.data import open_source
from eigenscale.data.text import is_text, text_source, token_counts, tokenize
from eigenscale.errors import InputError

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


def test_what_is_text(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.jsonl").write_text('{"text": "one two"}\n')
    (tmp_path / "c.jsonl").write_text("[1, 2]\n")
    assert is_text(tmp_path)
    assert is_text(tmp_path / "a.txt")
    assert is_text(tmp_path / "b.jsonl")
    assert not is_text(tmp_path / "c.jsonl")
    assert not is_text(tmp_path / "absent.txt")
    (tmp_path / "d.png").write_bytes(b"")
    assert not is_text(tmp_path)
