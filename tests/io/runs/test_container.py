import numpy as np
import pytest

import eigenscale as es
from eigenscale.io.runs.container import Runs


def table(**more):
    return es.read_runs(
        {"params": [1e8, 2e8, 4e8], "tokens": [1e9, 2e9, 4e9], "loss": [3.5, 3.1, 2.8], **more}
    )


def test_selection_keeps_the_columns_together_and_says_why():
    kept = table(seed=[1, 2, 3], family=["a", "a", "b"]).select([True, False, True], "too noisy")
    assert len(kept) == 2
    assert kept.params.tolist() == [1e8, 4e8]
    assert kept.seed.tolist() == ["1", "3"]
    assert kept.rows.tolist() == [1, 3]
    assert kept.excluded[0].rows == (2,)
    assert "left out 1 row: too noisy" in repr(kept)
    assert kept.to_dict()["excluded"] == [{"rows": [2], "reason": "too noisy"}]


def test_selection_of_everything_notes_nothing():
    assert table().select([True] * 3, "nothing").excluded == ()


def test_a_selection_must_fit_and_leave_something():
    with pytest.raises(es.InputError, match=r"shape \(2,\); there are 3 runs"):
        table().select([True, False])
    with pytest.raises(es.InputError, match="no run of the dataframe is left"):
        table().select([False] * 3)
    with pytest.raises(es.InputError, match="cannot leave out 3 of 3 runs"):
        table().without_highest_loss(3)


def test_what_is_required_and_absent_is_said_with_the_mend():
    params, loss = table().require("params", "loss")
    assert params.tolist() == [1e8, 2e8, 4e8]
    assert loss[0] == 3.5
    with pytest.raises(es.InputError, match="has no unique_tokens; name its column with"):
        table().require("unique_tokens")
    with pytest.raises(es.InputError, match="'colour' is not a number of a run"):
        table().require("colour")


def test_recounting_reads_another_column_and_derives_again():
    runs = table(non_embedding_params=[0.5e8, 1.5e8, 3.5e8])
    assert list(runs.others) == ["non_embedding_params"]
    other = runs.recount("params", "non_embedding_params")
    assert other.params.tolist() == [0.5e8, 1.5e8, 3.5e8]
    np.testing.assert_allclose(other.flops, 6 * other.params * other.tokens)
    assert other.recognised["params"] == "non_embedding_params"
    with pytest.raises(es.InputError, match="not among the other columns: non_embedding_params"):
        runs.recount("params", "width")


def test_groups_that_share_noise():
    assert table().clusters is None
    assert table(family=["b", "a", "b"]).clusters.tolist() == [1, 0, 1]


def test_runs_from_arrays():
    runs = Runs.from_arrays([0.3, 0.2], n_features=[10, 20], n_samples=[40, 40])
    assert (runs.size_name, runs.data_name) == ("n_features", "n_samples")
    assert runs.params.tolist() == [10, 20]
    with pytest.raises(es.InputError, match=r"different lengths \[1, 2\]"):
        Runs.from_arrays([0.3, 0.2], params=[10])


def test_runs_are_frozen():
    with pytest.raises(AttributeError):
        table().loss = np.zeros(3)
