"""One thread of BLAS where matrices are small: there threads cost more than they bring."""

from collections.abc import Iterator
from contextlib import contextmanager

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
