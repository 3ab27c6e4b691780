"""Two laws compared: how much less data, or compute, one needs than the other, near and far."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.public import fit
from eigenscale.laws.reference.constants import PublishedLaw, published, published_names
from eigenscale.laws.saving.saved import is_saved_fit, load_fit
from eigenscale.laws.selection.multiplier import Multiplier, multiplier
from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.progress import Progress
from eigenscale.results import Result, plain
from eigenscale.surface import LossSurface
from eigenscale.text.words import counted

ROUNDING = 1 + 1e-9
ONE_MEASURE = (
    "losses of A and B are compared as they are: this assumes that both were measured on "
    "one validation set with one tokenizer"
)
PLACES = ("inside", "edge", "beyond")
_OF_RUNS = (
    "inside the runs of A",
    "at the edge of the runs of A",
    "ten times beyond the runs of A",
)
_OF_COMPUTE = ("at a third of that compute", "at that compute", "at ten times that compute")


@dataclass(frozen=True, eq=False)
class Versus(Result):
    """What the second of two laws saves against the first.

    Attributes
    ----------
    first, second : str
        What was compared.
    data, compute : Multiplier
        How many times less of each the second needs, at the run of the first that was matched.
    at : tuple of Multiplier
        In compute, inside the runs of the first, at their edge and ten times beyond.
    surfaces : tuple of LossSurface
        The two laws.
    remarks : tuple of str
        What to be careful about.
    """

    first: str
    second: str
    data: Multiplier
    compute: Multiplier
    at: tuple[Multiplier, ...]
    surfaces: tuple[LossSurface, LossSurface]
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Versus({self.first} and {self.second}: {self.compute.sentence()})"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.remarks

    def _text(self) -> str:
        one = self.data
        size, data = counted(one.params, one.size_name), counted(one.tokens, one.data_name)
        runs = known(self.surfaces[0]).origin.runs
        lines = [
            f"A is {self.first}",
            f"B is {self.second}",
            f"for the loss of A at {size} and {data}, {one.loss:.4g}:",
            *(f"  {each.sentence()}" for each in (self.data, self.compute)),
            *(
                f"  {where}: {each.sentence()}"
                for where, each in zip(_OF_RUNS if runs else _OF_COMPUTE, self.at, strict=True)
            ),
        ]
        return "\n".join(lines)

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form, as ``eigenscale compare --json`` prints it."""
        one = self.data
        each = FLOPS_PER_PARAM_TOKEN if one.size_name == "params" else 1.0
        return {
            "first": self.first,
            "second": self.second,
            "status": self.compute.status,
            "params": one.params,
            "tokens": one.tokens,
            "loss": one.loss,
            "unit": one.unit,
            "data": self.data.known,
            "compute": self.compute.known,
            "at": [
                {"flops": each * place.params * place.tokens, "compute": place.known}
                for place in self.at
            ],
            "sentences": [each.sentence() for each in (self.data, self.compute)],
            "warnings": list(self.remarks),
        }


def compare(
    first: Any,
    second: Any,
    *,
    params: float | None = None,
    tokens: float | None = None,
    law: str = "chinchilla",
    bootstrap: int = 1000,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> Versus:
    """Say how much less data, or compute, the second of two laws needs for the loss of the first.

    Parameters
    ----------
    first, second : LossSurface, Runs, path, dataframe or str
        A fit or any other loss surface, a saved fit, runs to fit, or the name of published
        constants.
    params, tokens : float, optional
        The run of the first whose loss is matched; its largest run by default.
    law : str
        Law to fit where runs are given, or ``all``.
    bootstrap, level, rng
        As for `fit`, where runs are given.
    progress : callable, optional
        Called with (work done, work in all).

    Returns
    -------
    Versus

    Raises
    ------
    InputError
        One of them is no law, the two give other units, or there is no run to compare at.

    Examples
    --------
    >>> compare("hoffmann", "besiroglu", params=7e9, tokens=1e12).compute.sentence()
    'B needs 2.05 times as much compute as A'
    """
    settings: dict[str, Any] = {"bootstrap": bootstrap, "level": level, "rng": rng}
    a, b = (_surface(one, law, {**settings, "progress": progress}) for one in (first, second))
    places = known(a)
    at = _where(places, params, tokens)
    data, compute = (multiplier(a, b, *at, resource) for resource in ("data", "compute"))
    remarks = [line for one in (data, compute) for line in _beyond(known(b), one)]
    remarks += [line for one in (a, b) for line in _published(one)]
    if not any(isinstance(one, PublishedLaw) for one in (a, b)):
        remarks.append(ONE_MEASURE)
    spread = tuple(multiplier(a, b, *place, "compute") for place in _places(places, at))
    names = [_named(given, made) for given, made in ((first, a), (second, b))]
    return Versus(names[0], names[1], data, compute, spread, (a, b), tuple(remarks))


def _named(given: Any, made: LossSurface) -> str:
    return str(given) if isinstance(given, str | Path) else known(made).name


def _surface(given: Any, law: str, settings: dict[str, Any]) -> LossSurface:
    """Take a surface, a saved fit, fit runs, or look up published constants."""
    if isinstance(given, LossSurface):
        return given
    if not isinstance(given, str | Path):
        return fit(given, law=law, **settings)
    if is_saved_fit(given):
        return load_fit(given)
    text = str(given)
    if not Path(given).exists() and not any(c in text for c in "*?[:"):
        if text not in (names := published_names()):
            raise InputError(
                f"{text!r} is neither a file nor the name of published constants; those are "
                f"{', '.join(names)}"
            )
        return published(text)
    return fit(given, law=law, **settings)


def _where(a: Known, params: float | None, tokens: float | None) -> tuple[float, float]:
    """Give the run to match: named, or the largest run of A."""
    if params is not None and tokens is not None:
        return params, tokens
    if (params is None) != (tokens is None):
        raise InputError("--params and --tokens name one run together; give both or neither")
    largest = a.origin.largest
    if not largest:
        raise InputError("A has no runs of its own to compare at; give --params and --tokens")
    return largest[a.size_name], largest[a.data_name]


def _places(a: Known, at: tuple[float, float]) -> list[tuple[float, float]]:
    """Give runs inside the range of A, at its edge and ten times beyond, in the ratio of `at`."""
    here = at[0] * at[1]
    low, edge = a.measured.get("flops", (0.1, 1.0))
    runs = a.origin.runs
    if "flops" in runs:  # in FLOP as the table has them; the places in params × tokens
        products = runs[a.size_name] * runs[a.data_name]
        low, edge = float(products.min()), float(products.max())
    else:
        low, edge = here * low / edge, here
    shares = ((low * edge) ** 0.5 / here, edge / here, 10 * edge / here)
    return [(at[0] * share**0.5, at[1] * share**0.5) for share in shares]


def _beyond(b: Known, found: Multiplier) -> list[str]:
    """Say where B has that loss at a run unlike any that it was fitted to."""
    lines = []
    for name, value in zip((b.size_name, b.data_name), found.matched, strict=True):
        low, high = b.measured.get(name, (value, value))
        if found.factor.value > 0 and not low / ROUNDING <= value <= high * ROUNDING:
            lines.append(
                f"with less {found.resource} B has that loss at {value:.3g} {name}; its runs "
                f"have {low:.3g} to {high:.3g}, so B is extrapolated"
            )
    return lines


def _published(law: LossSurface) -> list[str]:
    """Say that published constants hold for the data and the counting of their authors."""
    if not isinstance(law, PublishedLaw):
        return []
    line = (
        f"{law.name} holds for the losses of its authors ({law.counting}): compare only "
        "where data and tokens are alike"
    )
    return [line]
