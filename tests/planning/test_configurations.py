"""Planned runs as configurations: counted, accepted by the frameworks' parsers, read back."""

import argparse
import csv
import dataclasses
import json
import shlex

import numpy as np
import pytest

import eigenscale as es
from eigenscale.cli.app import main
from eigenscale.planning.configurations.finished import score_finished
from eigenscale.planning.configurations.frameworks import HABITS, WRITERS, files
from eigenscale.planning.configurations.planned import recipes
from eigenscale.planning.configurations.recipe import recipe

PLACES = [("small", 1e8, 2e9, 1), ("large", 1e9, 2e10, 2)]


@pytest.mark.parametrize("kind", WRITERS)
def test_shapes_are_near_and_the_compute_is_kept(kind):
    for run in recipes("hoffmann", PLACES, kind):
        assert run.params == run.architecture.params
        assert run.params == pytest.approx(run.planned_params, rel=0.1)
        asked = 6 * run.planned_params * run.planned_tokens
        assert run.flops == pytest.approx(asked, rel=0.01)
        assert run.tokens == run.steps * run.sequences * run.architecture.context
        assert run.sequences % 8 == 0
        assert run.architecture.width % 64 == 0
        expected = float(es.published("hoffmann").loss(run.params, run.tokens))
        assert run.predicted.value == pytest.approx(expected)


def test_seeds_are_runs_of_their_own():
    names = [run.name for run in recipes("hoffmann", PLACES)]
    assert names == ["small", "large-seed0", "large-seed1"]


def test_a_short_run_gets_a_smaller_batch_and_a_hopeless_one_is_refused():
    assert recipe("short", 1e8, 2e7).steps >= 150
    with pytest.raises(es.InputError, match="plan a longer run"):
        recipe("hopeless", 1e8, 1e5)


def test_hugging_face_reads_the_model():
    transformers = pytest.importorskip("transformers", reason="needs transformers")
    (run,) = recipes("hoffmann", PLACES[:1], "hf")
    made = files([run], "hf")
    config = transformers.LlamaConfig.from_dict(json.loads(made["small/config.json"]))
    w, layers = config.hidden_size, config.num_hidden_layers
    blocks = layers * (4 * w * w + 3 * w * config.intermediate_size)
    assert blocks + config.vocab_size * w == run.params
    assert json.loads(made["small/training_args.json"])["max_steps"] == run.steps


def test_yaml_reads_the_olmo_file():
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    (run,) = recipes("hoffmann", PLACES[:1], "olmo")
    found = yaml.safe_load(files([run], "olmo")["small.yaml"])
    assert found["model"]["d_model"] == run.architecture.width
    assert found["optimizer"]["learning_rate"] == pytest.approx(run.learning_rate, abs=1e-6)
    assert found["optimizer"]["betas"] == [0.9, 0.95]
    assert found["max_duration"] == run.steps


def test_olmo_reads_its_file(tmp_path):
    """Where ai2-olmo and its torch are installed; the keys were checked against 0.6.0."""
    config = pytest.importorskip("olmo.config", reason="needs ai2-olmo", exc_type=ImportError)
    (run,) = recipes("hoffmann", PLACES[:1], "olmo")
    (tmp_path / "small.yaml").write_text(files([run], "olmo")["small.yaml"])
    found = config.TrainConfig.load(tmp_path / "small.yaml")
    assert found.model.d_model == run.architecture.width
    assert found.model.vocab_size == run.architecture.vocabulary
    assert found.optimizer.learning_rate == pytest.approx(run.learning_rate, abs=1e-6)
    assert found.max_duration == run.steps


def test_hugging_face_knows_every_key_of_the_training_arguments():
    """`TrainingArguments` is a dataclass whose fields need no torch."""
    transformers = pytest.importorskip("transformers", reason="needs transformers")
    (run,) = recipes("hoffmann", PLACES[:1], "hf")
    made = json.loads(files([run], "hf")["small/training_args.json"])
    known = {field.name for field in dataclasses.fields(transformers.TrainingArguments)}
    assert set(made) <= known
    (found,) = transformers.HfArgumentParser(Given).parse_dict(
        {name: made[name] for name in ("max_steps", "learning_rate", "lr_scheduler_kwargs")}
    )
    assert (found.max_steps, found.learning_rate) == (run.steps, run.learning_rate)


@dataclasses.dataclass
class Given:
    """Three of the arguments, with their types."""

    max_steps: int
    learning_rate: float
    lr_scheduler_kwargs: dict


def test_nanochat_builds_the_shape_from_its_command():
    (run,) = recipes("hoffmann", PLACES[:1], "nanochat")
    parser = argparse.ArgumentParser()
    names = ("depth", "aspect-ratio", "head-dim", "max-seq-len", "total-batch-size")
    for name in (*names, "num-iterations", "warmup-steps"):
        parser.add_argument(f"--{name}", type=int)
    for name in ("run", "model-tag"):
        parser.add_argument(f"--{name}")
    words = shlex.split(files([run], "nanochat")["small.sh"])
    found = parser.parse_args(words[words.index("--") + 1 :])
    width = -(-found.depth * found.aspect_ratio // found.head_dim) * found.head_dim
    assert (found.depth, width) == (run.architecture.layers, run.architecture.width)
    assert found.total_batch_size * found.num_iterations == run.tokens


def test_the_round_trip(tmp_path, capsys, monkeypatch):
    """Plan, write, train by the same law with noise, read back: predictions hold."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    law = es.published("besiroglu")
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 3e10, 5)))
    loss = law.loss(N, D) * np.exp(0.003 * rng.standard_normal(N.size))
    lines = [f"{n:.6g},{d:.6g},{y:.6f}" for n, d, y in zip(N, D, loss, strict=True)]
    (tmp_path / "runs.csv").write_text("\n".join(["params,tokens,loss", *lines]) + "\n")
    asked = ["plan", "runs.csv", "--flops", "1e22", "--bootstrap", "100", "--write", "hf:configs"]
    assert main([*asked, "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert written["folder"] == "configs"
    assert all((tmp_path / "configs" / name).is_file() for name in written["files"])
    with (tmp_path / "configs" / "runs.csv").open() as file:
        rows = list(csv.DictReader(file))
    size, data = (np.array([float(row[name]) for row in rows]) for name in ("params", "tokens"))
    loss = law.loss(size, data) * np.exp(0.003 * rng.standard_normal(len(rows)))
    lines = [f"{n:.8g},{d:.8g},{y:.6f}" for n, d, y in zip(size, data, loss, strict=True)]
    (tmp_path / "done.csv").write_text("\n".join(["params,tokens,loss", *lines]) + "\n")
    assert main(["plan", "done.csv", "--finished", "configs", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["scores"]) == len(rows)
    assert found["median_error"] < 0.02
    assert not found["missing"]
    assert main(["plan", "done.csv", "--finished", "configs"]) == 0
    assert "finished runs match the plan" in capsys.readouterr().out
    (tmp_path / "one.csv").write_text("\n".join(["params,tokens,loss", lines[0]]) + "\n")
    assert len(score_finished(tmp_path / "configs", tmp_path / "one.csv").missing) == len(rows) - 1


def test_bad_requests_are_one_line(tmp_path, capsys):
    asked = ["plan", "--constants", "hoffmann", "--flops", "1e21"]
    for extra, words in (
        (["--write", "jax"], "known are csv, hf, olmo, nanochat"),
        (["--finished", str(tmp_path)], "--finished needs the table"),
    ):
        assert main([*asked, *extra]) == 2
        error = capsys.readouterr().err
        assert words in error
        assert error.count("\n") == 1
    assert set(HABITS) == set(WRITERS)
