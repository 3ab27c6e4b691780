import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from eigenscale.threads import SMALL, few_threads


def blas_threads():
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")


@pytest.mark.parametrize(("side", "threads"), [(SMALL, 1), (SMALL + 1, 2)])
def test_small_matrices_get_one_thread_and_large_ones_are_left(side, threads):
    with threadpool_limits(limits=2, user_api="blas"):
        with few_threads(side):
            assert blas_threads() == threads
        assert blas_threads() == 2
