"""Laws of the training curve on published curves: ends, early prediction, intervals, time.

    python benchmarks/curves.py shared/data/curves [--early] [--elsewhere] [--simulated N]

The folder holds SIZE_SCHEDULE.csv with step, lr and loss. Fitted are three schedules per size,
predicted the ends of all others; with --early the end of every curve from its first part, alone
and with the shape of another size; with --elsewhere the same ends with the prior centred
elsewhere; with --simulated ends of curves that obey the law, with
correlated noise.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from eigenscale.io.curves.read import read_curves
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.fitting import fit_curves
from eigenscale.laws.curves.noise import Noise
from eigenscale.laws.curves.problem import Prior, as_coordinates
from eigenscale.laws.curves.registry import LAWS, get
from eigenscale.laws.curves.scheduled import ScheduledCurve, scheduled
from eigenscale.laws.curves.solve import FEW, solve, state
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.schedules.shapes import constant, cosine, two_stage, wsd
from eigenscale.planning.training.best import best_schedule

FITTED = ("cosine_24000", "constant_24000", "wsdcon_9")


def load(folder):
    """Curves by size and schedule."""
    found = {}
    for path in sorted(Path(folder).glob("*.csv")):
        size, _, name = path.stem.partition("_")
        found.setdefault(size, {})[name] = scheduled(read_curves(path)[0])
    return found


def elsewhere(curves):
    """Ends of the other schedules with priors whose centres another size gave, or lie off by one
    deviation in every coordinate: no constant near the published fit of the same model."""
    for size, by_name in curves.items():
        known = [by_name[n] for n in FITTED]
        other = next(s for s in curves if s != size)
        theirs = fit_curves([curves[other][n] for n in FITTED]).solved
        rng = np.random.default_rng(0)
        rows, spent = {}, []
        for shift in [None, *rng.choice([-1.0, 1.0], (6, 7))]:
            problem = state(get("multi-power"), known)
            centre = problem.prior.mean.copy()
            if shift is None:
                units = replace(problem.scale, log_peak=theirs.problem.scale.log_peak)
                theta = theirs.problem.theta(theirs.at)
                centre[3:] = as_coordinates(problem.law, units, theta)[3:]
            else:
                centre[3:] += (shift * problem.prior.deviation)[3:]
            problem = replace(problem, prior=Prior(centre, problem.prior.deviation))
            few = state(problem.law, [c.thinned(FEW) for c in known], problem.prior)
            begin = time.process_time()
            solved = solve(
                problem, replace(few, scale=problem.scale), parse_objective("huber:1e-3")
            )
            spent.append(time.process_time() - begin)
            theta = problem.theta(solved.at)
            ends = [c for n, c in by_name.items() if n not in FITTED]
            logs = [np.log(problem.law.loss(theta, expose(c.schedule, c.steps[-1:]))) for c in ends]
            errors = np.abs([x[0] - c.log_loss[-1] for x, c in zip(logs, ends, strict=True)])
            rows.setdefault("the other size" if shift is None else "one deviation off", []).append(
                (errors.mean(), errors.max(), solved.certificate.agreeing)
            )
        for name, found in rows.items():
            mean, worst, agree = np.array(found).T
            print(
                f"{size:>5} prior from {name}: mean {100 * mean.min():.2f} to "
                f"{100 * mean.max():.2f} %, worst {100 * worst.max():.2f} %, at least "
                f"{agree.min():.0f} of 16 agree, {max(spent):.1f} CPU-s"
            )


def judge(fit, curve):
    """Signed log error of the end, whether the interval holds it, and half its width."""
    end = fit.predict(curve.schedule, [curve.steps[-1]]).end
    measured = np.exp(curve.log_loss[-1])
    half = 0.5 * np.log(end.high / end.low)
    return np.log(end.value / measured), end.low <= measured <= end.high, half


def others(curves):
    """Ends of the schedules that were not fitted, by each law."""
    fits = {}
    for size, by_name in curves.items():
        for law in LAWS:
            begin = time.process_time()
            fit = fit_curves([by_name[n] for n in FITTED], law)
            spent = time.process_time() - begin
            if law == "multi-power":
                fits[size] = fit
            rows = [judge(fit, c) for n, c in by_name.items() if n not in FITTED]
            error, inside, half = (np.array(column) for column in zip(*rows, strict=True))
            certificate = fit.solved.certificate
            print(
                f"{size:>5} {law:12} ends: mean {100 * np.abs(error).mean():.2f} %, worst "
                f"{100 * np.abs(error).max():.2f} %, {inside.sum()} of {len(rows)} inside "
                f"(half-width {100 * half.mean():.2f} %); objective {fit.solved.objective:.3e}; "
                f"{certificate.agreeing} of {certificate.starts} agree; {spent:.1f} CPU-s"
            )
        best = best_schedule(fits[size], 24000)
        print(f"{size:>5} " + " ".join(best.sentences()))
    return fits


def early(curves, fits):
    """Ends from first parts, alone and with the shape of another size."""
    for alone in (False, True):
        for share in (0.3, 0.5, 0.7):
            rows = []
            for size, by_name in curves.items():
                other = next(f for s, f in fits.items() if s != size)
                for curve in by_name.values():
                    until = int(share * curve.steps[-1])
                    fit = fit_curves(curve, until=until, family=None if alone else other)
                    rows.append(judge(fit, curve))
            error, inside, half = (np.array(column) for column in zip(*rows, strict=True))
            print(
                f"{'alone' if alone else 'other size'}, first {100 * share:.0f} %: median "
                f"{100 * np.median(np.abs(error)):.2f} %, worst {100 * np.abs(error).max():.2f} %, "
                f"{inside.sum()} of {len(rows)} inside, half-width "
                f"{100 * np.median(half):.2f} % ({100 * half.min():.2f} to {100 * half.max():.2f})"
            )


def simulated(count):
    """Coverage of ends under other schedules, for noise of several sizes and memories."""
    rate = {"peak": 3e-4, "warmup": 2000}
    known = [
        cosine(total=24000, end=3e-5, **rate),
        constant(total=24000, **rate),
        two_stage(end=9e-5, start=8000, total=16000, **rate),
    ]
    new = [
        cosine(total=72000, end=3e-5, **rate),
        wsd(total=24000, start=20000, end=3e-5, **rate),
        two_stage(end=3e-5, start=8000, total=16000, **rate),
    ]
    law, rng = get("multi-power"), np.random.default_rng(0)
    for noise in (
        Noise(0.0005, 0.8, 0.9),
        Noise(0.0013, 0.8, 0.9),
        Noise(0.0013, 0.9, 1.0),
        Noise(0.004, 0.8, 1.0),
        Noise(0.01, 0.5, 1.0),
    ):
        inside = []
        for seed in range(count):
            theta = np.array([3.0, 0.5, rng.uniform(0.4, 0.55), 400.0, 2.0, 0.55, 0.65])

            def draw(schedule, theta=theta, noise=noise):
                steps = np.arange(2176, schedule.total + 1, 256)
                logs = np.log(law.loss(theta, expose(schedule, steps)))
                drawn = noise.draw(rng, 1, len(steps))[0]
                return ScheduledCurve(schedule.name, schedule, steps, logs + drawn)

            fit = fit_curves([draw(s) for s in known], rng=seed)
            inside += [judge(fit, draw(s))[1] for s in new]
        print(
            f"noise {noise.deviation:g}, correlation {noise.correlation:g}: "
            f"{100 * np.mean(inside):.0f} % of {len(inside)} ends inside 90 % intervals"
        )


def main():
    """Print one line per question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--early", action="store_true")
    parser.add_argument("--elsewhere", action="store_true")
    parser.add_argument("--simulated", type=int, default=0)
    options = parser.parse_args()
    curves = load(options.folder)
    fits = others(curves)
    if options.elsewhere:
        elsewhere(curves)
    if options.early:
        early(curves, fits)
    if options.simulated:
        simulated(options.simulated)


if __name__ == "__main__":
    main()
