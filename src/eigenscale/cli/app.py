"""The command `eigenscale`: its commands, and what becomes of errors."""

import inspect
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from eigenscale._version import __version__
from eigenscale.cli.commands.compare import compare
from eigenscale.cli.commands.curve import curve
from eigenscale.cli.commands.dimension import dimension
from eigenscale.cli.commands.fit import fit
from eigenscale.cli.commands.forecast import forecast
from eigenscale.cli.commands.gallery import gallery
from eigenscale.cli.commands.look import look
from eigenscale.cli.commands.plan import plan
from eigenscale.cli.commands.predict import predict
from eigenscale.cli.commands.probe import probe
from eigenscale.cli.commands.report import report
from eigenscale.cli.commands.score import score
from eigenscale.cli.commands.simulate import simulate
from eigenscale.cli.commands.spectrum import spectrum
from eigenscale.cli.commands.theory import theory
from eigenscale.cli.options.many import ManyValues
from eigenscale.cli.options.panels import PlanCommand
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.io.files.index import keeping_index
from eigenscale.text.lines import one_line
from eigenscale.writing import inputs_kept

_DEBUG = "--debug"

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
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
    debug: bool = typer.Option(
        False, _DEBUG, help="Print the traceback of a fault; may stand anywhere."
    ),
) -> None:
    """How loss falls with more data, a bigger model or longer training, and why."""


# In the order of the three doors: your data, the solved model, your runs.
_COMMANDS: tuple[tuple[Callable[..., None], str], ...] = (
    (look, "What a file is taken for, before anything is computed."),
    (spectrum, "Spectrum of your data and its exponent."),
    (dimension, "Intrinsic dimension of your data."),
    (forecast, "Loss to expect with more samples or features."),
    (probe, "How many samples are enough for a linear probe."),
    (theory, "Loss of the solvable model."),
    (simulate, "The solvable model drawn and trained."),
    (gallery, "Figures of the solvable model."),
    (fit, "A law through your training runs."),
    (curve, "Where training will end, by its learning-rate schedule."),
    (compare, "What one law saves against another."),
    (predict, "Loss at new points by a saved fit, registered on request."),
    (score, "What became of registered predictions."),
    (plan, "What to train with a budget."),
    (report, "All of it on one page."),
)

_CLASSES: dict[str, type[TyperCommand]] = {"curve": ManyValues, "plan": PlanCommand}

for _function, _line in _COMMANDS:
    app.command(
        name=_function.__name__,
        cls=_CLASSES.get(_function.__name__),
        short_help=_line,
        # A backslash and b, in raw docstrings, stand for the sign that keeps lines apart.
        help=inspect.cleandoc(_function.__doc__ or "").replace("\\b", "\b"),
    )(_function)


def _fail(message: str) -> int:
    sys.stderr.write(f"error: {one_line(message)}\n")
    return 2


def _fault(error: BaseException, debug: bool) -> int:
    """Tell of a fault of the program's own in one line; its traceback where that is asked for."""
    if debug:
        import traceback

        traceback.print_exception(error)
    said = one_line(f"{type(error).__name__}: {error}")
    more = "" if debug else " (--debug shows where it failed)"
    sys.stderr.write(
        f"error: eigenscale {__version__} failed ({said}); the fault is its own, not the input's: "
        f"please report it together with the command{more}\n"
    )
    return 70


def _tolerant_streams() -> None:
    """Let what an encoding of the terminal cannot show come out as an escape, not as an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _no_reader() -> int:
    """End in silence where the reader of the output has gone, as `| head` does."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, so that temporary files are removed."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code.

    0; 2 for bad input; 70 for a fault of the program's own (``--debug``, anywhere on the line,
    prints its traceback); 130 for Ctrl-C; 1 where the reader of the output has gone.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = _DEBUG in given
    command = typer.main.get_command(app)
    _tolerant_streams()
    try:
        with inputs_kept(), keeping_index(False), _stopped_by_sigterm():
            code = command.main(
                args=[one for one in given if one != _DEBUG],
                prog_name="eigenscale",
                standalone_mode=False,
            )
            sys.stdout.flush()
    except (InputError, ConvergenceError) as error:
        return _fail(str(error))
    except TyperException as error:
        return _fail(f"{error.format_message()} See `eigenscale --help`.")
    except BrokenPipeError:
        return _no_reader()
    except MemoryError as error:
        reason = str(error) or "the system gives no more"
        return _fail(f"memory is used up ({reason}); ask for less at once")
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("stopped\n")
        return 130
    except Exception as error:  # noqa: BLE001 - the one place where what nobody foresaw ends
        return _fault(error, debug)
    return code if isinstance(code, int) else 0
