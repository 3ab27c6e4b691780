"""A pass over data that a killed run does not lose: its sums in a file, and how to go on."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.io.data.targets import Target
from eigenscale.io.formats.failures import BROKEN
from eigenscale.io.formats.fingerprint import of_array
from eigenscale.io.formats.source import Source, as_rows
from eigenscale.writing import whole_file

SECONDS = 10.0  # between two savings, or more where a saving takes long
_SHARE = 20  # a saving may take one part in so many of the time
_FORMAT = 1

State = dict[str, NDArray[Any]]
"""Arrays by name, all that a pass has summed."""


@dataclass
class Checkpoint:
    """A file that holds the sums of a pass, bound to one dataset and one way to measure it.

    Attributes
    ----------
    path : Path
        Written whole or not at all; never a pickle.
    identity : dict of str
        What the sums are of. A file of another identity is refused.
    """

    path: Path
    identity: dict[str, str]
    seconds: float = field(default_factory=lambda: SECONDS)
    _saved: float = field(default_factory=time.monotonic)

    @classmethod
    def of(
        cls, path: str | Path, source: Source, target: Target | None, options: Mapping[str, Any]
    ) -> "Checkpoint":
        """Bind a file to a source, a target and the options that change the result.

        Raises
        ------
        InputError
            Where the source can be read one time only, or the place cannot be written.
        """
        place = Path(path)
        if source.once:
            raise InputError(
                f"{source.name} can be read one time only, so its pass cannot be taken up again; "
                "save the rows to a file, or leave the checkpoint out"
            )
        if place.is_dir() or not os.access(place.parent, os.W_OK):
            raise InputError(
                f"{place} cannot be written; name a file in a folder that you may write to"
            )
        return cls(place, identify(source, target, options))

    def load(self) -> State | None:
        """Read the sums of an earlier pass; None where there is none.

        Raises
        ------
        InputError
            Where the file is of other data or options, or not a checkpoint.
        """
        if not self.path.exists():
            return None
        identity, state = _read(self.path)
        for name in self.identity | identity:
            before, now = identity.get(name), self.identity.get(name)
            if before == now:
                continue
            raise InputError(
                f"{self.path} was begun with {name} {_short(before)} where it is now "
                f"{_short(now)}; give the data and options that it was begun "
                "with, or remove it to begin anew"
            )
        return state

    def due(self) -> bool:
        """Whether it is time to save again."""
        return time.monotonic() - self._saved >= self.seconds

    def save(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Write the sums under a temporary name, then rename."""
        begun = time.monotonic()
        header = {"format": _FORMAT, "identity": self.identity}
        text = np.frombuffer(json.dumps(header).encode(), np.uint8)
        with whole_file(self.path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, allow_pickle=False, header=text, **state)
        self._saved = time.monotonic()
        self.seconds = max(self.seconds, _SHARE * (self._saved - begun))

    def remove(self) -> None:
        """Remove the file once the result is there."""
        self.path.unlink(missing_ok=True)


def identify(source: Source, target: Target | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Tell one measurement from another, each mark in a few words."""
    identity = {"data": source.name, "columns": str(source.n_columns), "rows": str(source.n_rows)}
    if source.fingerprint is not None:
        identity |= {f"data {key}": value for key, value in source.fingerprint().items()}
    else:
        identity |= of_array(as_rows(source.head(1024), source.name))
    identity["scaling"] = "; ".join(source.notes)
    if target is not None:
        identity |= {f"target {k}": v for k, v in of_array(target.values).items()}
        identity["target classes"] = ", ".join(target.classes or ())
    return identity | {name: str(value) for name, value in options.items()}


def seed_text(rng: "int | np.random.Generator") -> str:
    """Tell one seed, or one state of a generator, from another."""
    return str(rng.bit_generator.state if isinstance(rng, np.random.Generator) else rng)


def rows_saved(path: str | Path) -> int:
    """How many rows a checkpoint holds; 0 where there is no such file."""
    return int(_read(Path(path))[1]["rows_read"]) if Path(path).exists() else 0


def _short(value: str | None) -> str:
    text = "absent" if value is None else value or "(none)"
    return text if len(text) <= 60 else text[:57] + "…"


def _read(path: Path) -> tuple[dict[str, str], State]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            state = {name: archive[name] for name in archive.files if name != "header"}
        if header["format"] != _FORMAT:
            raise ValueError(f"format {header['format']}")
        return dict(header["identity"]), state
    except BROKEN as error:
        reason = " ".join(str(error).split())[:80]
        raise InputError(
            f"{path} is not a whole checkpoint ({reason}); name another file, or remove it"
        ) from None


@contextmanager
def interrupts_wait() -> Iterator[list[int]]:
    """Let Ctrl-C wait until the sums are whole: the list is not empty once it was pressed.

    A second one stops at once. Outside the main thread nothing changes.
    """
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def note(number: int, _frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
