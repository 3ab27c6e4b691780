"""Error and intervals of the default estimator on larger runs, against a plain Chinchilla fit.

Run: python benchmarks/extrapolation_default.py [--draws K] [--simulated S] [--calibrate]

Every table of ../shared/data/runs and more/ is cut at three quarters of its runs by compute: the
lower part, and subsets of it of 4 to 40 runs spread over compute, are fitted, and the largest
quarter is predicted. The error of a table is the mean |log error| plus .002; "plain" is the
log-Huber (1e-3) Chinchilla fit with every run alike. Intervals are judged with the sources of a
table left out of their calibration. `--simulated` adds tables of 4 to 40 runs over 1 to 3 decades
drawn from published and fitted forms, with family effects, badly tuned small runs and outliers.
`--calibrate` writes the table of the package, src/eigenscale/laws/backtest/calibration.json.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.laws.backtest import calibration
from eigenscale.laws.backtest.calibration import distance_beyond, error_scale
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.solve import Fitted
from eigenscale.laws.estimation.stated import approach, state
from eigenscale.laws.registry import get
from eigenscale.laws.table import Extent, tabulate

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "runs"
CHINCHILLA, HUBER = get("chinchilla"), parse_objective("huber:1e-3")
SIZES = (4, 5, 6, 8, 10, 12, 16, 20, 30, 40)
CLASSES = {"4–6 runs": (4, 6), "7–12": (7, 12), "13–40": (13, 40), "all": (41, 10**6)}
SAME_SOURCE = {"epochai": "chinchilla", "ml": "chinchilla", "misfitting": "misfit"}
FAR = 0.102  # error of a table, .002 of it added to all
QUANTILE = 0.92  # in sample; with sources left out it holds 90 %
LEVELS = (0.1, 0.25, 0.5, 0.68, 0.8, 0.9, 0.95, 0.98, 0.99)
LAWS = {
    "chinchilla": (1.7, 400.0, 410.0, 0.34, 0.28),
    "chinchilla-tied": (1.8, 520.0, 1500.0, 0.35),
    "generalised": (1.5, 900.0, 2500.0, 0.4, 0.45, 0.7),
    "kaplan": (6.4e13, 1.8e13, 0.076, 0.103),
    "over-training": (1.5, 150.0, 260.0, 0.13),
    "broken:flops": (0.5, 60.0, 0.07, 3e20, 0.1, 0.4),
    "saturating:flops": (1.6, 11.0, 3e18, 0.12, 0.7),
}


def real_tables():
    """Every table with size, data and loss: name -> (source, table)."""
    found = {}
    for path in sorted(
        [*DATA.glob("*.csv"), *DATA.glob("*.jsonl"), *(DATA / "more").glob("*.csv")]
    ):
        try:
            runs = es.read_runs(path)
        except InputError:
            continue
        if runs.params is None or runs.tokens is None or path.stem == "misfit_raw":
            continue
        if runs.unique_tokens is not None:
            runs = runs.select(runs.tokens <= 1.01 * runs.unique_tokens)
        parts = {path.stem: runs}
        if path.stem == "isoflops":
            parts = {str(e): runs.select(runs.experiment == e) for e in np.unique(runs.experiment)}
        for name, part in parts.items():
            try:
                table = tabulate(part)
            except InputError:
                continue
            known = np.all([np.isfinite(table.inputs[n]) for n in ("params", "tokens")], axis=0)
            source = name.split("_")[0]
            source = SAME_SOURCE.get(source, source)
            if known.sum() >= 12:
                found[name] = (source, table.take(known))
    return found


def simulated_tables(count):
    """Tables drawn from all forms, as ladders of real people are: odd in one way or another."""
    found = {}
    for seed in range(count):
        rng = np.random.default_rng(seed)
        name = list(LAWS)[seed % len(LAWS)]
        n, decades = int(rng.integers(6, 54)), rng.uniform(1, 3)
        C = 10 ** (18.5 + decades * np.sort(rng.uniform(0, 1.3, n)))
        N = np.sqrt(C / 6 / 10 ** rng.uniform(0.7, 2.0, n))
        inputs = {"params": N, "tokens": C / 6 / N, "flops": C}
        law = get(name)
        loss = law.predict(LAWS[name], **{k: inputs[k] for k in law.inputs})
        loss = loss * np.exp(rng.choice([0.002, 0.005, 0.01]) * rng.standard_normal(n))
        if rng.random() < 0.4:  # families
            loss *= np.exp(0.01 * rng.standard_normal(3))[rng.integers(3, size=n)]
        if rng.random() < 0.4:  # badly tuned small runs
            loss *= (
                1 + rng.uniform(0.02, 0.15) * np.clip(1 - np.log10(C / C[0]) / decades, 0, 1) ** 2
            )
        if rng.random() < 0.3:
            loss[rng.integers(n)] *= 1.1
        found[f"{name} {seed}"] = (name, tabulate({**inputs, "loss": loss}))
    return found


def subsets(table, sizes, draws, seed):
    """The lower three quarters, subsets of them spread over compute, and the largest quarter."""
    order = np.argsort(table.compute(), kind="stable")
    count = round(0.75 * len(order))
    yield table.take(order[:count]), table.take(order[count:])
    for size in sizes:
        for draw in range(draws if size <= 0.8 * count else 0):
            rng = np.random.default_rng([seed, size, draw])
            rows = [rng.choice(part) for part in np.array_split(order[:count], size)]
            part = table.take(np.array(rows))
            if all(np.ptp(np.log(part.inputs[n])) > 0.3 for n in ("params", "tokens")):
                yield part, table.take(order[count:])


def quick(part, estimator):
    """A fit from few starts, good enough to predict with."""
    weighted, problem = state(part, CHINCHILLA, HUBER, {}, estimator=estimator)
    at = approach(problem, HUBER)
    settings = {"estimator": estimator, "priors": {}}
    residuals = problem.residuals(at[None])[0][0]
    theta = problem.theta(at)
    return Fitted(
        CHINCHILLA, theta, theta[None][:0], HUBER, 0.0, None, len(part), residuals,
        table=weighted, prior=problem.prior, settings=settings,
    )  # fmt: skip


def case(name, source, part, later):
    """Errors of both estimators on the larger runs, and what the intervals are made of."""
    inputs = {n: later.inputs[n] for n in CHINCHILLA.inputs}
    found, plain = quick(part, "default"), quick(part, "plain")
    missed = []
    for one in (found, plain):
        with np.errstate(all="ignore"):
            off = np.log(CHINCHILLA.predict(one.theta, **inputs) / later.target)
        missed.append(np.clip(np.nan_to_num(off, nan=3), -3, 3))
    scale = error_scale(found)
    return {
        "name": name, "source": source, "n": len(part), "missed": np.abs(missed[0]),
        "error": float(np.mean(np.abs(missed[0]))) + 0.002,
        "plain": float(np.mean(np.abs(missed[1]))) + 0.002,
        "expected": np.log(scale.scatter + 0.01 * distance_beyond(Extent.of(part), inputs)),
        "backtest": 0.0 if scale.backtest is None else np.log(scale.backtest),
        "no_backtest": float(scale.backtest is None),
    }  # fmt: skip


def size_class(n):
    return next(k for k, (low, high) in CLASSES.items() if low <= n <= high)


def design(cases):
    """Rows, |errors| and weights for the regression: a table counts once in each size class."""
    counts = defaultdict(int)
    for one in cases:
        counts[one["name"], size_class(one["n"])] += 1
    rows, errors, weights = [], [], []
    for one in cases:
        m = len(one["missed"])
        rows.append(np.stack([np.ones(m), one["expected"], np.full(m, one["backtest"]),
                              np.full(m, one["no_backtest"])], axis=1))  # fmt: skip
        errors.append(one["missed"])
        weights.append(np.full(m, 1 / m / counts[one["name"], size_class(one["n"])]))
    return tuple(np.concatenate(part) for part in (rows, errors, weights))


def regression(cases):
    """Quantile regression of log |error|, by reweighted least squares."""
    X, errors, w = design(cases)
    y = np.log(errors + 1e-4)
    b = np.linalg.lstsq(X * np.sqrt(w)[:, None], y * np.sqrt(w), rcond=None)[0]
    for step in range(80):
        off = y - X @ b
        k = (
            w
            * np.where(off > 0, QUANTILE, 1 - QUANTILE)
            / np.hypot(off, max(0.3 * 0.85**step, 0.02))
        )
        b = np.linalg.solve((X * k[:, None]).T @ X + 1e-9 * np.eye(4), (X * k[:, None]).T @ y)
    return b


def guide(cases):
    """The narrowest half-width that warns of at most a tenth of the cases that are not far off."""
    near = np.sort([np.mean(one["half"]) for one in cases if one["error"] <= FAR])
    return float(np.ceil(100 * np.quantile(near, 0.9)) / 100)


def calibrate(cases):
    """Write the table of the package."""
    X, errors, w = design(cases)
    b = regression(cases)
    ratio = errors / np.exp(X @ b)
    order = np.argsort(ratio)
    share = np.cumsum(w[order]) / w.sum()
    at = {q: float(ratio[order][min(np.searchsorted(share, q), len(order) - 1)]) for q in LEVELS}
    known = {
        "made by": "benchmarks/extrapolation_default.py --calibrate",
        "cases": len(cases), "tables": len({one["name"] for one in cases}),
        "sources": len({one["source"] for one in cases}),
        **{k: round(float(v), 4) for k, v in zip(
            ("constant", "expected", "backtest", "no_backtest"), b, strict=True)},
        "per_decade": 0.01, "guide": guide(judged(cases)),
        "factors": {str(q): round(value / at[0.9], 4) for q, value in at.items()},
    }  # fmt: skip
    path = Path(calibration.__file__).with_name("calibration.json")
    path.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    calibration.calibration.cache_clear()


def judged(cases):
    """Half-widths of every case, its own source left out of the regression."""
    found = []
    for source in {one["source"] for one in cases}:
        b = regression([one for one in cases if one["source"] != source])
        for one in cases:
            if one["source"] == source:
                half = np.exp(b[0] + b[1] * one["expected"] + b[2] * one["backtest"]
                              + b[3] * one["no_backtest"])  # fmt: skip
                found.append({**one, "half": half, "inside": np.mean(one["missed"] <= half)})
    return found


def table_of(cases, title):
    """One row per size class: tables, error over plain, worst, coverage, width."""
    head = "tables | cases | error / plain | worst table | inside | under half | half-width"
    print(f"\n| {title} | {head} |")
    print("|---|---|---|---|---|---|---|---|")
    for name in CLASSES:
        mine = defaultdict(list)
        for one in cases:
            if size_class(one["n"]) == name:
                mine[one["name"]].append(one)
        if not mine:
            continue
        ratio = {k: np.mean([np.log(c["error"] / c["plain"]) for c in v]) for k, v in mine.items()}
        open_ = {k: r for k, r in ratio.items() if np.mean([c["plain"] for c in mine[k]]) > 0.007}
        worst = max(open_, key=open_.get, default="")
        inside = np.array([np.mean([c["inside"] for c in v]) for v in mine.values()])
        width = np.median([np.median([np.median(c["half"]) for c in v]) for v in mine.values()])
        print(f"| {name} | {len(mine)} | {sum(map(len, mine.values()))} "
              f"| {np.exp(np.mean(list(ratio.values()))):.2f} "
              f"| {np.exp(open_.get(worst, 0)):.2f} {worst[:28]} | {100 * inside.mean():.0f} % "
              f"| {100 * np.mean(inside < 0.5):.0f} % | {width:.3f} |")  # fmt: skip
    far = np.array([one["error"] > FAR for one in cases])
    warned = np.array([np.mean(one["half"]) > calibration.calibration()["guide"] for one in cases])
    print(f"\n{len(cases)} cases, {far.sum()} with an error above 10 %: not reliable are "
          f"{100 * warned[far].mean() if far.any() else 0:.0f} % of these and "
          f"{100 * warned[~far].mean():.0f} % of the others")  # fmt: skip


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=1)
    options.add_argument("--simulated", type=int, default=0)
    options.add_argument("--calibrate", action="store_true")
    asked = options.parse_args()
    cases = [
        case(name, source, part, later)
        for name, (source, table) in real_tables().items()
        for part, later in subsets(table, SIZES, asked.draws, len(name))
    ]
    if asked.calibrate:
        calibrate(cases)
    table_of(judged(cases), "real tables")
    drawn = [
        case(name, source, *next(subsets(table, (), 0, 0)))
        for name, (source, table) in simulated_tables(asked.simulated).items()
    ]
    if drawn:
        b = regression(cases)
        for one in drawn:
            one["half"] = np.exp(b[0] + b[1] * one["expected"] + b[2] * one["backtest"]
                                 + b[3] * one["no_backtest"])  # fmt: skip
            one["inside"] = np.mean(one["missed"] <= one["half"])
        table_of(drawn, "simulated tables")


if __name__ == "__main__":
    main()
