"""Names of quantities and units, and how parts join in a sentence."""

from collections.abc import Sequence

from eigenscale.text.numbers import count

_NAMES = {"params": "parameters", "n_features": "features", "n_samples": "samples"}


def named(name: str) -> str:
    """Give the word for a quantity: ``"params"`` are parameters.

    Examples
    --------
    >>> named("params"), named("n_samples"), named("tokens")
    ('parameters', 'samples', 'tokens')
    """
    return _NAMES.get(name, name)


def one(name: str) -> str:
    """Give the word for one of a quantity.

    Examples
    --------
    >>> one("params"), one("tokens")
    ('parameter', 'token')
    """
    return named(name).removesuffix("s")


def cost_unit(size_name: str, data_name: str) -> str:
    """Give the unit of compute: FLOP for params and tokens, else the product that is counted.

    Examples
    --------
    >>> cost_unit("params", "tokens"), cost_unit("n_features", "n_samples")
    ('FLOP', 'features × samples')
    """
    if (size_name, data_name) == ("params", "tokens"):
        return "FLOP"
    return f"{named(size_name)} × {named(data_name)}"


def counted(value: float, name: str) -> str:
    """Write a number with what it counts.

    Examples
    --------
    >>> counted(32768.0, "n_samples"), counted(2.817e9, "params"), counted(1, "tokens")
    ('32,768 samples', '2.82 billion parameters', '1 token')
    """
    return f"{count(value)} {one(name) if value == 1 else named(name)}"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """Join as in a sentence.

    Examples
    --------
    >>> joined(["a", "b", "c"]), joined(["a"]), joined(["a", "b"], "or")
    ('a, b and c', 'a', 'a or b')
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def capitalised(text: str) -> str:
    """Begin with a capital and leave the rest as it is.

    Examples
    --------
    >>> capitalised("fitted to CSV")
    'Fitted to CSV'
    """
    return text[:1].upper() + text[1:]
