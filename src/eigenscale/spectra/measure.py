"""`measure`: from data to its spectrum in one call."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.data.columns import settle
from eigenscale.io.data.lazy import is_lazy
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import Kind, Target, as_target
from eigenscale.io.formats.source import Source, without
from eigenscale.io.preparation.preparation import Asked
from eigenscale.io.preparation.tables import Gaps, prepared_source
from eigenscale.progress import Progress
from eigenscale.spectra.features import FeatureMap, featured
from eigenscale.spectra.measured import MeasuredSpectrum, from_moments
from eigenscale.spectra.moments import collect as limits
from eigenscale.spectra.moments.checkpoint import Checkpoint, seed_text
from eigenscale.spectra.moments.collect import Collected, Missing, collect
from eigenscale.spectra.moments.distributed import collect_parts
from eigenscale.spectra.moments.moments import about_zero
from eigenscale.spectra.wide.wide import Frobenius, measure_wide


def measure(
    data: Any,
    target: Any = None,
    *,
    target_kind: Kind = "auto",
    columns: Sequence[str] | None = None,
    patches: int | None = None,
    grey: bool = False,
    features: "FeatureMap | str | Callable[[Any], Any] | None" = None,
    leading: int | None = None,
    frobenius: Frobenius = "auto",
    missing: Gaps = "refuse",
    prepare: Asked = "auto",
    center: bool = True,
    rng: "int | np.random.Generator" = 0,
    checkpoint: str | Path | None = None,
    scheduler: Any = None,
    progress: Progress | None = None,
) -> MeasuredSpectrum:
    """Measure the covariance spectrum of data, and the target's power in it, in one pass.

    Parameters
    ----------
    data : path, array, sparse matrix, dataframe, iterator of arrays, Dask array or dataframe
        Rows are samples. Read by blocks, so that what is in memory does not grow with the rows:
        `.npy`, `.npz` (``file.npz:member``), CSV, Parquet, Arrow, Feather, JSON lines, IDX, HDF5,
        zarr, safetensors, text, folders and zip archives of pictures. Arrays of more than two
        dimensions (images) become one row each.
    target : path, array, column of labels or name, optional
        One row for each row of data; or the name of a column of a table or dataframe, which is
        then no input (``"table.csv:label"`` names a column of any table). Whole numbers and text
        in one column are classes, which become one column of zeros and ones each; `target_kind`
        overrules that.
    columns : sequence of str, optional
        Columns of a table to use.
    patches : int, optional
        Cut images into squares of this side, a row each.
    grey : bool
        Read pictures in grey instead of colour.
    features : str, FeatureMap or function, optional
        Random features of the inputs instead of the inputs, as ``"relu:4096"`` or
        ``"relu:4096:2"`` for two layers; see `eigenscale.spectra.features.FeatureMap`. A function
        of rows, shapes (n, n_inputs) → (n, width), is a map of your own.
    leading : int, optional
        With more than 16,384 inputs and as many rows: how many leading eigenvalues to find, by
        default 1,024 or as many as fit in 4 GB. The others are the spectrum's `tail`.
    frobenius : {"auto", "exact", "estimate"}
        Whether the sum of squares of all eigenvalues is then summed exactly, which costs n p
        min(n, p) operations for n rows of p inputs, or estimated with its standard error; by
        default exactly where that costs at most twice what the rest does.
    missing : {"refuse", "drop", "fill"}
        What to do with rows that hold NaN or infinity; "fill" puts the median in their place in a
        table with named columns, beside a column that marks it.
    prepare : {"auto", "none", "standard", "robust"}
        What is done to the columns of a table with names, see `Preparation`: by default numbers
        are scaled where they have different units, and what is no input is left out.
    center : bool
        Whether the mean is taken off; without, eigenvalues are those of XᵀX/n. Up to 16,384 inputs.
    rng : int or Generator
        Seed of the random features.
    checkpoint : path, optional
        File in which the sums are saved every ten seconds (less often where saving takes long)
        and on Ctrl-C. The same call goes on from what it holds, with the same result to the last
        bit; other data or options are refused. It is removed once the spectrum is there.
    scheduler : str or distributed.Client, optional
        Sum parts of the rows on Dask and add them as a tree: ``"threads"``, ``"processes"``,
        ``"local:4"`` (four processes here), or an address as ``"tcp://host:8786"`` whose
        workers see the same files. A Dask array is summed so even without it.
    progress : callable, optional
        Called with (rows read, rows in all).

    Returns
    -------
    MeasuredSpectrum
        Eigenvalues of the sample covariance (divided by n − 1), descending.

    Raises
    ------
    InputError
        Where the data cannot be read, is not of finite numbers, or has no column that varies.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(1000, 3)) * [3.0, 2.0, 1.0]
    >>> measure(rows).eigenvalues.round(1)
    array([8.8, 3.7, 1. ])
    """
    given, made = (data, target, columns, prepare, target_kind), None
    if scheduler is None:
        data, target, columns, made = prepared_source(*given, gaps=missing)
    missing = left(missing)
    target, columns = settle(data, target, columns)
    source = open_source(data, columns, patches=patches, grey=grey)
    options: dict[str, Any] = {
        "columns": columns,
        "features": features,
        "missing": missing,
        "seed": seed_text(rng),
    }
    if features is not None:
        source = featured(source, features, rng)
    source, wanted = with_target(source, target, target_kind, missing)
    if source.n_columns > limits.MAX_INPUTS:
        options |= {"leading": leading, "frobenius": frobenius}
    saved = None if checkpoint is None else Checkpoint.of(checkpoint, source, wanted, options)
    if source.n_columns > limits.MAX_INPUTS:
        if not center:
            raise InputError(
                f"{source.name} has {source.n_columns:,} inputs; beyond {limits.MAX_INPUTS:,} the "
                "mean is always taken off: choose columns, or leave center as it is"
            )
        many = {"leading": leading, "frobenius": frobenius, "missing": missing}
        return replace(_wide(source, wanted, saved, scheduler, many, progress), prepared=made)
    if scheduler is not None or (saved is None and is_lazy(data)):
        got = _on_dask(source, wanted, missing, saved, scheduler, progress)
    else:
        got = collect(source, wanted, missing=missing, checkpoint=saved, progress=progress)
    spectrum = from_moments(
        got.moments if center else about_zero(got.moments),
        source.name,
        n_read=got.n_read,
        n_dropped=got.n_dropped,
        notes=source.notes,
    )
    if saved is not None:
        saved.remove()
    return replace(spectrum, prepared=made)


def _wide(
    source: Source,
    target: Target | None,
    saved: Checkpoint | None,
    scheduler: Any,
    options: dict[str, Any],
    progress: Progress | None,
) -> MeasuredSpectrum:
    """Measure more inputs than moments are kept for."""
    if scheduler is not None:
        raise InputError(
            f"{source.name} has {source.n_columns:,} inputs; beyond {limits.MAX_INPUTS:,} passes "
            "run in one process: leave the scheduler out"
        )
    found = measure_wide(source, target, checkpoint=saved, progress=progress, **options)
    if saved is not None:
        saved.remove()
    return found


def left(missing: Gaps) -> Missing:
    """Say what is to be done with gaps once a table is prepared, which fills them if asked."""
    return "drop" if missing != "refuse" else "refuse"


def with_target(
    source: Source, target: Any, kind: Kind, missing: Missing
) -> tuple[Source, Target | None]:
    """Read the target; rows of the source that have none are made to be dropped, and a note."""
    if target is None:
        return source, None
    wanted = as_target(target, kind, missing)
    if wanted.absent is None:
        return source, wanted
    wanted.check_length(source.n_rows or len(wanted), source.name)
    note = f"{int(wanted.absent.sum())} rows have no target and are left out"
    return replace(without(source, wanted.absent), notes=(*source.notes, note)), wanted


def _on_dask(
    source: Source,
    target: Target | None,
    missing: Missing,
    saved: Checkpoint | None,
    scheduler: Any,
    progress: Progress | None,
) -> Collected:
    if saved is not None:
        raise InputError(
            "checkpoint and scheduler do not go together: Dask itself computes again what a lost "
            "worker held; leave one of them out"
        )
    return collect_parts(source, target, missing=missing, scheduler=scheduler, progress=progress)
