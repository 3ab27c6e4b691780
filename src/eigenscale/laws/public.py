"""`fit`: one law, or the default among all, through training runs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.laws.estimation.stated import PLAIN
from eigenscale.laws.fitting import fit as fit_law
from eigenscale.laws.law import Law
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.compare import compare
from eigenscale.progress import Progress


def fit(
    runs: Any,
    law: str | Law = "chinchilla",
    *,
    objective: str = "huber:1e-3",
    bootstrap: int = 1000,
    resampling: str = "auto",
    fix: Mapping[str, float] | None = None,
    holdout: float | None = None,
    first: str | Law | None = None,
    weights: ArrayLike | None = None,
    estimator: str = PLAIN,
    prior: Mapping[str, tuple[float, float]] | None = None,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> LawFit:
    """Fit a law to training runs, or with ``"all"`` the law and estimator that predict best.

    Parameters
    ----------
    runs : Runs, path, dataframe, or mapping of str to array
        What `read_runs` reads; a mapping is taken as it is, with ``loss`` and the law's inputs,
        such as ``params`` and ``tokens``. Missing FLOPs are 6 params × tokens, missing tokens
        flops / (6 params).
    law : str or Law
        A name of `eigenscale.laws.registry.names`; ``power`` takes the input that varies.
        ``all`` is what ``eigenscale fit --law all`` uses, see `laws.selection.compare`.
    objective : str
        ``huber:1e-3`` (of log residuals, summed over runs), ``lad`` or ``squares``.
    bootstrap : int
        Resampled tables to fit; 0 for intervals by the delta method, without resampling.
    resampling : str
        ``case`` (runs), ``bayesian`` (smooth weights of runs, Rubin 1981; narrower),
        ``residual``, or ``cluster:family`` and the like (whole groups). By default whole
        families, else runs with all their checkpoints, where there are enough of them; else runs.
    fix : mapping of str to float, optional
        Parameters to hold, as ``{"E": 1.69}``.
    holdout : float, optional
        Number (or share below 1) of the largest runs by compute that a second fit, made
        without them, predicts.
    first : str or Law, optional
        For ``accuracy``, the law of the loss itself, which is then predicted first.
    weights : array (n,), optional
        Weight of each run in the sum; not with ``all``, which weights the runs itself.
    estimator : {"plain", "default"}
        Every run alike, or what ``all`` does, see `laws.estimation.stated`.
    prior : mapping, optional
        Mean and standard deviation of parameters, as ``{"E": (1.7, 0.1)}``.
    level : float
        Nominal coverage of all intervals.
    rng : int or Generator
    progress : callable, optional
        Called with (work done, work in all).

    Returns
    -------
    LawFit

    Raises
    ------
    InputError
        Too few runs, losses that do not differ, an input that does not vary, unknown names.
    ConvergenceError
        No start reached a minimum.

    Notes
    -----
    A sum of a loss over runs is minimised from 16 starts at once, as Hoffmann et al. 2022
    (arXiv:2203.15556) do, eq. 3 there; `Certificate` says how many of them agree.

    Examples
    --------
    >>> import numpy as np
    >>> N, D = np.meshgrid([1e8, 1e9, 1e10], [1e9, 1e10, 1e11])
    >>> runs = {"params": N.ravel(), "tokens": D.ravel()}
    >>> runs["loss"] = 1.69 + 406.4 / runs["params"] ** 0.34 + 410.7 / runs["tokens"] ** 0.28
    >>> found = fit(runs, bootstrap=0)
    >>> {name: round(p.value, 6) for name, p in found.parameters.items()}
    {'E': 1.69, 'A': 406.4, 'B': 410.7, 'alpha': 0.34, 'beta': 0.28}
    """
    shared: dict[str, Any] = {
        "objective": objective,
        "bootstrap": bootstrap,
        "resampling": resampling,
        "fix": fix,
        "holdout": holdout,
        "prior": prior,
        "level": level,
        "rng": rng,
        "progress": progress,
    }
    if law != "all":
        return fit_law(runs, law, first=first, weights=weights, estimator=estimator, **shared)
    if first is not None or weights is not None:
        option = "first" if first is not None else "weights"
        raise InputError(f"{option} goes with one law; name the law, or leave {option} out")
    return compare(runs, **shared).best
