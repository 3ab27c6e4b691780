"""Saved fits where a command takes runs."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit
    from eigenscale.laws.selection.average import Blend


def saved_fit(
    context: typer.Context, path: str | None, refused: Collection[str]
) -> "LawFit | Blend | None":
    """Load `path` where it is a saved fit; None where it is something else.

    Options that would be ignored are not accepted: those of `refused` that were given.
    """
    from eigenscale.errors import InputError
    from eigenscale.laws.saving.saved import is_saved_fit, load_fit
    from eigenscale.writing import note_input

    if path is None or not is_saved_fit(path):
        return None
    note_input(path)
    for name in given(context, refused):
        option = "--" + name.replace("_", "-")
        raise InputError(
            f"{path} is a saved fit, which {option} cannot change; give the runs instead, or "
            f"leave {option} out"
        )
    return load_fit(path)


def given(context: typer.Context, names: Collection[str]) -> list[str]:
    """List those of `names` that stand on the command line."""
    return [
        name
        for name in context.params
        if (source := context.get_parameter_source(name)) is not None
        and source.name == "COMMANDLINE"
        and name in names
        and name not in {"runs", "as_json"}
    ]


def surface_named(name: str) -> "LawFit | Blend | str":
    """Load the saved fit of that name where there is one; the name of constants otherwise."""
    from eigenscale.laws.saving.saved import is_saved_fit, load_fit

    return load_fit(name) if is_saved_fit(name) else name
