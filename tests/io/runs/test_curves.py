import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eigenscale as es
from eigenscale.io.runs.curves import fill, superseded

CURVES = {
    "run": ["a", "a", "a", "b", "b", "b"],
    "params": [1e6] * 3 + [2e6] * 3,
    "tokens": [1e6, 2e6, 3e6] * 2,
    "step": [10, 20, 30] * 2,
    "loss": [4.0, 3.0, 3.1, 3.9, 2.9, 2.8],
}


def test_a_table_of_checkpoints_is_kept_whole_and_said():
    runs = es.read_runs(CURVES)
    assert len(runs) == 6
    assert runs.checkpoints == "every"
    assert "6 rows are checkpoints of 2 runs, all kept" in runs.warnings[0]
    assert runs.clusters.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(("rule", "rows"), [("last", [3, 6]), ("best", [2, 6])])
def test_one_checkpoint_per_run(rule, rows):
    runs = es.read_runs(CURVES, checkpoints=rule)
    assert runs.rows.tolist() == rows
    assert runs.checkpoints == rule
    assert f"each run counts by its {rule} one" in runs.warnings[0]
    assert runs.excluded[-1].reason == f"other checkpoints (the {rule} one counts)"


def test_an_unknown_rule_is_said():
    for table in (CURVES, {k: v[:1] for k, v in CURVES.items()}):
        with pytest.raises(es.InputError, match="'first' is not a rule; use one of last, best"):
            es.read_runs(table, checkpoints="first")


def test_a_table_of_runs_with_steps_is_not_a_curve():
    table = {"N": [1e6, 1e6, 2e6, 2e6], "steps": [10, 20, 10, 20], "loss": [4, 3, 3.5, 2.5]}
    runs = es.read_runs(table)
    assert runs.checkpoints is None
    kept = es.read_runs({**table, "loss": [4, np.nan, 3.5, 2.5]})
    assert kept.rows.tolist() == [1, 3, 4]
    assert any("1 run has no loss and is left out: row 2" in text for text in kept.warnings)


def test_restarts_are_stitched():
    steps = np.array([10, 20, 30, 40, 20, 30, 50], dtype=float)
    codes = np.zeros(7, dtype=np.int64)
    assert superseded(codes, steps).tolist() == [False, True, True, True, False, False, False]


def test_a_summary_row_at_the_end_is_not_a_restart():
    steps = np.array([10, 20, 30, 1], dtype=float)
    assert superseded(np.zeros(4, dtype=np.int64), steps).tolist() == [False, False, False, True]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9)), min_size=1, max_size=40))
def test_what_is_left_has_growing_steps(pairs):
    codes = np.array([c for c, _ in pairs], dtype=np.int64)
    steps = np.array([s for _, s in pairs], dtype=float)
    keep = ~superseded(codes, steps)
    for code in np.unique(codes):
        left = steps[keep & (codes == code)]
        assert left.size > 0
        assert (np.diff(left) > 0).all()


def test_gaps_are_filled_between_known_steps_only():
    steps = np.array([1, 2, 3, 4, 5], dtype=float)
    codes = np.zeros(5, dtype=np.int64)
    nan = np.nan
    tokens = np.array([nan, 20, nan, 40, nan])
    np.testing.assert_array_equal(
        fill(codes, steps, tokens, counts_up=True), [nan, 20, 30, 40, nan]
    )
    size = np.array([nan, 7, nan, 7, nan])
    np.testing.assert_array_equal(fill(codes, steps, size, counts_up=False), [7] * 5)
    size = np.array([nan, 7, nan, 8, nan])
    np.testing.assert_array_equal(fill(codes, steps, size, counts_up=False), size)
