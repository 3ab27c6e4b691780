"""Where work runs: in this process, in processes of this machine, or on a Dask cluster."""

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from eigenscale.errors import InputError

Task = TypeVar("Task")
Result = TypeVar("Result")

_RETRIES = 3  # of a task whose worker was lost
_PATIENCE = "10s"  # with a scheduler that does not answer
_AHEAD = 4  # tasks that wait for each worker: enough to keep it busy, few enough to call back


def run_tasks(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    engine: Any = None,
    jobs: int | None = None,
) -> Generator[tuple[int, Result]]:
    """Yield the place and the result of each task, as they are finished.

    A task whose worker is lost is computed again. Results must follow from their task alone, so
    that every engine gives the same.

    Parameters
    ----------
    function : callable
        Called with one task; it must be importable, and the tasks picklable.
    tasks : sequence
        What to do.
    engine : str or distributed.Client, optional
        ``"processes"`` of this machine, ``"local:N"`` (N Dask workers here), or the address of a
        Dask scheduler as ``"tcp://host:8786"``. By default this process, or processes where `jobs`
        is above 1.
    jobs : int, optional
        How many processes; by default as many as there are cores.

    Raises
    ------
    InputError
        Where the engine is not known, does not answer or is lost.
    """
    if jobs is not None and not (jobs == int(jobs) and jobs >= 1):
        raise InputError(f"jobs {jobs!r} is not a number of processes; it is a whole number from 1")
    if engine is None or engine == "processes":
        many = jobs if jobs is not None else (1 if engine is None else _cores())
        if min(many, len(tasks)) <= 1:
            return ((place, function(task)) for place, task in enumerate(tasks))
        return _in_processes(function, tasks, many)
    if jobs is not None:
        raise InputError(f"jobs go with processes, not with engine {engine!r}; leave one out")
    return _on_cluster(function, tasks, engine)


def local_workers(engine: Any = None, jobs: int | None = None) -> int:
    """How many tasks this machine works on at once; those of a cluster elsewhere do not count."""
    if isinstance(engine, str) and engine.startswith("local:") and engine[6:].isdecimal():
        return max(1, int(engine[6:]))
    if jobs is None:
        return _cores() if engine == "processes" else 1
    return max(1, int(jobs))


def _cores() -> int:
    import joblib

    return int(joblib.cpu_count())


def _in_processes(
    function: Callable[[Task], Result], tasks: Sequence[Task], jobs: int
) -> Generator[tuple[int, Result]]:
    """Run tasks in a pool; after a worker has died, run what is left in a new one."""
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left = dict(enumerate(tasks))
    for attempt in range(_RETRIES + 1):
        pool = joblib.Parallel(
            n_jobs=jobs, backend="loky", return_as="generator_unordered", batch_size=1
        )
        placed = [joblib.delayed(_with_place)(function, place, left[place]) for place in left]
        try:
            for place, result in pool(placed):
                del left[place]
                yield place, result
        except TerminatedWorkerError:
            if attempt == _RETRIES:
                raise InputError(
                    f"worker processes ended {attempt + 1} times, perhaps for want of memory; "
                    "use fewer jobs or smaller sizes"
                ) from None
        else:
            return


def _with_place(function: Callable[[Task], Result], place: int, task: Task) -> tuple[int, Result]:
    return place, function(task)


def _on_cluster(
    function: Callable[[Task], Result], tasks: Sequence[Task], engine: Any
) -> Generator[tuple[int, Result]]:
    """Keep every worker of a Dask cluster busy; call back what waits where the caller stops."""
    distributed = import_distributed()
    with dask_client(engine) as client:
        if client is None:
            raise InputError(f"engine {engine!r} does not run tasks; {_CHOICES}")
        waiting = iter(enumerate(tasks))
        places: dict[str, int] = {}
        flow = distributed.as_completed(with_results=False, loop=client.loop)

        def submit() -> None:
            for place, task in waiting:
                future = client.submit(function, task, pure=False, retries=_RETRIES)
                places[future.key] = place
                flow.add(future)
                return

        try:
            for _ in range(_AHEAD * max(1, sum(client.nthreads().values()))):
                submit()
            for future in flow:
                yield places[future.key], future.result()
                submit()
        except (OSError, distributed.CancelledError, distributed.KilledWorker) as error:
            reason = " ".join(str(error).split())[:100]
            raise InputError(
                f"the cluster of engine {engine} was lost ({reason}); start it again"
            ) from None
        finally:
            client.cancel(list(flow.futures))


_CHOICES = "use processes, local:N (N Dask workers here) or an address as tcp://host:8786"


def dask_client(scheduler: Any) -> AbstractContextManager[Any]:
    """Open a client where the scheduler is one of `distributed`; None where it is not."""
    if scheduler is None or scheduler in ("threads", "processes", "synchronous"):
        return nullcontext(_active() if scheduler is None else None)
    if not isinstance(scheduler, str):
        if not hasattr(scheduler, "scheduler_info"):
            raise InputError(_unknown(scheduler))
        return nullcontext(scheduler)
    kind, _, count = scheduler.partition(":")
    if kind == "local" and count.isdecimal() and 0 < int(count) <= 1024:
        return _local(int(count))
    if kind == "local" or ":" not in scheduler:
        raise InputError(_unknown(scheduler))
    return _remote(scheduler)


def _unknown(scheduler: Any) -> str:
    return (
        f"scheduler {scheduler!r} is not known; use threads, processes, local:N (N processes "
        "here) or an address as tcp://host:8786"
    )


def _active() -> Any:
    """Give the client that is open already, if `distributed` is in use at all."""
    if "distributed" not in sys.modules:
        return None
    try:
        return sys.modules["distributed"].get_client()
    except ValueError:
        return None


def import_dask() -> Any:
    """Import Dask, or say how to install it."""
    try:
        import dask
    except ImportError:
        raise InputError(
            "a scheduler needs Dask, which is not installed: pip install 'eigenscale[dask]'"
        ) from None
    return dask


def import_distributed() -> Any:
    """Import dask.distributed, or say how to install it."""
    try:
        import distributed
    except ImportError:
        raise InputError(
            "this scheduler needs dask.distributed, which is not installed: "
            "pip install 'eigenscale[dask]'"
        ) from None
    return distributed


@contextmanager
def _local(count: int) -> Iterator[Any]:
    distributed = import_distributed()
    options = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(**options) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@contextmanager
def _remote(address: str) -> Iterator[Any]:
    distributed = import_distributed()
    try:  # never the default: one that finds no scheduler would stay so for the whole process
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TypeError, ValueError, TimeoutError) as error:  # TypeError: tls, no security
        reason = " ".join(str(error).split())[:100]
        raise InputError(
            f"scheduler {address} does not answer ({reason}); start it with `dask scheduler`, or "
            "use local:N"
        ) from None
    with client:
        yield client
