"""What a file is: by its ending, and where that says nothing, by its first bytes."""

from pathlib import Path

from eigenscale.io.files.opening import plain_name

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", ".parquet"),
    (b"ARROW1", ".arrow"),
    (b"\xff\xff\xff\xff", ".arrows"),
    (b"\x93NUMPY", ".npy"),
    (b"SQLite format 3\x00", ".sqlite"),
    (b"\x89HDF\r\n\x1a\n", ".h5"),
    (b"MATLAB 5.0 MAT-file", ".mat"),
    (b"MATLAB 7.3 MAT-file", ".mat"),
    (b"%%MatrixMarket", ".mtx"),
    (b"PK\x03\x04", ".zip"),
)
_TABLE_TEXT = {".dat", ".data", ".asc", ".tbl", ".tab", ".markdown", ".prn"}


def ending(path: Path, known: frozenset[str] = frozenset()) -> str:
    """Give the ending that tells the format, lower case; by content where the name has none.

    An ending among `known` is believed; any other is looked behind.

    Examples
    --------
    >>> ending(Path("runs.CSV.gz"), frozenset({".csv"}))
    '.csv'
    """
    suffix = Path(plain_name(path)).suffix.lower()
    if suffix in known or not path.is_file():
        return suffix
    if suffix in _TABLE_TEXT:
        return ".csv"
    with path.open("rb") as file:
        start = file.read(512)
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    if suffix:
        return suffix
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"["):
        return ".json"
    return ".csv" if text and b"\0" not in start else suffix
