"""What `eigenscale plan --write` leaves: a folder of configurations; scores of finished runs."""

from pathlib import Path
from typing import Any

import typer

from eigenscale.cli.output.common import print_json, print_table
from eigenscale.errors import InputError
from eigenscale.planning.configurations.finished import score_finished
from eigenscale.planning.configurations.frameworks import check_kind, files
from eigenscale.planning.configurations.planned import Place, recipes
from eigenscale.planning.frontier import Frontier
from eigenscale.text.numbers import short, with_interval
from eigenscale.writing import whole_folder


def where(text: str) -> tuple[str, str]:
    """Split ``KIND`` or ``KIND:FOLDER``; the folder is ``plan-KIND`` where none is named."""
    kind, _, folder = text.partition(":")
    check_kind(kind)
    return kind, folder or f"plan-{kind}"


def write_runs(surface: Any, front: Frontier, more: dict[str, Any], text: str) -> dict[str, Any]:
    """Write the runs of a ladder, of a sweep, or those to train next, as configurations."""
    kind, folder = where(text)
    if Path(folder).exists() and not Path(folder).is_dir():
        raise InputError(f"{folder} is a file; name a folder to write the runs to")
    made = recipes(surface, _places(front, more), kind, level=front.level)
    contents = files(made, kind)
    with whole_folder(folder) as temporary:
        for name, content in contents.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return {"kind": kind, "folder": folder, "files": sorted(contents), "runs": len(made)}


def _places(front: Frontier, more: dict[str, Any]) -> list[Place]:
    if "ladder" in more:
        rungs = more["ladder"].rungs
        return [(f"rung-{i + 1:02d}", r.params, r.tokens, r.seeds) for i, r in enumerate(rungs)]
    if "sweep" in more:
        swept = more["sweep"]
        return [(f"sweep-{i + 1:02d}", r.params, r.tokens, 1) for i, r in enumerate(swept)]
    if "next_runs" in more:
        runs = more["next_runs"].runs
        return [(f"next-{i + 1}", r.params, r.tokens, r.seeds) for i, r in enumerate(runs)]
    return [(f"plan-{plan.flops:.0e}", plan.params.value, plan.tokens.value, 1) for plan in front]


def tell_written(written: dict[str, Any]) -> None:
    """Say what was written, and how it is counted."""
    typer.echo(
        f"\n{written['runs']} runs for {written['kind']} are in {written['folder']}/: shapes are "
        "the nearest with widths in multiples of 64, params count embeddings, FLOP are "
        "6 × params × tokens. Once they are trained, "
        f"`eigenscale plan FINISHED --finished {written['folder']}` scores the predictions."
    )


def score(runs: str, planned: str, as_json: bool) -> None:
    """Score a written plan by its finished runs."""
    found = score_finished(planned, runs)
    if as_json:
        print_json(found)
        return
    typer.echo(found.summary + "\n")
    rows = [
        {
            "run": one.name,
            "measured": short(one.measured),
            "predicted": with_interval(one.predicted),
            "inside": "yes" if one.inside else "no",
        }
        for one in found.scores
    ]
    print_table(rows, title="Finished runs against the plan")
