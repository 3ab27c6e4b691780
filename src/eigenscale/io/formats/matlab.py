"""MATLAB files: version 5 through SciPy, 7.3 through h5py; Matrix Market as well."""

from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.formats.failures import broken_file, needs
from eigenscale.io.formats.source import Source, from_array
from eigenscale.io.formats.sparse import is_sparse, sparse_source


def is_hdf5(path: Path) -> bool:
    """Whether a file is HDF5, by its first bytes, which MATLAB 7.3 puts behind its own header."""
    with path.open("rb") as file:
        start = file.read(1024)
    return b"\x89HDF\r\n\x1a\n" in start


def read_named(path: Path, member: str | None = None) -> dict[str, Any]:
    """Read the numeric variables of a `.mat` file, rows as MATLAB has them.

    Raises
    ------
    InputError
        Where the file is broken, or has no such variable.
    """
    named = _read_73(path) if is_hdf5(path) else _read_5(path)
    if member is not None:
        if member not in named:
            raise InputError(f"{path.name} has no variable {member!r}; it has {', '.join(named)}")
        return {member: named[member]}
    return named


def _read_5(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat

    with broken_file(path.name, "MATLAB file", "save it again"):
        found = loadmat(path, squeeze_me=False, struct_as_record=True)
        named: dict[str, Any] = {}
        for name, value in found.items():
            if name.startswith("__"):
                continue
            if is_sparse(value) or value.dtype.kind in "fiub":
                named[name] = value
            elif value.dtype.names and value.size == 1:
                fields = {n: np.asarray(value[n].item()) for n in value.dtype.names}
                named |= {n: v for n, v in fields.items() if v.dtype.kind in "fiubU"}
    return named


def _read_73(path: Path) -> dict[str, Any]:
    try:
        import h5py
    except ImportError:
        raise needs("h5py", path.name) from None
    named: dict[str, Any] = {}
    with broken_file(path.name, "MATLAB file", "save it again"), h5py.File(path) as file:

        def keep(name: str, node: Any) -> None:
            if isinstance(node, h5py.Dataset) and node.dtype.kind in "fiub":
                named[name] = np.asarray(node).T

        file.visititems(keep)
    return named


def matlab_source(path: Path, member: str | None = None) -> Source:
    """Open the one matrix of a `.mat` file, or the one named as ``file.mat:X``."""
    named = read_named(path, member)
    wide = {k: v for k, v in named.items() if v.ndim >= 2 and min(v.shape[:2]) > 1}
    chosen = wide if len(wide) == 1 or len(named) > 1 else named
    if len(chosen) != 1:
        names = ", ".join(named) or "(none)"
        raise InputError(
            f"{path.name} has variables {names}; say which is the data, as "
            f"{path.name}:{next(iter(chosen or named), 'X')}"
        )
    value = next(iter(chosen.values()))
    if is_sparse(value):
        return sparse_source(value, path.name)
    return from_array(np.ascontiguousarray(value), path.name)


def market_source(path: Path) -> Source:
    """Open a Matrix Market file, dense or sparse."""
    from scipy.io import mmread

    with broken_file(path.name, "Matrix Market file", "write it again with scipy.io.mmwrite"):
        matrix: Any = mmread(path)
    if is_sparse(matrix):
        return sparse_source(matrix, path.name)
    return from_array(np.asarray(matrix), path.name)
