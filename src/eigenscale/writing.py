"""The place where files are written: whole or not at all, through links, never over an input.

A file is written under a temporary name beside its target and renamed. Devices and pipes are
written to directly. The name of a temporary tells the process it belongs to, so that the next
run removes what a killed one left behind.
"""

import atexit
import os
import re
import shutil
import socket
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from eigenscale.errors import InputError

_HOST = format(zlib.crc32(socket.gethostname().encode()) & 0xFFFF, "04x")
_OWNER = re.compile(rf"-eigenscale-{_HOST}-(\d+)-")
_inputs: set[tuple[int, int]] | None = None


@contextmanager
def inputs_kept() -> Iterator[None]:
    """Remember within the block what is read, and refuse to write over it."""
    global _inputs
    before, _inputs = _inputs, set()
    try:
        yield
    finally:
        _inputs = before


def note_input(path: str | Path) -> None:
    """Say that a file is read, so that this call does not write over it."""
    if _inputs is not None and Path(path).is_file():
        state = Path(path).stat()
        _inputs.add((state.st_dev, state.st_ino))


def cannot_write(path: str | Path, error: OSError) -> InputError:
    """Say in one line that a place cannot be written."""
    reason = (error.strerror or str(error)).lower()
    return InputError(f"{path} cannot be written: {reason}; name a place that you may write to")


def check_place(path: str | Path | None, *sources: str | Path | None) -> None:
    """Refuse a place where no file can be written, before any long work.

    Raises
    ------
    InputError
        It is a folder, its folder is absent, it is one of the `sources` that are read, or it
        may not be written.
    """
    if path is None:
        return
    for source in sources:
        both = source and Path(path).exists() and Path(source).exists()
        if source and both and Path(path).samefile(source):
            raise _is_read(path)
    if Path(path).is_dir():
        raise InputError(f"{path} is a folder; name a file in it")
    target = _target(path)
    if not target.absolute().parent.is_dir():
        raise InputError(f"{str(target.parent)!r} is not a folder; make it or name another")
    _check_target(path, target)


def _is_read(path: str | Path) -> InputError:
    return InputError(f"{path} is what is read; name another file to write to")


def _target(path: str | Path) -> Path:
    """Follow links to the file that is meant."""
    return Path(path).resolve() if Path(path).is_symlink() else Path(path)


def _check_target(path: str | Path, target: Path) -> None:
    """Refuse an existing file that is an input of this call, or that may not be written."""
    if not target.exists():
        return
    state = target.stat()
    if _inputs is not None and (state.st_dev, state.st_ino) in _inputs:
        raise _is_read(path)
    if not os.access(target, os.W_OK):
        raise InputError(f"{path} cannot be written: it is read-only; name another file")


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, renamed to it when the block ends well.

    A link is followed, the mode of an existing file is kept, and a device or pipe gets the
    bytes themselves.

    Raises
    ------
    InputError
        Where the folder is absent or may not be written, or `path` is read by the same call;
        nothing is left behind then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(f"{folder}/notes.txt") as temporary:
    ...         _ = temporary.write_text("kept")
    ...     [path.name for path in Path(folder).iterdir()]
    ['notes.txt']
    """
    target = _target(path)
    _check_target(path, target)
    if target.exists() and not target.is_file() and not target.is_dir():
        with _stream_to(path, target) as temporary:
            yield temporary
        return
    try:
        _remove_leftovers(target)
        handle, name = tempfile.mkstemp(target.suffix, _prefix(target), target.parent)
    except OSError as error:
        raise cannot_write(path, error) from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _stream_to(path: str | Path, target: Path) -> Iterator[Path]:
    """Yield a temporary file whose bytes go to a device or a pipe at the end."""
    temporary = scratch_path("output" + target.suffix)
    try:
        yield temporary
        with temporary.open("rb") as source, target.open("wb", buffering=0) as out:
            shutil.copyfileobj(source, out)
    except OSError as error:
        raise cannot_write(path, error) from None


def _prefix(target: Path) -> str:
    return f".{target.stem}-eigenscale-{_HOST}-{os.getpid()}-"


def _mode(target: Path) -> int:
    """Give the mode of the file that is replaced, or the one that a new file has."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    return 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _remove_leftovers(target: Path) -> None:
    """Remove temporaries of the same target whose process is gone."""
    for place in target.parent.glob(f".{_escaped(target.stem)}-eigenscale-{_HOST}-*"):
        _remove_if_orphan(place)


def _escaped(name: str) -> str:
    """Put signs that mean something to glob in brackets."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def _remove_if_orphan(place: Path) -> None:
    owner = _OWNER.search(place.name)
    if owner is None or _is_alive(int(owner[1])):
        return
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; its files move to `path` when the block ends well.

    Files of the same names are replaced, others in an existing folder stay. A failure leaves
    `path` as it was. The temporary folder is made at once, so that a place which cannot be
    written is known before any work.

    Raises
    ------
    InputError
        Where `path` is a file, or its parent is absent or may not be written.
    """
    target = _target(path)
    if target.exists() and not target.is_dir():
        raise InputError(f"{path} is a file; name a folder")
    try:
        _remove_leftovers(target)
        if target.is_dir():
            tempfile.TemporaryFile(dir=target).close()
        temporary = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    except OSError as error:
        raise cannot_write(path, error) from None
    try:
        yield temporary
        _move(temporary, target)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    if not target.exists():
        source.chmod(0o777 & ~_umask())
        source.replace(target)
        return
    for file in sorted(source.iterdir()):
        place = _target(target / file.name)
        _check_target(place, place)
        if place.is_file():
            file.chmod(_mode(place))
        file.replace(place)


@lru_cache(maxsize=1)
def scratch_folder() -> Path:
    """Folder for temporary files of this process, removed at its end."""
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"scratch-eigenscale-{_HOST}-*"):
        _remove_if_orphan(left)
    prefix = f"scratch-eigenscale-{_HOST}-{os.getpid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def scratch_path(name: str) -> Path:
    """Name a temporary file of its own that is called `name`."""
    return Path(tempfile.mkdtemp(dir=scratch_folder())) / name
