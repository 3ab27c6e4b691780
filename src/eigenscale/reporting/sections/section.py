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

    @property
    def is_bare(self) -> bool:
        """Whether one sentence is all there is: why there is no more."""
        return len(self.paragraphs) == 1 and not (self.tables or self.figures or self.notes)


def figures_of(sections: Sequence[Section]) -> list[Figure]:
    """Collect the figures of all sections, in order."""
    return [figure for section in sections for figure in section.figures]


def gather_empty(sections: Sequence[Section]) -> list[Section]:
    """Gather sections that only say why there is nothing to show into one list at the end."""
    first, *others = sections
    left_out = tuple(f"{one.title}: {one.paragraphs[0]}" for one in others if one.is_bare)
    shown = [first, *(one for one in others if not one.is_bare)]
    if left_out:
        shown.append(Section("left-out", "What this page leaves out", notes=left_out))
    return shown
