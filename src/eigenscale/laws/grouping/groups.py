"""Groups inside a table, such as optimizers or data sets: one law with shared exponents.

The law of a group is E + A a / N^alpha + B b / D^beta: floor and exponents are shared, and each
group but the first has its own factors a and b. What one group needs less of data or compute then
follows from two laws whose parameters come from the same draws.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.prior import Normal, weak_priors
from eigenscale.laws.fit_table import fit_table
from eigenscale.laws.forms.chinchilla import CHINCHILLA
from eigenscale.laws.grouping.posterior import posterior
from eigenscale.laws.law import Columns, Evaluation, Law, Logs, Parameter
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.multiplier import Multiplier, factor_draws, multiplier
from eigenscale.laws.table import Table, tabulate
from eigenscale.text.numbers import power_of_ten

FEWEST = 3  # runs of a group
MOST = 12  # groups of a table
EXPLAINS, CLEAR = 0.5, 1e-3  # share of the residual variance, and p-value, that are reported
FACTOR = 3.0  # natural logs that a group's factor may be
LADDER = 8  # runs of a group below which draws come from the posterior, not from drawn runs
OF_FACTOR = 0.5  # standard deviation of the log factors of a group before the runs are seen
MOST_MORE = 200  # runs that are worth proposing
SAME = 0.02  # log multiplier that makes no difference
AHEAD = 10.0  # times the largest compute


@dataclass(frozen=True, eq=False)
class Group:
    """One group against the first.

    Attributes
    ----------
    name : str
    fit : LawFit
        The Chinchilla law of this group.
    at : tuple of (flops, compute multiplier, data multiplier)
        Inside the runs, at their largest, and at ten times it; empty for the first group.
    """

    name: str
    fit: LawFit
    at: tuple[tuple[float, Multiplier, Multiplier], ...] = ()

    def sentence(self, first: str) -> str:
        """Compare it with the first group, and say what to do."""
        flops, compute, _ = self.at[1]
        low, high = compute.factor.low, compute.factor.high
        verdict = f"not yet: {self.more_runs()}"
        if low > 1:
            verdict = f"promote {self.name}"
        elif high < 1:
            verdict = f"keep {first}"
        inside, ahead = self.at[0][1].factor.value, self.at[2][1].factor.value
        change = ahead / inside if inside > 0 else 1.0
        trend = "grows" if change > 1.02 else "shrinks" if change < 0.98 else "hardly changes"
        text = compute.sentence(first, self.name)
        at = f"at {power_of_ten(flops)} FLOP"
        return f"{text}, {at}; the multiplier {trend} with compute: {verdict}"

    def runs_needed(self) -> int | None:
        """Count the runs of each group that would tell the two apart, were the multiplier right.

        The width of the interval is taken to fall as one over the root of the runs. None where
        no number that is worth making would do.
        """
        factor = self.at[1][1].factor
        if not (factor.low > 0 and factor.value > 0):
            return None
        effect = abs(np.log(factor.value))
        width = 0.5 * np.log(factor.high / factor.low)
        if effect < SAME:
            return None
        count = ceil(self.fit.n_runs * (width / effect) ** 2)
        return count if count <= MOST_MORE else None

    def more_runs(self) -> str:
        """Say what would tell the two apart."""
        needed = self.runs_needed()
        if needed is None:
            return "they cannot be distinguished, and no sensible number of runs would do it"
        more = max(needed - self.fit.n_runs, 1)
        return (
            f"they cannot be distinguished; {more} more {'run' if more == 1 else 'runs'} or seeds "
            "of each would tell, were the multiplier what it seems"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        plain: dict[str, Any] = {
            "group": self.name,
            "parameters": {k: v.to_dict() for k, v in self.fit.parameters.items()},
            "compute_multiplier": None,
            "data_multiplier": None,
        }
        if self.at:
            _, compute, data = self.at[1]
            plain["compute_multiplier"] = compute.factor.to_dict()
            plain["data_multiplier"] = data.factor.to_dict()
            known = compute.factor.low > 1 or compute.factor.high < 1
            plain["verdict"] = (
                ("promote" if compute.factor.low > 1 else "keep") if known else "not yet"
            )
            plain["runs_needed"] = None if known else self.runs_needed()
            plain["at"] = [
                {"flops": flops, "compute": c.factor.to_dict(), "data": d.factor.to_dict()}
                for flops, c, d in self.at
            ]
        return plain


def grouped_law(names: tuple[str, ...]) -> Law:
    """Chinchilla's law with factors of A and B for each group but the first."""
    others = range(1, len(names))

    def evaluate(columns: Columns, logs: Logs) -> Evaluation:
        E, A, B, alpha, beta, *factors = columns
        x, y = logs["params"], logs["tokens"]
        member = [logs[f"group {j}"] for j in others]
        a = sum(f * m for f, m in zip(factors[::2], member, strict=True))
        b = sum(f * m for f, m in zip(factors[1::2], member, strict=True))
        size, data = A * np.exp(a - alpha * x), B * np.exp(b - beta * y)
        value = E + size + data
        return value, lambda: [
            np.ones_like(value), size, data, -x * size, -y * data,
            *(part * m for m in member for part in (size, data)),
        ]  # fmt: skip

    extra = tuple(
        Parameter(f"{kind} {names[j]}", f"log factor of {term}", low=-FACTOR, high=FACTOR)
        for j in others
        for kind, term in (("a", "A"), ("b", "B"))
    )

    def starts(logs: Logs, loss: Floats, _: Mapping[str, float]) -> Floats:
        exponents = np.array([(a, b) for a in (0.2, 0.35, 0.6) for b in (0.2, 0.35, 0.6)])
        x, y = logs["params"], logs["tokens"]
        floor = 0.75 * float(loss.min())
        half = max(float(np.median(loss)) - floor, 0.01 * floor) / 2
        found = np.zeros((len(exponents), 5 + len(extra)))
        found[:, 0] = floor
        found[:, 1] = half * np.exp(exponents[:, 0] * x.mean())
        found[:, 2] = half * np.exp(exponents[:, 1] * y.mean())
        found[:, 3:5] = exponents
        return found

    return CHINCHILLA.renamed(
        name="chinchilla by group",
        equation="E + A a_group / params^alpha + B b_group / tokens^beta",
        inputs=("params", "tokens", *(f"group {j}" for j in others)),
        parameters=(*CHINCHILLA.parameters, *extra),
        evaluate=evaluate,
        starts=starts,
        linear=(),
        grid={},
    )


def fit_groups(
    runs: Any,
    labels: NDArray[Any],
    *,
    objective: str = "huber:1e-3",
    bootstrap: int = 1000,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
) -> list[Group]:
    """Fit all groups together, and compare each with the first, which has most runs.

    Parameters
    ----------
    runs : Runs or mapping
        With params, tokens and loss.
    labels : array (n,)
        Group of each run.

    Raises
    ------
    InputError
        Fewer than two groups of three runs, or too many groups.
    """
    table = tabulate(runs)
    names, counts = np.unique(np.asarray(labels, dtype=str), return_counts=True)
    order = np.lexsort((names, -counts))
    kept = [str(names[i]) for i in order if counts[i] >= FEWEST]
    if not 2 <= len(kept) <= MOST:
        raise InputError(
            f"the column has {len(kept)} groups of at least {FEWEST} runs; two to {MOST} can be "
            "compared; take another column"
        )
    mask = np.isin(np.asarray(labels, dtype=str), kept)
    table = table.take(mask)
    mine = np.asarray(labels, dtype=str)[mask]
    marks = marks_of(mine, kept)
    law = grouped_law(tuple(kept))
    generator = np.random.default_rng(rng)
    ladder = bool(counts[counts >= FEWEST].min() < LADDER)
    found = fit_table(
        replace(table, inputs={**table.inputs, **marks}),
        law,
        parse_objective(objective),
        {},
        0 if ladder else bootstrap,
        level=level,
        resampling="case",
        priors=priors_of(law, table),
        strict=False,
        rng=generator,
    )
    if ladder and bootstrap:
        places = np.array([kept.index(name) for name in mine], dtype=np.int64)
        found = replace(found, draws=posterior(table, places, bootstrap, generator))
    fits = [_of_group(found, table, mine, name, j) for j, name in enumerate(kept)]
    points = _points(table)
    return [
        Group(
            name,
            one,
            ()
            if j == 0
            else tuple(
                (
                    flops,
                    _compared(fits[0], one, params, tokens, "compute", ladder),
                    _compared(fits[0], one, params, tokens, "data", ladder),
                )
                for flops, params, tokens in points
            ),
        )
        for j, (name, one) in enumerate(zip(kept, fits, strict=True))
    ]


def _compared(
    first: LawFit, second: LawFit, params: float, tokens: float, resource: str, ladder: bool
) -> Multiplier:
    """Compare two groups; of ladders the value is the median of the posterior."""
    found = multiplier(first, second, params, tokens, resource)
    if not (ladder and len(second.draws)):
        return found
    middle = factor_draws(first, second, params, tokens, resource)
    return replace(found, factor=replace(found.factor, value=float(np.median(middle))))


def marks_of(mine: NDArray[Any], kept: Sequence[str]) -> dict[str, Floats]:
    """Give inputs that say which group a run is of, as exponentials; none for the first."""
    return {f"group {j}": np.exp((mine == kept[j]).astype(float)) for j in range(1, len(kept))}


def priors_of(law: Law, table: Table) -> dict[str, Normal]:
    """Weak priors on floor, exponents and the factors of the groups: ladders hardly tell these."""
    known = weak_priors(CHINCHILLA, float(table.target.min()))
    return known | dict.fromkeys(law.names[len(CHINCHILLA.names) :], Normal(0.0, OF_FACTOR))


def _of_group(found: LawFit, table: Table, mine: NDArray[Any], name: str, j: int) -> LawFit:
    """Chinchilla's law of one group, its draws those of the joint fit."""

    def own(theta: Floats) -> Floats:
        part = theta[..., :5].copy()
        if j:
            part[..., 1] *= np.exp(theta[..., 5 + 2 * (j - 1)])
            part[..., 2] *= np.exp(theta[..., 6 + 2 * (j - 1)])
        return part

    rows = mine == name
    return replace(
        found,
        law=CHINCHILLA,
        theta=own(found.theta),
        draws=own(found.draws),
        residuals=found.residuals[rows],
        n_runs=int(rows.sum()),
        table=table.take(rows),
    )


def _points(table: Table) -> list[tuple[float, float, float]]:
    """FLOPs, params and tokens inside the runs, at the largest, and at ten times it."""
    compute = table.compute()
    order = np.argsort(compute, kind="stable")
    middle, top = order[len(order) // 2], order[-1]
    grow = np.sqrt(AHEAD)
    size, data = table.inputs["params"], table.inputs["tokens"]
    return [
        (float(compute[middle]), float(size[middle]), float(data[middle])),
        (float(compute[top]), float(size[top]), float(data[top])),
        (AHEAD * float(compute[top]), grow * float(size[top]), grow * float(data[top])),
    ]


def explaining_column(
    residuals: Floats, columns: Mapping[str, NDArray[Any]]
) -> tuple[str, float] | None:
    """Name the column of groups that explains most of the residuals, and its share; or None."""
    from scipy.special import betainc

    best: tuple[str, float] | None = None
    for name, values in columns.items():
        groups, codes, counts = np.unique(
            np.asarray(values, dtype=str), return_inverse=True, return_counts=True
        )
        n, k = len(residuals), len(groups)
        if not 2 <= k <= MOST or counts.min() < FEWEST:
            continue
        means = np.bincount(codes, residuals) / counts
        total = float(((residuals - residuals.mean()) ** 2).sum())
        share = float((counts * (means - residuals.mean()) ** 2).sum()) / max(total, 1e-300)
        p = float(betainc((n - k) / 2, (k - 1) / 2, 1 - share))  # of the F test
        if share > EXPLAINS and p < CLEAR and (best is None or share > best[1]):
            best = name, share
    return best
