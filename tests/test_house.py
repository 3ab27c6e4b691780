"""The house: every module answers to its name, and importing the package loads NumPy at most."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import eigenscale

NAMES = sorted(
    found.name
    for found in pkgutil.walk_packages(eigenscale.__path__, "eigenscale.")
    if found.name != "eigenscale.__main__"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_what_its_dotted_name_gives(name):
    module = import_module(name)
    found = eigenscale
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    assert found is module is sys.modules[name]


def test_no_package_bears_the_name_of_a_public_function():
    assert not {name.split(".")[1] for name in NAMES} & set(eigenscale.__all__)


def test_pydoc_finds_every_module():
    code = "import pydoc, sys; [pydoc.render_doc(name) for name in sys.argv[1:]]"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, *NAMES], check=True)


def test_pydoc_as_a_command():
    done = subprocess.run(
        [sys.executable, "-m", "pydoc", "eigenscale.planning.costs.flops"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Help on module eigenscale.planning.costs.flops" in done.stdout


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


@pytest.mark.parametrize(
    "command", ["--help", "plan --constants hoffmann --flops 1e21", "theory --help"]
)
def test_no_command_loads_what_draws_unless_it_draws(command):
    code = f"from eigenscale.cli.app import main; main({command.split()})"
    assert not loaded_by(code) & {"matplotlib", "plotly", "pandas", "sklearn"}


def test_every_name_at_the_top_is_there():
    for name in eigenscale.__all__:
        assert getattr(eigenscale, name) is not None
    assert set(eigenscale.__all__) <= set(dir(eigenscale))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'spectre'"):
        _ = eigenscale.spectre
