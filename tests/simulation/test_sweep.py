"""Sweeps: stored, resumed, shared and run anywhere, with the same numbers to the last bit."""

import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.simulation.simulate import simulate
from eigenscale.store.cells import Store
from eigenscale.store.table import read_store

SPECTRUM = Spectrum.power_law(0.5, 60)
OPTIONS = {"ridge": [0.0, 0.1], "draws": 6, "rng": 3}


def grid(**options):
    sizes = np.array([[5], [8], [12]])
    return simulate(SPECTRUM, sizes, 20, **{**OPTIONS, **options})


def test_a_store_gives_back_the_bits(tmp_path):
    path = tmp_path / "s.sqlite"
    fresh, first = grid(), grid(store=path)
    assert not first.from_store.any()
    again = grid(store=path)
    assert again.from_store.all()
    for other in (first, again):
        np.testing.assert_array_equal(fresh.losses, other.losses)
        np.testing.assert_array_equal(fresh.standard_error, other.standard_error)
    # More ridges, another seed, other draws and another spectrum are other cells.
    more = grid(store=path, ridge=[0.1, 0.2])
    assert more.from_store.tolist() == [[True, False]] * 3
    for other in (
        {"rng": 4},
        {"draws": 7},
        {"noise_var": 0.1},
        {"time": 3.0},
        {"latent_map": "relu"},
    ):
        assert not grid(store=path, **other).from_store.any()
    other = simulate(Spectrum.power_law(0.6, 60), 5, 20, store=path, **OPTIONS)
    assert not other.from_store.any()
    assert {row["n_features"] for row in read_store(path).rows()} == {5, 8, 12}


def test_what_was_finished_before_a_failure_stays(tmp_path):
    path, calls = tmp_path / "s.sqlite", []

    def stops(done, total):
        calls.append(done)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="goes on from there"):
        grid(store=path, progress=stops)
    with Store(path, "simulation", 2) as store:
        assert len(store) == 2  # the two ridges of the first size
    resumed = grid(store=path)
    assert resumed.from_store.sum() == 2
    np.testing.assert_array_equal(resumed.losses, grid().losses)


@pytest.mark.parametrize("value", ["5", '{"losses": [1]}', '{"losses": "x"}', "null", "{"])
def test_foreign_content_of_a_store_is_one_line(tmp_path, value):
    path = tmp_path / "s.sqlite"
    grid(store=path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE cells SET value = ?", (value,))
    with pytest.raises(InputError, match=r"s\.sqlite (does not hold|cannot be used)") as caught:
        grid(store=path)
    assert "\n" not in str(caught.value)


CODE = """
import sys
from eigenscale import Spectrum
from eigenscale.simulation.simulate import simulate
simulate(Spectrum.power_law(0.5, 200), [[n] for n in range(30, 60)], [40, 60], ridge=0.1, draws=8,
         rng=0, store=sys.argv[1])
"""


def test_a_killed_sweep_resumes_and_two_may_share_a_store(tmp_path):
    path, whole = tmp_path / "s.sqlite", tmp_path / "whole.sqlite"
    process = subprocess.Popen([sys.executable, "-c", CODE, str(path)])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and path.with_name("s.sqlite-wal").exists():
            with sqlite3.connect(path) as connection:
                tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
                if tables and connection.execute("SELECT count(*) FROM cells").fetchone()[0] > 5:
                    break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    both = [subprocess.Popen([sys.executable, "-c", CODE, str(p)]) for p in (path, path, whole)]
    assert [one.wait() for one in both] == [0, 0, 0]
    kept, wanted = (
        {(row["n_features"], row["n_samples"]): row["loss"] for row in read_store(p).rows()}
        for p in (path, whole)
    )
    assert kept == wanted
    assert len(read_store(path).table) == 60


def test_processes_and_dask_give_the_same_bits(tmp_path):
    wanted = grid()
    for engine in ({"jobs": 2}, {"engine": "local:1"}):
        np.testing.assert_array_equal(wanted.losses, grid(**engine).losses)
    relu = SolvableModel(SPECTRUM).simulate(5, 9, latent_map="relu", draws=3, rng=0)
    pooled = SolvableModel(SPECTRUM).simulate(5, 9, latent_map="relu", draws=3, rng=0, jobs=2)
    np.testing.assert_array_equal(relu.losses, pooled.losses)


def broken(x):
    raise RuntimeError("no such activation")


@pytest.mark.parametrize("engine", [{}, {"jobs": 2}])
def test_a_worker_that_raises_is_one_line_and_the_store_stays(tmp_path, engine):
    path = tmp_path / "s.sqlite"
    grid(store=path)
    with pytest.raises(InputError, match=r"fails .*no such activation"):
        grid(store=path, latent_map=broken, **engine)
    assert grid(store=path).from_store.all()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "ether://x:1"])
def test_a_scheduler_that_does_not_answer_is_one_line_and_is_forgotten(address, monkeypatch):
    dask = pytest.importorskip("dask")
    monkeypatch.setattr("eigenscale.engines._PATIENCE", "500ms")
    with pytest.raises(InputError, match="does not answer") as caught:
        grid(engine=address)
    assert "\n" not in str(caught.value)
    assert dask.delayed(abs)(-1).compute() == 1


def test_own_functions_are_told_apart_by_their_code(tmp_path):
    path = tmp_path / "s.sqlite"
    assert not grid(store=path, latent_map=lambda x: x * 2).from_store.any()
    assert grid(store=path, latent_map=lambda x: x * 2).from_store.all()
    assert not grid(store=path, latent_map=lambda x: x * 3).from_store.any()
    held = 3.0
    with pytest.raises(InputError, match="holds values of its own"):
        grid(store=path, latent_map=lambda x: x * held)
