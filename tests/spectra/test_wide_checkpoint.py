"""Passes over wide data that are stopped and taken up again, to the last bit."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.formats.source import from_array
from eigenscale.spectra.measure import measure
from eigenscale.spectra.moments import collect
from eigenscale.spectra.moments.checkpoint import Checkpoint
from eigenscale.spectra.wide import rereading
from eigenscale.spectra.wide.search import Course


class StoppedError(Exception):
    """The process dies here."""


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """A low limit, small blocks, and a checkpoint after every one."""
    monkeypatch.setattr(collect, "MAX_INPUTS", 60)
    monkeypatch.setattr(rereading, "_ELEMENTS", 1)
    monkeypatch.setattr(Checkpoint, "due", lambda _: True)


def rows(n_rows=900):
    rng = np.random.default_rng(0)
    return rng.standard_normal((n_rows, 80)) * np.arange(1.0, 81) ** -0.7 + 2.0


def stop_after(monkeypatch, blocks):
    """Let the process die once so many blocks have been read and saved."""
    seen, show = [], Course.show

    def count(self, share):
        seen.append(share)
        if len(seen) > blocks:
            raise StoppedError
        show(self, share)

    monkeypatch.setattr(Course, "show", count)
    return lambda: monkeypatch.setattr(Course, "show", show)


@pytest.mark.parametrize("blocks", [0, 2, 3, 4, 6, 9, 13])
def test_a_stopped_search_goes_on_with_the_same_bits(blocks, tmp_path, monkeypatch):
    x, y = rows(), rows()[:, :1] ** 2
    x[[5, 700], 3] = np.nan
    options = {"leading": 6, "missing": "drop"}
    once = measure(x, y, **options)
    path, go_on = tmp_path / "sums.npz", stop_after(monkeypatch, blocks)
    with pytest.raises(StoppedError):
        measure(x, y, checkpoint=path, **options)
    go_on()
    assert path.exists()
    read = []
    again = measure(x, y, checkpoint=path, progress=lambda *a: read.append(a), **options)
    assert not path.exists()
    for name in ("eigenvalues", "target_power", "errors", "mean"):
        assert np.array_equal(getattr(again, name), getattr(once, name)), name
    assert again.tail == once.tail
    assert again.notes == once.notes
    assert again.n_dropped == 2


def test_other_options_are_refused(tmp_path, monkeypatch):
    path, go_on = tmp_path / "sums.npz", stop_after(monkeypatch, 5)
    with pytest.raises(StoppedError):
        measure(rows(), leading=6, checkpoint=path)
    go_on()
    with pytest.raises(InputError, match="was begun with leading 6 where it is now 7"):
        measure(rows(), leading=7, checkpoint=path)


def test_data_that_is_refused_leaves_no_file(tmp_path):
    path, bad = tmp_path / "sums.npz", rows()
    bad[3, 3] = np.nan
    with pytest.raises(InputError, match="1 values that are NaN"):
        measure(bad, checkpoint=path)
    assert not path.exists()


def test_few_rows_are_taken_up_after_the_first_pass(tmp_path, monkeypatch):
    few = rows(50)
    path, go_on = tmp_path / "sums.npz", stop_after(monkeypatch, 1)
    with pytest.raises(StoppedError):
        measure(few, checkpoint=path)
    go_on()
    assert np.array_equal(measure(few, checkpoint=path).eigenvalues, measure(few).eigenvalues)


def test_the_bar_never_goes_back():
    shown = []
    measure(rows(), leading=6, progress=lambda done, total: shown.append(done / total))
    assert shown == sorted(shown)
    assert 0 < shown[0] < shown[-1] == 1.0


def test_a_source_in_memory_is_the_same_as_from_array():
    from eigenscale.spectra.wide.wide import measure_wide

    found = measure_wide(from_array(rows()), leading=6)
    assert np.array_equal(found.eigenvalues, measure(rows(), leading=6).eigenvalues)
