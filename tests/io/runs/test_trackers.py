"""Files of trackers; of TensorBoard and MLflow made by their own libraries, never skipped."""

import json
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

import eigenscale as es


def test_the_two_wandb_histories(shared):
    paths = [shared(f"data/runs/wandb_{name}.csv") for name in ("190M-1xC", "370M-1xC")]
    runs = es.read_runs(paths)
    assert runs.name.tolist() == ["wandb_190M-1xC", "wandb_370M-1xC"]
    assert runs.checkpoints == "last"
    assert runs.steps.tolist() == [7272, 9452]
    assert runs.tokens.tolist() == [3812622336.0, 7433355264.0]
    np.testing.assert_allclose(runs.flops, [7.256911925269758e18, 2.5599902744592777e19])
    assert runs.recognised["loss"] == "eval/c4_en-validation/CrossEntropyLoss"
    assert runs.recognised["flops"] == "throughput/total_training_Gflops"
    np.testing.assert_allclose(runs.loss, [3.600973129272461, 3.3942558765411377])
    one = es.read_runs(paths[0])
    assert (len(one), one.checkpoints) == (37, "every")
    named = es.read_runs(
        paths[0], {"params": "190M", "loss": "eval/pile-validation/CrossEntropyLoss"}
    )
    assert (named.params == 190e6).all()
    assert named.loss[-1] == 3.0059151649475098
    assert any("differ from 6 params tokens" in text for text in named.warnings)


def test_wandb_panel_export(tmp_path):
    path = tmp_path / "wandb_export.csv"
    path.write_text(
        '"Step","small - val/loss","small - val/loss__MIN","small - val/loss__MAX",'
        '"big-lr 1e-3 - val/loss","big-lr 1e-3 - val/loss__MIN","big-lr 1e-3 - val/loss__MAX"\n'
        '"10","4.0","4.0","4.0","3.5","3.5","3.5"\n"15","","","","3.2","3.2","3.2"\n'
        '"20","3.0","2.9","3.1","","",""\n'
    )
    runs = es.read_runs(path)
    assert runs.name.tolist() == ["small", "big-lr 1e-3"]
    assert (runs.steps.tolist(), runs.loss.tolist()) == ([20, 15], [3.0, 3.2])
    every = es.read_runs(path, checkpoints="every")
    assert every.loss.tolist() == [4.0, 3.0, 3.5, 3.2]


def test_wandb_history_parquet_with_sparse_columns_and_a_restart(tmp_path):
    nan = np.nan
    frame = pd.DataFrame(
        {
            "_step": [1, 2, 3, 4, 5, 3, 4, 5, 6],
            "tokens_seen": [1e6, 2e6, 3e6, 4e6, 5e6, 3e6, 4e6, 5e6, 6e6],
            "train/loss": [5, 4.5, 4.2, 4.0, 9.0, 4.1, 3.9, 3.8, 3.7],
            "val/loss": [nan, 4.6, nan, 4.1, nan, nan, 4.0, nan, 3.75],
        }
    )
    frame.to_parquet(tmp_path / "history.parquet")
    runs = es.read_runs(tmp_path / "history.parquet", {"params": 1e6})
    assert runs.steps.tolist() == [2, 4, 6]
    assert runs.loss.tolist() == [4.6, 4.0, 3.75]
    assert runs.tokens.tolist() == [2e6, 4e6, 6e6]
    assert ("superseded: a restart logged the step again", (4,)) in [
        (e.reason, e.rows) for e in runs.excluded
    ]


def test_wandb_runs_table_is_a_plain_table(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(
        "Name,State,n_params,tokens,val/loss\na,finished,1e6,1e7,4\nb,crashed,2e6,1e7,3\n"
    )
    runs = es.read_runs(path)
    assert runs.checkpoints is None
    assert runs.name.tolist() == ["a"]
    assert "1 run did not finish by column 'State' and is left out: b (row 2, crashed)" in " ".join(
        runs.warnings
    )
    assert es.read_runs(path, where={"State": "finished"}).warnings == ()


def lightning(folder, version, losses):
    place = folder / "lightning_logs" / f"version_{version}"
    place.mkdir(parents=True)
    lines = ["epoch,step,train_loss_epoch,train_loss_step,val_loss"]
    for k, loss in enumerate(losses):
        lines += [f"{k},{50 * k + 49},,{loss + 0.1},", f"{k},{50 * k + 49},,,{loss}"]
        lines += [f"{k},{50 * k + 49},{loss + 0.2},,"]
    (place / "metrics.csv").write_text("\n".join(lines) + "\n")
    return place / "metrics.csv"


def test_lightning(tmp_path):
    one = lightning(tmp_path, 0, [4.0, 3.5])
    lightning(tmp_path, 1, [3.8, 3.3, 3.1])
    runs = es.read_runs(one, {"params": 1e6, "batch_tokens": 1000})
    assert runs.recognised["loss"] == "val_loss"
    assert (runs.steps.tolist(), runs.loss.tolist()) == ([49, 99], [4.0, 3.5])
    assert runs.tokens.tolist() == [49e3, 99e3]
    both = es.read_runs(tmp_path / "lightning_logs")
    assert both.name.tolist() == ["version_0", "version_1"]
    assert both.loss.tolist() == [3.5, 3.1]


def trainer_state(folder, step):
    folder.mkdir(parents=True)
    history = []
    for s in range(100, step + 1, 100):
        history.append({"epoch": s / 1000, "grad_norm": 1.0, "loss": 5 - s / 200, "step": s,
                        "num_input_tokens_seen": 1000 * s})  # fmt: skip
        history.append(
            {"epoch": s / 1000, "eval_loss": 5.5 - s / 200, "eval_runtime": 1.0, "step": s}
        )
    history.append({"epoch": step / 1000, "step": step, "total_flos": 1e15, "train_loss": 4.5})
    state = {"best_metric": None, "global_step": step, "log_history": history, "total_flos": 1e15}
    (folder / "trainer_state.json").write_text(json.dumps(state))
    return folder / "trainer_state.json"


def test_hugging_face(tmp_path):
    path = trainer_state(tmp_path / "small" / "checkpoint-200", 200)
    runs = es.read_runs(path, {"params": "1M"})
    assert runs.recognised["loss"] == "eval_loss"
    assert (runs.steps.tolist(), runs.loss.tolist()) == ([100, 200], [5.0, 4.5])
    assert runs.tokens.tolist() == [1e5, 2e5]
    assert runs.derived["flops"] == "6 params tokens"
    trainer_state(tmp_path / "small" / "checkpoint-400", 400)
    trainer_state(tmp_path / "big" / "checkpoint-1000", 1000)
    both = es.read_runs(tmp_path, {"params": "1M"})
    assert both.name.tolist() == ["big", "small"]
    assert both.steps.tolist() == [1000, 400]


def test_an_empty_trainer_history_is_said(tmp_path):
    (tmp_path / "trainer_state.json").write_text('{"log_history": []}')
    with pytest.raises(es.InputError, match="log_history is empty"):
        es.read_runs(tmp_path / "trainer_state.json")


def test_tensorboard_events_written_by_tensorboard(tmp_path):
    from tensorboard import summary  # of the test group: where it is missing, this fails
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = summary.Writer(str(tmp_path / "new"))
    for step in (10, 20, 300):
        writer.add_scalar("val/loss", 4 - step / 1000, step=step)
        writer.add_scalar("tokens", 1e4 * step, step=step)
    writer.close()
    old = EventFileWriter(str(tmp_path / "old"))
    for step in (10, 20):
        value = Summary.Value(tag="val/loss", simple_value=3 - step / 1000)
        old.add_event(Event(step=step, summary=Summary(value=[value])))
    old.close()
    runs = es.read_runs(tmp_path, {"params": 1e6})
    assert runs.name.tolist() == ["new"]
    assert runs.steps.tolist() == [300]
    assert "no tokens logged" in runs.excluded[0].reason
    runs = es.read_runs(tmp_path / "new", {"params": 1e6}, checkpoints="every")
    assert runs.steps.tolist() == [10, 20, 300]
    np.testing.assert_allclose(runs.loss, [3.99, 3.98, 3.7], rtol=1e-7)
    assert runs.tokens.tolist() == [1e5, 2e5, 3e6]
    runs = es.read_runs(tmp_path / "old", {"params": 1e6, "batch_tokens": 1e3})
    np.testing.assert_allclose(runs.loss, [2.99, 2.98], rtol=1e-7)


def test_what_is_not_an_event_file_is_said(tmp_path):
    path = tmp_path / "events.out.tfevents.1.x"
    path.write_bytes(b"\xff" * 64)
    with pytest.raises(es.InputError, match="is not a TensorBoard event file"):
        es.read_runs(path)
    path.write_bytes(b"")
    with pytest.raises(es.InputError, match="holds no scalars"):
        es.read_runs(path)


@pytest.fixture
def fill_store(monkeypatch):
    """Fill a store through MLflow's own client: two runs of a sweep, one deleted."""
    import mlflow  # of the test group: where it is missing, this fails

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")

    def fill(uri):
        client = mlflow.MlflowClient(tracking_uri=uri)
        sweep = client.create_experiment("sweep")
        for k in (1, 2, 3):
            run = client.create_run(sweep, run_name=f"size{k}").info.run_id
            client.log_param(run, "n_params", k * 10**6)
            for step in (10, 20, 30):
                client.log_metric(run, "val/loss", 4 - k / 10 - step / 100, step=step)
                client.log_metric(run, "tokens", 1e5 * step, step=step)
            client.set_terminated(run)
            if k == 3:
                client.delete_run(run)
        return uri

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield fill


def two_sizes(runs):
    order = np.argsort(runs.params)
    assert runs.params[order].tolist() == [1e6, 2e6]
    np.testing.assert_allclose(runs.loss[order], [3.6, 3.5])
    assert runs.tokens.tolist() == [3e6, 3e6]
    assert runs.checkpoints == "last"
    assert set(runs.experiment) == {"sweep"}
    assert {name.split()[0] for name in runs.name} == {"size1", "size2"}


def test_mlflow_database(tmp_path, fill_store):
    uri = fill_store(f"sqlite:///{tmp_path / 'mlflow.db'}")
    two_sizes(es.read_runs(tmp_path / "mlflow.db"))
    two_sizes(es.read_runs(uri))


def test_an_mlflow_server_without_its_library_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(es.InputError, match=r"pip install 'eigenscale\[trackers\]'"):
        es.read_runs("mlflow:http://localhost:5000")


def test_mlflow_file_store(tmp_path, fill_store):
    fill_store((tmp_path / "mlruns").as_uri())
    two_sizes(es.read_runs(tmp_path / "mlruns"))


def test_a_database_that_is_not_mlflow_is_said(tmp_path):
    import sqlite3

    path = tmp_path / "other.db"
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE t (x)")
    store.close()
    with pytest.raises(es.InputError, match="has no table with a header and rows"):
        es.read_runs(path)


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(es.InputError, match="the folder holds no run logs or tables"):
        es.read_runs(tmp_path)
