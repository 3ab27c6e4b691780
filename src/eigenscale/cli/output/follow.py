"""`eigenscale curve --follow`: answer again whenever a file has grown."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from eigenscale.cli.messages import warn
from eigenscale.errors import InputError

PAUSE = 2.0  # seconds between two looks at the files


def follow(
    files: Sequence[str],
    again: Callable[[], bool],
    pause: float = PAUSE,
    rounds: int | None = None,
) -> None:
    """Call `again` now and whenever one of the files has changed, until it says that all is done.

    Parameters
    ----------
    files : sequence of str
    again : callable
        Reads, fits and shows; returns whether the runs have come to their end.
    pause : float
        Seconds between two looks.
    rounds : int, optional
        Stop after so many looks; never by default, Ctrl-C ends it.

    Raises
    ------
    InputError
        Where the first look fails; later a line that is half written is waited for.
    """
    seen: tuple[tuple[int, int], ...] | None = None
    looks = 0
    while rounds is None or looks < rounds:
        now = tuple(_stamp(file) for file in files)
        if now != seen:
            try:
                if again():
                    return
            except InputError as error:
                if seen is None:
                    raise
                warn(f"not yet readable, waiting: {error}")
            seen = now
        looks += 1
        time.sleep(pause)


def _stamp(file: str) -> tuple[int, int]:
    """Size and time of change; zeros where there is no such file."""
    try:
        found = Path(file).stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
