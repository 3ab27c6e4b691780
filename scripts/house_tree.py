"""Write the tree of files into docs/house.md, a line for each from its docstring: `make readme`.

With ``--check`` nothing is written: the exit code says whether the tree there is the tree here.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "eigenscale"
START, END = "<!-- tree -->\n", "<!-- end of tree -->\n"


def first_line(path: Path) -> str:
    """Read what a module says of itself, one line."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return doc.split("\n")[0].removesuffix(".")


def rows(folder: Path, depth: int) -> list[tuple[str, str]]:
    """Name and line of every module below `folder`, packages before modules."""
    found = []
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_file(), path.name)):
        indent = "  " * depth
        if (path / "__init__.py").exists():
            found.append((f"{indent}{path.name}/", first_line(path / "__init__.py")))
            found += rows(path, depth + 1)
        elif path.suffix == ".py" and not path.name.startswith("__"):
            found.append((f"{indent}{path.name}", first_line(path)))
    return found


def tree() -> str:
    """Return the tree as a block of Markdown."""
    lines = [("src/eigenscale/", first_line(SOURCE / "__init__.py")), *rows(SOURCE, 1)]
    width = max(len(name) for name, _ in lines)
    return "```\n" + "".join(f"{name:<{width}}  {line}\n" for name, line in lines) + "```\n"


def main() -> None:
    """Put the tree between its marks, or compare it with what is there."""
    page = ROOT / "docs" / "house.md"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(START)
    there, after = rest.split(END)
    if "--check" in sys.argv:
        sys.exit("docs/house.md has another tree than src: make readme" if there != tree() else 0)
    page.write_text(before + START + tree() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
