"""Reading text: hashed n-grams by paragraph as rows, and token frequencies for Zipf's law."""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from eigenscale.data.failures import unended
from eigenscale.data.source import Block, Source
from eigenscale.errors import InputError

TEXTS = (".txt", ".md", ".rst", ".py", ".tex", ".text")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_BREAK = re.compile(r"\n\s*\n")
_FEWEST = 5  # tokens in a paragraph that counts


def text_source(path: Path, width: int = 1024, n: int = 2) -> Source:
    """Rows of hashed n-gram frequencies, one for each paragraph of five tokens or more.

    Tokens are words and signs in lower case; each n-gram of 1 to `n` tokens falls into one of
    `width` columns with a sign, both by its hash, and rows have length one. A file, a folder of
    text files, or JSON lines with a `text` key.
    """

    def blocks(size: int) -> Iterator[Block]:
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
        if file.suffix.lower() in (".jsonl", ".ndjson"):
            yield from _json_texts(file)
        else:
            yield from _BREAK.split(_decoded(file))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in TEXTS and p.is_file())
    if not files:
        raise InputError(f"{path} has no text files ({', '.join(TEXTS)}); name another folder")
    return files


def _decoded(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} is not UTF-8 text (byte {error.start}); convert it, or leave it out"
        ) from None


def _json_texts(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                thing = json.loads(line)
                yield str(thing["text"])
            except (ValueError, KeyError, TypeError, RecursionError):
                raise InputError(
                    f"{path.name} has no object with a 'text' in line {number}; mend that line"
                ) from None


def is_text(path: Path) -> bool:
    """Whether `path` is read as text: a text file, JSON lines of text, a folder of such."""
    if path.is_dir():
        from eigenscale.data.images import PICTURES

        endings = {p.suffix.lower() for p in path.rglob("*") if p.is_file()}
        return bool(endings & set(TEXTS)) and not endings & set(PICTURES)
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


def _hash_into(row: Block, tokens: list[str], n: int) -> None:
    for length in range(1, n + 1):
        for i in range(len(tokens) - length + 1):
            code = zlib.crc32(" ".join(tokens[i : i + length]).encode())
            row[(code >> 1) % len(row)] += 1.0 if code & 1 else -1.0
    row /= max(float(np.linalg.norm(row)), 1e-30)


def token_counts(texts: Iterable[str]) -> np.ndarray:
    """How often each token occurs, from the most frequent down."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(tokenize(text))
    return np.array(sorted(counts.values(), reverse=True), dtype=np.float64)
