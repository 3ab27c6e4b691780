"""Calls made in children of a process that has imported everything, each within limits."""

import contextlib
import hashlib
import io
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from calls import Call

CPU_SECONDS = 30
MEMORY = 6 << 30


@dataclass(frozen=True)
class Outcome:
    """How a call ended, and what is wrong with that; an empty string where nothing is."""

    call: Call
    code: int
    error: str
    seconds: float
    fault: str


def run(calls: Iterable[Call], good: Path) -> Iterator[Outcome]:
    """Make each call in a fresh copy of the folder of files.

    Parameters
    ----------
    calls : iterable of Call
        What to call.
    good : Path
        The folder that `files.write` filled.

    Yields
    ------
    Outcome
        In the order of the calls.
    """
    _preload()
    for call in calls:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "here"
            shutil.copytree(good, folder)
            yield _one(call, folder)


def _preload() -> None:
    import matplotlib.pyplot
    import pyarrow.csv
    import pyarrow.parquet
    import scipy.optimize
    import scipy.stats
    import sklearn.linear_model
    import sklearn.pipeline

    import eigenscale.reporting.report

    del matplotlib, pyarrow, scipy, sklearn, eigenscale


def _one(call: Call, folder: Path) -> Outcome:
    before = _hashes(folder)
    began = time.monotonic()
    child = os.fork()
    if not child:
        _child(call, folder)
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    error = (folder.parent / "stderr").read_text(encoding="utf-8", errors="replace")
    after = _hashes(folder)
    changed = [name for name, digest in before.items() if after.get(name, digest) != digest]
    lost = sorted(set(before) - set(after))
    fault = _fault(code, error, changed + lost)
    return Outcome(call, code, error, max(used.ru_utime, 0.0) or time.monotonic() - began, fault)


def _child(call: Call, folder: Path) -> None:
    code = 70
    try:
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for number, name in ((0, os.devnull), (1, "../stdout"), (2, "../stderr")):
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
            os.dup2(os.open(name, flags, 0o600), number)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", write_through=True)
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", write_through=True)
        from eigenscale.cli.app import main

        code = main(list(call.arguments))
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001
        import traceback

        with contextlib.suppress(Exception):
            traceback.print_exception(error)
    finally:
        os._exit(code)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _fault(code: int, error: str, changed: list[str]) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    if "Traceback" in error or "the fault is its own" in error:
        return "a traceback: " + error.strip().splitlines()[-1][:200]
    if changed:
        return f"changed {', '.join(changed)}"
    if code == 2:
        said = [line for line in error.splitlines() if line.startswith("error: ")]
        rest = [one for one in error.splitlines() if not one.startswith(("error: ", "warning: "))]
        if len(said) != 1 or rest:
            return f"not one line: {error[:200]!r}"
        if len(said[0]) > 600:
            return f"a line of {len(said[0])} characters"
        if any(ord(c) < 32 for c in said[0]):
            return "control characters on the terminal"
    elif code not in (0, 1, 3):
        return f"exit {code}: {error[:200]!r}"
    return ""
