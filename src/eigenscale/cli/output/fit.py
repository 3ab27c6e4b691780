"""What `eigenscale fit` prints for people."""

import math
from typing import Any

import typer

from eigenscale.cli.messages import warn
from eigenscale.cli.output.common import print_table
from eigenscale.io.runs.container import Runs
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.average import Blend
from eigenscale.laws.selection.candidate import Candidate
from eigenscale.laws.selection.compare import Comparison
from eigenscale.laws.summary import (
    GROWTHS,
    closing_lines,
    growth_notes,
    growth_rows,
    heading,
    parameter_rows,
    sensitivity_rows,
)
from eigenscale.results import Interval


def tell(
    runs: Runs | None,
    compared: Comparison | None,
    used: LawFit | Blend,
    predicted: dict[str, Any],
) -> None:
    """Say what was read, fitted and predicted; warnings go to stderr."""
    if runs is not None:
        typer.echo(repr(runs).split("\n  warning")[0] + "\n")
    if compared is not None:
        print_table([_record(c) for c in compared.candidates if c.fit is not None])
        left_out = [_why(c) for c in compared.candidates if c.fit is None]
        typer.echo("\n".join([*left_out, compared.sentence() + "\n"]))
    shown = used.shown if isinstance(used, Blend) else used
    _tell_fit(shown)
    if isinstance(used, Blend):
        typer.echo("\n" + used.sentence())
    _tell_predictions(predicted)
    for line in [*predicted.get("warnings", []), *used.warnings]:
        warn(line)


def _tell_fit(found: LawFit) -> None:
    typer.echo(heading(found))
    print_table([_parameter(row) for row in parameter_rows(found)])
    typer.echo("\n".join(closing_lines(found)))
    if found.table is None:
        return
    typer.echo()
    moved = [_moved(row, found.cost) for row in sensitivity_rows(found)]
    print_table(moved, title="Sensitivity to choices of the analysis")
    if rows := growth_rows(found):
        typer.echo()
        print_table(rows, title=GROWTHS)
    for note in growth_notes(found):
        typer.echo(note)


def _tell_predictions(predicted: dict[str, Any]) -> None:
    if predicted:
        typer.echo()
        pairs = zip(predicted["predictions"], predicted["run_predictions"], strict=True)
        print_table([_predicted_row(i, *pair) for i, pair in enumerate(pairs, start=1)])


def _predicted_row(point: int, law: Interval, run: Interval) -> dict[str, Any]:
    """One point: the law's interval, and the wider one of a single run."""
    nominal = f"{100 * law.level:.3g} %"
    ends = [" to ".join(_digits(x) for x in (each.low, each.high)) for each in (law, run)]
    return {
        "point": point,
        "value": law.value,
        f"the law lies, {nominal}": ends[0],
        f"a run lies, {nominal}": ends[1],
    }


def _record(candidate: Candidate) -> dict[str, Any]:
    known = candidate.to_dict()
    percent = ("holdout_error", "rolling_error", "inside")
    return {
        "law": known["law"] + ("" if known["converged"] else " (not converged)"),
        "parameters": known["n_parameters"],
        **{f"{key}, %".replace("_", " "): _digits(100 * known[key], 3) for key in percent},
        "interval score": _digits(known["interval_score"], 3),
        "AICc": f"{known['aicc']:.1f}",
    }


def _digits(value: Any, count: int = 4) -> Any:
    """Give a number that many digits; a dash where there is none."""
    if not isinstance(value, float):
        return value
    return f"{value:.{count}g}" if math.isfinite(value) else "–"


def _parameter(row: dict[str, Any]) -> dict[str, Any]:
    """Show the value in full, its interval with four digits, and no meaning."""
    shown = {name: _digits(value) for name, value in row.items() if name != "meaning"}
    return {**shown, "value": row["value"]}


def _moved(row: dict[str, Any], cost: str) -> dict[str, Any]:
    """Say what the last column is: the loss predicted far out."""
    shown = {name: _digits(value) for name, value in row.items()}
    change = shown.pop("loss beyond, %")
    sign = "+" if row["loss beyond, %"] > 0 else ""
    return {**shown, f"loss at 10x {cost}, %": sign + change}


def _why(candidate: Candidate) -> str:
    """Say why a law was not fitted, its name once."""
    reason = candidate.reason.removeprefix(f"{candidate.law} ")
    return f"{candidate.law}: {reason}"
