"""Zip archives: none of their members lost in silence."""

import struct
import zipfile
from pathlib import Path

from eigenscale.io.formats.failures import broken_file

_END = struct.Struct("<4s4H2IH")  # the record that ends an archive and counts its members
_LONGEST_COMMENT = 1 << 16
_MANY = 0xFFFF  # in place of a count that does not fit


def members(path: Path) -> list[str]:
    """Names of all members, each the same in the list at the end and beside the data.

    zipfile checks a member's names and sum when it is read, but does not miss one that the list
    at the end has lost or renamed.

    Raises
    ------
    InputError
        Where the file is not a whole zip archive.
    """
    with broken_file(path.name, "zip archive", "pack it again"), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        promised = _count(path)
        if promised not in (len(entries), _MANY):
            raise ValueError(f"it lists {len(entries)} members where it says {promised}")
        for entry in entries:
            archive.open(entry).close()
        return [entry.filename for entry in entries]


def _count(path: Path) -> int:
    """How many members the last record says there are."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END.size - _LONGEST_COMMENT))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    return int(_END.unpack_from(end, at)[4])
