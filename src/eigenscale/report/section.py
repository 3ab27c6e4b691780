"""What a section of the report is: words, tables and figures, without their looks."""

from collections.abc import Sequence
from dataclasses import dataclass

from eigenscale.figures.spec import Figure


@dataclass(frozen=True)
class Table:
    """Rows of words under a heading each; `caption` says what they are."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """One section of the page, in the order: paragraphs, tables, figures, notes.

    Attributes
    ----------
    name : str
        Anchor: lower case and dashes.
    title : str
        Heading.
    paragraphs : tuple of str
        Plain text; the template escapes it.
    notes : tuple of str
        Shown as a list.
    """

    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()


def figures_of(sections: Sequence[Section]) -> list[Figure]:
    """Collect the figures of all sections, in order."""
    return [figure for section in sections for figure in section.figures]
