"""Every command explains itself in the same words."""

import pytest

from eigenscale.cli.app import app, main

COMMANDS = [command.name for command in app.registered_commands]


def test_commands_stand_in_the_order_of_the_doors(capsys):
    main(["--help"])
    listed = capsys.readouterr().out.split("Commands:")[1]
    assert [line.split()[0] for line in listed.strip().splitlines()] == COMMANDS
    assert "..." not in listed


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_on_a_line_of_its_own(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main([command, "--help"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith(f"eigenscale {command} ") for line in lines)
    assert not any("\\b" in line for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_one_option_has_one_meaning(command):
    """The same words for what all commands share."""
    shared = {
        "as_json": "One JSON object on stdout.",
        "plot": "Draw to FILE (.png, .svg, .pdf, .html).",
        "level": "Coverage of the intervals.",
    }
    import typer

    found = typer.main.get_command(app).commands[command]
    said = {option.name: option.help for option in found.params}
    assert {name: said[name] for name in shared if name in said} == {
        name: text for name, text in shared.items() if name in said
    }
    assert "as_json" in said
