"""Text becomes hashed n-grams by paragraph; tokens are counted."""

import json

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.io.formats.text import is_text, text_source, token_counts, tokenize

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


def test_tokens_are_counted_in_stretches_of_consecutive_text(tmp_path):
    (tmp_path / "a.txt").write_text("a b a\n\na c a\n\nb b a\n\nb d a\n")
    found = token_counts(tmp_path / "a.txt", 2, 2)
    np.testing.assert_array_equal(found.totals, [6, 4, 1, 1])
    np.testing.assert_array_equal(found.parts, [[4, 1], [2, 3]])


def test_text_without_blank_lines_is_read_in_pieces(tmp_path):
    (tmp_path / "a.txt").write_text("one two three four five six\n" * 10000)
    rows = read(open_source(tmp_path / "a.txt"))
    assert 3 <= len(rows) <= 6
    (tmp_path / "b.txt").write_bytes(b"one two\n\nthree \xff")
    with pytest.raises(InputError, match="near byte 15"):
        read(open_source(tmp_path / "b.txt"))


def test_what_is_text(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.jsonl").write_text('{"text": "one two"}\n')
    (tmp_path / "c.jsonl").write_text("[1, 2]\n")
    assert is_text(tmp_path)
    assert is_text(tmp_path / "a.txt")
    assert is_text(tmp_path / "b.jsonl")
    assert not is_text(tmp_path / "c.jsonl")
    assert not is_text(tmp_path / "absent.txt")
    for name in "defgh":
        (tmp_path / f"{name}.png").write_bytes(b"")
    assert not is_text(tmp_path)


def test_a_folder_is_of_what_it_holds_more_of(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(TEXT)
    (tmp_path / "icon.png").write_bytes(b"")
    source = open_source(tmp_path)
    assert len(read(source)) == 9
    assert "1 pictures are left out of a folder that holds more text" in source.notes
