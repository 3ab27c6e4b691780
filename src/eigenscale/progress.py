"""Progress of long work: the library counts, a face draws."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

Progress = Callable[[float, float], None]
"""Called with (work done, work in all), in any unit, never less than before."""


def track(items: Iterable[Item], total: float, progress: Progress | None) -> Iterator[Item]:
    """Yield `items`, calling `progress` after each one that the consumer has finished."""
    for done, item in enumerate(items, start=1):
        yield item
        if progress is not None:
            progress(done, total)
