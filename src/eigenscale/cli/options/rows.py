"""Options that say how tables of data are to be read."""

import typer


def _keep(wanted: bool) -> bool:
    from eigenscale.io.files.index import keep_index

    keep_index(wanted)
    return wanted


KEEP_INDEX = typer.Option(
    False, "--keep-index", callback=_keep, help="Read columns that number the rows as inputs too."
)
