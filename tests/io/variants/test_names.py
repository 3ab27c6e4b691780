"""Columns called and cells written as people do it: the right field and unit, or one line."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pytest

import eigenscale as es
from eigenscale.io.data.target_files import read_target

GRID = [(n, d) for n in (2e7, 6e7, 1.5e8) for d in (1e9, 3e9, 1e10)]
N, D = (np.array(column) for column in zip(*GRID, strict=True))
LOSS = np.round(1.7 + 400 / N**0.34 + 410 / D**0.28, 4)
FRAME = pd.DataFrame({"params": N, "tokens": D, "loss": LOSS})
FLOPS = 6 * N * D

PARAMS = """params|N|n|Model Size|n_params|num_params|parameters|# params|config.n_params|
config/n_params|params.n_params|hparams.num_params|total_params|model_size|N (params)|
non_embedding_params|trainable_params|Params (non-embedding)"""
TOKENS = """tokens|D|n_tokens|train_tokens|tokens_seen|total_tokens|config.tokens|# tokens|
tokens trained|train/tokens|params.tokens|summary.tokens|Training Tokens|D (tokens)"""
LOSSES = """loss|L|val_loss|Loss/val|loss/val|val/loss|eval_loss|metrics.val_loss|summary.val_loss|
summary.eval/loss|Final Loss|val_ce|val_cross_entropy|val_nll|eval/lm_loss|loss (nats)|
best_val_loss|metrics.eval.loss|held-out loss|loss [nats/token]|dev_loss"""


def spelled(text):
    return [name.strip() for name in text.split("|")]


def same(runs, flops=None):
    np.testing.assert_allclose(runs.params, N, rtol=2e-3)
    np.testing.assert_allclose(runs.tokens, D, rtol=2e-3)
    np.testing.assert_allclose(runs.loss, LOSS, rtol=2e-3)
    if flops is not None:
        np.testing.assert_allclose(runs.flops, flops, rtol=2e-3)


@pytest.mark.parametrize(
    ("column", "name"),
    [(c, n) for c, t in (("params", PARAMS), ("tokens", TOKENS), ("loss", LOSSES))
     for n in spelled(t)],
)  # fmt: skip
def test_a_name(column, name):
    same(es.read_runs(FRAME.rename(columns={column: name})))


UNITS = {" (M)": 1e6, "_M": 1e6, " [M]": 1e6, " (millions)": 1e6, " (B)": 1e9, " (1e6)": 1e6,
         " (x1e6)": 1e6, " (×10^6)": 1e6, " (10^9)": 1e9, " / 1e6": 1e6, " in millions": 1e6,
         "_1e9": 1e9, " (K)": 1e3, "_mn": 1e6}  # fmt: skip


@pytest.mark.parametrize("column", ["params", "tokens"])
@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_behind_a_name(column, unit):
    frame = FRAME.assign(**{column: FRAME[column] / UNITS[unit]})
    same(es.read_runs(frame.rename(columns={column: column + unit})))


COMPUTE = {"flops": 1, "C": 1, "Training FLOP": 1, "EFLOPs": 1e18, "PFLOP": 1e15, "ZFLOPs": 1e21,
           "flops (1e18)": 1e18, "flops_1e18": 1e18, "compute (PF-days)": 8.64e19,
           "pfs_days": 8.64e19, "compute_pfdays": 8.64e19, "total_flos": 1}  # fmt: skip


@pytest.mark.parametrize("name", COMPUTE)
def test_compute(name):
    frame = FRAME[["params", "loss"]].assign(**{name: FLOPS / COMPUTE[name]})
    same(es.read_runs(frame), FLOPS)


CELLS = {
    "15M": lambda v: f"{v / 1e6:g}M",
    "15 m": lambda v: f"{v / 1e6:g} m",
    "0.02B": lambda v: f"{v / 1e9:g}B",
    "20 million": lambda v: f"{v / 1e6:g} million",
    "20 Mio": lambda v: f"{v / 1e6:g} Mio",
    "20,000,000": lambda v: f"{v:,.0f}",
    "20 000 000": lambda v: f"{v:,.0f}".replace(",", " "),
    "20'000'000": lambda v: f"{v:,.0f}".replace(",", "'"),
    "20_000_000": lambda v: f"{v:_.0f}",
    "2E+07": lambda v: f"{v:E}",
}


@pytest.mark.parametrize(("column", "cell"), [
    *(("params", cell) for cell in CELLS), *(("size", cell) for cell in list(CELLS)[:4]),
])  # fmt: skip
def test_a_size_in_words(column, cell, tmp_path):
    path = tmp_path / "a.csv"
    frame = FRAME.assign(params=[CELLS[cell](v) for v in N]).rename(columns={"params": column})
    frame.to_csv(path, index=False)
    same(es.read_runs(path))


@pytest.mark.parametrize("name", ["log10 params", "log10(params)", "ln params", "lg_params"])
def test_logarithms_of_a_said_base_are_turned_back(name):
    base = np.e if name.startswith("ln") else 10.0
    frame = FRAME.assign(params=np.log(N) / np.log(base)).rename(columns={"params": name})
    runs = es.read_runs(frame)
    same(runs)
    assert f"column {name!r} is read as logarithms" in " ".join(runs.warnings)
    vague = es.read_runs(FRAME.rename(columns={"params": "log_params"}))
    assert vague.params is None
    assert "logarithms whose base is not said" in " ".join(vague.warnings)


RATES = """TFLOPs|TFLOP/s|tokens/s|tokens_per_sec|tok/s|throughput|tokens/sec/gpu|tps|MFU|it/s|
TFLOPS/GPU|model_tflops|achieved_tflops|tokens per second|samples_per_second|flops/s"""


@pytest.mark.parametrize("name", spelled(RATES))
def test_a_rate_is_no_total(name):
    rate = np.linspace(70, 90, 9)
    runs = es.read_runs(FRAME[["params", "loss"]].assign(**{name: rate}))
    assert runs.tokens is None
    assert runs.flops is None


LOSS_UNITS = {
    "bits/byte": ["val_bpb", "bits_per_byte", "BPB", "loss (bits/byte)", "bits/byte", "val/bpb",
                  "val/bits_per_byte", "summary.val_bpb", "val loss [bits per byte]"],
    "bits/char": ["bpc", "bits per character"],
    "bits/token": ["loss_bits"],
    "nats/byte": ["nats_per_byte", "nats/byte"],
    "perplexity": ["perplexity", "val_ppl", "eval/perplexity", "PPL", "word perplexity",
                   "metrics.val_ppl", "loss (ppl)"],
    "error": ["error_rate", "test_error"],
    "percent": ["top1 error (%)"],
    "MSE": ["mse"],
    "WER": ["WER"],
}  # fmt: skip


@pytest.mark.parametrize(("unit", "name"), [(u, n) for u, many in LOSS_UNITS.items() for n in many])
def test_the_unit_of_a_loss(unit, name):
    shown = np.exp(LOSS) if unit == "perplexity" else LOSS / 3
    inside = LOSS if unit == "perplexity" else shown * (np.log(2) if "bits" in unit else 1)
    runs = es.read_runs(FRAME[["params", "tokens"]].assign(**{name: shown}))
    assert runs.unit == unit
    np.testing.assert_allclose(runs.loss, inside)


STATES = [("State", "finished", "crashed"), ("status", "FINISHED", "FAILED"),
          ("State", "finished", "running"), ("status", "COMPLETED", "killed"),
          ("state", "done", "preempted"), ("run_status", "success", "timeout"),
          ("status", "ok", "diverged"), ("completed", True, False), ("finished", "1", "0"),
          ("diverged", False, True), ("converged", "yes", "no"),
          ("is_crashed", "no", "yes")]  # fmt: skip


@pytest.mark.parametrize(("column", "ended", "other"), STATES)
def test_runs_that_did_not_end_are_left_out_and_can_be_kept(column, ended, other, tmp_path):
    path = tmp_path / "a.csv"
    state = [other if i == 4 else ended for i in range(9)]
    FRAME.assign(**{column: state}).to_csv(path, index=False)
    runs = es.read_runs(path)
    assert runs.rows.tolist() == [1, 2, 3, 4, 6, 7, 8, 9]
    said = next(text for text in runs.warnings if "did not finish" in text)
    condition = said.partition("(--where ")[2].rstrip(")")
    assert len(es.read_runs(path, where=condition)) == 9


ROWS = FRAME.to_dict("records")
DOCUMENTS = {
    "wrapped": {"data": ROWS},
    "versioned": {"runs": ROWS, "version": 1},
    "by name": {f"run{i}": row for i, row in enumerate(ROWS)},
    "texts": [{name: str(value) for name, value in row.items()} for row in ROWS],
    "tight": FRAME.to_dict("tight"),
    "header": [list(FRAME.columns), *FRAME.to_numpy().tolist()],
    "a row of nulls": [*ROWS, dict.fromkeys(FRAME.columns)],
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_json(name, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENTS[name]), encoding="utf-16" if len(name) % 2 else "utf-8")
    same(es.read_runs(path))


def test_one_of_several_sheets_or_tables_can_be_named(tmp_path):
    book, store = tmp_path / "a.xlsx", tmp_path / "a.db"
    with pd.ExcelWriter(book) as out:
        pd.DataFrame({"note": ["hello", "you"]}).to_excel(out, sheet_name="read me", index=False)
        FRAME.to_excel(out, sheet_name="runs", index=False)
    same(es.read_runs(book))
    with sqlite3.connect(store) as kept:
        FRAME.to_sql("runs", kept, index=False)
        FRAME[:2].to_sql("old", kept, index=False)
    kept.close()
    with pytest.raises(es.InputError, match=r"name one, as a.db:old"):
        es.read_runs(store)
    same(es.read_runs(f"{store}:runs"))


def test_a_column_of_a_structured_array_can_be_the_target(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, FRAME.to_records(index=False))
    np.testing.assert_allclose(read_target(path, "loss"), LOSS)
    with pytest.raises(es.InputError, match=r"name one as the target, as a.npy:NAME"):
        read_target(path, None)
    np.save(path, FRAME.to_numpy())
    with pytest.raises(es.InputError, match="it has one array without names"):
        read_target(path, "loss")
