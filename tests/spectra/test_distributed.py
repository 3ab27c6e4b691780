"""On Dask the same moments: any partitions, any scheduler, a worker lost on the way."""

import builtins
import os
import signal
import sys
import time

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.spectra.measure import measure

da = pytest.importorskip("dask.array", reason="needs dask")
distributed = pytest.importorskip("distributed", reason="needs distributed")

RNG = np.random.default_rng(0)
ROWS = (RNG.normal(size=(20_000, 60)) * np.arange(1.0, 61) ** -0.75 + 3).astype(np.float32)
TARGET = ROWS[:, :2].astype(float) + RNG.normal(size=(20_000, 2))


def close(a, b):
    assert a.n_samples == b.n_samples
    np.testing.assert_allclose(a.eigenvalues, b.eigenvalues, rtol=1e-11)
    np.testing.assert_allclose(a.mean, b.mean, rtol=1e-11)
    if b.target_power is not None:
        np.testing.assert_allclose(
            a.target_power, b.target_power, atol=1e-10 * b.target_power.max()
        )


WHOLE = measure(ROWS, TARGET)


@pytest.mark.parametrize("chunks", [(2500, 60), (999, 17), (20_000, 60), ((1, 1, 0, 19_998), 60)])
def test_any_partitions_give_the_same(chunks):
    close(measure(da.from_array(ROWS, chunks=chunks), TARGET), WHOLE)


def test_partitions_of_one_row():
    few = ROWS[:50]
    close(measure(da.from_array(few, chunks=(1, 60))), measure(few))


def test_lengths_that_dask_does_not_know():
    array = da.from_array(ROWS, chunks=(3000, 60))
    kept = ROWS[:, 0] > 3
    close(measure(array[array[:, 0] > 3]), measure(ROWS[kept]))
    close(measure(array[array[:, 0] > 3], TARGET[kept]), measure(ROWS[kept], TARGET[kept]))
    with pytest.raises(InputError, match="target has 20000 rows where Dask array has"):
        measure(array[array[:, 0] > 3], TARGET)


def test_features_images_and_patches():
    images = RNG.integers(0, 256, (300, 8, 8), dtype=np.uint8)
    array = da.from_array(images, chunks=(70, 8, 5))
    for options in ({}, {"patches": 4}, {"features": "relu:40"}):
        one, other = measure(array, **options), measure(images, **options)
        assert one.notes == other.notes
        np.testing.assert_allclose(one.eigenvalues, other.eigenvalues, rtol=1e-4, atol=1e-9)


def test_bad_rows_are_numbered_over_all_partitions():
    bad = ROWS.copy()
    bad[[4321, 9000], [7, 8]] = np.nan, np.inf
    array = da.from_array(bad, chunks=(2000, 60))
    with pytest.raises(InputError, match="2 values .* in 2 rows, the first in row 4322, column 8"):  # noqa: RUF043
        measure(array)
    got = measure(array, missing="drop")
    assert (got.n_read, got.n_dropped, got.n_samples) == (20_000, 2, 19_998)


def test_nothing_is_computed_before_it_is_asked():
    asked = []

    def note(block):
        asked.append(len(block))
        return block

    array = da.from_array(ROWS, chunks=(5000, 60)).map_blocks(note, meta=ROWS[:0])
    from eigenscale.io.data.opening import open_source

    source = open_source(array)
    assert not asked
    next(source.blocks(100))
    assert asked == [5000]


@pytest.mark.parametrize("kind", ["npy", "parquet", "zarr"])
def test_files_by_ranges_of_rows(kind, tmp_path, monkeypatch):
    from eigenscale.spectra.moments import distributed as ours

    monkeypatch.setattr(ours, "_BLOCKS", 2)
    path = tmp_path / f"x.{kind}"
    if kind == "npy":
        np.save(path, ROWS)
    elif kind == "parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.table({"v": list(ROWS)}), path, row_group_size=700)
    else:
        pytest.importorskip("zarr").save(str(path), ROWS)
    seen = []
    got = measure(path, TARGET, scheduler="threads", progress=lambda *now: seen.append(now))
    close(got, WHOLE)
    assert seen[-1] == (10, 10)
    close(measure(ROWS, TARGET, scheduler="threads"), WHOLE)


@pytest.fixture(scope="module")
def cluster():
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**options) as found, distributed.Client(found) as client:
        yield client


def test_a_lost_worker_changes_nothing(cluster, tmp_path, monkeypatch):
    """A worker process is killed while it holds parts: the same eigenvalues to the last bit."""
    from eigenscale.spectra.moments import distributed as ours

    monkeypatch.setattr(ours, "_BLOCKS", 1)
    rows = np.tile(ROWS, (1, 5))
    slow = da.from_array(rows, chunks=(1000, 300)).map_blocks(_slowly, meta=rows[:0])
    quiet = measure(slow, scheduler=cluster)
    pids = [info["pid"] for info in cluster.run(_about).values()]

    def kill(done, total):
        if len(pids) == 2 and done >= total // 3:
            os.kill(pids.pop(), signal.SIGKILL)

    killed = measure(slow, scheduler=cluster, progress=kill)
    assert len(pids) == 1
    np.testing.assert_array_equal(killed.eigenvalues, quiet.eigenvalues)
    np.testing.assert_array_equal(killed.moments.scatter, quiet.moments.scatter)


def _slowly(block):
    time.sleep(0.05)
    return block


def _about():
    return {"pid": os.getpid()}


def test_the_command_and_an_address(cluster, tmp_path, capsys):
    np.save(tmp_path / "x.npy", ROWS)
    address = cluster.scheduler.address
    assert main(["spectrum", f"{tmp_path}/x.npy", "--scheduler", address]) == 0
    assert "20,000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scheduler", "ghosts"], "scheduler 'ghosts' is not known; use threads"),
        (["--scheduler", "local:0"], "is not known; use threads"),
        (["--scheduler", "threads", "--checkpoint", "c"], "do not go together"),
        (["--scheduler", "threads", "--samples", "50"], "leave out the scheduler"),
        (["x.csv", "--scheduler", "threads"], "cannot be read from the middle"),
    ],
)
def test_bad_input_is_one_line(options, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", ROWS[:100])
    np.savetxt("x.csv", ROWS[:20], delimiter=",")
    data = [] if options[0] == "x.csv" else ["x.npy"]
    assert main(["spectrum", *data, *options]) == 2
    assert message in capsys.readouterr().err


def test_without_dask_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def absent(name, *rest):
        if name.split(".")[0] == "dask":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    monkeypatch.delitem(sys.modules, "dask")
    with pytest.raises(InputError, match=r"pip install 'eigenscale\[dask\]'"):
        measure(ROWS, scheduler="threads")


def test_nothing_that_is_started_here_listens_off_the_loopback():
    from eigenscale.engines import dask_client

    with dask_client("local:1") as client:
        info = client.scheduler_info()
        addresses = [info["address"], client.dashboard_link, *info["workers"]]
    assert len(addresses) == 3
    assert all("://127.0.0.1:" in address for address in addresses)
