"""Shapes of transformers near a number of parameters, with what each costs per token."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eigenscale.errors import InputError
from eigenscale.planning.costs.flops import Architecture, forward_flops_per_token

# Width over layers. Kaplan et al. 2020 (arXiv:2001.08361, figure 5) find the loss within a few
# per cent over far wider ranges than this.
ASPECT = (32.0, 160.0)
USUAL_ASPECT = 96.0
MULTIPLE = 64  # widths are multiples of this, so that matrix units are filled


@dataclass(frozen=True)
class Shape:
    """One row of the table.

    Attributes
    ----------
    architecture : Architecture
    params, non_embedding_params, active_params : int
    forward_flops : float
        Per token, every matrix product counted.
    flops_per_param : float
        Training FLOP per token and parameter; 6 is what ``C = 6 N D`` assumes.
    off : float
        Relative difference of `params` from what was asked.
    """

    architecture: Architecture
    params: int
    non_embedding_params: int
    active_params: int
    forward_flops: float
    flops_per_param: float
    off: float

    def to_dict(self) -> dict[str, Any]:
        """One flat row: layers, width, heads, then counts."""
        shape = self.architecture
        head = {"layers": shape.layers, "width": shape.width, "heads": shape.heads}
        counts = {k: v for k, v in vars(self).items() if k != "architecture"}
        return {**head, **counts}


def shapes(
    params: float,
    *,
    vocabulary: int = 50304,
    context: int = 2048,
    head_dim: int = 64,
    count: int = 5,
    **habits: Any,
) -> list[Shape]:
    """List sensible shapes near a number of parameters, the nearest first.

    Widths are multiples of 64 and of the head's width; layers such that width over layers
    lies from 32 to 160.

    Parameters
    ----------
    params : float
        All parameters, embeddings and every expert included.
    vocabulary, context, head_dim : int
    count : int
        How many shapes.
    **habits
        Anything else of `Architecture`: ``gated``, ``tied``, ``kv_heads``, ``experts``, ….

    Returns
    -------
    list of Shape

    Raises
    ------
    InputError
        The size is not positive, or too small for the vocabulary.

    Examples
    --------
    >>> best = shapes(7e9, head_dim=128)[0]
    >>> best.architecture.layers, best.architecture.width, f"{best.params:.4g}"
    (36, 3968, '7.001e+09')
    """
    if not 0 < params < math.inf:
        raise InputError(f"params {params:g} is not positive and finite; give a size as 1e9")
    if head_dim % 2 or head_dim < 1:
        raise InputError(f"head_dim {head_dim} is not a positive even number; 64 or 128 are usual")
    made = [
        shape
        for width in _widths(params, math.lcm(MULTIPLE, head_dim))
        if (shape := _nearest(params, width, vocabulary, context, head_dim, habits)) is not None
    ]
    if not made:
        raise InputError(
            f"params {params:g} is too small for a vocabulary of {vocabulary} at any sensible "
            "width; ask for a larger model or a smaller vocabulary"
        )
    return sorted(made, key=_badness)[:count]


def _widths(params: float, multiple: int) -> Iterable[int]:
    """Widths whose blocks alone could make up the size: 12 · layers · width², roughly."""
    widest = (params * ASPECT[1]) ** (1 / 3)
    return range(multiple, max(int(widest), multiple) + multiple, multiple)


def _nearest(
    params: float, width: int, vocabulary: int, context: int, head_dim: int, habits: dict[str, Any]
) -> Shape | None:
    """Find the layers that come nearest at this width; None where the aspect is not sensible."""
    common: dict[str, Any] = {"width": width, "heads": width // head_dim, "vocabulary": vocabulary}
    one = Architecture(layers=1, context=context, **common, **habits)
    layers = round((params - one.embedding_params) / one.non_embedding_params)
    if layers < 1 or not ASPECT[0] <= width / layers <= ASPECT[1]:
        return None
    return shape_of(Architecture(layers=layers, context=context, **common, **habits), params)


def _badness(shape: Shape) -> float:
    """Distance from the size that was asked, and a little from the usual aspect."""
    architecture = shape.architecture
    aspect = abs(math.log(architecture.width / architecture.layers / USUAL_ASPECT))
    return abs(shape.off) + 0.05 * aspect


def shape_of(architecture: Architecture, params: float | None = None) -> Shape:
    """Count an architecture; `params` is the size it is compared with."""
    forward = forward_flops_per_token(architecture)
    asked = architecture.params if params is None else params
    return Shape(
        architecture,
        architecture.params,
        architecture.non_embedding_params,
        architecture.active_params,
        forward,
        3.0 * forward / architecture.active_params,
        architecture.params / asked - 1.0,
    )
