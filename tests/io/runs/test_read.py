import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

import eigenscale as es

ROWS = {
    "n_params": [1e8, 4e8, 1.3e9],
    "tokens": [2e9, 8e9, 2.6e10],
    "val_loss": [3.5, 3.0, 2.6],
    "run": ["a", "b", "c"],
}


def same(runs):
    np.testing.assert_array_equal(runs.params, ROWS["n_params"])
    np.testing.assert_array_equal(runs.tokens, ROWS["tokens"])
    np.testing.assert_array_equal(runs.loss, ROWS["val_loss"])
    assert runs.name.tolist() == ROWS["run"]
    np.testing.assert_allclose(runs.flops, 6 * runs.params * runs.tokens, rtol=1e-15)
    assert runs.derived == {"flops": "6 params tokens"}
    assert runs.recognised["params"] == "n_params"


def write(path):
    table = pa.table(ROWS)
    frame = table.to_pandas()
    kind = path.suffix
    if kind in {".csv", ".tsv", ".txt"}:
        frame.to_csv(path, sep={".csv": ",", ".tsv": "\t", ".txt": ";"}[kind], index=False)
    elif kind == ".parquet":
        parquet.write_table(table, path)
    elif kind in {".arrow", ".feather"}:
        feather.write_feather(table, path)
    elif kind == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in table.to_pylist()))
    else:
        path.write_text(json.dumps(table.to_pylist()))
    return path


@pytest.mark.parametrize(
    "kind", [".csv", ".tsv", ".txt", ".parquet", ".arrow", ".feather", ".jsonl", ".json"]
)
def test_every_kind_of_file_reads_the_same(tmp_path, kind):
    same(es.read_runs(write(tmp_path / f"runs{kind}")))
    same(es.read_runs(str(tmp_path / f"runs{kind}")))


@pytest.mark.parametrize(
    "make",
    [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table, dict, lambda r: pd.DataFrame(r).iloc[::1]],
)
def test_every_dataframe_reads_the_same(make):
    same(es.read_runs(make(ROWS)))


def test_cells_and_headers_say_units():
    runs = es.read_runs(
        {
            "Model Size": ["70M", "1.4B"],
            "tokens (B)": [20, 400],
            "loss": ["3.4", "2.7"],
            "C": ["8.4e18", "38.9 PF-days"],
        }
    )
    np.testing.assert_allclose(runs.params, [7e7, 1.4e9])
    np.testing.assert_allclose(runs.tokens, [2e10, 4e11])
    np.testing.assert_allclose(runs.flops, [8.4e18, 38.9 * 8.64e19])
    assert runs.warnings == ()


def test_units_and_constants_can_be_said():
    runs = es.read_runs(
        {"size": [0.1, 0.4], "bits": [5.0, 4.0]},
        columns={"params": "size", "tokens": "20B", "loss": "bits"},
        units={"params": "B", "loss": "bits"},
    )
    np.testing.assert_allclose(runs.params, [1e8, 4e8])
    np.testing.assert_allclose(runs.tokens, [2e10, 2e10])
    np.testing.assert_allclose(runs.loss, np.array([5, 4]) * np.log(2))
    assert "bits × ln 2" in runs.derived["loss"]
    assert runs.recognised["tokens"] == "2e+10 in every row"


def test_perplexity_becomes_nats_and_says_so():
    runs = es.read_runs({"params": [1e8, 2e8], "tokens": [1e9, 1e9], "ppl": [30.0, 20.0]})
    np.testing.assert_allclose(runs.loss, np.log([30, 20]))
    assert any("ln(perplexity)" in text for text in runs.warnings)


def test_tokens_or_params_follow_from_flops_and_are_said():
    runs = es.read_runs({"N": [1e8, 2e8], "C": [6e18, 6e18], "loss": [3.0, 2.9]})
    np.testing.assert_allclose(runs.tokens, [1e10, 5e9])
    assert runs.derived == {"tokens": "flops / (6 params)"}
    assert any("flops / (6 params)" in text for text in runs.warnings)
    runs = es.read_runs({"D": [1e10, 5e9], "C": [6e18, 6e18], "loss": [3.0, 2.9]})
    np.testing.assert_allclose(runs.params, [1e8, 2e8])


def test_students_of_the_theory_keep_their_words():
    runs = es.read_runs({"n_features": [100, 200], "n_samples": [400, 400], "loss": [0.3, 0.2]})
    assert (runs.size_name, runs.data_name) == ("n_features", "n_samples")
    assert runs.flops is None
    assert runs.warnings == ()
    runs = es.read_runs({"N": [100, 200], "T": [400, 400], "loss": [0.3, 0.2]})
    assert (runs.size_name, runs.data_name) == ("n_features", "n_samples")
    assert "n_features ← N" in repr(runs)


def test_where_keeps_rows_and_their_numbers():
    table = {**ROWS, "sweep": ["x", "y", "y"]}
    runs = es.read_runs(table, where={"sweep": "y"})
    assert runs.rows.tolist() == [2, 3]
    assert es.read_runs(table, where={"run": ["a", "c"]}).rows.tolist() == [1, 3]
    with pytest.raises(es.InputError, match="no row has sweep = 'z'; column 'sweep' has: x, y"):
        es.read_runs(table, where={"sweep": "z"})
    with pytest.raises(es.InputError, match="where names column 'q', which is not in the table"):
        es.read_runs(table, where={"q": 1})


def test_the_repr_shows_what_was_understood():
    text = repr(
        es.read_runs({**ROWS, "train_loss": [3.4, 2.9, 2.5], "outlier": [True, False, False]})
    )
    assert "Runs: 3 from the dataframe" in text
    assert "loss ← val_loss: 2.6 to 3.5 (also: train_loss)" in text
    assert "flops = 6 params tokens" in text
    assert "flagged ← outlier: 1 row" in text
    assert "warning: 1 of 3 runs are flagged" in text


def test_the_plain_form_is_json():
    plain = json.loads(json.dumps(es.read_runs(ROWS).to_dict(), allow_nan=False))
    assert plain["n_runs"] == 3
    assert plain["columns"]["loss"] == ROWS["val_loss"]
    assert plain["recognised"]["tokens"] == "tokens"


def test_chinchilla_points(shared):
    runs = es.read_runs(shared("data/runs/chinchilla_points.csv"))
    assert len(runs) == 245
    assert runs.recognised == {"loss": "loss", "params": "Model Size", "flops": "Training FLOP"}
    np.testing.assert_allclose(runs.tokens, runs.flops / (6 * runs.params), rtol=1e-15)
    kept = runs.without_highest_loss(5)
    assert len(kept) == 240
    assert kept.loss.max() < runs.loss.max()
    assert kept.excluded[0].reason == "the 5 highest losses"


def test_isoflops(shared):
    runs = es.read_runs(shared("data/runs/isoflops.csv"))
    assert len(runs) == 689
    assert runs.recognised["flops"] == "budget"
    assert any("5 experiments" in text for text in runs.warnings)
    llama = es.read_runs(
        shared("data/runs/isoflops.csv"), where={"experiment": "llama_3__raw_loss"}
    )
    assert len(llama) == 133
    assert len(llama.without_flagged()) == 133 - llama.flagged.sum() == 116


def test_data_constrained(shared):
    runs = es.read_runs(shared("data/runs/data_constrained.csv"))
    assert len(runs) == 296
    assert (runs.unique_tokens <= runs.tokens).all()
    assert runs.recognised["unique_tokens"] == "unique_tokens"


def test_gemstones(shared):
    runs = es.read_runs(shared("data/runs/gemstones.jsonl"))
    assert len(runs) == 220
    assert runs.recognised["params"] == "params_active_precise"
    assert runs.recognised["loss"] == "final_loss"
    assert np.unique(runs.name).size == 22
