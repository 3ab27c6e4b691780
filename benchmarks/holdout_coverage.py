"""Do 90 % prediction intervals hold runs beyond the fit? Every form and the blend, real tables.

Run: python benchmarks/holdout_coverage.py [--unseen]

The top decade of compute is held out as in benchmarks/extrapolation.py. Printed per table: the
share of held-out runs inside the intervals of single runs, averaged over the forms; the least of
them; the same without what fits to smaller runs missed by (the draws and the scatter alone); and
the share of the blend.
"""

import argparse
import sys
import warnings
from dataclasses import replace

import extrapolation
import numpy as np

from eigenscale.laws.backtest.record import Rolling
from eigenscale.laws.fitting import fit
from eigenscale.laws.selection.compare import compare

SUPPLE = ("broken-2", "saturating")
COLUMNS = ("params", "tokens", "flops", "unique_tokens", "steps")
NO_RECORD = Rolling((), (), ())


def inside(made, measured):
    return float(np.mean((made.run_low <= measured) & (measured <= made.run_high)))


def row(runs):
    """Shares inside: mean over forms, the same without a record, the blend; errors; cautions."""
    count, c = extrapolation.held_out(runs), extrapolation.compute(runs)
    larger = np.isin(np.arange(len(runs)), np.argsort(c, kind="stable")[-count:])
    small, large = runs.select(~larger), runs.select(larger)
    inputs = {n: getattr(large, n) for n in COLUMNS if getattr(large, n) is not None}
    if "flops" not in inputs:
        inputs["flops"] = 6 * large.params * large.tokens
    compared = compare(small, bootstrap=200)
    with_record, without = [], []
    for one in compared.fitted:
        if one.law in SUPPLE:
            continue
        drawn = replace(fit(small, one.fit.law, bootstrap=200), record=one.fit.rolling)
        at = {n: inputs[n] for n in one.fit.law.inputs}
        with_record.append(inside(drawn.predict(**at), large.loss))
        without.append(inside(replace(drawn, record=NO_RECORD).predict(**at), large.loss))
    made = compared.blend(draws=400).predict(**inputs)
    picked = compared.best.predict(**{n: inputs[n] for n in compared.best.law.inputs})
    return {
        "forms": np.mean(with_record),
        "least": np.min(with_record),
        "without": np.mean(without),
        "blend": inside(made, large.loss),
        "picked error": extrapolation.error(picked.value, large.loss),
        "blend error": extrapolation.error(made.value, large.loss),
        "flagged": float(any("Every law missed" in text for text in compared.best.warnings)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--unseen", action="store_true")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    tables = extrapolation.unseen_tables() if chosen.unseen else extrapolation.tables()
    for name, runs in tables.items():
        rows.append(row(runs))
        if len(rows) == 1:
            print("| table | " + " | ".join(rows[0]) + " |\n|---|" + "---|" * len(rows[0]))
        print(f"| {name} | " + " | ".join(f"{v:.3g}" for v in rows[-1].values()) + " |")
        sys.stdout.flush()
    means = {key: np.mean([one[key] for one in rows]) for key in rows[0]}
    print("| mean | " + " | ".join(f"{v:.3g}" for v in means.values()) + " |")


if __name__ == "__main__":
    main()
