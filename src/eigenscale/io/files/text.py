"""Text files as UTF-8 lines: encodings told apart, and what is no text refused."""

import codecs
import mmap
from functools import lru_cache
from pathlib import Path

from eigenscale.errors import InputError
from eigenscale.writing import scratch_path

HEAD = 1 << 20
"""Bytes that are looked at to tell how a table is written."""

_PIECE = 1 << 22
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def as_utf8(path: Path) -> tuple[Path, str]:
    """Give a file of the same text in UTF-8, and the encoding that was found.

    Raises
    ------
    InputError
        Where the file is not text: it holds zero bytes, or cannot be decoded.
    """
    return _as_utf8(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _as_utf8(path: Path, changed: int) -> tuple[Path, str]:  # noqa: ARG001
    encoding = _encoding(path)
    if encoding == "utf-8":
        return path, encoding
    target = scratch_path(path.name)
    decoder = codecs.getincrementaldecoder(encoding)(
        "replace" if encoding == "cp1252" else "strict"
    )
    try:
        with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as file:
            while piece := source.read(_PIECE):
                file.write(decoder.decode(piece))
            file.write(decoder.decode(b"", final=True))
    except UnicodeError:
        raise InputError(
            f"{path.name} begins as {encoding} text and is cut or changed; save it as UTF-8"
        ) from None
    return target, encoding


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        named = next((name for mark, name in _MARKS if start.startswith(mark)), None)
        if named is not None:
            return named
        file.seek(0)
        head = file.read(HEAD)
    if b"\0" in head:
        return _without_mark(head, path.name)
    if has(path, b"\0"):
        raise _no_text(path.name)
    return "utf-8" if _is_utf8(path) else "cp1252"


def _without_mark(head: bytes, name: str) -> str:
    """Tell UTF-16 without a mark by the zero bytes of its ASCII letters."""
    half = len(head) // 2
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[first::2], head[1 - first :: 2]
        if zeros.count(0) > 0.9 * half and not others.count(0):
            return encoding
    raise _no_text(name)


def _no_text(name: str) -> InputError:
    return InputError(
        f"{name} holds zero bytes, so it is no text; give it the ending of its format, or write "
        "it again"
    )


def has(path: Path, needle: bytes) -> bool:
    """Whether `needle` stands anywhere in a file."""
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return whole.find(needle) >= 0


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
