"""What `fit --counting`, `--local` and `--downstream` add to its answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from eigenscale.cli.options.sweeps import groups
from eigenscale.errors import InputError
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.tasks import read_tasks
from eigenscale.laws.checks.counting import counting_sentences, countings
from eigenscale.laws.checks.downstream import downstream
from eigenscale.laws.checks.local import local_sentence, local_slopes
from eigenscale.laws.checks.priors import apart
from eigenscale.laws.checks.repeats import repeats

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit

ONE_MEASURE = (
    "groups are compared by their losses: this assumes that all were measured on one validation "
    "set with one tokenizer"
)
DRAWS = 300  # of each task: both steps are fitted to as many tables


@dataclass
class Added:
    """Keys of JSON, lines of text and warnings."""

    keys: dict[str, Any]
    lines: list[str]
    warnings: list[str]
    alone: bool = False

    def with_(self, more: "Added") -> "Added":
        """Put another answer behind this one."""
        return Added(
            {**self.keys, **more.keys}, self.lines + more.lines, self.warnings + more.warnings
        )


def checked(
    found: "LawFit", runs: Runs, beside: dict[str, Any], *, local: bool, counting: bool
) -> Added:
    """Local exponents with the scatter of repeats, and ways of counting, where asked for."""
    added = Added({}, [], [])
    if found.prior is not None and found.table is not None:
        _priors(found, added)
    if local:
        _local(found, added)
    if counting:
        rows, warned = countings(runs, beside)
        added.keys["countings"] = [one.to_dict() for one in rows]
        added.lines += counting_sentences(rows)
        added.warnings += warned
    if local and (known := repeats(runs, found.level, beside)) is not None:
        added.keys["repeats"] = known.to_dict()
        added.lines.append(known.sentence())
    return added


def _priors(found: "LawFit", added: Added) -> None:
    """Prior, posterior and what the runs say alone, side by side."""
    rows = apart(found)
    added.keys["priors"] = [row.to_dict() for row in rows]
    added.lines += [row.sentence() for row in rows]


def _local(found: "LawFit", added: Added) -> None:
    added.keys["local"] = []
    if found.table is None:
        return
    try:
        places = local_slopes(found.table, found.law, found.theta, found.level)
    except InputError as error:
        added.warnings.append(f"no local exponents: {error}")
        return
    added.keys["local"] = [place.to_dict() for place in places]
    added.lines.append(local_sentence(places))


def grouped(
    runs: Runs, beside: dict[str, Any], name: str | None, settings: dict[str, Any]
) -> Added:
    """Compare groups of runs, where a column is named, and say what that assumes."""
    if name is None:
        return Added({}, [], [])
    found, shared = groups(runs, beside, name, settings)
    keys: dict[str, Any] = {"groups": [one.to_dict() for one in found]}
    lines = [one.sentence(found[0].name) for one in found[1:]]
    if shared is not None:
        keys["sharing"] = shared.to_dict()
        lines.append(shared.sentence())
    return Added(keys, lines, [ONE_MEASURE])


def tasks(
    path: str,
    names: str | None,
    reading: tuple[dict[str, Any], dict[str, Any], list[str]],
    points: str | None,
    settings: dict[str, Any],
) -> Added:
    """Predict scores of tasks through the loss and directly; nothing where none is asked for."""
    if names is None:
        return Added({}, [], [])
    columns, units, where = reading
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        raise InputError("--downstream names no column; write --downstream MMLU,GSM8K")
    table = read_tasks(path, wanted, columns, units, where)
    given = None if points is None else _points(points, columns, units)
    found = downstream(
        table.inputs,
        table.tasks,
        given,
        bootstrap=min(settings["bootstrap"], DRAWS),
        level=settings["level"],
        rng=settings["rng"],
    )
    lines = [task.sentence() for task in found]
    keys = {"downstream": [t.to_dict() for t in found]}
    return Added(keys, lines, list(table.warnings), alone="loss" not in table.inputs)


def _points(text: str, columns: dict[str, Any], units: dict[str, Any]) -> dict[str, Any]:
    """Points of a table, or one point as params=7e9,tokens=1e12; what can be derived of it is."""
    from eigenscale.cli.options.reading import number_pairs
    from eigenscale.io.runs.read import read_runs
    from eigenscale.laws.table import tabulate

    if "=" in text and not Path(text).exists():
        given = number_pairs(text.split(","), "--predict")
        single = {name: [value] for name, value in given.items()}
        return {k: np.asarray(v) for k, v in tabulate({**single, "loss": [1.0]}).inputs.items()}
    kept = {name: column for name, column in columns.items() if name != "loss"}
    return dict(tabulate(read_runs(text, {**kept, "loss": 1.0}, units=units)).inputs)


def tell_alone(added: Added, as_json: bool) -> None:
    """Give tasks without a law of the loss, where the table has no loss."""
    from eigenscale.cli.messages import warn
    from eigenscale.cli.output.common import print_json

    if as_json:
        print_json({**added.keys, "warnings": added.warnings})
        return
    typer.echo("\n".join(added.lines))
    for line in added.warnings:
        warn(line)


def tell(added: Added) -> None:
    """Print the lines."""
    if added.lines:
        typer.echo("\n" + "\n".join(added.lines))
