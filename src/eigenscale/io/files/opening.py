"""The place where files are opened: regular files only, packed ones unpacked, `-` from stdin."""

import bz2
import gzip
import lzma
import shutil
import stat
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from eigenscale.errors import InputError
from eigenscale.writing import note_input, scratch_folder

PACKED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".lz4": "lz4"}
"""Endings of packed files and the names of what packed them."""

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
}
_PIECE = 1 << 22
_BOMB = 2000  # times its size that no honest file unpacks to
_SMALL = 1 << 26  # bytes that are never a bomb
_KINDS = (
    (stat.S_ISFIFO, "a pipe (FIFO)"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def opened(name: str | Path) -> Path:
    """Give the path of a plain file or folder to read: unpacked, checked, stdin kept in a file.

    Raises
    ------
    InputError
        Where nothing is there, it is a pipe or a device, or it cannot be unpacked.

    Examples
    --------
    >>> opened(Path(__file__)).name
    'opening.py'
    """
    if str(name) == "-":
        return _standard_input()
    path = Path(name)
    if path.is_dir():
        return path
    check_regular(path)
    note_input(path)
    packer = packed_by(path)
    return path if packer is None else _unpacked(path, packer, path.stat().st_mtime_ns)


def check_regular(path: Path) -> None:
    """Refuse what is absent, or has no end and cannot be read twice: pipes, devices, sockets.

    Raises
    ------
    InputError
        With what it is and what to give instead.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; check the name and the folder") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"{str(path)!r:.80} cannot be opened: {reason}; check the name") from None
    for is_kind, what in _KINDS:
        if is_kind(mode):
            raise InputError(
                f"{path} is {what}, not a file; save its content to a file, or pipe it to '-'"
            )


def packed_by(path: Path) -> str | None:
    """Name what packed a file, by its first bytes; None for IDX and plain files."""
    with path.open("rb") as file:
        start = file.read(6)
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)


def plain_name(path: Path) -> str:
    """Give the name of a file without the ending that says how it is packed."""
    return path.stem if path.suffix.lower() in PACKED and path.stem else path.name


@lru_cache(maxsize=64)
def _unpacked(path: Path, packer: str, changed: int) -> Path:  # noqa: ARG001
    """Unpack into a temporary file that is kept until the end."""
    target = Path(tempfile.mkdtemp(dir=scratch_folder())) / plain_name(path)
    size = path.stat().st_size
    try:
        with _stream(path, packer) as source, target.open("wb") as file:
            _copy(source, file, path.name, max(_SMALL, _BOMB * size))
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        target.unlink(missing_ok=True)
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:120]
        raise InputError(
            f"{path.name} is not a whole {packer} file ({reason}); download or write it again"
        ) from None
    return target


def _stream(path: Path, packer: str) -> Any:
    if packer == "gzip":
        return gzip.open(path)
    if packer == "bzip2":
        return bz2.open(path)
    if packer == "xz":
        return lzma.open(path)
    import pyarrow as pa

    return pa.input_stream(str(path), compression=packer)


def _copy(source: Any, target: IO[bytes], name: str, most: int) -> None:
    free = shutil.disk_usage(scratch_folder()).free
    done = 0
    while piece := source.read(_PIECE):
        done += len(piece)
        if done > most:
            raise InputError(
                f"{name} unpacks to more than {most / 1e6:.0f} MB, which no honest file of its "
                "size does; unpack it yourself if it is one"
            )
        if done > free / 2:
            raise InputError(
                f"{name} needs more than half of the {free / 1e9:.1f} GB that are free in "
                f"{tempfile.gettempdir()}; set TMPDIR to a larger place"
            )
        target.write(piece)


@lru_cache(maxsize=1)
def _standard_input() -> Path:
    """Keep standard input in a file, so that it can be read more than once."""
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError("'-' reads standard input, which is a terminal; pipe a file into it")
    target = Path(tempfile.mkdtemp(dir=scratch_folder())) / "standard input"
    with target.open("wb") as file:
        _copy(sys.stdin.buffer, file, "standard input", 1 << 62)
    if not target.stat().st_size:
        raise InputError("standard input is empty; pipe a table or data into it")
    return opened(target)
