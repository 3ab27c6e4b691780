"""The house: rooms import downward only, and importing the package loads NumPy at most."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import eigenscale

SOURCE = Path(eigenscale.__file__).parent

# From the top floor to the ground; a room may import its own floor and what lies below.
FLOORS = [
    {"cli"},
    {"explorer"},
    {"report"},
    {"figures"},
    {"plan"},
    {"forecast"},
    {"model"},
    {"simulate", "networks"},
    {"theory"},
    {"laws"},
    {"measure"},
    {"runs", "data"},
    {"resolvent"},
    {"spectrum", "numerics"},
    {"writing"},
    {"errors", "results", "progress", "surface"},
]
FLOOR = {room: len(FLOORS) - i for i, floor in enumerate(FLOORS) for room in floor}


def modules():
    return [p for p in sorted(SOURCE.rglob("*.py")) if p.parent != SOURCE or "__" not in p.name]


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            names = [node.module or ""]
        else:
            continue
        rooms |= {n.split(".")[1] for n in names if n.startswith("eigenscale.")}
    return rooms


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_rooms_import_downward_only(path):
    here = room(path)
    assert here in FLOOR, f"give {here} a floor in this test"
    for other in imported_rooms(path) - {here}:
        assert FLOOR[other] < FLOOR[here], f"{path} imports upward: {other}"


def loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_import_loads_numpy_at_most():
    heavy = {"scipy", "matplotlib", "pyarrow", "plotly", "sklearn", "typer", "narwhals", "dask"}
    assert not loaded_by("import eigenscale") & heavy


def test_every_name_at_the_top_is_there():
    for name in eigenscale.__all__:
        assert getattr(eigenscale, name) is not None
    assert set(eigenscale.__all__) <= set(dir(eigenscale))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'spectre'"):
        _ = eigenscale.spectre
