"""`eigenscale plan`: what to train with a budget."""

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from eigenscale.plan.frontier import Frontier


def plan(
    flops: str = typer.Option(..., help="Budget in FLOP: one, a list or a range, as 1e20:1e24:5."),
    constants: str = typer.Option(..., help="Published constants by name, as hoffmann."),
    inference_tokens: float = typer.Option(0.0, help="Tokens to serve, paid from the budget."),
    params: float | None = typer.Option(None, help="Model size, where it is given."),
    tokens: float | None = typer.Option(None, help="Training tokens, where they are given."),
    max_params: float | None = typer.Option(None, help="Largest model allowed."),
    max_tokens: float | None = typer.Option(None, help="Most tokens allowed."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Say how large a model to train on how much data with a budget of compute.

    \b
    Example:
      eigenscale plan --constants hoffmann --flops 5.76e23
    """
    from eigenscale.cli.common import parse_numbers, print_json
    from eigenscale.plan.compute_optimal import frontier

    front = frontier(
        constants,
        parse_numbers(flops, "--flops"),
        inference_tokens=inference_tokens,
        params=params,
        tokens=tokens,
        max_params=max_params,
        max_tokens=max_tokens,
        level=level,
    )
    if as_json:
        print_json(front[0] if len(front) == 1 else front)
    else:
        _print(front)


def _print(front: "Frontier") -> None:
    from eigenscale.cli.common import print_table, warn

    print_table([_row(plan) for plan in front], title=f"Plan by {front.known.name}")
    if len(front) == 1:
        typer.echo(front[0].summary)
    for line in dict.fromkeys(line for plan in front for line in plan.warnings):
        warn(line)


def _row(plan: Any) -> dict[str, Any]:
    return {
        "flops": plan.flops,
        plan.size_name: str(plan.params) if plan.params.low > 0 else plan.params.value,
        plan.data_name: str(plan.tokens) if plan.tokens.low > 0 else plan.tokens.value,
        "loss": str(plan.loss) if plan.loss.low > 0 else plan.loss.value,
        "tokens/param": plan.tokens_per_param,
    }
