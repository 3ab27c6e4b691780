"""The page of formats says what is true: every writer against every reader, values compared."""

import importlib.util
from pathlib import Path

import pytest

import eigenscale

ROOT = Path(eigenscale.__file__).parents[2]
SCRIPT = ROOT / "scripts" / "format_matrix.py"


@pytest.mark.filterwarnings("ignore")
def test_the_page_of_formats_is_current_and_nothing_is_read_wrongly():
    if not SCRIPT.exists():
        pytest.skip("scripts are not in this copy")
    spec = importlib.util.spec_from_file_location("format_matrix", SCRIPT)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    text = made.text()
    assert "WRONG" not in text
    assert (ROOT / "docs" / "formats.md").read_text("utf-8") == text
