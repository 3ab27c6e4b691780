"""`curve`: where training will end, asked as the command line asks it."""

from collections.abc import Mapping, Sequence
from typing import Any

from eigenscale.planning.training.answers import CurveAnswer, Wanted, answer


def curve(
    files: Any,
    *,
    predict: Sequence[Any] = (),
    until: int | None = None,
    at: int | None = None,
    schedule: str | None = None,
    warmup: int | None = None,
    family: Sequence[Any] = (),
    best: int | None = None,
    continuable: bool = False,
    more: int | None = None,
    compare: bool = False,
    columns: Mapping[str, str] | None = None,
    law: str = "multi-power",
    level: float = 0.9,
    rng: int = 0,
) -> CurveAnswer:
    """Fit a law of the training curve that sees the learning rate, and predict ends of runs.

    Parameters
    ----------
    files : path or dataframe, or a sequence of them
        Training curves with columns step, lr and loss.
    predict : sequence of paths or dataframes
        Plans with columns step and lr, whose ends are predicted.
    until : int, optional
        Forget the losses of the one curve behind this step, and predict its end.
    at : int, optional
        Predict this step instead of the end.
    schedule : str, optional
        Schedule to predict, or that of curves without lr, as ``wsd:start=0.8,total=24000``.
    warmup : int, optional
        Steps of warm-up before the records.
    family : sequence of paths or dataframes
        Curves of another member, such as a smaller size, whose shape is a prior.
    best : int, optional
        Find the best WSD schedule of so many steps.
    continuable : bool
        With `best`: the latest cooldown within 0.1 % of it.
    more : int, optional
        What so many more steps of the one curve would bring.
    compare : bool
        The curves are rivals, each with its own law: which will end lowest?
    columns : mapping, optional
        What a column means, as ``{"loss": "train/loss"}``.
    law : str
        multi-power, annealing, functional, steps-only, or all.
    level : float
        Nominal coverage of the intervals.
    rng : int
        Seed of starts and draws.

    Returns
    -------
    CurveAnswer

    Raises
    ------
    InputError
        A file has no steps or losses, or options contradict one another.

    Examples
    --------
    >>> import numpy as np
    >>> step = np.arange(50, 2050, 50)
    >>> table = {"step": step, "lr": np.full(step.size, 1e-3), "loss": 2.5 + 20 * step**-0.5}
    >>> curve(table, law="steps-only", until=1000).fit.law.name
    'steps-only'
    """
    several = isinstance(files, list | tuple)
    wanted = Wanted(
        plans=tuple(predict),
        until=until,
        at=at,
        schedule=schedule,
        warmup=warmup,
        family=tuple(family),
        best=best,
        continuable=continuable,
        more=more,
        compare=compare,
        columns=dict(columns or {}),
    )
    return answer(list(files) if several else [files], wanted, law=law, level=level, rng=rng)
