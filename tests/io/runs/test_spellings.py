import pytest

from eigenscale.errors import InputError
from eigenscale.io.runs.names import recognise
from eigenscale.io.runs.spellings import guess

FIELD_OF = {
    "params": "params, N, n_params, Model Size, num_parameters, total_params, parameter_count, "
    "params_active_precise, Non-Embedding Params, trainable params, Parameters (B), "
    "params_m, n_features",
    "tokens": "tokens, D, n_tokens, Training Tokens, total_tokens, tokens_seen, tokens (B), "
    "tokens_b, "
    "throughput/total_tokens, num_input_tokens_seen, n_samples, train_size, T",
    "flops": "flops, C, Training FLOP, training_flops, compute, Compute (PF-days), budget, "
    "total_flos, "
    "throughput/total_training_Gflops, PFLOPs, train_compute, flops (1e18)",
    "loss": "loss, final_loss, L, val_loss, eval/loss, validation loss, test_loss, train_loss, "
    "cross_entropy, eval/c4_en-validation/CrossEntropyLoss, perplexity, val_ppl, bpb, "
    "loss (bits), NLL",
    "unique_tokens": "unique_tokens, Unique Tokens (B)",
    "steps": "step, _step, global_step, iter, iterations, trainer/global_step",
    "batch_tokens": "batch_size_in_tokens, tokens_per_step, batch_tokens",
    "family": "family, model_family, arch",
    "seed": "seed, random_seed",
    "name": "name, run_name, Run",
    "flagged": "outlier, is_outlier",
}


@pytest.mark.parametrize(
    ("field", "column"),
    [(field, column) for field, names in FIELD_OF.items() for column in names.split(", ")],
)
def test_common_spellings_are_recognised(field, column):
    said = guess(column)
    assert said is not None
    assert said.field == field


@pytest.mark.parametrize(
    "column",
    ["hex_color", "x", "tokens_per_second",
     "tokens per param",
     "params_dir", "dataset", "reason", "width", "depth", "", "/", "()", "flops_per_second"],
)  # fmt: skip
def test_other_columns_are_left_alone(column):
    assert guess(column) is None


@pytest.mark.parametrize(
    ("column", "unit"),
    [("tokens (B)", 1e9), ("params_m", 1e6), ("Parameters [M]", 1e6), ("tokens_billions", 1e9),
     ("flops (1e18)", 1e18), ("Compute (PF-days)", 8.64e19), ("compute_pf_days", "PF-days"),
     ("total_training_Gflops", "gflops"), ("loss (bits)", "bits/token"), ("val_bpb", "bits/byte"),
     ("eval_ppl", "perplexity"), ("loss", "nats"), ("n_params", 1.0)],
)  # fmt: skip
def test_units_are_read_from_the_name(column, unit):
    assert guess(column).unit == unit


def test_held_out_loss_is_preferred_to_the_training_loss():
    known = recognise(["train/loss", "loss", "val/loss", "perplexity"])
    assert known.columns["loss"] == "val/loss"
    assert known.alternatives["loss"] == ("loss", "train/loss", "perplexity")


def test_total_params_are_preferred_and_the_others_shown():
    known = recognise(["non_embedding_params", "params_active", "n_params", "tokens", "loss"])
    assert known.columns["params"] == "n_params"
    assert known.alternatives["params"] == ("params_active", "non_embedding_params")


def test_an_override_takes_the_unit_from_the_named_column():
    known = recognise(["params", "size (B)", "params_m", "loss"], {"params": "params_m"})
    assert known.columns["params"] == "params_m"
    assert known.units["params"] == 1e6
    known = recognise(["params", "weights", "loss"], {"params": "weights"})
    assert known.units["params"] == 1.0
    assert known.alternatives["params"] == ("params",)


def test_an_override_can_be_one_number_for_every_row():
    assert recognise(["loss"], {"params": "124M"}).constants == {"params": 124e6}
    assert recognise(["loss"], {"tokens": 2e9}).constants == {"tokens": 2e9}


def test_an_override_that_is_not_there_lists_the_columns():
    with pytest.raises(InputError, match=r"column 'parms' for params is not in .* has: size, loss"):
        recognise(["size", "loss"], {"params": "parms"})
    with pytest.raises(InputError, match="columns names 'parameters', which is not one of: params"):
        recognise(["size", "loss"], {"parameters": "size"})
