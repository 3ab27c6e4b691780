"""What a shape takes in memory: weights and optimiser, activations in training, keys and values.

Activations follow Korthikanti et al. 2022 (arXiv:2205.05198, section 4), who count what backward
needs of each block in 16 bits: 34 bytes per token and unit of width in a block of the usual
shape, and 5 bytes per token, head and position attended to. Here the terms are kept apart, so
that heads, grouped keys and gated or several feed-forward layers count as they are.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from eigenscale.errors import InputError
from eigenscale.planning.costs.flops import Architecture
from eigenscale.planning.costs.hardware import SERVING_BYTES, TRAINING_BYTES, Hardware

Recompute = Literal["none", "attention", "blocks"]

_HALF = 2.0  # bytes of a 16-bit number
_LOGITS = 4.0  # bytes per token and word: the last layer's output in float32


@dataclass(frozen=True)
class Memory:
    """Bytes on all devices together.

    Attributes
    ----------
    weights : float
        Weights, and in training gradients, master weights and the moments of Adam.
    per_sequence : float
        Activations, or keys and values, of one sequence of full context.
    sequences : float
        How many at a time.
    """

    weights: float
    per_sequence: float
    sequences: float

    @property
    def total(self) -> float:
        """Everything."""
        return self.weights + self.sequences * self.per_sequence

    def devices(self, hardware: Hardware) -> int:
        """Fewest devices of this kind that hold it all, split without loss."""
        return math.ceil(self.total / (hardware.total_memory / hardware.count))


def training_memory(
    shape: Architecture,
    sequences: float = 1.0,
    *,
    recompute: Recompute = "attention",
    bytes_per_param: float = TRAINING_BYTES,
) -> Memory:
    """Bytes to train a shape.

    Parameters
    ----------
    shape : Architecture
        Its context is the length of a sequence.
    sequences : float
        Sequences held at a time, over all devices: those of one micro-batch, not of the batch.
    recompute : {"none", "attention", "blocks"}
        What backward works out again: nothing, the scores of attention (nearly free, and what
        fused attention does), or all of a block from its input (a third more compute).
    bytes_per_param : float
        16 for Adam in mixed precision.

    Returns
    -------
    Memory

    Raises
    ------
    InputError
        A number is not positive, or `recompute` is unknown.

    Examples
    --------
    GPT-3, GB for one sequence: all kept, without scores, inputs of blocks only.

    >>> gpt3 = Architecture(layers=96, width=12288, heads=96, vocabulary=51200, context=2048)
    >>> [round(training_memory(gpt3, recompute=how).per_sequence / 1e9)
    ...  for how in ("none", "attention", "blocks")]
    [276, 83, 5]
    """
    if recompute not in get_args(Recompute):
        raise InputError(
            f"recompute {recompute!r} is unknown; use one of {', '.join(get_args(Recompute))}"
        )
    _check(sequences=sequences, bytes_per_param=bytes_per_param)
    per_token = shape.layers * _block(shape, recompute)
    per_token += _LOGITS * (shape.vocabulary + shape.width)
    return Memory(bytes_per_param * shape.params, shape.context * per_token, sequences)


def serving_memory(
    shape: Architecture, sequences: float = 1.0, *, bytes_per_param: float = SERVING_BYTES
) -> Memory:
    """Bytes to serve a shape: weights, and the keys and values of so many full contexts.

    Parameters
    ----------
    shape : Architecture
    sequences : float
        Served at a time.
    bytes_per_param : float
        2 for 16-bit weights.

    Returns
    -------
    Memory

    Raises
    ------
    InputError
        A number is not positive.

    Examples
    --------
    >>> gpt3 = Architecture(layers=96, width=12288, heads=96, vocabulary=51200, context=2048)
    >>> round(serving_memory(gpt3).per_sequence / 1e9, 2)
    9.66
    """
    _check(sequences=sequences, bytes_per_param=bytes_per_param)
    cache = 2 * _HALF * shape.layers * shape.key_value_width * shape.context
    return Memory(bytes_per_param * shape.params, cache, sequences)


def _block(shape: Architecture, recompute: str) -> float:
    """Bytes of activations per token and block."""
    if recompute == "blocks":
        return _HALF * shape.width
    hidden = shape.active_experts * (shape.mlp_width or 4 * shape.width)
    kept = 3 if shape.gated else 2  # gated: both branches and their product
    linear = (
        10.0 * shape.width  # inputs of both halves, of two norms, and two masks of one byte
        + 2 * _HALF * (shape.attention_width + shape.key_value_width)
        + kept * _HALF * hidden
    )
    scores = 5.0 * shape.heads * shape.context  # softmax, its mask and what it becomes
    return linear + (scores if recompute == "none" else 0.0)


def _check(**numbers: float) -> None:
    for name, value in numbers.items():
        if not 0 < value < math.inf:
            raise InputError(f"{name} {value:g} is not positive and finite; mend it or drop it")
