"""Laws of the curve by name."""

from eigenscale.errors import InputError
from eigenscale.laws.curves.forms.annealing import ANNEALING
from eigenscale.laws.curves.forms.functional import FUNCTIONAL
from eigenscale.laws.curves.forms.multi_power import MULTI_POWER
from eigenscale.laws.curves.forms.steps_only import STEPS_ONLY
from eigenscale.laws.curves.law import CurveLaw

LAWS = {law.name: law for law in (MULTI_POWER, ANNEALING, FUNCTIONAL, STEPS_ONLY)}


def get(name: str) -> CurveLaw:
    """Look a law of the curve up.

    Raises
    ------
    InputError
        Unknown name; the message lists the known ones.

    Examples
    --------
    >>> get("multi-power").names
    ('L0', 'A', 'alpha', 'B', 'C', 'beta', 'gamma')
    """
    if name not in LAWS:
        raise InputError(f"{name!r} is not a law of the curve; use one of {', '.join(LAWS)}")
    return LAWS[name]
