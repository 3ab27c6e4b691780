"""One ladder of runs in every way that people and trackers write it: the same runs."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import eigenscale as es

GRID = [(n, d) for n in (2e7, 6e7, 1.5e8) for d in (1e9, 3e9, 1e10)]
N, D = (np.array(column) for column in zip(*GRID, strict=True))
LOSS = np.round(1.7 + 400 / N**0.34 + 410 / D**0.28, 4)
FRAME = pd.DataFrame({"name": [f"r{i}" for i in range(9)], "params": N, "tokens": D, "loss": LOSS})


def european(frame):
    return frame.astype({"params": int, "tokens": int}).to_csv(sep=";", decimal=",", index=False)


def markdown(frame):
    rows = [f"| {n} | {p / 1e9:g} | {t / 1e9:g} | {v:g} |" for n, p, t, v in frame.to_numpy()]
    head = ["| Model | Params (B) | Tokens (B) | Loss |", "|---|--:|--:|:-:|"]
    return "\n".join([*head, *rows]) + "\n"


def sizes(frame):
    rows = [f"{n},{p / 1e6:g}M,{t / 1e9:.2f}B,{v}" for n, p, t, v in frame.to_numpy()]
    return "\n".join(["Name,size,tokens,loss", *rows]) + "\n"


TEXTS = {
    "a.csv": FRAME.to_csv(index=False),
    "index.csv": FRAME.to_csv(),
    "european.csv": european(FRAME),
    "markdown.md": markdown(FRAME),
    "sizes.csv": sizes(FRAME),
    "white.txt": FRAME.to_string(index=False),
    "printed.txt": FRAME.to_string(),
    "comment.csv": "# exported\n" + FRAME.to_csv(index=False),
    "twice.csv": FRAME[:4].to_csv(index=False) + FRAME[4:].to_csv(index=False),
    "mlflow.csv": FRAME.rename(columns={"loss": "metrics.val_loss", "params": "params.n_params",
        "tokens": "params.tokens", "name": "tags.mlflow.runName"}).to_csv(index=False),
    "wandb.csv": FRAME.rename(columns={"loss": "summary.val_loss", "params": "config.n_params",
        "tokens": "config.train_tokens", "name": "Name"}).to_csv(index=False),
    "board.csv": FRAME.rename(columns={"loss": "Loss/val"}).to_csv(index=False),
    "records.json": FRAME.to_json(orient="records"),
    "pandas.json": FRAME.to_json(),
    "rows.json": FRAME.to_json(orient="index"),
    "split.json": FRAME.to_json(orient="split"),
    "schema.json": FRAME.to_json(orient="table"),
    "lines.jsonl": FRAME.to_json(orient="records", lines=True),
    "nested.jsonl": "".join(
        json.dumps({"config": {"n_params": {"value": n}, "tokens": d}, "summary": {"loss": v}})
        + "\n" for n, d, v in zip(N, D, LOSS, strict=True)),
    "numbers.json": json.dumps({"params": N.tolist(), "tokens": D.tolist(), "loss": LOSS.tolist()}),
}  # fmt: skip


def same(runs):
    np.testing.assert_allclose(runs.params, N)
    np.testing.assert_allclose(runs.tokens, D)
    np.testing.assert_allclose(runs.loss, LOSS, atol=6e-4)


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_runs(name, tmp_path):
    path = tmp_path / name
    path.write_text(TEXTS[name])
    same(es.read_runs(path))


@pytest.mark.parametrize("kind", ["xlsx", "sqlite", "npz", "structured.npy", "struct.parquet"])
def test_the_same_runs_from_binary_files(kind, tmp_path):
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        FRAME.to_excel(path)
    elif kind == "sqlite":
        with sqlite3.connect(path) as store:
            FRAME.to_sql("runs", store)
        store.close()
    elif kind == "npz":
        np.savez(path, params=N, tokens=D, loss=LOSS)
    elif kind == "structured.npy":
        np.save(path, FRAME[["params", "tokens", "loss"]].to_records(index=False))
    else:
        config = pa.array([{"params": n, "tokens": d} for n, d in GRID])
        parquet.write_table(pa.table({"config": config, "loss": LOSS}), path)
    same(es.read_runs(path))


@pytest.mark.parametrize("name", ["eu3.csv", "hf_runs", "struct.parquet", "pandas_default.json",
                                  "header_twice.csv", "utf16.csv", "comment.csv"])  # fmt: skip
def test_files_found_among_users(name, shared):
    truth, found = (es.read_runs(shared(f"cases/readers/{n}")) for n in ("truth.csv", name))
    for field in ("params", "tokens", "loss"):
        expected = getattr(truth, field)
        np.testing.assert_allclose(getattr(found, field)[: len(expected)], expected, atol=6e-4)


def test_json_null_is_refused_and_does_not_stop_the_process(tmp_path):
    for text in ("null", "[null]", "null\nnull\n", '{"a": null}'):
        path = tmp_path / "a.json"
        path.write_text(text)
        with pytest.raises(es.InputError) as caught:
            es.read_runs(path)
        assert "\n" not in str(caught.value)


def test_a_rate_is_no_compute(tmp_path):
    for column in ("TFLOPs", "tokens/s", "throughput", "tokens_per_second", "GFLOPS"):
        table = {"params": N, "loss": LOSS, column: np.linspace(70, 90, 9)}
        runs = es.read_runs(table)
        assert runs.flops is None
        assert runs.tokens is None
        assert any("rate" in text for text in runs.warnings)
    total = es.read_runs({"params": N, "loss": LOSS, "EFLOPs": np.linspace(1, 90, 9)})
    assert total.flops[0] == 1e18


def test_runs_that_did_not_finish_are_named(tmp_path):
    states = ["finished"] * 6 + ["crashed", "failed", "running"]
    loss = [*LOSS[:6], None, None, LOSS[8]]
    runs = es.read_runs({"Name": list("abcdefghi"), "State": states, "params": N, "tokens": D,
                         "loss": loss})  # fmt: skip
    assert len(runs) == 6
    told = next(text for text in runs.warnings if "did not finish" in text)
    assert "g (row 7, crashed), h (row 8, failed), i (row 9, running)" in told
    assert "--where State=finished,crashed" in told
    kept = es.read_runs({"State": states, "params": N, "tokens": D, "loss": LOSS},
                        where={"State": ["finished", "running"]})  # fmt: skip
    assert len(kept) == 7


def test_diverged_runs_and_runs_without_loss_are_told_apart():
    path_like = {"name": list("abcd"), "params": [1e8] * 4, "tokens": [1e9, 2e9, 3e9, 4e9],
                 "loss": ["3.1", "NaN", "", "inf"]}  # fmt: skip
    runs = es.read_runs(path_like)
    assert runs.name.tolist() == ["a"]
    told = " ".join(runs.warnings)
    assert "2 runs diverged (loss NaN or infinite) and are left out: b (row 2), d (row 4)" in told
    assert "1 run has no loss and is left out: c (row 3)" in told


def test_a_log_that_ends_in_nan_diverged(tmp_path):
    rows = [{"run": r, "step": s, "tokens": 1e9, "loss": 3.0 - s / 100} for r in "ab"
            for s in (10, 20, 30)]  # fmt: skip
    rows[-1]["loss"] = float("nan")
    path = tmp_path / "history.csv"
    frame = pd.DataFrame(rows).rename(columns={"step": "_step"})
    path.write_text(frame.to_csv(index=False, na_rep="NaN"))
    runs = es.read_runs(path)
    assert runs.name.tolist() == ["a"]
    assert any("diverged" in text and "b (row 4)" in text for text in runs.warnings)


def test_tokens_of_a_whole_run_are_shared_among_its_checkpoints():
    table = {"_step": [10, 20, 30, 40], "tokens": [4e9] * 4, "loss": [4.0, 3.5, 3.2, 3.0]}
    runs = es.read_runs(table, {"steps": "_step"}, checkpoints="every")
    np.testing.assert_allclose(runs.tokens, [1e9, 2e9, 3e9, 4e9])
    assert any("takes its share by steps" in text for text in runs.warnings)


def test_total_flos_on_the_last_line_keeps_the_other_evaluations(tmp_path):
    history = [{"step": s, "eval_loss": 4 - s / 100} for s in (10, 20, 30, 40)]
    history.append({"step": 40, "total_flos": 4e18})
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps({"log_history": history}))
    runs = es.read_runs(path, {"params": 1e8})
    np.testing.assert_allclose(runs.flops, [1e18, 2e18, 3e18, 4e18])


def test_keras_history_and_splits(shared):
    runs = es.read_runs(shared("cases/readers/tbkeras"))
    assert set(runs.name) == {"run1"}
    assert runs.recognised["loss"] == "validation/epoch_loss"
    assert len(es.read_runs(shared("cases/readers/keras.csv"))) == 9


def test_dvclive(tmp_path):
    for run, size in (("small", 1e6), ("large", 4e6)):
        metrics = tmp_path / run / "plots" / "metrics" / "val"
        metrics.mkdir(parents=True)
        (metrics / "loss.tsv").write_text("step\tloss\n0\t4.0\n1\t3.5\n2\t3.2\n")
        (tmp_path / run / "params.yaml").write_text(f"model:\n  n_params: {size:.0f}\n")
    runs = es.read_runs(tmp_path)
    assert runs.params.tolist() == [4e6, 1e6]
    assert runs.loss.tolist() == [3.2, 3.2]


@pytest.mark.parametrize(
    ("column", "values", "unit", "inside"),
    [
        ("val/bpb", [1.0, 0.9], "bits/byte", np.log(2) * np.array([1.0, 0.9])),
        ("val_ppl", [20.0, 10.0], "perplexity", np.log([20.0, 10.0])),
        ("test_error", [0.3, 0.2], "error", [0.3, 0.2]),
        ("error (%)", [30.0, 20.0], "percent", [30.0, 20.0]),
        ("accuracy", [0.6, 0.8], "accuracy", [0.4, 0.2]),
        ("val_acc", [60.0, 80.0], "percent accuracy", [40.0, 20.0]),
        ("loss", [3.0, 2.0], "nats/token", [3.0, 2.0]),
        ("rmse", [3.0, 2.0], "RMSE", [3.0, 2.0]),
    ],
)
def test_the_unit_of_the_column_is_known(column, values, unit, inside):
    runs = es.read_runs({"params": [1e8, 2e8], "tokens": [1e9, 2e9], column: values})
    assert runs.unit == unit
    np.testing.assert_allclose(runs.loss, inside)
    assert runs.to_dict()["unit"] == unit


def test_a_stated_error_is_read():
    runs = es.read_runs({"train_size": [100, 200], "test_error_mean": [0.4, 0.3],
                         "test_error_std": [0.02, 0.01]})  # fmt: skip
    assert runs.data_name == "n_samples"
    np.testing.assert_allclose(runs.loss_se, [0.02, 0.01])
    repeated = es.read_runs({"n_samples": [100, 200], "loss": [0.4, 0.3],
                             "loss_std": [0.02, 0.01], "n_seeds": [4, 4]})  # fmt: skip
    np.testing.assert_allclose(repeated.loss_se, [0.01, 0.005])
