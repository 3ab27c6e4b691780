"""One thread of BLAS where matrices are small: there threads cost more than they bring."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SMALL = 1000
"""Side of matrices that one thread serves best; on busy cores more were 13 to 18 times slower."""


@contextmanager
def few_threads(side: float) -> Iterator[None]:
    """Limit BLAS to one thread inside the block where matrices have `side` rows at most.

    Examples
    --------
    >>> import numpy as np
    >>> with few_threads(200):
    ...     values = np.linalg.eigvalsh(np.eye(200))
    """
    if side > SMALL:
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


_lock, _inside = threading.Lock(), [0]
_limits: list[Any] = []


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread in this process until the last of its tasks has left."""
    from threadpoolctl import threadpool_limits

    with _lock:
        if _inside[0] == 0:
            _limits.append(threadpool_limits(1, user_api="blas"))
        _inside[0] += 1
    try:
        yield
    finally:
        with _lock:
            _inside[0] -= 1
            if _inside[0] == 0:
                _limits.pop().restore_original_limits()
