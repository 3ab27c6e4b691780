"""Reading sparse matrices: rows become dense a block at a time. Files as SciPy saves them."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Array
from eigenscale.io.formats.archives import members
from eigenscale.io.formats.failures import broken_file
from eigenscale.io.formats.source import Source, check_dtype, check_shape, seekable

_MEMBERS = {"format.npy", "shape.npy", "data.npy"}


def is_sparse(data: Any) -> bool:
    """Whether `data` is a SciPy sparse matrix or array."""
    return hasattr(data, "tocsr") and hasattr(data, "nnz")


def is_sparse_archive(path: Path) -> bool:
    """Whether `path` was written by `scipy.sparse.save_npz`."""
    with broken_file(path.name, "archive", "write it again"):
        return set(members(path)) >= _MEMBERS


def sparse_source(matrix: Any, name: str = "sparse matrix") -> Source:
    """Wrap a SciPy sparse matrix; what is not stored is zero."""
    check_dtype(matrix.dtype, name)
    check_shape(matrix.shape, name)
    rows = matrix.tocsr()

    def read(size: int, first: int) -> Iterator[Array]:
        for start in range(first, rows.shape[0], size):
            yield rows[start : start + size].toarray()

    share = rows.nnz / (rows.shape[0] * rows.shape[1])
    note = f"sparse: {100 * share:.2g} % of the values are stored, the others are zero"
    source = seekable(name, rows.shape[1], read, rows.shape[0], (note,), direct=False)

    def fingerprint() -> dict[str, str]:
        digest = hashlib.blake2b(digest_size=16)
        for part in (rows.indptr, rows.indices, rows.data):
            digest.update(np.ascontiguousarray(part).data)
        return {"shape": str(rows.shape), "content": digest.hexdigest()}

    return replace(source, fingerprint=fingerprint)


def sparse_archive(path: Path) -> Source:
    """Open a sparse matrix that `scipy.sparse.save_npz` wrote; it is held in memory."""
    from scipy import sparse

    with broken_file(path.name, "sparse matrix", "write it again with scipy.sparse.save_npz"):
        loaded: Any = sparse.load_npz(path)
        matrix = loaded.tocsr()
        matrix.check_format(full_check=True)
    return sparse_source(matrix, path.name)
