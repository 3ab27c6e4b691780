"""Published constants as what is known before the runs are looked at."""

from eigenscale.laws.reference.constants import published
from eigenscale.laws.registry import get, is_family

OF_FLOOR, OF_EXPONENT = 0.15, 0.07
"""How far floors (as a share) and exponents of published laws lie from one another."""


def published_priors(name: str | None, law: str = "chinchilla") -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of what another data set and architecture should share.

    The floor and the exponents: factors of size and data depend on the tokenizer, the data and
    the way of counting, and are left to the runs. A law of one input takes the floor alone. The
    widths are those by which the published Chinchilla laws differ (E 1.69 to 1.97, exponents .28
    to .37).

    Parameters
    ----------
    name : str or None
        Published constants; nothing is known where it is None.
    law : str
        The law that is to be fitted, or ``all``.

    Raises
    ------
    InputError
        The name is unknown.

    Examples
    --------
    >>> {k: (v[0], round(v[1], 3)) for k, v in published_priors("hoffmann").items()}
    {'E': (1.69, 0.254), 'alpha': (0.34, 0.07), 'beta': (0.28, 0.07)}
    >>> list(published_priors("hoffmann", "power"))
    ['E']
    """
    if name is None:
        return {}
    known = published(name).parameters
    floor = {"E": (known["E"], OF_FLOOR * known["E"])} if known.get("E") else {}
    exponents = {
        n: (v, OF_EXPONENT) for n, v in known.items() if n.startswith(("alpha", "beta")) and v == v
    }
    found = {**floor, **exponents}
    if law == "all":
        return found
    kept = ("E",) if is_family(law) else get(law).names
    return {n: v for n, v in found.items() if n in kept}
