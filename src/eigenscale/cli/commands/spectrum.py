"""`eigenscale spectrum`: what a dataset looks like to a linear learner."""

import sys
from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.rows import KEEP_INDEX

if TYPE_CHECKING:
    from eigenscale.spectra.exponent.answers import Answers
    from eigenscale.spectra.measured import MeasuredSpectrum

DATA = typer.Argument(
    metavar="DATA…",
    help="Arrays, tables, images or text: see docs/data.md; several are compared.",
)


def spectrum(
    data: list[str] = DATA,
    target: str | None = typer.Option(
        None,
        help="What is predicted: a column of DATA, or a file with a row for each of its rows.",
    ),
    target_kind: str = typer.Option("auto", help="What the target is: auto, classes or numbers."),
    ranks: str | None = typer.Option(None, help="First and last rank to fit, as 10,500."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    features: str | None = typer.Option(
        None, help="Random features instead of the inputs, as relu:4096 or relu:4096:2."
    ),
    patches: int | None = typer.Option(None, help="Cut images into squares of this side."),
    grey: bool = typer.Option(False, "--grey", help="Read pictures in grey."),
    samples: str | None = typer.Option(
        None, help="Also the spectra of random nested subsets of these sizes, as 1000,4000."
    ),
    seed: int = typer.Option(0, min=0, help="Of the random features and subsets."),
    columns: str | None = typer.Option(None, help="Columns of a table to use, as a,b,c."),
    keep_index: bool = KEEP_INDEX,  # noqa: ARG001 - read by its callback
    leading: int | None = typer.Option(
        None,
        help="Eigenvalues to find where there are more than 16,384 inputs and rows; 1024, or as "
        "many as fit in memory, by default.",
    ),
    frobenius: str = typer.Option(
        "auto",
        help="For wide data, how to get the squared Frobenius norm: exact, estimate or auto.",
    ),
    prepare: str = typer.Option(
        "auto", help="Scaling of a table's numbers: auto, none, standard or robust."
    ),
    missing: str = typer.Option(
        "refuse", help="Rows with NaN or infinity: refuse, drop, or fill in a table."
    ),
    center: str = typer.Option("yes", help="Take the mean off: yes, or no for XᵀX/n."),
    checkpoint: str | None = typer.Option(
        None, help="Save the pass in FILE on the way; the same command goes on from there."
    ),
    scheduler: str | None = typer.Option(
        None, help="Sum on Dask: threads, processes, local:N, or an address as tcp://host:8786."
    ),
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Measure the covariance spectrum of DATA and its exponent α.

    The spectrum falls as rank to the power -(1+α). The window of ranks is shown. Several DATA are
    compared by their effective ranks, each with an interval of its difference from the first.

    \b
    Examples:
      eigenscale spectrum embeddings.npy --target labels.npy --plot spectrum.png
      eigenscale spectrum layer1.npy layer2.npy layer3.npy --center no
    """  # noqa: D301
    from eigenscale.cli.messages import warn
    from eigenscale.cli.output.common import print_json, progress_bar, say_where_stopped
    from eigenscale.cli.output.faces import check_faces, write_rows
    from eigenscale.cli.output.side_by_side import compare_spectra
    from eigenscale.cli.output.spectrum import as_dict, draw, show, structure_of, tokens_of
    from eigenscale.io.data.generators import with_seed
    from eigenscale.spectra.subsets import measure_all

    _check(missing, target_kind, level, center)
    window = _window(ranks)
    check_faces(plot, csv, figure_style)
    names = columns.split(",") if columns else None
    data = [with_seed(name, seed) for name in data]
    if len(data) > 1:
        alone = {
            "--target": target,
            "--ranks": ranks,
            "--samples": samples,
            "--leading": leading,
            "--checkpoint": checkpoint,
            "--scheduler": scheduler,
        }
        options: dict[str, Any] = {
            "columns": names,
            "features": features,
            "patches": patches,
            "grey": grey,
        }
        options |= {"center": center == "yes", "missing": missing, "level": level, "rng": seed}
        options["prepare"] = prepare
        compare_spectra(data, alone, plot, csv, as_json, options)
        return
    first, sizes = data[0], _sizes(samples)
    if checkpoint is not None:
        _say_saved(checkpoint)
    with say_where_stopped(), progress_bar(f"reading {first}") as progress:
        spectra = measure_all(
            first,
            target,
            sizes,
            target_kind=target_kind,  # type: ignore[arg-type]
            columns=names,
            features=features,
            patches=patches,
            grey=grey,
            leading=leading,
            frobenius=frobenius,  # type: ignore[arg-type]
            missing=missing,  # type: ignore[arg-type]
            prepare=prepare,  # type: ignore[arg-type]
            center=center == "yes",
            rng=seed,
            checkpoint=checkpoint,
            scheduler=scheduler,
            progress=progress,
        )
    measured = spectra[-1]
    if measured.n_dropped:
        warn(f"{measured.n_dropped} of {measured.n_read} rows were not finite and are left out")
    found = _answers(spectra, window, level)
    structured = None
    if window is None and features is None and missing == "refuse":
        structured = structure_of(first, measured, level)
    tokens = tokens_of(first, level)
    write_rows(
        [{"rank": i, "eigenvalue": v} for i, v in enumerate(measured.eigenvalues.tolist(), 1)], csv
    )
    if plot is not None:
        draw(spectra, found, tokens, plot)
    if as_json:
        print_json(as_dict(spectra, found, tokens, sizes, structured))
    else:
        show(measured, found, tokens, structured)


def _check(missing: str, target_kind: str, level: float, center: str) -> None:
    """Refuse values that no option takes."""
    from eigenscale.arrays import check_level
    from eigenscale.errors import InputError

    if missing not in ("refuse", "drop", "fill"):
        raise InputError(f"--missing {missing!r} is not known; use refuse, drop or fill")
    if target_kind not in ("auto", "classes", "numbers"):
        raise InputError(f"--target-kind {target_kind!r} is not known; use classes or numbers")
    check_level(level, "--level")
    if center not in ("yes", "no"):
        raise InputError(f"--center {center!r} is not known; use yes or no")


def _say_saved(path: str) -> None:
    """Say on stderr that an earlier run is taken up."""
    from eigenscale.spectra.moments.checkpoint import rows_saved

    if rows := rows_saved(path):
        sys.stderr.write(f"{path} holds {rows:,} rows; going on from there\n")


def _window(text: str | None) -> tuple[int, int] | None:
    from eigenscale.cli.options.numbers import parse_numbers
    from eigenscale.errors import InputError

    if text is None:
        return None
    numbers = parse_numbers(text, "--ranks")
    if len(numbers) != 2 or (numbers != numbers.round()).any():
        raise InputError(f"--ranks {text!r} is not two whole numbers; write first,last as 10,500")
    return int(numbers[0]), int(numbers[1])


def _sizes(text: str | None) -> list[int]:
    from eigenscale.cli.options.numbers import parse_numbers
    from eigenscale.errors import InputError

    if text is None:
        return []
    numbers = parse_numbers(text, "--samples").round()
    if (numbers < 2).any() or (numbers > 1e15).any():
        raise InputError(f"--samples {text!r} has a size below 2; subsets need at least 2 rows")
    return sorted({int(n) for n in numbers})


def _answers(
    spectra: "tuple[MeasuredSpectrum, ...]", window: tuple[int, int] | None, level: float
) -> "Answers | None":
    """Ask for the exponent; None where there are too few eigenvalues to speak of one."""
    if window is None and spectra[-1].rank < 3:
        return None
    return spectra[-1].answers(window, level, spectra[:-1])
