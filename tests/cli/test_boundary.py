"""Where every error ends: one line, an exit code, and nothing that a terminal would obey."""

import subprocess
import sys

import numpy as np
import pytest

from eigenscale import __version__
from eigenscale.cli import app
from eigenscale.cli.app import main


@pytest.fixture
def broken(monkeypatch):
    """Let `theory` meet what nobody foresaw."""

    class Broken:
        def main(self, **_):
            raise ZeroDivisionError("float\x1b[31m division\nby zero")

    monkeypatch.setattr(app.typer.main, "get_command", lambda _: Broken())


def test_a_fault_of_our_own_is_one_line_and_exit_70(broken, capsys):
    assert main(["theory"]) == 70
    error = capsys.readouterr().err
    assert error.startswith(
        f"error: eigenscale {__version__} failed (ZeroDivisionError: float\\x1b[31m"
    )
    assert error.count("\n") == 1
    assert "--debug" in error


def test_debug_prints_the_traceback_wherever_it_stands(broken, capsys):
    for words in (["--debug", "theory"], ["theory", "--debug"]):
        assert main(words) == 70
        assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_debug_changes_nothing_else(capsys):
    assert main(["look", "absent.csv", "--debug"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["spectrum", "x.npy", "--level", ".9999999999999999"], "more than draws can show"),
        (["dimension", "x.npy", "--level", "1e308"], "is not between 0 and 1"),
        (["fit", "r.csv", "--law", "chinchilla", "--bootstrap", "9" * 400], "bootstrap"),
        (["compare", "r.csv", "r.csv", "--bootstrap", "9" * 40], "bootstrap"),
        (
            ["forecast", "x.npy", "--samples", "9", "--target", "\udcff\udcfe.npy"],
            "\\udcff\\udcfe.npy",
        ),
        (["forecast", "x.npy", "--samples", "9", "--target", "\x1b[31mred"], "\\x1b[31mred"),
        (["forecast", "x.npy", "--samples", "9", "--target", "a" * 5000], "…(5,"),
        (["gallery", "here", "--figures", "regime"], "use regimes, "),
    ],
)
def test_what_is_too_much_is_one_line(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.random.default_rng(0).normal(size=(60, 4)))
    rows = [f"1e{n},1e{d},{2 + 9 / n + 9 / d}" for n in (6, 7, 8) for d in (8, 9, 10)]
    (tmp_path / "r.csv").write_text("params,tokens,loss\n" + "\n".join(rows) + "\n")
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert len(error) < 700
    assert error[:-1].isprintable()


CALL = "import sys; from eigenscale.cli.app import main; sys.exit(main(sys.argv[1:]))"


def test_a_reader_that_leaves_ends_it_in_silence():
    command = [sys.executable, "-c", CALL, "plan", "--constants", "hoffmann", "--sweep"]
    with subprocess.Popen(
        [*command, "--flops", "1e18:1e25:2000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdout.read(1)
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


def test_a_terminal_that_cannot_show_a_sign_gets_an_escape():
    words = ["theory", "--alpha", "1", "--latent-dim", "50", "--features", "9", "--samples", "19"]
    done = subprocess.run(
        [sys.executable, "-c", CALL, *words, "--help"],
        capture_output=True,
        env={"PYTHONIOENCODING": "cp1252", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"\\u" in done.stdout
