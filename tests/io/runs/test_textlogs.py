import numpy as np
import pytest

import eigenscale as es

NANOGPT = """\
tokens per iteration will be: 491,520
number of parameters: 123.59M
num decayed parameter tensors: 50, with 124,354,560 parameters
step 0: train loss 10.9899, val loss 10.9898
iter 0: loss 10.9892, time 65414.21ms, mfu -100.00%
iter 10: loss 9.7411, time 330.12ms, mfu 39.80%
step 250: train loss 6.1, val loss 6.2
saving checkpoint to out
iter 250: loss 6.0912, time 2000.1ms, mfu 38.01%
step 500: train loss 5.0, val loss 5.125
"""


def read(tmp_path, text, name="run.log", **options):
    path = tmp_path / name
    path.write_text(text)
    return es.read_runs(path, **options)


def test_nanogpt(tmp_path):
    runs = read(tmp_path, NANOGPT)
    assert runs.steps.tolist() == [250, 500]
    assert runs.loss.tolist() == [6.2, 5.125]
    assert runs.recognised["loss"] == "val_loss"
    np.testing.assert_allclose(runs.params, 123.59e6)
    np.testing.assert_allclose(runs.tokens, [250 * 491_520, 500 * 491_520])
    assert runs.derived["tokens"] == "steps × tokens per batch"
    assert runs.checkpoints == "every"
    reasons = [e.reason for e in runs.excluded]
    assert reasons == ["no loss logged at these steps", "before the first step"]


def test_the_training_loss_can_be_asked_for(tmp_path):
    runs = read(tmp_path, NANOGPT, columns={"loss": "loss"})
    assert runs.loss.tolist() == [9.7411, 6.0912]


@pytest.mark.parametrize(
    ("line", "step", "loss"),
    [("step:125/1750 val_loss:4.6123 train_time:1000ms", 125, 4.6123),
     ("iteration      100/  500000 | consumed samples: 25600 | lm loss: 7.245E+00 |", 100, 7.245),
     ("[Step 40] validation loss = 3.25", 40, 3.25),
     ("step 19/19560 | loss 8.25 (+1.1z)| norm 1.2", 19, 8.25),
     ("Iteration 7: eval_loss=2.5", 7, 2.5)],
)  # fmt: skip
def test_relatives_of_nanogpt(tmp_path, line, step, loss):
    runs = read(tmp_path, f"start\n{line}\n", columns={"params": 1e8, "tokens": 1e9})
    assert (runs.steps.tolist(), runs.loss.tolist()) == ([step], [loss])


LLMC = """\
| num_parameters        | 124475904                                          |
val loss 10.98
step    1/19560 | loss 11.009205 (+nanz)| norm 15.3 (+nanz)| lr 8.57e-07 | 44.9% bf16 MFU
step  250/19560 | loss 6.60 (+nanz)| norm 1.3 (+nanz)| lr 8.57e-07 | 44.9% bf16 MFU
val loss 6.625
step  500/19560 | loss 5.60 (+nanz)| norm 1.3 (+nanz)| lr 8.57e-07 | 44.9% bf16 MFU
val loss 5.5
best val loss 5.25 so far
"""


OLMO = """\
2024-08-06 09:58:02.1 host:0  train:120  INFO    Total number of parameters: 190,354,176
2024-08-06 09:58:02.1 host:0  train:121  INFO    Number of non-embedding parameters: 151,879,680
2024-08-06 09:59:26.1 host:0  olmo.train:908  INFO    Pre-train system metrics
    System/Peak GPU Memory (MB)=6,784
2024-08-06 09:59:26.1 host:0  olmo.train:908  INFO    [step=1/739328,epoch=0]
    optim/total_grad_norm=231.7
    train/CrossEntropyLoss=12.18
    train/Perplexity=195,153
    throughput/total_tokens=1,048,576
    throughput/total_training_Gflops=5,103,640
2024-08-06 10:00:05.5 host:0  olmo.train:908  INFO    [step=2/739328,epoch=0]
    train/CrossEntropyLoss=4.50
    train/Perplexity=90.02
    throughput/total_tokens=2,097,152
    throughput/total_training_Gflops=10,207,281
2024-08-06 10:00:09.5 host:0  olmo.train:908  INFO    c4_en-validation
    eval/c4_en-validation/CrossEntropyLoss=4.625
    eval/c4_en-validation/Perplexity=102.0
"""


@pytest.mark.parametrize("name", ["run.log", "run.txt"])
def test_olmo_writes_a_metric_per_line_below_its_step(tmp_path, name):
    runs = read(tmp_path, OLMO, name)
    assert (runs.steps.tolist(), runs.loss.tolist()) == ([2], [4.625])
    assert runs.recognised["loss"] == "eval/c4_en-validation/CrossEntropyLoss"
    assert (runs.params == 190_354_176).all()
    assert runs.tokens.tolist() == [2_097_152]
    np.testing.assert_allclose(runs.flops, 10_207_281e9)
    train = read(tmp_path, OLMO, name, columns={"loss": "train/CrossEntropyLoss"})
    assert (train.steps.tolist(), train.loss.tolist()) == ([1, 2], [12.18, 4.5])
    core = OLMO.replace("train/CrossEntropyLoss", "train/CE loss").split("2024-08-06 10:00:09")[0]
    assert read(tmp_path, core, name).loss.tolist() == [12.18, 4.5]


def test_a_held_out_loss_on_a_line_of_its_own_belongs_to_the_step_before(tmp_path):
    runs = read(tmp_path, LLMC, columns={"batch_tokens": 524_288})
    assert (runs.steps.tolist(), runs.loss.tolist()) == ([250, 500], [6.625, 5.5])
    assert (runs.params == 124_475_904).all()


def test_bits_per_byte_and_parameters_as_some_write_them(tmp_path):
    text = "Model size: 8,030,261,248 total parameters\n"
    for step in (10, 250):
        text += f"Step {step:05d} | Validation bpb: {4 - step / 100}\n"
        text += f"step {step:05d}/21400 (0.05%) | loss: {9 - step / 100} | dt: 477.0ms\n"
    runs = read(tmp_path, text, columns={"tokens": "1B"})
    assert runs.loss.tolist() == [8.9, 6.5]
    assert runs.alternatives["loss"] == ("val_bpb",)
    assert (runs.params == 8_030_261_248).all()
    bits = read(tmp_path, text, columns={"tokens": "1B", "loss": "val_bpb"})
    np.testing.assert_allclose(bits.loss, np.log(2) * np.array([3.9, 1.5]))


def test_tokens_in_the_line(tmp_path):
    text = "step 1: loss 4.0, tokens: 1.5M\nstep 2: loss 3.5, tokens: 3M\n"
    runs = read(tmp_path, text, "run.txt", columns={"params": "1M"})
    assert runs.tokens.tolist() == [1.5e6, 3e6]


def test_the_users_own_pattern(tmp_path):
    text = "E=1 @ 100 -> 3.5\nE=1 @ 200 -> 3.0\n"
    runs = read(tmp_path, text, pattern=r"@ (?P<step>\d+) -> (?P<loss>\S+)")
    assert (runs.steps.tolist(), runs.loss.tolist()) == ([100, 200], [3.5, 3.0])


@pytest.mark.parametrize(
    ("pattern", "said"),
    [(r"@ (?P<step>\d+", "is not a regular expression"), (r"(\d+)", "needs the named groups"),
     (r"x(?P<step>\d) (?P<loss>\S)", "no line has the pattern"), (None, "no line has a step and")],
)  # fmt: skip
def test_bad_patterns_and_logs(tmp_path, pattern, said):
    with pytest.raises(es.InputError, match=said):
        read(tmp_path, "nothing here\n", pattern=pattern)


def test_a_folder_of_logs_is_one_run_each(tmp_path):
    for k in (1, 2, 3):
        text = "".join(f"step {s}: loss {4 / k - s / 100}\n" for s in (10, 20, 30))
        (tmp_path / f"size{k}.log").write_text(f"number of parameters: {k}M\n{text}")
    few = es.read_runs(str(tmp_path / "size[12].log"))
    assert few.name.tolist() == ["size1", "size2"]
    with pytest.raises(es.InputError, match="no file matches"):
        es.read_runs(str(tmp_path / "*.csv"))
    runs = es.read_runs(tmp_path)
    assert runs.name.tolist() == ["size1", "size2", "size3"]
    assert runs.params.tolist() == [1e6, 2e6, 3e6]
    assert runs.steps.tolist() == [30, 30, 30]
    assert runs.checkpoints == "last"
