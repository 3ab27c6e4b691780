"""What never ends, or promises more than there is: one line, in bounded time and memory."""

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import eigenscale
from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.io.runs.read import read_runs

ROOT = Path(eigenscale.__file__).parents[1]
MOST = 3 << 30


@pytest.fixture(autouse=True)
def bounded():
    """Two minutes at most, on however busy a machine."""
    signal.alarm(120)
    yield
    signal.alarm(0)


def fifo(path):
    os.mkfifo(path / "runs.csv")
    return path / "runs.csv"


def zeros(path):
    with (path / "zeros.csv").open("wb") as file:
        file.truncate(1 << 32)
    return path / "zeros.csv"


def bomb(path):
    with gzip.open(path / "a.csv.gz", "wb") as file:
        for _ in range(160):
            file.write(bytes(1 << 20))
    return path / "a.csv.gz"


def promise(path):
    """A zarr header of 10^12 rows without a chunk."""
    folder = path / "a.zarr"
    folder.mkdir()
    head = {"zarr_format": 2, "shape": [10**12, 4], "chunks": [10**6, 4], "dtype": "<f8",
            "compressor": None, "fill_value": 0.0, "order": "C", "filters": None}  # fmt: skip
    (folder / ".zarray").write_text(json.dumps(head))
    return folder


ENDLESS = {"fifo": fifo, "zeros": zeros, "bomb": bomb, "device": lambda _: Path("/dev/zero")}


@pytest.mark.parametrize("kind", ENDLESS)
@pytest.mark.parametrize("read", [read_runs, open_source])
def test_it_is_refused_before_it_is_read(kind, read, tmp_path):
    path = ENDLESS[kind](tmp_path)
    with pytest.raises(InputError) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_lines_of_many_digits_take_no_time(tmp_path):
    path = tmp_path / "train.log"
    path.write_text("".join(f"step {i} loss {'9' * 2000}x{3 - i / 100}\n" for i in range(20)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(InputError):
        read_runs(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5


def test_rows_that_are_only_promised_are_not_made_room_for(tmp_path):
    pytest.importorskip("zarr")
    path = promise(tmp_path)
    try:
        source = open_source(path)
        first = next(iter(source.blocks(100)))
    except InputError:
        return
    assert len(first) <= 10**6
    assert np.all(first == 0)


REQUESTS = {
    "sizes": ["theory", "--alpha", ".5", "--latent-dim", "1e6", "--features", "10:1e9:1e7",
              "--samples", "100"],
    "grid": ["theory", "--alpha", ".5", "--latent-dim", "1e6", "--features", "1:1e5:1e5",
             "--samples", "1:1e5:1e5"],
    "draws": ["simulate", "--alpha", ".5", "--latent-dim", "1e7", "--features", "1e6",
              "--samples", "1e6", "--draws", "1000"],
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_is_too_large_is_refused_before_it_allocates(name):
    made = subprocess.run(
        [sys.executable, "-m", "eigenscale", *REQUESTS[name]], text=True, capture_output=True,
        timeout=110, check=False, env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST)),
    )  # fmt: skip
    assert made.returncode == 2, made.stderr
    assert made.stderr.startswith("error: ")
    assert made.stderr.count("\n") == 1
