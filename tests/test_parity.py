"""Python does what the command line does, and its signatures can be read."""

import inspect
import re
import sys
from importlib import import_module, util
from pathlib import Path

import pytest
import typer

import eigenscale as es
from eigenscale.cli.app import app

ROOT = Path(__file__).parents[1]
SPEC = util.spec_from_file_location("parity", ROOT / "scripts" / "parity.py")
parity = util.module_from_spec(SPEC)
SPEC.loader.exec_module(parity)
COMMANDS = typer.main.get_command(app).commands


def test_each_command_has_a_public_function():
    assert set(parity.FUNCTIONS) == set(COMMANDS)


@pytest.mark.parametrize("command", parity.FUNCTIONS)
def test_no_option_is_without_its_like(command):
    assert [option for option, said in parity.rows(command) if not said] == []


@pytest.mark.parametrize("command", parity.ELSEWHERE)
def test_no_reason_is_given_for_what_is_no_option(command):
    known = {str(option.name) for option in COMMANDS[command].params}
    assert set(parity.ELSEWHERE[command]) <= known


def test_what_the_matrix_names_is_there():
    page = parity.page()
    for name, module in re.findall(r"`(\w+)` of `(eigenscale[\w.]+)`", page):
        found = import_module(module)
        assert hasattr(found, name) or util.find_spec(f"{module}.{name}")
    for name in re.findall(r"`es\.(\w+)", page):
        assert hasattr(es, name)


def test_the_page_is_current():
    assert (ROOT / "docs" / "parity.md").read_text(encoding="utf-8") == parity.page()


@pytest.mark.parametrize("option", ["seed", "level", "csv", "plot", "figure_style", "store"])
def test_one_option_is_spelt_and_said_alike(option):
    found = {
        tuple(one.opts)
        for command in COMMANDS.values()
        for one in command.params
        if one.name == option
    }
    assert found == {(f"--{option.replace('_', '-')}",)}


def signatures():
    for name in es.__all__:
        thing = getattr(es, name)
        if inspect.isfunction(thing):
            yield name, thing
        elif isinstance(thing, type):
            for inner, method in vars(thing).items():
                if inspect.isfunction(method) and not inner.startswith("_"):
                    yield f"{name}.{inner}", method


@pytest.mark.parametrize(("name", "function"), list(signatures()))
def test_a_signature_can_be_read(name, function):
    text = str(inspect.signature(function))
    assert not re.search(r"Union\[|_Buffer|numpy\._typing|typing\.|NestedSequence", text)
    assert all(len(line) <= 200 for line in text.splitlines())
    if "\n" in text:
        count = len(inspect.signature(function).parameters)
        assert len(text.splitlines()) >= count + 2
    back = inspect.signature(function).return_annotation
    assert not name.islower() or str(back) != "typing.Any"


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="pydoc wraps by itself from 3.13 on")
def test_help_shows_it(capsys):
    help(es.fit)
    shown = capsys.readouterr().out
    assert "    weights: ArrayLike | None = None,\n" in shown
