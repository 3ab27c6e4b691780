"""Laws by name."""

from collections.abc import Callable, Collection
from functools import partial

from eigenscale.errors import InputError
from eigenscale.laws.forms.accuracy import ACCURACY
from eigenscale.laws.forms.broken import broken
from eigenscale.laws.forms.chinchilla import CHINCHILLA, TIED
from eigenscale.laws.forms.data_constrained import DATA_CONSTRAINED
from eigenscale.laws.forms.generalised import GENERALISED
from eigenscale.laws.forms.kaplan import KAPLAN
from eigenscale.laws.forms.over_training import OVER_TRAINING
from eigenscale.laws.forms.power import power
from eigenscale.laws.forms.saturating import saturating
from eigenscale.laws.forms.solvable import LATENT, SOLVABLE
from eigenscale.laws.forms.steps import STEPS
from eigenscale.laws.law import Law

ONE_INPUT = ("flops", "tokens", "params", "steps")
MOST_BREAKS = 9
_LAWS = {
    law.name: law
    for law in (
        CHINCHILLA,
        TIED,
        GENERALISED,
        KAPLAN,
        SOLVABLE,
        LATENT,
        OVER_TRAINING,
        DATA_CONSTRAINED,
        STEPS,
        ACCURACY,
    )
}
_FAMILIES: dict[str, Callable[[str], Law]] = {
    "power": power,
    "power-no-floor": partial(power, with_floor=False),
    "broken": broken,
    **{f"broken-{breaks}": partial(broken, breaks=breaks) for breaks in range(2, MOST_BREAKS + 1)},
    "saturating": saturating,
}
_MANY_BREAKS = [f"broken-{breaks}" for breaks in range(4, MOST_BREAKS + 1)]
_ALIASES = {"compute": "power:flops", "compute-no-floor": "power-no-floor:flops"}


def names() -> tuple[str, ...]:
    """Names that `get` knows, with up to three breaks of the nine that a law may have.

    Families such as ``power`` take an input, as ``power:tokens``.
    """
    families = [name for name in _FAMILIES if name not in _MANY_BREAKS]
    return (*families, *_LAWS, *_ALIASES)


def is_family(name: str) -> bool:
    """Whether `name` needs an input, as ``power`` does."""
    return name in _FAMILIES


def simplest(columns: Collection[str]) -> str:
    """Name a law for such columns, as an example; empty where they allow none.

    Examples
    --------
    >>> simplest(["params", "tokens", "flops"]), simplest(["flops"])
    ('chinchilla', 'power')
    """
    if set(CHINCHILLA.inputs) <= set(columns):
        return CHINCHILLA.name
    return "power" if set(ONE_INPUT) & set(columns) else ""


def get(name: str) -> Law:
    """Give the law of that name.

    Raises
    ------
    InputError
        There is none; the message lists what there is.

    Examples
    --------
    >>> get("chinchilla").names
    ('E', 'A', 'B', 'alpha', 'beta')
    >>> get("power:tokens").equation
    'E + A / tokens^alpha'
    """
    name = _ALIASES.get(name, name)
    family, _, input_name = name.partition(":")
    if family in _FAMILIES and input_name in ONE_INPUT:
        return _FAMILIES[family](input_name)
    if name in _LAWS:
        return _LAWS[name]
    raise InputError(
        f"law {name!r} is unknown; laws are {', '.join(names())} "
        f"(families with an input, one of {', '.join(ONE_INPUT)}: power:tokens; "
        f"broken-N has N breaks, up to {MOST_BREAKS})"
    )
