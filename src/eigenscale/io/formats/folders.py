"""What a folder holds: pictures or text, whichever are more."""

from collections import Counter
from pathlib import Path

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
TEXTS = (".txt", ".md", ".rst", ".py", ".tex", ".text")


def kind_of(folder: Path) -> tuple[str, tuple[str, ...]]:
    """Give "pictures", "text" or "" for a folder, and a note of files that are left out."""
    endings = Counter(p.suffix.lower() for p in folder.rglob("*") if p.is_file())
    pictures = sum(endings[ending] for ending in PICTURES)
    texts = sum(endings[ending] for ending in TEXTS)
    if not pictures + texts:
        return "", ()
    kind, fewer, other = ("pictures", texts, "text files")
    if texts > pictures:
        kind, fewer, other = ("text", pictures, "pictures")
    note = f"{fewer} {other} are left out of a folder that holds more {kind}"
    return kind, (note,) if fewer else ()
