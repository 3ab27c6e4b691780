"""The last section: what to be careful about, from everything the rooms below have warned of."""

import numpy as np

from eigenscale.laws.result import LawFit
from eigenscale.laws.uncertainty.identify import identifiability
from eigenscale.laws.uncertainty.structure import structure
from eigenscale.reporting.evidence import TENFOLD, Evidence
from eigenscale.reporting.sections.prediction import prediction_warnings
from eigenscale.reporting.sections.section import Section
from eigenscale.text.numbers import percent
from eigenscale.text.words import capitalised

NAME, TITLE = "careful", "What to be careful about"


def warning_section(evidence: Evidence) -> Section:
    """List what may mislead, most important first."""
    notes = [*_of_fit(evidence), *_of_runs(evidence), *_of_plan(evidence), *_of_data(evidence)]
    notes.append(
        "Intervals say how far the runs and samples at hand pin down the answer if the law holds; "
        "they cannot know whether it goes on holding where nothing was measured."
    )
    return Section(NAME, TITLE, notes=tuple(dict.fromkeys(notes)))


def _of_fit(evidence: Evidence) -> list[str]:
    fit = evidence.fit
    if fit is None:
        return []
    notes = []
    if not fit.certificate.converged:
        notes.append(f"The fit is not certain: {fit.certificate.sentence()}.")
    if fit.holdout is None:
        notes.append(
            f"{fit.n_runs} runs are too few to hold some out: how the law predicts larger runs "
            "is untested."
        )
    elif fit.holdout.inside < 0.5:
        notes.append(
            f"Only {percent(fit.holdout.inside)} of the held-out largest runs lie inside their "
            "intervals: the law bends where the runs get large, and intervals are too narrow there."
        )
    return [*notes, *_doubts(fit)]


def _doubts(fit: LawFit) -> list[str]:
    """Say what the runs leave open, and where residuals show that the law bends."""
    scatter = float(np.sqrt(np.mean(fit.residuals**2)))
    lines = [doubt.sentence for doubt in identifiability(fit).doubts]
    return [f"{capitalised(line)}." for line in [*lines, *structure(fit).sentences(scatter)]]


def _of_runs(evidence: Evidence) -> list[str]:
    runs = evidence.runs
    if runs is None:
        return []
    notes = [f"{capitalised(line)}." for line in runs.warnings]
    if evidence.example:
        notes.append(
            "The bundled runs of one table share their pool of training patches and all their "
            "test patches, and neighbouring patches overlap: seeds differ by less than "
            "independent photographs would."
        )
    return notes


def _of_plan(evidence: Evidence) -> list[str]:
    if evidence.frontier is None:
        return []
    lines = evidence.frontier[TENFOLD].warnings
    return [f"The plan for ten times the largest run: {'; '.join(lines)}."] if lines else []


def _of_data(evidence: Evidence) -> list[str]:
    spectrum, exponent = evidence.spectrum, evidence.exponent
    if spectrum is None:
        return []
    notes = [] if evidence.predicted is None else prediction_warnings(evidence.predicted)
    notes = [capitalised(note) for note in notes]
    if exponent is None:
        return notes
    notes += [
        (
            f"The exponent of the spectrum depends on its window of ranks ({exponent.ranks[0]} to "
            f"{exponent.ranks[1]} here): look at the local slope before using it elsewhere."
        )
    ]
    if spectrum.n_samples < 10 * spectrum.n_inputs:
        notes.append(
            f"{spectrum.n_samples:,} samples of {spectrum.n_inputs:,} inputs distort the tail of "
            "the spectrum: small eigenvalues come out too small."
        )
    return notes
