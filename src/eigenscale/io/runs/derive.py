"""The one relation between the columns, C = 6 N D, used only where a column is missing."""

from dataclasses import replace

from eigenscale.io.runs.container import Runs

FLOPS_PER_PARAM_TOKEN = 6.0
"""Two for the forward pass, four for the backward one (Kaplan et al. 2020, section 2.1)."""


def derive(runs: Runs) -> Runs:
    """Fill in the missing one of params, tokens and FLOPs; `derived` and a warning say how.

    The relation counts parameters and tokens of language models: tables of features or of
    samples are left as they are.
    """
    if (runs.size_name, runs.data_name) != ("params", "tokens"):
        return runs
    size, data, flops = runs.params, runs.tokens, runs.flops
    if flops is None and size is not None and data is not None:
        return _with(runs, flops=FLOPS_PER_PARAM_TOKEN * size * data, rule="6 params tokens")
    if data is None and size is not None and flops is not None:
        return _with(runs, tokens=flops / (FLOPS_PER_PARAM_TOKEN * size), rule="flops / (6 params)")
    if size is None and data is not None and flops is not None:
        return _with(runs, params=flops / (FLOPS_PER_PARAM_TOKEN * data), rule="flops / (6 tokens)")
    return runs


def _with(runs: Runs, *, rule: str, **column: object) -> Runs:
    name = next(iter(column))
    return replace(runs, **column, derived={**runs.derived, name: rule})  # type: ignore[arg-type]
