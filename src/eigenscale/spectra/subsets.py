"""Spectra of nested subsets of the data, from one pass."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.io.data.columns import settle
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import Kind, Target
from eigenscale.io.formats.source import Source, without
from eigenscale.io.preparation.preparation import Asked, Preparation
from eigenscale.io.preparation.tables import Gaps, prepared_source
from eigenscale.progress import Progress, share_of
from eigenscale.spectra.features import FeatureMap, featured
from eigenscale.spectra.measure import left, measure, with_target
from eigenscale.spectra.measured import MeasuredSpectrum, from_moments
from eigenscale.spectra.moments import collect as limits
from eigenscale.spectra.moments.checkpoint import Checkpoint
from eigenscale.spectra.moments.collect import Missing, collect
from eigenscale.spectra.wide.wide import Frobenius, measure_wide


def measure_subsets(
    source: Source,
    sizes: Sequence[int],
    target: Target | None = None,
    *,
    missing: Missing = "refuse",
    rng: int | np.random.Generator = 0,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
) -> tuple[MeasuredSpectrum, ...]:
    """Measure random subsets of these sizes, each within the next, and last all rows.

    One matrix of moments is kept per size. Rows are drawn at random where their number is known,
    and taken in order where it is not (which a note then says).

    Raises
    ------
    InputError
        Where a size is not between 2 and the number of rows.
    """
    wanted = _checked(sizes, source)
    places = None
    if source.n_rows is not None:
        places = np.random.default_rng(rng).permutation(source.n_rows)

    def fold(start: int, stop: int) -> NDArray[np.int64]:
        rank = np.arange(start, stop) if places is None else places[start:stop]
        return np.searchsorted(wanted, rank, side="right")

    got = collect(
        source,
        target,
        folds=len(wanted) + 1,
        fold=fold,
        missing=missing,
        checkpoint=checkpoint,
        progress=progress,
    )
    if places is None and got.n_read < wanted[-1]:
        raise InputError(
            f"samples has {wanted[-1]} where {source.name} has {got.n_read} rows; ask for fewer"
        )
    notes = source.notes if places is not None else (*source.notes, "subsets are the first rows")
    return _nested(got.folds, source.name, got.n_dropped, notes)


def _checked(sizes: Sequence[int], source: Source) -> NDArray[np.int64]:
    wanted = np.unique(np.asarray(sizes, dtype=np.int64))
    if wanted.size == 0 or wanted[0] < 2:
        raise InputError(f"samples has {wanted[:1]}; sizes of subsets are at least 2")
    if source.n_rows is not None and wanted[-1] > source.n_rows:
        raise InputError(
            f"samples has {wanted[-1]} where {source.name} has {source.n_rows} rows; ask for fewer"
        )
    return wanted


def measure_wide_subsets(
    source: Source,
    sizes: Sequence[int],
    target: Target | None = None,
    *,
    leading: int | None = None,
    frobenius: Frobenius = "auto",
    missing: Missing = "refuse",
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> tuple[MeasuredSpectrum, ...]:
    """Measure the same subsets of data with more inputs than moments are kept for.

    Each size takes passes of its own, in which the rows of the others are left out.

    Raises
    ------
    InputError
        As `measure_subsets`; where the number of rows is not known.
    """
    wanted = _checked(sizes, source)
    if source.n_rows is None:
        raise InputError(
            f"{source.name} has {source.n_columns:,} inputs and does not say how many rows; for "
            "subsets save it as .npy, or leave out the samples"
        )
    whole = measure_wide(
        source,
        target,
        leading=leading,
        frobenius=frobenius,
        missing=missing,
        progress=share_of(progress, 0.0, 0.5),
    )
    order = np.argsort(np.random.default_rng(rng).permutation(source.n_rows))
    smaller = [int(size) for size in wanted if size < source.n_rows]
    found, step = [], 0.5 / max(len(smaller), 1)
    for number, size in enumerate(smaller):
        absent = np.ones(source.n_rows, dtype=bool)
        absent[order[:size]] = False
        part = measure_wide(
            without(source, absent),
            target,
            leading=leading,
            frobenius=frobenius,
            missing="drop",
            at_most=size,
            progress=share_of(progress, 0.5 + number * step, 0.5 + (number + 1) * step),
        )
        found.append(replace(part, n_dropped=0, n_read=part.n_samples))
    return (*found, whole)


def _nested(
    folds: Sequence[Any], name: str, n_dropped: int, notes: tuple[str, ...]
) -> tuple[MeasuredSpectrum, ...]:
    spectra, total = [], folds[0]
    for i, part in enumerate(folds):
        total = part if i == 0 else total + part
        if i == len(folds) - 1 and part.n_samples == 0:
            break
        last = i == len(folds) - 1
        spectra.append(from_moments(total, name, n_dropped=n_dropped if last else 0, notes=notes))
    return tuple(spectra)


def measure_all(
    data: Any,
    target: Any = None,
    sizes: Sequence[int] = (),
    *,
    target_kind: Kind = "auto",
    columns: Sequence[str] | None = None,
    features: "FeatureMap | str | Callable[[Any], Any] | None" = None,
    patches: int | None = None,
    grey: bool = False,
    leading: int | None = None,
    frobenius: Frobenius = "auto",
    missing: Gaps = "refuse",
    prepare: Asked = "auto",
    center: bool = True,
    rng: int = 0,
    checkpoint: str | Path | None = None,
    scheduler: Any = None,
    progress: Progress | None = None,
) -> tuple[MeasuredSpectrum, ...]:
    """Measure data as `measure` does, with the subsets of `sizes` before the whole."""
    if not sizes:
        return (
            measure(
                data,
                target,
                target_kind=target_kind,
                columns=columns,
                patches=patches,
                grey=grey,
                features=features,
                leading=leading,
                frobenius=frobenius,
                missing=missing,
                prepare=prepare,
                center=center,
                rng=rng,
                checkpoint=checkpoint,
                scheduler=scheduler,
                progress=progress,
            ),
        )
    if not center:
        raise InputError("subsets are centred; leave out the sizes to keep the mean (--samples)")
    if scheduler is not None:
        raise InputError("subsets are drawn in one process; leave out the scheduler or the sizes")
    given = (data, target, columns, prepare, target_kind)
    data, target, columns, made = prepared_source(*given, gaps=missing)
    missing = left(missing)
    target, columns = settle(data, target, columns)
    source = open_source(data, columns, patches=patches, grey=grey)
    if features is not None:
        source = featured(source, features, rng)
    source, wanted = with_target(source, target, target_kind, missing)
    if source.n_columns > limits.MAX_INPUTS:
        if checkpoint is not None:
            raise InputError(
                f"{source.name} has {source.n_columns:,} inputs; beyond {limits.MAX_INPUTS:,} "
                "subsets have no checkpoint: leave out one of the two"
            )
        many: dict[str, Any] = {"leading": leading, "frobenius": frobenius, "missing": missing}
        found = measure_wide_subsets(source, sizes, wanted, **many, rng=rng, progress=progress)
        return _prepared(found, made)
    options: dict[str, Any] = {
        "columns": columns,
        "features": features,
        "missing": missing,
        "seed": rng,
    }
    options["subsets"] = [*sizes]
    saved = None if checkpoint is None else Checkpoint.of(checkpoint, source, wanted, options)
    spectra = measure_subsets(
        source, sizes, wanted, missing=missing, rng=rng, checkpoint=saved, progress=progress
    )
    if saved is not None:
        saved.remove()
    return _prepared(spectra, made)


def _prepared(
    spectra: tuple[MeasuredSpectrum, ...], made: Preparation | None
) -> tuple[MeasuredSpectrum, ...]:
    return tuple(replace(spectrum, prepared=made) for spectrum in spectra)
