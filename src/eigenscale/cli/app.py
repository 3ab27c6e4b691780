"""The command `eigenscale`: its commands, and what becomes of errors."""

import sys

import typer
from typer.exceptions import TyperException

from eigenscale import __version__
from eigenscale.cli.dimension import dimension
from eigenscale.cli.fit import fit
from eigenscale.cli.forecast import forecast
from eigenscale.cli.gallery import gallery
from eigenscale.cli.plan import plan
from eigenscale.cli.report import report
from eigenscale.cli.simulate import simulate
from eigenscale.cli.spectrum import spectrum
from eigenscale.cli.theory import theory
from eigenscale.errors import ConvergenceError, InputError

app = typer.Typer(
    name="eigenscale",
    help="How loss falls with more data, a bigger model or longer training, and why.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"eigenscale {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True),
) -> None:
    """How loss falls with more data, a bigger model or longer training, and why."""


app.command(name="fit")(fit)
app.command(name="forecast")(forecast)
app.command(name="gallery")(gallery)
app.command(name="plan")(plan)
app.command(name="report")(report)
app.command(name="simulate")(simulate)
app.command(name="spectrum")(spectrum)
app.command(name="dimension")(dimension)
app.command(name="theory")(theory)


def _fail(message: str) -> int:
    sys.stderr.write("error: " + " ".join(message.split()) + "\n")
    return 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code (0, 2 for bad input, 130 for Ctrl-C)."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="eigenscale", standalone_mode=False)
    except (InputError, ConvergenceError) as error:
        return _fail(str(error))
    except TyperException as error:
        return _fail(f"{error.format_message()} See `eigenscale --help`.")
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("stopped\n")
        return 130
    return code if isinstance(code, int) else 0
