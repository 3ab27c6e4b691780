"""Killed while writing: whole files, the same results, nothing left behind."""

import importlib.util
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import eigenscale

ROOT = Path(eigenscale.__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "kills_of_files.py"


def test_a_dozen_kills_leave_whole_files_and_nothing_else(tmp_path):
    if not SCRIPT.exists():
        pytest.skip("benchmarks are not in this copy")
    spec = importlib.util.spec_from_file_location("kills_of_files", SCRIPT)
    kills = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kills)
    from eigenscale.spectra.moments import checkpoint

    before = checkpoint.SECONDS
    try:
        assert sum(kills.campaign(tmp_path, 12).values()) == 12
    finally:
        checkpoint.SECONDS = before


WRITES = {
    "saved fit": ["fit", "runs.csv", "--bootstrap", "20", "--save", "out.json"],
    "checkpoint": ["spectrum", "x.npy", "--checkpoint", "state"],
    "picture": ["spectrum", "x.npy", "--plot", "out.svg"],
}


@pytest.mark.parametrize("kind", WRITES)
def test_a_full_disk_is_one_line_and_nothing_half_written(kind, tmp_path, tmp_path_factory):
    n, d = (g.ravel() for g in np.meshgrid([1e8, 1e9, 1e10], [1e9, 1e10, 1e11]))
    loss = 1.69 + 406.4 / n**0.34 + 410.7 / d**0.28
    rows = "".join(f"{a},{b},{c}\n" for a, b, c in zip(n, d, loss, strict=True))
    (tmp_path / "runs.csv").write_text("params,tokens,loss\n" + rows)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(500, 40)))
    before = sorted(path.name for path in tmp_path.iterdir())

    fonts = tmp_path_factory.mktemp("fonts")

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    made = subprocess.run(
        [sys.executable, "-m", "eigenscale", *WRITES[kind]], cwd=tmp_path, text=True,
        capture_output=True, preexec_fn=small_files, check=False,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "", "MPLCONFIGDIR": str(fonts),
             "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert made.returncode == 2, made.stderr
    assert made.stderr.strip().splitlines()[-1].startswith("error: ")
    assert "Traceback" not in made.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before
