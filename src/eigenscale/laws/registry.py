"""Laws by name."""

from collections.abc import Callable

from eigenscale.errors import InputError
from eigenscale.laws.base import Law
from eigenscale.laws.forms.chinchilla import CHINCHILLA, TIED
from eigenscale.laws.forms.data_constrained import DATA_CONSTRAINED
from eigenscale.laws.forms.kaplan import KAPLAN
from eigenscale.laws.forms.power import power
from eigenscale.laws.forms.steps import STEPS

ONE_INPUT = ("flops", "tokens", "params")
_LAWS = {law.name: law for law in (CHINCHILLA, TIED, KAPLAN, DATA_CONSTRAINED, STEPS)}
_FAMILIES: dict[str, Callable[[str], Law]] = {
    "power": power,
    "power-no-floor": lambda name: power(name, with_floor=False),
}


def names() -> tuple[str, ...]:
    """Names that `get` knows; families such as ``power`` take an input, as ``power:tokens``."""
    return (*_FAMILIES, *_LAWS)


def is_family(name: str) -> bool:
    """Whether `name` needs an input, as ``power`` does."""
    return name in _FAMILIES


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
    family, _, input_name = name.partition(":")
    if family in _FAMILIES and input_name in ONE_INPUT:
        return _FAMILIES[family](input_name)
    if name in _LAWS:
        return _LAWS[name]
    raise InputError(
        f"law {name!r} is unknown; laws are {', '.join(names())} "
        f"(families with an input, one of {', '.join(ONE_INPUT)}: power:tokens)"
    )
