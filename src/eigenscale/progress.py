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


def share_of(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Give a part of the work its share of the bar, from `start` to `end` of 1."""
    if progress is None:
        return None

    def counted(done: float, total: float) -> None:
        progress(start + (end - start) * done / total, 1.0)

    return counted
