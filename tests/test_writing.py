import pytest

from eigenscale.errors import InputError
from eigenscale.writing import whole_file


def test_a_failure_leaves_nothing(tmp_path):
    def write():
        with whole_file(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert not list(tmp_path.iterdir())


def test_an_absent_folder_is_one_line(tmp_path):
    with (
        pytest.raises(InputError, match=r"a\.txt cannot be written: no such file"),
        whole_file(tmp_path / "absent" / "a.txt"),
    ):
        pass
