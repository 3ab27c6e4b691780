"""A planned run as it is trained: real shape, batch, learning rate, schedule and steps."""

import math
from dataclasses import dataclass
from typing import Any

from eigenscale.errors import InputError
from eigenscale.planning.costs.flops import Architecture, training_flops
from eigenscale.planning.costs.hyperparameters import hyperparameters
from eigenscale.planning.costs.shapes import shapes
from eigenscale.planning.optimum.budget import TRAINING
from eigenscale.results import Interval

CONTEXT, VOCABULARY = 2048, 50304
FEWEST_STEPS = 200
"""A batch is made smaller until a run has so many steps."""
SEQUENCES = 8
"""Batches are multiples of so many sequences, so that devices share them evenly."""
WARMUP, MOST_WARMUP, FINAL_RATE = 0.02, 2000, 0.1


@dataclass(frozen=True)
class Recipe:
    """One run, ready to be written for a framework.

    Attributes
    ----------
    name : str
    architecture : Architecture
    params, tokens : int
        Of the real shape, and what is trained: steps × batch.
    planned_params, planned_tokens : float
        What was asked for.
    sequences, steps, warmup_steps : int
        Of a batch, and of the run.
    learning_rate : float
        The peak, by the Step Law (Li et al. 2025, arXiv:2503.04715), for AdamW.
    seed : int
    predicted : Interval or None
        Loss expected of the real shape on the real tokens.
    """

    name: str
    architecture: Architecture
    params: int
    tokens: int
    planned_params: float
    planned_tokens: float
    sequences: int
    steps: int
    warmup_steps: int
    learning_rate: float
    seed: int
    predicted: Interval | None = None

    @property
    def batch_tokens(self) -> int:
        """Tokens of a batch."""
        return self.sequences * self.architecture.context

    @property
    def flops(self) -> float:
        """6 FLOP per parameter and token."""
        return TRAINING * self.params * self.tokens

    def to_row(self) -> dict[str, Any]:
        """One flat row: the way of counting is in the names of the columns."""
        shape = self.architecture
        row = {
            "name": self.name,
            "params": self.params,
            "tokens": self.tokens,
            "flops": self.flops,
            "flops_of_matrix_products": training_flops(shape, self.tokens),
            "non_embedding_params": shape.non_embedding_params,
            "layers": shape.layers,
            "width": shape.width,
            "heads": shape.heads,
            "context": shape.context,
            "vocabulary": shape.vocabulary,
            "batch_tokens": self.batch_tokens,
            "steps": self.steps,
            "warmup_steps": self.warmup_steps,
            "learning_rate": float(f"{self.learning_rate:.3g}"),
            "schedule": "cosine",
            "final_rate": FINAL_RATE,
            "seed": self.seed,
            "planned_params": self.planned_params,
            "planned_tokens": self.planned_tokens,
        }
        if self.predicted is None:
            return row
        found = self.predicted
        ends = {"predicted_low": found.low, "predicted_high": found.high, "level": found.level}
        return row | {"predicted_loss": found.value} | ends


def recipe(name: str, params: float, tokens: float, seed: int = 0, **habits: Any) -> Recipe:
    """Turn a size and tokens into a run: the nearest sensible shape, batch and rate by rules.

    Parameters
    ----------
    name : str
    params, tokens : float
        What is planned; the compute is kept, so that a shape larger than planned gets fewer
        tokens.
    seed : int
    **habits
        Of `shapes`: ``vocabulary``, ``context``, ``head_dim``, ``gated``, ….

    Returns
    -------
    Recipe

    Raises
    ------
    InputError
        The size is too small for the vocabulary, or the tokens for one batch.

    Examples
    --------
    >>> run = recipe("small", 1e8, 2e9)
    >>> run.architecture.layers, run.architecture.width, run.steps, run.batch_tokens
    (7, 832, 17439, 114688)
    """
    shape = shapes(params, count=1, **({"vocabulary": VOCABULARY, "context": CONTEXT} | habits))[0]
    affordable = params * tokens / shape.params
    context = shape.architecture.context
    if affordable < FEWEST_STEPS * context:
        raise InputError(
            f"tokens {affordable:.3g} make fewer than {FEWEST_STEPS} steps of one sequence of "
            f"{context}; plan a longer run or a shorter context"
        )
    rules = {
        rule.rule: rule.value
        for rule in hyperparameters(float(shape.non_embedding_params), affordable)
    }
    wanted = min(rules["step-law-batch"], affordable / FEWEST_STEPS) / context
    whole = max(SEQUENCES * round(wanted / SEQUENCES), 1)
    sequences = whole if whole <= wanted * 1.5 else max(int(wanted), 1)
    steps = max(round(affordable / (sequences * context)), 1)
    return Recipe(
        name,
        shape.architecture,
        shape.params,
        steps * sequences * context,
        params,
        tokens,
        sequences,
        steps,
        min(math.ceil(WARMUP * steps), MOST_WARMUP),
        rules["step-law-learning-rate"],
        seed,
    )
