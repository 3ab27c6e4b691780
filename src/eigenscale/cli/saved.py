"""Saved fits where a command takes runs."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from eigenscale.laws import LawFit


def saved_fit(
    context: typer.Context, path: str | None, refused: Collection[str]
) -> "LawFit | None":
    """Load `path` where it is a saved fit; None where it is something else.

    Options that would be ignored are not accepted: those of `refused` that were given.
    """
    from eigenscale.errors import InputError
    from eigenscale.laws.artefact import is_saved_fit, load_fit

    if path is None or not is_saved_fit(path):
        return None
    given = [
        name
        for name in context.params
        if (source := context.get_parameter_source(name)) is not None
        and source.name == "COMMANDLINE"
        and name in refused
        and name not in {"runs", "as_json"}
    ]
    if given:
        option = "--" + given[0].replace("_", "-")
        raise InputError(
            f"{path} is a saved fit, which {option} cannot change; give the runs instead, or "
            f"leave {option} out"
        )
    return load_fit(path)
