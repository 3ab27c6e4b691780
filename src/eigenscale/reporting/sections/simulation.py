"""The section on theory against simulation, for a model that has the spectrum of the data."""

import numpy as np

from eigenscale.figures.topics.theory import theory_and_simulation
from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.sections.section import Section
from eigenscale.reporting.solved import DRAWS, Solved
from eigenscale.text.numbers import number, percent

NAME, TITLE = "theory", "Theory against simulation"


def theory_section(evidence: Evidence) -> Section:
    """Show theory and simulation side by side, and say how far apart they are."""
    if evidence.spectrum is None:
        return Section(NAME, TITLE, ("No data were given, so there is no spectrum to solve for.",))
    solved = evidence.solved
    if solved is None:
        beyond = f"{evidence.spectrum.n_inputs:,} inputs are outside what is simulated here."
        return Section(NAME, TITLE, (beyond,))
    rows = [one.to_dict() for one in solved.simulated]
    figure = theory_and_simulation(solved.model, solved.solution, rows)
    return Section(NAME, TITLE, (_words(evidence), _agreement(solved)), figures=(figure,))


def _words(evidence: Evidence) -> str:
    spectrum = evidence.spectrum
    assert spectrum is not None
    teacher = (
        "and a target that holds as much power in each mode as yours"
        if spectrum.target_power is not None
        else "and a random target, since none was given"
    )
    return (
        "What a student of N random features learns from T samples can be solved for: one "
        "equation gives its test loss. Here it is solved for Gaussian data with the measured "
        f"spectrum {teacher}, and the same student is drawn and trained. Loss is half the squared "
        "error on labels without noise. Near N = T the loss peaks (double descent): there, more "
        "data hurt unless the ridge is raised."
    )


def _agreement(solved: Solved) -> str:
    apart = np.abs(solved.errors)
    return (
        f"Over {len(apart)} sizes, {DRAWS} draws each, simulation and theory differ by "
        f"{percent(float(np.median(apart)))} in the median and {percent(float(apart.max()))} at "
        f"most; the theory is exact for large sizes and the smallest here has "
        f"{number(float(solved.solution.n_features.min()))} features."
    )
