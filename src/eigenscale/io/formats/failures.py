"""One line for every way in which a broken file fails."""

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eigenscale.errors import InputError

# What NumPy, zipfile, Pillow, h5py, zarr and safetensors raise on files that are cut or changed.
BROKEN: tuple[type[Exception], ...] = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    MemoryError,
    SyntaxError,
    RuntimeError,
    tokenize.TokenError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def broken_file(name: str, what: str, mend: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what a reader raises on a bad file into an `InputError` that names the mend."""
    try:
        yield
    except InputError:
        raise
    except (*BROKEN, *more) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(f"{name} is not a whole {what} ({reason}); {mend}") from None


def needs(package: str, name: str) -> InputError:
    """Say which extra reads a format."""
    return InputError(
        f"{name} needs {package}, which is not installed: pip install 'eigenscale[data]'"
    )


def unended(path: Path) -> tuple[str, ...]:
    """Give a note where the last line has no end.

    A number or a word cut in its middle still is one, so that nothing else tells.
    """
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return ()
        file.seek(-1, 2)
        ended = file.read(1) in b"\r\n"
    return () if ended else ("the last line has no line end: the file may have been cut",)
