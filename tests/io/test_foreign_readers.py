"""Readers of other packages, found by the entry point `eigenscale.readers`."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.io.data.opening import open_source
from eigenscale.io.look import look
from eigenscale.io.tables import whole


class Entry:
    """What an installed package declares."""

    name = "odd"

    def load(self):
        return lambda path: {
            "params": [1e7, 2e7, 4e7],
            "tokens": [1e9, 1e9, 1e9],
            "loss": [float(word) for word in path.read_text().split("~")],
        }


@pytest.fixture
def odd(tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "entry_points", lambda group: [Entry()] * (group[-7:] == "readers"))
    path = tmp_path / "runs.odd"
    path.write_text("3.5~3.4~3.3")
    return path


def test_runs_and_data_are_read_through_it(odd):
    runs = es.read_runs(odd)
    assert runs.loss.tolist() == [3.5, 3.4, 3.3]
    np.testing.assert_allclose(next(open_source(odd).blocks(3))[:, 2], [3.5, 3.4, 3.3])
    assert (look(odd).format, look(odd).kind) == ("odd", "runs")


def test_an_offline_run_says_how_to_get_at_it(tmp_path):
    path = tmp_path / "run-1.wandb"
    path.write_bytes(b":W&B\xe1\xbe\0" + bytes(40))
    with pytest.raises(es.InputError, match="wandb sync"):
        es.read_runs(path)


def test_what_it_cannot_read_is_one_line(odd):
    odd.write_text("no numbers")
    with pytest.raises(es.InputError, match="cannot be read as odd"):
        es.read_runs(odd)
