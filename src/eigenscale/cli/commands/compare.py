"""`eigenscale compare`: how much less data or compute one law needs than another."""

from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.options.reading import COLUMNS, UNITS, WHERE

if TYPE_CHECKING:
    from eigenscale.laws.reference.constants import PublishedLaw
    from eigenscale.laws.result import LawFit
    from eigenscale.laws.selection.average import Blend
    from eigenscale.laws.selection.multiplier import Multiplier

ROUNDING = 1 + 1e-9
ANY = "A saved fit, a table of runs, or the name of published constants."


def compare(
    first: str = typer.Argument(..., metavar="A", help=ANY),
    second: str = typer.Argument(..., metavar="B", help=ANY),
    params: float | None = typer.Option(None, help="Size of the run of A to match."),
    tokens: float | None = typer.Option(None, help="Tokens of the run of A to match."),
    law: str = typer.Option("chinchilla", help="Law to fit where runs are given."),
    bootstrap: int = typer.Option(1000, min=0, help="Resampled tables; 0 for none."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of the resampling."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Say how much less data, or compute, B needs than A for the same loss.

    They are compared at the largest run of A, unless --params and --tokens name another.

    \b
    Examples:
      eigenscale compare old.json new.json
      eigenscale compare runs.csv hoffmann --params 7e9 --tokens 1e12
    """  # noqa: D301
    from eigenscale.cli.output.common import print_json
    from eigenscale.laws.selection.multiplier import multiplier

    settings = {"law": law, "bootstrap": bootstrap, "level": level, "rng": seed}
    reading = (columns, units, where)
    a, b = (_law(text, settings, reading) for text in (first, second))
    at = _where(a, params, tokens)
    found = [multiplier(a, b, *at, resource) for resource in ("data", "compute")]
    for one in found:
        _warn_beyond(b, one)
    _warn_published(a, b)
    _warn_measure(a, b)
    spread = [multiplier(a, b, *place, "compute") for place in _places(a, at)]
    if as_json:
        print_json({"first": first, "second": second, **_plain(found, spread)})
    else:
        _tell(found, spread, first, second)


def _law(
    text: str, settings: dict[str, Any], reading: tuple[list[str], list[str], list[str]]
) -> "LawFit | Blend | PublishedLaw":
    """Take a saved fit, fit runs, or look up published constants."""
    from pathlib import Path

    from eigenscale.cli.options.reading import load_runs
    from eigenscale.cli.output.common import progress_bar
    from eigenscale.errors import InputError
    from eigenscale.laws.fitting import fit
    from eigenscale.laws.reference.constants import published, published_names
    from eigenscale.laws.saving.saved import is_saved_fit, load_fit

    if is_saved_fit(text):
        return load_fit(text)
    if not Path(text).exists() and not any(c in text for c in "*?[:"):
        if text not in (known := published_names()):
            raise InputError(
                f"{text!r} is neither a file nor the name of published constants; those are "
                f"{', '.join(known)}"
            )
        return published(text)
    with progress_bar("fitting") as progress:
        return fit(load_runs(text, *reading), progress=progress, **settings)


def _where(
    a: "LawFit | Blend | PublishedLaw", params: float | None, tokens: float | None
) -> tuple[float, float]:
    """Give the run to match: named, or the largest run of A."""
    from eigenscale.errors import InputError

    if params is not None and tokens is not None:
        return params, tokens
    if (params is None) != (tokens is None):
        raise InputError("--params and --tokens name one run together; give both or neither")
    largest = getattr(getattr(a, "extent", None), "largest", {})
    if not {"params", "tokens"} <= set(largest):
        raise InputError("A has no runs of its own to compare at; give --params and --tokens")
    return largest["params"], largest["tokens"]


def _places(
    a: "LawFit | Blend | PublishedLaw", at: tuple[float, float]
) -> list[tuple[float, float]]:
    """Give runs inside the range of A, at its edge and ten times beyond, in the ratio of `at`."""
    from eigenscale.planning.surfaces.known import known

    seen = known(a)
    here = at[0] * at[1]
    low, edge = seen.measured.get("flops", (0.1, 1.0))
    runs = seen.origin.runs
    if "flops" in runs:  # in FLOP as the table has them; the places in params × tokens
        products = runs[seen.size_name] * runs[seen.data_name]
        low, edge = float(products.min()), float(products.max())
    else:
        low, edge = here * low / edge, here
    shares = ((low * edge) ** 0.5 / here, edge / here, 10 * edge / here)
    return [(at[0] * share**0.5, at[1] * share**0.5) for share in shares]


def _warn_beyond(b: "LawFit | Blend | PublishedLaw", found: "Multiplier") -> None:
    """Say where B has that loss at a run unlike any that it was fitted to."""
    from eigenscale.cli.messages import warn

    ranges = getattr(getattr(b, "extent", None), "ranges", {})
    names = (("params", b.size_name), ("tokens", b.data_name))
    for (name, called), value in zip(names, found.matched, strict=True):
        low, high = ranges.get(name, (value, value))
        if found.factor.value > 0 and not low / ROUNDING <= value <= high * ROUNDING:
            warn(
                f"with less {found.resource} B has that loss at {value:.3g} {called}; its runs "
                f"have {low:.3g} to {high:.3g}, so B is extrapolated"
            )


def _warn_published(*laws: "LawFit | Blend | PublishedLaw") -> None:
    """Say that published constants hold for the data and the counting of their authors."""
    from eigenscale.cli.messages import warn
    from eigenscale.laws.reference.constants import PublishedLaw

    for law in laws:
        if isinstance(law, PublishedLaw):
            warn(
                f"{law.name} holds for the losses of its authors ({law.counting}): compare only "
                "where data and tokens are alike"
            )


def _warn_measure(a: "LawFit | Blend | PublishedLaw", b: "LawFit | Blend | PublishedLaw") -> None:
    """Say what a comparison of two fits assumes of their losses."""
    from eigenscale.cli.messages import warn
    from eigenscale.laws.reference.constants import PublishedLaw

    if not any(isinstance(law, PublishedLaw) for law in (a, b)):
        warn(
            "losses of A and B are compared as they are: this assumes that both were measured on "
            "one validation set with one tokenizer"
        )


def _plain(found: "list[Multiplier]", spread: "list[Multiplier]") -> dict[str, Any]:
    from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN

    each = FLOPS_PER_PARAM_TOKEN if found[0].size_name == "params" else 1.0
    return {
        "status": next(one.status for one in found if one.resource == "compute"),
        "params": found[0].params,
        "tokens": found[0].tokens,
        "loss": found[0].loss,
        "unit": found[0].unit,
        **{one.resource: one.known for one in found},
        "at": [{"flops": each * one.params * one.tokens, "compute": one.known} for one in spread],
        "sentences": [one.sentence() for one in found],
    }


def _tell(found: "list[Multiplier]", spread: "list[Multiplier]", first: str, second: str) -> None:
    at = found[0]
    typer.echo(f"A is {first}\nB is {second}")
    typer.echo(
        f"for the loss of A at {at.params:.3g} {at.size_name} and {at.tokens:.3g} {at.data_name}, "
        f"{at.loss:.4g}:"
    )
    for one in found:
        typer.echo(f"  {one.sentence()}")
    for where, one in zip(("inside", "at the edge of", "ten times beyond"), spread, strict=True):
        typer.echo(f"  {where} the runs of A: {one.sentence()}")
