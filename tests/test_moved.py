"""Import paths of version 0.1 still work, with a warning that names the new ones."""

import subprocess
import sys
from pathlib import Path

import pytest

import eigenscale

OLD = [
    line.split()[0]
    for line in (Path(eigenscale.__file__).parent / "_moved.txt").read_text("utf-8").splitlines()
]


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "always::DeprecationWarning", "-c", code],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_every_old_path_gives_something_and_warns():
    code = "\n".join(
        f"from eigenscale.{'.'.join(p)} import {n}" if p else f"import eigenscale.{n}"
        for *p, n in (old.split(".") for old in OLD)
    )
    said = run(code)
    silent = [old for old in OLD if f"eigenscale.{old} has moved" not in said]
    assert not silent


@pytest.mark.parametrize(
    "code",
    [
        "from eigenscale.laws import fit, compare, LawFit, get; print(fit.__wrapped__ is not None)",
        "import eigenscale.plan.flops as m; print(m.Architecture)",
        "from eigenscale.laws.compare import Comparison; print(Comparison)",
        "import eigenscale as es, eigenscale.plan.flops; print(callable(es.plan))",
    ],
)
def test_old_doors_are_still_functions_and_modules(code):
    assert run(code)


def test_a_public_function_survives_the_import_of_its_old_package():
    said = run(
        "import eigenscale as es, eigenscale.plan.flops\n"
        "print(es.plan(es.published('hoffmann'), flops=1e21).params)"
    )
    assert "DeprecationWarning" in said
