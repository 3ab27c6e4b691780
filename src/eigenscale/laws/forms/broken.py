"""Smoothly broken power laws: straight pieces on log axes with bends of a given sharpness."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.forms.soft import soft_plus
from eigenscale.laws.law import (
    Centre,
    Columns,
    Evaluation,
    Law,
    Logs,
    Parameter,
    exponent,
    floor,
    scale,
)

PLACES, BEAM = 8, 8  # places tried for each break, and sets of breaks that are gone on with
SOURCE = "Caballero et al. 2022, arXiv:2210.14891, eq. 1"


def broken(input_name: str, breaks: int = 1) -> Law:
    """E + A x^-alpha0 Π (1 + (x/x_i)^(1/f_i))^(-c_i f_i): the exponent changes by c_i at x_i."""
    bends = [
        parameter
        for i in range(1, breaks + 1)
        for parameter in (
            scale(f"x_{i}", f"where break {i} is", input_name),
            Parameter(f"c_{i}", f"change of the exponent at break {i}", low=-2, high=2),
            Parameter(f"f_{i}", f"width of break {i} in log {input_name}", low=0.1, high=10),
        )
    ]
    name = "broken" if breaks == 1 else f"broken-{breaks}"
    return Law(
        name=f"{name}:{input_name}",
        equation=f"E + A {input_name}^-alpha"
        + "".join(
            f" (1 + ({input_name} / x_{i})^(1/f_{i}))^(-c_{i} f_{i})" for i in range(1, breaks + 1)
        ),
        inputs=(input_name,),
        parameters=(
            floor(),
            scale("A", f"loss above the floor at {input_name} = 1, before the breaks", "loss"),
            exponent("alpha", "exponent before the first break"),
            *bends,
        ),
        evaluate=partial(_evaluate, input_name),
        source=SOURCE,
        starts=partial(_starts, input_name, breaks),
        tidy=_in_order,
        centre=(
            Centre("A", input_name, "alpha"),
            *(Centre(f"x_{i}", input_name, beyond=0.0) for i in range(1, breaks + 1)),
        ),
    )


def _evaluate(input_name: str, columns: Columns, logs: Logs) -> Evaluation:
    E, A, alpha, *rest = columns
    x = logs[input_name]
    log_term = np.log(A) - alpha * x
    bends = []
    for at, change, width in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        s = (x - np.log(at)) / width
        soft = soft_plus(s)
        log_term = log_term - change * width * soft
        bends.append((change, width, s, soft))
    term = np.exp(log_term)

    def partials() -> list[Floats]:
        out = [np.ones_like(term), term, -x * term]
        for change, width, s, soft in bends:
            risen = np.exp(s - soft)  # logistic of s
            by_width = -change * (soft - s * risen)
            out += [change * risen * term, -width * soft * term, by_width * term]
        return out

    return E + term, partials


def _in_order(theta: Floats) -> Floats:
    """Put the breaks in order; to exchange two of them changes nothing."""
    bends = theta[..., 3:].reshape(*theta.shape[:-1], (theta.shape[-1] - 3) // 3, 3)
    order = np.argsort(bends[..., 0], axis=-1, kind="stable")
    sorted_bends = np.take_along_axis(bends, order[..., None], axis=-2)
    return np.concatenate([theta[..., :3], sorted_bends.reshape(theta[..., 3:].shape)], axis=-1)


def _starts(
    input_name: str, breaks: int, logs: Logs, loss: Floats, fixed: Mapping[str, float]
) -> Floats:
    """Straight pieces through what lies above floors on a grid, one break after the other."""
    x = logs[input_name]
    names = ["E", "A", "alpha", *(f"{n}_{i + 1}" for i in range(breaks) for n in ("x", "c", "f"))]
    held = [fixed[f"x_{i + 1}"] for i in range(breaks) if f"x_{i + 1}" in fixed]
    places = _places(x, breaks)
    rows = []
    for share in (0.0, 0.5, 0.8, 0.95):
        floor_at = fixed.get("E", share * loss.min())
        above = np.log(np.maximum(loss - floor_at, 1e-3 * loss))
        for knots, line in _pieces(x, above, places, tuple(np.log(held)), breaks):
            bends = [[np.exp(knot), -line[2 + i], 0.3] for i, knot in enumerate(knots)]
            rows.append([floor_at, np.exp(line[0]), -line[1], *np.ravel(bends)])
    starts = np.array(rows)
    for name, value in fixed.items():
        starts[:, names.index(name)] = value
    return starts


def _places(x: Floats, breaks: int) -> Floats:
    """Places to try: with equally many runs between them, and equally far apart."""
    shares = np.linspace(0.08, 0.92, max(PLACES, 2 * breaks))
    places = np.unique([np.quantile(x, shares), x.min() + np.ptp(x) * shares])
    return np.asarray(places[(places > x.min()) & (places < x.max())])


def _pieces(
    x: Floats, y: Floats, places: Floats, held: tuple[float, ...], breaks: int
) -> list[tuple[tuple[float, ...], Floats]]:
    """Best sets of `breaks` knots, each the best with fewer and one more, with their lines."""
    sets: list[tuple[float, ...]] = [held]
    for count in range(len(held) + 1, breaks + 1):
        more = {tuple(sorted({*one, place})) for one in sets for place in places.tolist()}
        longer = sorted(one for one in more if len(one) == count)
        sets = [longer[i] for i in np.argsort(_lines(x, y, longer)[1], kind="stable")[:BEAM]]
    return list(zip(sets, _lines(x, y, sets)[0], strict=True))


def _lines(x: Floats, y: Floats, sets: list[tuple[float, ...]]) -> tuple[Floats, Floats]:
    """Least squares for many sets of knots at once: coefficients, and what is left."""
    middle = x.mean()
    knots = np.array(sets).reshape(len(sets), -1)
    ramps = np.maximum(x - knots[..., None], 0)
    plain = np.broadcast_to(np.stack([np.ones_like(x), x - middle]), (len(sets), 2, len(x)))
    design = np.concatenate([plain, ramps], axis=1)
    gram = design @ design.swapaxes(1, 2)
    gram = gram + 1e-9 * np.einsum("sii->si", gram)[:, :, None] * np.eye(gram.shape[-1])
    line = np.linalg.solve(gram, (design @ y)[..., None])[..., 0]
    left = ((y - np.einsum("sk,skn->sn", line, design)) ** 2).sum(axis=1)
    line[:, 0] -= line[:, 1] * middle
    return np.asarray(line), np.asarray(left)
