"""Reading text: hashed n-grams by paragraph as rows, and token frequencies for Zipf's law."""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.failures import unended
from eigenscale.io.formats.folders import TEXTS, kind_of
from eigenscale.io.formats.source import Source

_TOKEN = re.compile(r"\w+|[^\w\s]")
_FEWEST = 5  # tokens in a paragraph that counts
_LONGEST = 1 << 16  # bytes of a paragraph


def text_source(path: Path, width: int = 1024, n: int = 2) -> Source:
    """Rows of hashed n-gram frequencies, one for each paragraph of five tokens or more.

    Tokens are words and signs in lower case; each n-gram of 1 to `n` tokens falls into one of
    `width` columns with a sign, both by its hash, and rows have length one. A file, a folder of
    text files, or JSON lines with a `text` key.
    """

    def blocks(size: int) -> Iterator[Array]:
        rows = np.zeros((size, width), np.float32)
        filled = 0
        for paragraph in paragraphs(path):
            tokens = tokenize(paragraph)
            if len(tokens) < _FEWEST:
                continue
            _hash_into(rows[filled], tokens, n)
            filled += 1
            if filled == size:
                yield rows.copy()
                rows[:] = 0
                filled = 0
        if filled:
            yield rows[:filled].copy()

    note = f"hashed n-grams (n ≤ {n}) of paragraphs in {width} columns, rows of length one"
    return Source(
        path.name, width, blocks, notes=(note, *(unended(path) if path.is_file() else ()))
    )


def tokenize(text: str) -> list[str]:
    """Words and signs, in lower case.

    Examples
    --------
    >>> tokenize("To be, or")
    ['to', 'be', ',', 'or']
    """
    return _TOKEN.findall(text.lower())


def paragraphs(path: Path) -> Iterator[str]:
    """Pieces of text between blank lines, file by file; JSON lines give one piece each."""
    for file in _files(path):
        for _, piece in _pieces(file):
            yield piece


def _pieces(file: Path) -> Iterator[tuple[int, str]]:
    """Pieces of a file, each with the byte at which it begins."""
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        return _json_texts(file)
    return _between_blank_lines(file)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in TEXTS and p.is_file())
    if not files:
        raise InputError(f"{path} has no text files ({', '.join(TEXTS)}); name another folder")
    return files


def _between_blank_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read line by line; a piece that grows long ends with its line, as if a blank one followed."""
    with path.open("rb") as file:
        lines: list[bytes] = []
        start = read = 0
        for line in file:
            if line.strip():
                lines.append(line)
            read += len(line)
            if lines and (not line.strip() or read - start > _LONGEST):
                yield start, _decoded(b"".join(lines), path, start)
                start, lines = read, []
        if lines:
            yield start, _decoded(b"".join(lines), path, start)


def _decoded(raw: bytes, path: Path, start: int) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} is not UTF-8 text (near byte {start + error.start}); convert it, or "
            "leave it out"
        ) from None


def _json_texts(path: Path) -> Iterator[tuple[int, str]]:
    start = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                thing = json.loads(line)
                yield start, str(thing["text"])
            except (ValueError, KeyError, TypeError, RecursionError):
                raise InputError(
                    f"{path.name} has no object with a 'text' in line {number}; mend that line"
                ) from None
            start += len(line)


def is_text(path: Path) -> bool:
    """Whether `path` is read as text: a text file, JSON lines of text, a folder of such."""
    if path.is_dir():
        return kind_of(path)[0] == "text"
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return path.is_file() and is_json_text(path)
    return path.is_file() and suffix in TEXTS


def is_json_text(path: Path) -> bool:
    """Whether the first line is an object whose `text` is a string."""
    with path.open("rb") as file:
        try:
            thing = json.loads(file.readline())
        except (ValueError, RecursionError):
            return False
    return isinstance(thing, dict) and isinstance(thing.get("text"), str)


def _hash_into(row: Array, tokens: list[str], n: int) -> None:
    for length in range(1, n + 1):
        for i in range(len(tokens) - length + 1):
            code = zlib.crc32(" ".join(tokens[i : i + length]).encode())
            row[(code >> 1) % len(row)] += 1.0 if code & 1 else -1.0
    row /= max(float(np.linalg.norm(row)), 1e-30)


@dataclass(frozen=True, eq=False)
class TokenCounts:
    """How often tokens occur, from the most frequent down.

    Attributes
    ----------
    totals : ndarray, shape (types,)
        In the whole text.
    parts : ndarray, shape (stretches, frequent types)
        In stretches of consecutive text, for the first types only.
    """

    totals: NDArray[np.int64]
    parts: NDArray[np.int64]


def token_counts(path: Path, stretches: int, fewest: int) -> TokenCounts:
    """Count tokens, and those that occur `fewest` times in each of `stretches` parts too.

    The parts are equal and of consecutive text, so that what a text speaks of at one place lies
    in one of them.
    """
    files = _files(path)
    length = max(1, sum(file.stat().st_size for file in files))
    counts, before = [Counter[str]() for _ in range(stretches)], 0
    for file in files:
        for start, piece in _pieces(file):
            part = min(stretches - 1, (before + start) * stretches // length)
            counts[part].update(tokenize(piece))
        before += file.stat().st_size
    whole = sum(counts, Counter[str]()).most_common()
    totals = np.array([n for _, n in whole], dtype=np.int64)
    frequent = [token for token, n in whole if n >= fewest]
    parts = [np.fromiter((c[t] for t in frequent), np.int64, len(frequent)) for c in counts if c]
    return TokenCounts(totals, np.array(parts).reshape(-1, len(frequent)))
