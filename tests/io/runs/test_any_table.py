"""Whatever the table or the bytes: runs that keep the rules, or one line that says why not."""

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import eigenscale as es

CELLS = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(10**20), 10**25),
    st.booleans(),
    st.text(max_size=5),
    st.sampled_from(["1.3B", "NaN", "inf", "-1", "", "1e9", "1,000", "oops", "2 PF-days", "7k"]),
)
NAMES = st.sampled_from(
    ["params", "N", "tokens", "flops", "loss", "val_loss", "ppl", "step", "_step", "run", "seed",
     "experiment", "outlier", "tokens (B)", "unique_tokens", "batch_tokens", "n_samples", "x", ""]
)  # fmt: skip


def read(source, **options):
    """Read, or return the message after checking that it is one line."""
    message = ""
    try:
        runs = es.read_runs(source, **options)
    except es.InputError as error:
        message = str(error)
    if message:
        assert "\n" not in message
        return message
    for name in ("loss", "params", "tokens", "flops", "unique_tokens", "steps"):
        values = getattr(runs, name)
        if values is not None:
            assert values.shape == (len(runs),)
            assert np.isfinite(values).all()
            assert (values > 0).all()
    assert len(runs) >= 1
    assert "\n" not in "".join(runs.warnings)
    json.dumps(runs.to_dict(), allow_nan=False)
    assert repr(runs)
    return runs


@st.composite
def tables(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    count = draw(st.integers(0, 5))
    return {name: draw(st.lists(CELLS, min_size=count, max_size=count)) for name in names}


@settings(max_examples=400)
@given(tables(), st.sampled_from([None, "last", "best", "every"]))
def test_any_table(table, rule):
    read(table, checkpoints=rule)


_NAN = np.nan
_NO_LOSS = [_NAN, np.inf, None, ""]


@st.composite
def nearly_good(draw):
    """A good table with one cell made bad."""
    count = draw(st.integers(1, 6))
    good = st.lists(st.floats(1.0, 1e12), min_size=count, max_size=count)
    table = {name: draw(good) for name in ("params", "tokens", "loss")}
    column, row = draw(st.sampled_from(list(table))), draw(st.integers(0, count - 1))
    bad = st.one_of(
        st.floats(max_value=0), st.sampled_from([_NAN, np.inf, None, "oops", "", "1.2.3", "-4"])
    )
    table[column] = [draw(bad) if i == row else v for i, v in enumerate(table[column])]
    return table, column, row + 1


@given(nearly_good())
def test_one_bad_cell_is_named_with_its_row(case):
    table, column, row = case
    said = read(table)
    if column == "loss" and table[column][row - 1] in _NO_LOSS and len(table[column]) > 1:
        assert row not in said.rows  # left out and named
        assert f"row {row}" in " ".join(said.warnings)
        return
    assert isinstance(said, str)
    assert column in said
    assert f"in row {row}" in said


BYTES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from([b"params", b"loss", b",", b"\n", b"1e9", b'"', b"step 3: loss 2.5",
             b"{", b"}", b'"loss": 3', b"[", b"]", b"\xff", b"log_history", b":", b" "]),
             max_size=30).map(b"".join),
)  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["runs.csv", "runs.tsv", "runs.jsonl", "runs.json", "runs.parquet", "runs.arrow", "runs.txt",
     "run.log", "mlflow.db", "events.out.tfevents.1.x", "trainer_state.json"],
)  # fmt: skip
def test_any_bytes(name, tmp_path_factory):
    path = tmp_path_factory.mktemp("bytes") / name

    @settings(max_examples=60)
    @given(BYTES)
    @example(b'{"log_history": [{"loss": 3, "step": 1}, 3]}')
    @example(b'{"log_history": [{"loss": "x", "step": "y"}]}')
    @example(b'{"loss": [1, 2], "params": 3}')
    @example(b'[{"loss": 1}, {"params": {"a": 1}}]')
    @example(b"params,loss\n1,2\n3\n")
    def check(content):
        path.write_bytes(content)
        read(path)

    check()


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_any_bytes_after_a_good_length_in_an_event_file(content):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.out.tfevents.1.x"
        path.write_bytes(len(content).to_bytes(8, "little") + bytes(4) + content + bytes(4))
        read(path)
