"""The door of the room: data and runs in, a folder with one page out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from eigenscale.arrays import check_level
from eigenscale.errors import InputError
from eigenscale.io.data.columns import settle
from eigenscale.planning.training.answers import Wanted
from eigenscale.planning.training.answers import answer as answer_curves
from eigenscale.progress import Progress, share_of
from eigenscale.reporting.evidence import (
    Evidence,
    as_runs,
    count_tokens,
    fit_runs,
    measure_dimension,
    plan_ahead,
    propose,
)
from eigenscale.reporting.example import RUNS
from eigenscale.reporting.example.photographs import photograph_patches
from eigenscale.reporting.page import write
from eigenscale.reporting.predicted import predict_curve
from eigenscale.reporting.sections.answer import answer
from eigenscale.reporting.sections.curves import curve_section
from eigenscale.reporting.sections.law import law_section
from eigenscale.reporting.sections.plan import plan_section
from eigenscale.reporting.sections.prediction import prediction_section
from eigenscale.reporting.sections.section import Section, gather_empty
from eigenscale.reporting.sections.simulation import theory_section
from eigenscale.reporting.sections.spectrum import spectrum_section
from eigenscale.reporting.sections.subsets import measure_nested
from eigenscale.reporting.sections.warnings import warning_section
from eigenscale.reporting.solved import solve
from eigenscale.spectra.exponent.answers import Answers, answers
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.text.words import joined
from eigenscale.writing import whole_folder

EXAMPLE_SAMPLES = 20_000
EXAMPLE_NAME = "patches of two photographs"
_SHARES = {"solve": (0, 0.1), "predict_curve": (0.1, 0.3), "fit": (0.3, 0.5), "write": (0.5, 1)}


def report(
    output: str | Path,
    runs: Any = None,
    data: Any = None,
    target: Any = None,
    *,
    curves: Any = None,
    law: str = "auto",
    level: float = 0.9,
    rng: int = 0,
    progress: Progress | None = None,
) -> Path:
    """Write a report: what data and runs say about more data, bigger models and compute.

    Parameters
    ----------
    output : path
        Folder for ``index.html`` and its figures as PNG and SVG; made where it is absent.
        Nothing appears in it before everything is done.
    runs : path, dataframe or Runs, optional
        Training runs, as `read_runs` takes them.
    data : path or array, optional
        Samples, as `measure` takes them.
    target : path, array or name, optional
        What is to be predicted from `data`: one row for each of its rows, or one of its columns.
    curves : path, Curve, or a list of these, optional
        Training curves, as `read_curves` takes them.
    law : str
        Law to fit. ``"auto"`` takes, where size and data vary, the one of three laws that
        predicts the largest runs best (``chinchilla`` where runs are few), else ``power``.
    level : float
        Coverage of all intervals.
    rng : int
        Seed of everything random; the same seed gives the same page.
    progress : callable, optional
        Called with (work done, work in all).

    Returns
    -------
    Path
        Of the page. With neither runs, data nor curves it is about the bundled example: photographs
        that come inside scikit-learn, and students trained on them.

    Raises
    ------
    InputError
        Where the input breaks a rule, or `output` cannot be written.
    """
    check_level(level)
    if target is not None and data is None:
        raise InputError("a target without data says nothing; give data too (--data FILE)")
    with whole_folder(output) as folder:
        evidence = _gather(runs, data, target, curves, law, level, rng, progress)
        sections = _sections(evidence)
        write(folder, sections, _title(evidence), _sources(evidence), _part(progress, "write"))
    return Path(output) / "index.html"


def _gather(
    runs: Any,
    data: Any,
    target: Any,
    curves: Any,
    law: str,
    level: float,
    seed: int,
    progress: Progress | None,
) -> Evidence:
    example = runs is None and data is None and curves is None
    if example:
        runs, data, target = _example()
    evidence = Evidence(example=example, level=level, seed=seed)
    if data is not None:
        evidence = _of_data(evidence, data, target, progress)
    if runs is not None:
        table = as_runs(runs)
        evidence = fit_runs(evidence, table, law, _part(progress, "fit"))
        assert evidence.fit is not None
        front = plan_ahead(evidence.fit, level)
        proposal = propose(evidence.fit, front)
        evidence = replace(evidence, frontier=front, proposal=proposal)
    if curves is not None:
        given = curves if isinstance(curves, list | tuple) else [curves]
        found = answer_curves(given, Wanted(), level=level, rng=seed)
        evidence = replace(evidence, curves=found)
    return evidence


def _of_data(evidence: Evidence, data: Any, target: Any, progress: Progress | None) -> Evidence:
    from threadpoolctl import threadpool_limits

    level, seed = evidence.level, evidence.seed
    nested = measure_nested(data, target, seed)
    name = EXAMPLE_NAME if evidence.example else Path(nested[-1].name).name
    nested = tuple(replace(part, name=name) for part in nested)
    spectrum = nested[-1]
    with threadpool_limits(limits=1):  # small matrices: threads would cost more than they bring
        return replace(
            evidence,
            spectrum=spectrum,
            nested=nested,
            exponents=_exponents(nested, level),
            tokens=count_tokens(data, level),
            geometry=measure_dimension(data, settle(data, target)[1], spectrum.n_read, level, seed),
            solved=solve(spectrum, seed, _part(progress, "solve")),
            predicted=None
            if target is None
            else predict_curve(data, target, level, seed, _part(progress, "predict_curve")),
        )


def _exponents(nested: tuple[MeasuredSpectrum, ...], level: float) -> Answers | None:
    whole = nested[-1]
    return answers(whole, level=level, subsets=nested[:-1]) if whole.rank >= 3 else None


def _example() -> tuple[Path, Any, Any]:
    import numpy as np

    patches = photograph_patches().take(EXAMPLE_SAMPLES, np.random.default_rng(0))
    return RUNS, patches.inputs, patches.target


def _sections(evidence: Evidence) -> list[Section]:
    makers = (
        answer,
        spectrum_section,
        theory_section,
        prediction_section,
        law_section,
        plan_section,
    )
    sections = [make(evidence) for make in makers]
    if evidence.curves is not None:
        sections.append(curve_section(evidence.curves))
    return gather_empty([*sections, warning_section(evidence)])


def _title(evidence: Evidence) -> str:
    return (
        "The bundled example: predicting a pixel from its surround"
        if evidence.example
        else "Report"
    )


def _sources(evidence: Evidence) -> str:
    names = [] if evidence.runs is None else [Path(evidence.runs.source).name]
    names += [] if evidence.spectrum is None else [evidence.spectrum.name]
    names += [] if evidence.curves is None else [c.name for c in evidence.curves.fit.curves]
    return f"From {joined(names)}, by eigenscale"


def _part(progress: Progress | None, name: str) -> Progress | None:
    """Give a part of the work its share of the bar."""
    return share_of(progress, *_SHARES[name])
