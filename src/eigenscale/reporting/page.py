"""From sections to files: a self-contained page, and each figure as PNG and SVG beside it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from eigenscale._version import __version__
from eigenscale.figures.render import page, paper
from eigenscale.figures.spec import Figure
from eigenscale.progress import Progress
from eigenscale.reporting.sections.section import Section, figures_of

TEMPLATES = Path(__file__).parent / "templates"
ENDINGS = ("png", "svg")


def render(sections: Sequence[Section], title: str, sources: str) -> str:
    """Return the page; every word of a section is escaped."""
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    def drawn(figure: Figure) -> Markup:
        return Markup(page.to_div(figure))  # noqa: S704  to_div escapes

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["drawn"] = drawn
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8") + page.STYLE
    return environment.get_template("page.html.j2").render(
        sections=sections,
        title=title,
        sources=sources,
        version=__version__,
        endings=ENDINGS,
        style=Markup(style),  # noqa: S704  our own file
        plotly_script=Markup(page.plotly_script()),  # noqa: S704  plotly's own file
        draw_script=Markup(page.DRAW_SCRIPT),  # noqa: S704  our own
    )


def write(
    folder: Path,
    sections: Sequence[Section],
    title: str,
    sources: str,
    progress: Progress | None = None,
) -> None:
    """Write the page and its figures into `folder`."""
    page = render(sections, title, sources)
    (folder / "index.html").write_text(page, encoding="utf-8")
    files = list(_figure_files(figures_of(sections)))
    for done, (figure, name) in enumerate(files, start=1):
        paper.save(figure, folder / name)
        if progress is not None:
            progress(done, len(files))


def _figure_files(figures: Sequence[Figure]) -> Iterator[tuple[Figure, str]]:
    for figure in figures:
        for ending in ENDINGS:
            yield figure, f"{figure.name}.{ending}"
