"""Files appear whole or not at all: write under a temporary name, then rename."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eigenscale.errors import InputError


def cannot_write(path: str | Path, error: OSError) -> InputError:
    """Say in one line that a place cannot be written."""
    reason = (error.strerror or str(error)).lower()
    return InputError(f"{path} cannot be written: {reason}; name a place that you may write to")


def check_place(path: str | Path | None, source: str | Path = "") -> None:
    """Refuse a place where no file can be written, before any long work.

    Raises
    ------
    InputError
        It is a folder, its folder is absent, or it is the `source` that is read.
    """
    if path is None:
        return
    if source and Path(path).resolve() == Path(source).resolve():
        raise InputError(f"{path} is what is read; name another file to write to")
    if Path(path).is_dir():
        raise InputError(f"{path} is a folder; name a file in it")
    if not Path(path).absolute().parent.is_dir():
        raise InputError(f"{str(Path(path).parent)!r} is not a folder; make it or name another")


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, renamed to it when the block ends well.

    Raises
    ------
    InputError
        Where the folder is absent or may not be written; nothing is left behind then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(f"{folder}/notes.txt") as temporary:
    ...         _ = temporary.write_text("kept")
    ...     [path.name for path in Path(folder).iterdir()]
    ['notes.txt']
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent
        )
    except OSError as error:
        raise cannot_write(path, error) from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
    target = Path(path)
    if target.exists() and not target.is_dir():
        raise InputError(f"{path} is a file; name a folder")
    try:
        if target.is_dir():
            tempfile.TemporaryFile(dir=target).close()
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
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
        file.replace(target / file.name)
