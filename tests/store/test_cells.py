"""The store: what is put is found, by inputs, kind and version; files of others are refused."""

import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.store.cells import Cell, Store, digest
from eigenscale.store.table import read_store


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


def test_several_cells_are_kept_together_or_not_at_all(path):
    with Store(path, "draw", 1) as store:
        store.put_many([Cell({"n": n}, float(n)) for n in range(5)])
        found = store.get_many([{"n": 3}, {"n": 9}, {"n": 0}])
        assert [None if cell is None else cell.value for cell in found] == [3.0, None, 0.0]
        store._connection.execute(
            "CREATE TRIGGER stop BEFORE INSERT ON cells WHEN NEW.value = '7' "
            "BEGIN SELECT RAISE(ABORT, 'stopped'); END"
        )
        with pytest.raises(InputError, match="stopped"):
            store.put_many([Cell({"n": n}, n) for n in (6, 7)])
        assert store.get({"n": 6}) is None
        store.put({"n": 8}, 8)
        assert len(store) == 6


def test_a_full_disk_is_one_line_and_keeps_what_is_there(path):
    with Store(path, "draw", 1) as store:
        store.put({"n": 1}, 1.0)
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(InputError, match="disk is full; the cells that are in it stay"):
            store.put({"n": 2}, list(range(10_000)))
        assert store.get({"n": 1}).value == 1.0


def test_damaged_files_are_one_line(path):
    with Store(path, "draw", 1) as store:
        store.put_many([Cell({"n": n}, [0.5] * 100) for n in range(200)])
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"x" * (len(whole) - 4096))
    with (
        pytest.raises(InputError, match=r"work\.sqlite cannot be"),
        Store(path, "draw", 1) as store,
    ):
        store.get_many([{"n": n} for n in range(200)])
    path.write_bytes(whole[: len(whole) // 2])
    with (
        pytest.raises(InputError, match=r"work\.sqlite cannot be"),
        Store(path, "draw", 1) as store,
    ):
        store.get_many([{"n": n} for n in range(200)])


def test_a_store_is_a_table_for_any_dataframe_library(path, tmp_path):
    with Store(path, "draw", 1) as store:
        store.put({"n": 1}, {"loss": 0.5, "losses": [0.4, 0.6]}, seconds=1.0)
    with Store(path, "other", "2b") as store:
        store.put({"rows": 3}, 7.0)
    table = read_store(path)
    rows = {row["kind"]: row for row in table.rows()}
    assert rows["draw"] == {"kind": "draw", "version": "1", "n": 1, "loss": 0.5, "seconds": 1.0}
    assert rows["other"]["value"] == 7.0
    assert table.to_pandas().shape == (2, 7)
    for name in ("t.csv", "t.parquet"):
        table.to_csv(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
    with pytest.raises(InputError, match="is not there"):
        read_store(tmp_path / "absent.sqlite")
