"""What the pages in docs/ name exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def found(pattern):
    return [
        pytest.param(name, id=f"{page.name}: {name}")
        for page in PAGES
        for name in sorted(set(re.findall(pattern, page.read_text(encoding="utf-8"))))
    ]


@pytest.mark.parametrize("name", found(r"`(eigenscale(?:\.\w+)+)`"))
def test_names_in_the_docs_can_be_imported(name):
    parts, thing = name.split("."), None
    for cut in range(len(parts), 0, -1):
        try:
            thing = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        break
    for part in parts[cut:]:
        thing = getattr(thing, part)
    assert thing is not None


@pytest.mark.parametrize("path", found(r"`((?:tests|benchmarks|scripts|src)/[\w/.]+\.py)`"))
def test_files_in_the_docs_are_there(path):
    assert (ROOT / path).is_file()
