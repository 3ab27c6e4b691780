"""Options that say how a table of runs is to be read."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from eigenscale.io.runs.container import Runs

COLUMNS = typer.Option(
    [], "--columns", help="What a column means: params=n_non_embedding, tokens=steps*batch*seq."
)
UNITS = typer.Option(
    [], "--units", help="Unit of a field, as tokens=B, or bytes_per_token=4.3; may be repeated."
)
WHERE = typer.Option(
    [], "--where", help="Rows to keep: dataset=c4, State=finished,failed, tokens>1e9, name~gpt."
)
CHECKPOINTS = typer.Option(None, help="Of step curves keep the last, best or every checkpoint.")
PATTERN = typer.Option(None, help="For text logs: regular expression with (?P<step>…) (?P<loss>…).")
DROP_FLAGGED = typer.Option(False, "--drop-flagged", help="Leave out rows marked as outliers.")
DROP_HIGHEST = typer.Option(0, "--drop-highest", min=0, help="Leave out that many highest losses.")


def pairs(texts: list[str], option: str) -> dict[str, str]:
    """Read ``name=value`` pairs."""
    from eigenscale.errors import InputError

    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise InputError(f"{option} {text!r} is not a pair; write name=value")
        found[name] = value
    return found


def number_pairs(texts: list[str], option: str) -> dict[str, float]:
    """Read ``name=number`` pairs."""
    from eigenscale.cli.options.numbers import parse_number

    return {k: parse_number(v, f"{option} {k}") for k, v in pairs(texts, option).items()}


def normal_pairs(texts: list[str], option: str) -> dict[str, tuple[float, float]]:
    """Read ``name=mean±sd`` pairs; ``+-`` stands for ±."""
    from eigenscale.cli.options.numbers import parse_number
    from eigenscale.errors import InputError

    found = {}
    for name, text in pairs(texts, option).items():
        mean, sign, sd = text.replace("+-", "±").partition("±")
        if not sign:
            raise InputError(f"{option} {name}={text!r} has no ±; write {name}=1.7±0.1")
        known = parse_number(mean, f"{option} {name}"), parse_number(sd, f"{option} {name}")
        if not known[1] > 0:
            raise InputError(f"{option} {name}={text!r}: the part after ± is a positive number")
        found[name] = known
    return found


def load_runs(
    path: str,
    columns: list[str],
    units: list[str],
    where: list[str],
    drop_flagged: bool = False,
    drop_highest: int = 0,
    checkpoints: str | None = None,
    pattern: str | None = None,
) -> "Runs":
    """Read runs as the options say; columns that are numbers hold for every row."""
    from eigenscale.io.runs.read import read_runs

    wanted = column_pairs(columns)
    unit = {k: _number_or_text(v) for k, v in pairs(units, "--units").items()}
    runs = read_runs(
        path, wanted, units=unit, where=where, checkpoints=checkpoints, pattern=pattern
    )
    if drop_flagged:
        runs = runs.without_flagged()
    return runs.without_highest_loss(drop_highest) if drop_highest else runs


def column_pairs(columns: list[str]) -> dict[str, str | float]:
    """Read ``field=column``, a column by its name, an expression of columns, or a number."""
    return {k: _number_or_text(v) for k, v in pairs(columns, "--columns").items()}


def _number_or_text(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
