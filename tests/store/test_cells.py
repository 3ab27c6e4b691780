"""The store: what is put is found, by inputs, kind and version; files of others are refused."""

import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.store.cells import Store, digest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "work.sqlite"


def test_what_is_put_is_found_after_the_file_is_opened_again(path):
    with Store(path, "draw", 1) as store:
        store.put({"n": 10, "rows": np.arange(4.0)}, {"loss": 0.1}, seconds=2.5)
    with Store(path, "draw", 1) as store:
        found = store.get({"rows": np.arange(4.0), "n": 10})
        assert found.value == {"loss": 0.1}
        assert found.seconds == 2.5
        assert found.inputs["n"] == 10
        assert [cell.value for cell in store.cells()] == [{"loss": 0.1}]


@pytest.mark.parametrize("other", [{"kind": "curve"}, {"version": 2}])
def test_other_kinds_and_versions_do_not_meet(path, other):
    with Store(path, "draw", 1) as store:
        store.put({"n": 1}, 1.0)
    with Store(path, **{"kind": "draw", "version": 1, **other}) as store:
        assert store.get({"n": 1}) is None
        assert len(store) == 0


@pytest.mark.parametrize("changed", [{"n": 2}, {"n": 1, "seed": 0}, {"n": 1.5}, {"m": 1}])
def test_other_inputs_are_other_cells(path, changed):
    with Store(path, "draw", 1) as store:
        store.put({"n": 1}, 1.0)
        assert store.get(changed) is None


def test_the_last_value_of_the_same_inputs_stays(path):
    with Store(path, "draw", 1) as store:
        store.put({"n": 1}, 1.0)
        store.put({"n": 1}, 2.0)
        assert store.get({"n": 1}).value == 2.0
        assert len(store) == 1


@given(st.floats(allow_nan=False), st.integers(-(2**60), 2**60))
@settings(max_examples=25, deadline=None)
def test_numbers_survive_to_the_last_bit(tmp_path_factory, number, whole):
    with Store(tmp_path_factory.mktemp("cells") / "s.sqlite", "n", 1) as store:
        store.put({"x": number}, [number, whole])
        assert store.get({"x": number}).value == [number, whole]


def test_arrays_of_a_value_come_back_as_lists(path):
    with Store(path, "draw", 1) as store:
        store.put({"n": 1}, {"losses": np.array([0.1, np.inf])})
        assert store.get({"n": 1}).value == {"losses": [0.1, np.inf]}


def test_digests_tell_type_shape_and_values_apart():
    base = np.arange(6.0)
    others = [base.reshape(2, 3), base.astype(np.float32), base + 1e-12]
    assert len({digest(base), *map(digest, others)}) == 4
    assert digest(base) == digest(base[::1].copy())
    assert digest(np.array(["a", "b"], dtype=object)) == digest(np.array(["a", "b"]))


def test_several_processes_write_into_one_file(path):
    code = (
        "import sys; from eigenscale.store.cells import Store\n"
        "with Store(sys.argv[1], 'draw', 1) as s:\n"
        "    for i in range(30): s.put({'n': i, 'who': sys.argv[2]}, i)"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path), w]) for w in "ab"]
    assert [process.wait() for process in running] == [0, 0]
    with Store(path, "draw", 1) as store:
        assert len(store) == 60


def test_a_file_of_another_kind_is_refused(path):
    path.write_text("n,loss\n1,2\n" * 100)
    with pytest.raises(InputError, match="cannot be used as a store"):
        Store(path, "draw", 1)


def test_a_database_of_another_program_is_left_alone(path):
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="another program"):
        Store(path, "draw", 1)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a folder"):
        Store(tmp_path / "absent" / "s.sqlite", "draw", 1)


def test_what_has_no_plain_form_is_refused(path):
    with Store(path, "draw", 1) as store, pytest.raises(InputError, match="object cannot be kept"):
        store.put({"n": object()}, 1.0)
