import pytest

from eigenscale.errors import InputError
from eigenscale.figures.render.saving import save


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "html"])
def test_every_format_is_written_whole_and_twice_the_same(every_layer, tmp_path, ending):
    first, second = (save(every_layer, tmp_path / f"{n}.{ending}") for n in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["figure.gif", "figure", "absent/figure.png"])
def test_a_place_that_cannot_be_is_said(every_layer, tmp_path, name):
    with pytest.raises(InputError, match=r"use \.png|make it"):
        save(every_layer, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failure_leaves_nothing(every_layer, tmp_path, monkeypatch):
    monkeypatch.setattr("eigenscale.figures.render.page.to_html", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(every_layer, tmp_path / "figure.html")
    assert not list(tmp_path.iterdir())


def test_a_failure_keeps_the_file_that_was_there(every_layer, tmp_path, monkeypatch):
    (tmp_path / "figure.html").write_text("before")
    monkeypatch.setattr("eigenscale.figures.render.page.to_html", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(every_layer, tmp_path / "figure.html")
    assert (tmp_path / "figure.html").read_text() == "before"
