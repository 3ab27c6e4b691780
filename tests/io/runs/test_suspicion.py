import numpy as np
import pytest

import eigenscale as es

GOOD = {"params": [1e8, 2e8, 4e8], "tokens": [1e9, 2e9, 4e9], "loss": [3.5, 3.1, 2.8]}


def warnings(**columns):
    return es.read_runs({**GOOD, **columns}).warnings


def test_a_good_table_gives_no_warning():
    assert warnings() == ()
    assert warnings(flops=[6e17, 2.4e18, 9.6e18]) == ()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"flops": [6e17, 2.4e18, 2e19]}, "by more than 30 % in 1 of 3 runs"),
        ({"flops": [2e17, 0.8e18, 3.2e18]}, "median ratio 0.333"),
        ({"loss": [33.0, 22.0, 16.0]}, "looks like a perplexity"),
        ({"loss": [3.5, 22.0, 2.8]}, "1 losses in 'loss' are above"),
        ({"params": [0.1, 0.2, 0.4]}, "params are 0.1 to 0.4, small for a count"),
        ({"tokens": [1, 2, 4]}, "tokens are 1 to 4, small for a count"),
        ({"loss": [12.1, 9.0, 5.5]}, "every loss in 'loss' is above 5 nats, with up to"),
        ({"params": [10, 1e8, 1e9]}, "with a gap of 7 decades: some rows look like millions"),
        ({"params": [0.1, 2e8, 4e8]}, "some rows look like millions or billions"),
        ({"tokens": [1e9, 1e9, 1e9], "loss": [2.8, 3.1, 3.5]},
         "loss rises with params at the same tokens in 2 of 2"),
        ({"train_loss": [3.4, 3.0, 2.7]}, "1 other column could be it (train_loss)"),
        ({"non_embedding_params": [9e7, 1e8, 3e8]}, "could be it (non_embedding_params)"),
        ({"outlier": [0, 1, 0]}, "1 of 3 runs are flagged in column 'outlier' and kept"),
        ({"experiment": ["a", "b", "b"]}, "the table holds 2 experiments"),
    ],
)  # fmt: skip
def test_what_looks_wrong_is_said(columns, said):
    found = warnings(**columns)
    assert len([text for text in found if said in text]) == 1
    assert all("\n" not in text for text in found)


def test_bits_among_nats_are_seen_and_smooth_tables_are_not_accused():
    rng = np.random.default_rng(0)
    accused = 0
    for _ in range(100):
        N, D = 10 ** rng.uniform(7, 11, 40), 10 ** rng.uniform(8.5, 13, 40)
        scatter = rng.choice([0.0, 0.01, 0.05]) * rng.standard_normal(40)
        loss = (rng.uniform(1, 2) + 400 / N**0.34 + 400 / D**0.28) * np.exp(scatter)
        table = {"params": N, "tokens": D, "loss": loss}
        accused += any("look like bits" in text for text in es.read_runs(table).warnings)
    assert accused == 0
    loss = 1.7 + 400 / N**0.34 + 400 / D**0.28
    mixed = {**table, "loss": np.where(np.arange(40) < 10, loss / np.log(2), loss)}
    said = " ".join(es.read_runs(mixed).warnings)
    assert "look like bits in 10 of 40 rows (first row 1) and nats in the others" in said


def test_a_peak_of_students_is_called_what_it_is():
    runs = es.read_runs(
        {"n_features": [100, 200, 400], "n_samples": [200] * 3, "loss": [0.3, 5.0, 0.2]}
    )
    assert "1 of 2 neighbouring pairs (worst: rows 1 and 2): double descent" in runs.warnings[0]


def test_repeated_rows_are_counted():
    runs = es.read_runs({k: [*v, v[1], v[1]] for k, v in GOOD.items()})
    assert runs.warnings == ("2 rows repeat another row exactly (the first is row 2); each counts",)
