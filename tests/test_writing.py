import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.writing import check_place, inputs_kept, note_input, whole_file, whole_folder

RUNS = "params,tokens,loss\n" + "".join(
    f"{n},{d},{1.7 + 400 / n**0.34 + 410 / d**0.28:.2f}\n"
    for n in (1e7, 3e7, 1e8, 3e8) for d in (1e9, 3e9, 1e10)
)  # fmt: skip


def write(path, text="new"):
    with whole_file(path) as temporary:
        temporary.write_text(text)


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


def test_a_link_is_followed(tmp_path):
    real, link = tmp_path / "there" / "real.txt", tmp_path / "link.txt"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to(real)
    write(link)
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_is_kept(mode, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(mode)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


def test_a_pipe_and_a_device_get_the_bytes(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join(10)
    assert got == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    write("/dev/null")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_an_input_is_not_written_over(tmp_path):
    path, link = tmp_path / "a.txt", tmp_path / "link.txt"
    path.write_text("old")
    link.symlink_to(path)
    with inputs_kept():
        note_input(path)
        for name in (path, link):
            with pytest.raises(InputError, match="is what is read"):
                write(name)
            with pytest.raises(InputError, match="is what is read"):
                check_place(name)
    assert path.read_text() == "old"
    write(path)


@pytest.mark.parametrize("options", [["plan", "{}", "--flops", "1e21", "--csv", "{}"],
                                     ["fit", "{}", "--bootstrap", "0", "--save", "{}"],
                                     ["fit", "{}", "--bootstrap", "0", "--predict", "{}",
                                      "--save", "{}"]])  # fmt: skip
def test_a_command_keeps_its_input(options, tmp_path, capsys):
    path = tmp_path / "runs.csv"
    path.write_text(RUNS)
    assert main([option.format(path) for option in options]) == 2
    assert "is what is read" in capsys.readouterr().err
    assert path.read_text() == RUNS


KILLED = """
import os, sys
from eigenscale.writing import whole_file, whole_folder
with whole_file(sys.argv[1] + "/a.txt") as one, whole_folder(sys.argv[1] + "/b") as two:
    one.write_text("half")
    (two / "c").write_text("half")
    os.kill(os.getpid(), int(sys.argv[2]))
"""


def test_what_a_killed_run_left_behind_is_removed_by_the_next(tmp_path):
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "9"], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    write(tmp_path / "a.txt")
    with whole_folder(tmp_path / "b") as folder:
        (folder / "c").write_text("new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "b"]


FULL = """
import resource, sys
from eigenscale.errors import InputError
from eigenscale.writing import whole_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with whole_file(sys.argv[1] + "/a.txt") as one:
        one.write_text("x" * 5000)
except InputError as error:
    print(error)
"""


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert "cannot be written" in done.stdout
    assert not list(tmp_path.iterdir())
