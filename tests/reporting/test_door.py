import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.reporting.report import report


def table(n=12, seed=0):
    rng = np.random.default_rng(seed)
    size, data = np.meshgrid([1e6, 1e7, 1e8], [1e8, 1e9, 1e10, 1e11])
    size, data = size.ravel()[:n], data.ravel()[:n]
    loss = 1.7 + 400 / size**0.34 + 410 / data**0.28
    return {"params": size, "tokens": data, "loss": loss * np.exp(0.003 * rng.normal(size=n))}


def runs_file(folder, columns):
    path = folder / "runs.csv"
    lines = [
        ",".join(columns),
        *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True)),
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A report on twelve runs, and the progress that it told."""
    folder, seen = tmp_path_factory.mktemp("small"), []
    runs = runs_file(folder, table())
    page = report(
        folder / "out", runs=runs, rng=3, progress=lambda done, total: seen.append(done / total)
    )
    return page, runs, seen


def test_runs_alone_make_a_whole_page(small):
    text = small[0].read_text()
    assert "With ten times the tokens, expect the loss to go from" in text
    assert "1 million to 100 million parameters and 100 million to 100 billion tokens" in text
    assert text.index("The law of the runs</h2>") < text.index("What this page leaves out</h2>")
    assert "<li>The spectrum of the data: No data were given" in text
    assert (small[0].parent / "plan-frontier.svg").exists()


def test_data_alone_make_a_whole_page(tmp_path):
    rows = np.random.default_rng(0).normal(size=(300, 10)) * np.arange(1, 11) ** -0.7
    np.save(tmp_path / "data.npy", rows)
    np.save(tmp_path / "target.npy", rows @ np.ones(10))
    page = report(tmp_path / "out", data=tmp_path / "data.npy", target=tmp_path / "target.npy")
    text = page.read_text()
    assert "On the data themselves, a linear student goes from" in text
    assert "No training runs were given" in text


def test_one_input_is_answered_with_what_it_can(tmp_path):
    columns = table()
    columns["params"] = np.full(12, 1e8)
    columns["loss"] = 1.7 + 410 / columns["tokens"] ** 0.28
    page = report(tmp_path / "out", runs=runs_file(tmp_path, columns))
    assert "With ten times the tokens, expect the loss" in page.read_text()
    assert "does not weigh size against data" in page.read_text()


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    first, runs, _ = small
    second = report(tmp_path / "out", runs=runs, rng=3)
    names = sorted(path.name for path in first.parent.iterdir())
    assert names == sorted(path.name for path in second.parent.iterdir())
    for name in names:
        assert (first.parent / name).read_bytes() == (second.parent / name).read_bytes(), name


def test_a_failure_leaves_nothing(tmp_path):
    runs = runs_file(tmp_path, table(4))
    with pytest.raises(InputError, match="chinchilla"):
        report(tmp_path / "out", runs=runs)
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


def test_a_failure_keeps_the_report_that_was_there(small, tmp_path):
    folder = small[0].parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError):
        report(folder, runs=runs_file(tmp_path, table(4)))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "message"), [("absent/out", "cannot be written"), ("runs.csv", "is a file")]
)
def test_a_place_that_cannot_be_written_is_said(tmp_path, name, message):
    runs = runs_file(tmp_path, table())
    with pytest.raises(InputError, match=message):
        report(tmp_path / name, runs=runs)


def test_a_target_needs_data(tmp_path):
    with pytest.raises(InputError, match="give data too"):
        report(tmp_path / "out", target=np.ones(3))


def test_progress_runs_from_nothing_to_all(small):
    seen = small[2]
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1)
