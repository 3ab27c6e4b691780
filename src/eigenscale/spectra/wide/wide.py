"""More inputs than a matrix can hold: exact by the rows where they are few, else the leading part.

With at most 16,384 rows the products of all rows have the same eigenvalues as the covariance, and
the whole spectrum is exact. With more rows as well, the leading eigenvalues are found by a random
block in few passes; the trace is exact, the Frobenius norm is summed exactly where that costs at
most `_AFFORDABLE` times the passes (else it is estimated, with its standard error), and of the rest
only its power, its squares and how many they are is known: the `Tail`.
"""

from typing import Literal

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.data.targets import Target
from eigenscale.io.formats.source import Source
from eigenscale.progress import Progress
from eigenscale.spectra.measured import MeasuredSpectrum, target_power, without_sampling
from eigenscale.spectra.moments import collect as limits
from eigenscale.spectra.moments.checkpoint import Checkpoint, State
from eigenscale.spectra.moments.collect import Missing
from eigenscale.spectra.moments.margins import Centring
from eigenscale.spectra.wide.gram import column_square, gram_matrix, row_square
from eigenscale.spectra.wide.rereading import CentredRows
from eigenscale.spectra.wide.search import PROBES, Begun, Course, begin, probes, search
from eigenscale.spectra.wide.subspace import Ritz
from eigenscale.spectrum import Tail

Frobenius = Literal["auto", "exact", "estimate"]

MEMORY = 4 * 10**9  # bytes that the block of directions may take
LEADING = 1024  # eigenvalues that are looked for, where memory allows
_FEWEST = 16
_BYTES = 16  # per input and direction: block and block before in float32, sums in float64
_AFFORDABLE = 2.0  # times the cost of the passes that the exact Frobenius norm may cost


def measure_wide(
    source: Source,
    target: Target | None = None,
    *,
    leading: int | None = None,
    frobenius: Frobenius = "auto",
    missing: Missing = "refuse",
    at_most: int | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
) -> MeasuredSpectrum:
    """Measure data of more inputs than `MAX_INPUTS`; see `eigenscale.spectra.measure.measure`.

    `at_most` says how many rows can be finite, where that is known and less than all.

    Raises
    ------
    InputError
        Where the rows can be read one time only, or the directions do not fit in memory.
    """
    if frobenius not in ("auto", "exact", "estimate"):
        raise InputError(f"frobenius {frobenius!r} is not known; use auto, exact or estimate")
    if source.once:
        raise InputError(
            f"{source.name} has {source.n_columns:,} inputs, which takes several passes, and can "
            "be read one time only; save the rows to a file"
        )
    if target is not None and source.n_rows is not None:
        target.check_length(source.n_rows, source.name)
    wanted = leading_of(source, target, leading)
    most = source.n_rows if at_most is None else at_most
    few = most is not None and most <= limits.MAX_INPUTS
    course = Course(source, target, missing, checkpoint, progress)
    saved = None if checkpoint is None else checkpoint.load()
    if saved is not None:
        course.passes = int(saved["passes"]) - 1
    try:
        begun = begin(course, 0 if few else _directions(source, wanted), saved)
    except InputError:
        if checkpoint is not None:  # sums of data that is refused are of no use
            checkpoint.remove()
        raise
    if not begun.margins.trace > 0:
        raise InputError(
            f"{source.name} has no column that varies in {begun.margins.n_samples} rows; a "
            "spectrum needs one"
        )
    if begun.margins.n_samples <= limits.MAX_INPUTS:
        return _by_rows(course, begun)
    return _leading(course, begun, wanted, frobenius, saved)


def leading_of(source: Source, target: Target | None, leading: int | None) -> int:
    """Check how many eigenvalues are wanted against memory; by default as many as fit, to 1,024."""
    width = source.n_columns
    left = MEMORY - 8 * width * (0 if target is None else target.n_columns)
    most = max(left, 0) // (2 * _BYTES * width)
    if most < _FEWEST:
        raise InputError(
            f"{source.name} has {width:,} inputs, and {_FEWEST} leading directions of it take more "
            f"than the {MEMORY / 1e9:.3g} GB that are allowed; choose columns or cut patches"
        )
    if leading is None:
        return min(LEADING, most)
    if leading < 1:
        raise InputError(f"leading {leading} is not a number of eigenvalues; ask for 1 or more")
    if leading > most:
        need = 2 * _BYTES * width * leading / 1e9
        raise InputError(
            f"leading {leading} of {width:,} inputs takes {need:.3g} GB, more than the "
            f"{MEMORY / 1e9:.3g} GB that are allowed; ask for at most {most}"
        )
    return leading


def _directions(source: Source, wanted: int) -> int:
    """Twice as many as are wanted, for few passes; not more than there are."""
    most = source.n_columns if source.n_rows is None else min(source.n_columns, source.n_rows)
    return min(max(2 * wanted, wanted + _FEWEST), most)


def _by_rows(course: Course, begun: Begun) -> MeasuredSpectrum:
    """Find the whole spectrum, from the products of all rows in float64."""
    margins = begun.margins
    centre = Centring(margins.mean, begun.rows.centre.scale, np.float64)
    rows = CentredRows(course.source, centre, margins.n_samples, begun.rows.n_read)
    start = course.shown
    gram = gram_matrix(rows, lambda share: course.show(start + (1 - start) * share))
    n, most = margins.n_samples, min(margins.n_samples - 1, margins.n_inputs)
    values = np.zeros(margins.n_inputs)
    power, unexplained = None, 0.0
    if course.target is None:
        found: Floats = np.asarray(np.linalg.eigvalsh(gram)[::-1][:most])
    else:
        found, vectors = (np.asarray(a) for a in np.linalg.eigh(gram))
        found, vectors = found[::-1][:most], vectors[:, ::-1][:, :most]
        power, unexplained = _power_by_rows(course, begun, found, vectors)
    values[:most] = np.maximum(found, 0.0) / (n - 1) / centre.scale**2
    note = f"{margins.n_inputs:,} inputs: all eigenvalues by the products of {n:,} rows"
    return _measured(course, begun, values, power, unexplained, notes=(note,))


def _power_by_rows(
    course: Course, begun: Begun, values: Floats, vectors: Floats
) -> tuple[Floats, float]:
    """Target power from eigenvectors w over rows: the covariance along u_J is √value w_J·y."""
    assert course.target is not None
    margins = begun.margins
    target = np.delete(course.target.rows(0, begun.rows.n_read), begun.lost, axis=0)
    alive = values > values[0] * np.finfo(float).eps * margins.n_inputs
    power = np.zeros(margins.n_inputs)
    projected = vectors[:, alive].T @ (target - margins.target_mean)
    power[: len(values)][alive] = np.sum(projected**2, axis=1) / (margins.n_samples - 1)
    return without_sampling(power, power > 0, margins)


def _leading(
    course: Course, begun: Begun, wanted: int, frobenius: Frobenius, saved: State | None
) -> MeasuredSpectrum:
    """Find the leading eigenvalues, and what is known of the others."""
    margins, centre = begun.margins, begun.rows.centre
    ritz, last = search(course, begun, wanted, saved)
    unit = (margins.n_samples - 1) * centre.scale**2
    known = ritz.known(len(ritz.values) if ritz.whole else wanted)
    values = ritz.values[:known] / unit
    power, unexplained = None, 0.0
    if course.target is not None:
        power, unexplained = target_power(values, ritz.vectors[:, :known], margins)
    if ritz.whole and known == len(ritz.values):
        rest = margins.n_inputs - known
        values = np.pad(values, (0, rest))
        power = None if power is None else np.pad(power, (0, rest))
        note = f"{margins.n_inputs:,} inputs of rank {known:,}, found in {last.number} passes"
        return _measured(course, begun, values, power, unexplained, notes=(note,))
    exact = frobenius == "exact" or (frobenius == "auto" and _affordable(begun, ritz, last.number))
    square, error = _tail_square(ritz, known, last.probe_images)
    if exact:
        square, error = _sharpened(square, error, _exact_square(course, begun), ritz, known)
    tail = _tail(begun, values, square / unit**2, error / unit**2)
    return _measured(
        course,
        begun,
        values,
        power,
        unexplained,
        tail=tail,
        errors=ritz.errors[:known] / unit,
        notes=(_summary(begun, ritz, known, wanted, last.number, exact),),
    )


def _tail(begun: Begun, values: Floats, square: float, error: float) -> Tail:
    """Describe what is left besides the known `values`; its squares lie where its power allows."""
    margins, known = begun.margins, len(values)
    alive = min(margins.n_inputs, margins.n_samples - 1) - known
    power = max(margins.trace - float(values.sum()), 0.0)
    most = float(values[-1]) * power
    square = float(np.clip(square, min(power**2 / max(alive, 1), most), most))
    return Tail(margins.n_inputs - known, alive, power, square, error)


def _summary(begun: Begun, ritz: Ritz, known: int, wanted: int, passes: int, exact: bool) -> str:
    """Say what was found, how, and what is not known."""
    worst = float(np.max(ritz.errors[:known] / ritz.values[:known]))
    short = f" (of {wanted:,} wanted: the others did not converge)" if known < wanted else ""
    rest = "trace and sum of squares are exact"
    if not exact:
        rest = "the trace is exact, the sum of squares estimated"
    return (
        f"{begun.margins.n_inputs:,} inputs: the leading {known:,} eigenvalues{short} by a random "
        f"block in {passes} passes, right to {worst:.1g}; the others are not known one by one; "
        f"{rest}"
    )


def _affordable(begun: Begun, ritz: Ritz, passes: int) -> bool:
    """Whether the exact norm costs at most a few times what the passes cost, in operations."""
    rows, columns = begun.margins.n_samples, begun.margins.n_inputs
    return min(rows, columns) <= _AFFORDABLE * 4 * len(ritz.values) * passes


def _exact_square(course: Course, begun: Begun) -> float:
    """‖S‖² by pairs of rows or of columns, whichever are fewer."""
    start = course.shown

    def done(share: float) -> None:
        course.show(start + (1 - start) * share)

    by_rows = begun.margins.n_samples < begun.margins.n_inputs
    return row_square(begun.rows, done) if by_rows else column_square(begun.rows, done)


def _tail_square(ritz: Ritz, known: int, images: Floats) -> tuple[float, float]:
    """‖S‖² less that of the `known` values, and its standard error, by random directions.

    With P = 1 − VVᵀ, ‖S‖² = ‖VᵀSV‖² + 2‖PSV‖² + ‖PSP‖², and ‖PSP‖² = E‖PSPg‖² for normal g.
    """
    vectors = ritz.vectors
    normal = probes(len(vectors)).astype(np.float64)
    left = images - ritz.images @ (vectors.T @ normal)
    left -= vectors @ (vectors.T @ left)
    squares = np.sum(left**2, axis=0)
    inside = float(np.sum(ritz.values[known:] ** 2)) + 2 * float(np.sum(ritz.residuals**2))
    return inside + float(squares.mean()), float(squares.std(ddof=1)) / PROBES**0.5


def _sharpened(
    square: float, error: float, whole: float, ritz: Ritz, known: int
) -> tuple[float, float]:
    """Take the tail's squares from the exact norm, unless its rounding is more than the error."""
    values = ritz.values[:known]
    lost = 4 * float(np.finfo(ritz.vectors.dtype).eps) * whole
    lost += 2 * float(np.sum(np.minimum(ritz.errors[:known] / values, 1) * values**2))
    return (square, error) if lost > error else (whole - float(values @ values), 0.0)


def _measured(
    course: Course,
    begun: Begun,
    values: Floats,
    power: Floats | None,
    unexplained: float,
    *,
    tail: Tail | None = None,
    errors: Floats | None = None,
    notes: tuple[str, ...],
) -> MeasuredSpectrum:
    return MeasuredSpectrum(
        eigenvalues=values,
        multiplicities=np.ones(len(values)),
        target_power=power,
        unexplained=unexplained,
        tail=tail,
        moments=begun.margins,
        name=course.source.name,
        n_read=begun.rows.n_read,
        n_dropped=len(begun.lost),
        notes=(*course.source.notes, *notes),
        errors=errors,
    )
