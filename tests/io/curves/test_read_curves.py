"""Curves from files: every format alike, rules, restarts, sparse logs."""

import json

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.curves.read import read_curves

STEPS = np.arange(100, 2001, 100)
LOSS = 2.0 + 5.0 * STEPS**-0.4
RATES = np.linspace(1e-3, 1e-4, len(STEPS))


def lines(steps=STEPS, rates=RATES, loss=LOSS, header="step,lr,loss"):
    rows = (f"{s},{r},{v}" for s, r, v in zip(steps, rates, loss, strict=True))
    return "\n".join([header, *rows]) + "\n"


def changed(values, row, value):
    out = list(values)
    out[row] = value
    return out


def test_formats_are_alike(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    (tmp_path / "a.csv").write_text(lines(header="Step,train/learning_rate,eval/loss"))
    columns = {"global_step": STEPS, "learning_rate": RATES, "loss": LOSS}
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    rows = [
        dict(zip(columns, map(float, r), strict=True)) for r in zip(*columns.values(), strict=True)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    state = {"log_history": [{"step": int(r["global_step"]), **r} for r in rows]}
    (tmp_path / "trainer_state.json").write_text(json.dumps(state))
    for name in ("a.csv", "a.parquet", "a.jsonl", "trainer_state.json"):
        (curve,) = read_curves(tmp_path / name)
        assert curve.steps.tolist() == STEPS.tolist()
        assert curve.loss == pytest.approx(LOSS)
        assert curve.rates == pytest.approx(RATES)


def test_several_curves_in_a_table():
    table = {
        "run": ["a"] * 20 + ["b"] * 20,
        "step": np.tile(STEPS, 2),
        "lr": np.tile(RATES, 2),
        "loss": np.concatenate([LOSS, LOSS + 0.1]),
    }
    first, second = read_curves(table)
    assert (first.name, second.name) == ("a", "b")
    assert second.loss == pytest.approx(LOSS + 0.1)


def test_a_plan_needs_no_losses_and_uses_none():
    table = {"step": STEPS, "lr": RATES, "loss": [float("nan")] * len(STEPS)}
    (plan,) = read_curves(table, losses=False)
    assert np.isnan(plan.loss).all()
    (bare,) = read_curves({"step": STEPS, "lr": RATES}, losses=False)
    assert bare.rates == pytest.approx(RATES)


def test_step_zero_is_before_training():
    table = {"step": np.append(0, STEPS), "lr": np.append(0.0, RATES), "loss": np.append(9.0, LOSS)}
    assert read_curves(table)[0].steps[0] == 100


def test_a_restart_that_logs_steps_again_is_stitched_and_said():
    steps = [*STEPS[:12], *STEPS[8:]]
    loss = [*LOSS[:8], *(LOSS[8:12] + 1), *LOSS[8:]]
    (curve,) = read_curves({"step": steps, "lr": [1e-3] * len(steps), "loss": loss})
    assert curve.loss == pytest.approx(LOSS)
    assert "4 steps were logged again" in curve.warnings[0]


def test_a_restart_on_other_steps_is_stitched_too():
    again = np.arange(850, 2001, 100)
    steps = [*STEPS[:12], *again]
    (curve,) = read_curves({"step": steps, "lr": [1e-3] * len(steps), "loss": [2.0] * len(steps)})
    assert curve.steps.tolist() == [*STEPS[:8], *again]


def test_losses_logged_less_often_than_rates():
    loss = np.full(len(STEPS), np.nan)
    loss[::4] = LOSS[::4]
    (curve,) = read_curves({"step": STEPS, "lr": RATES, "loss": loss})
    assert curve.loss == pytest.approx(LOSS[::4])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (lines(loss=changed(LOSS, 4, "nan")), "loss of c is missing or NaN in row 5"),
        (lines(loss=changed(LOSS, 4, "inf")), "loss of c is .* in row 5"),
        (lines(loss=changed(LOSS, 4, -1)), "loss of c is -1 in row 5"),
        (lines(loss=changed(LOSS, 4, "bad")), "'bad' in row 5"),
        (lines(rates=changed(RATES, 2, -1e-3)), "learning rate of c is -0.001 in row 3"),
        (lines(rates=changed(RATES, 2, "nan")), "learning rate of c is missing or NaN in row 3"),
        (lines(rates=np.zeros(len(STEPS))), "is 0 at every step"),
        (lines(steps=changed(STEPS, 3, 350.5)), "steps are whole numbers"),
        (lines(steps=changed(STEPS, 3, -4)), "steps are whole numbers"),
        (lines(steps=changed(STEPS, 3, 150)), "out of order: 150 in row 4"),
        (lines(steps=STEPS[::-1]), "out of order"),
        (lines(steps=np.random.default_rng(0).permutation(STEPS)), "out of order"),
        (lines(header="step,lr,other"), "no loss column"),
        (lines(header="time_s,lr,loss"), "no step column"),
        ("step,lr,loss\n", "no rows"),
    ],
)
def test_one_line_for_what_breaks_a_rule(tmp_path, table, words):
    (tmp_path / "c.csv").write_text(table)
    with pytest.raises(InputError, match=words) as caught:
        read_curves(tmp_path / "c.csv")
    assert "\n" not in str(caught.value)


def test_columns_by_name(tmp_path):
    (tmp_path / "c.csv").write_text(lines(header="k,speed,value"))
    named = {"step": "k", "lr": "speed", "loss": "value"}
    assert read_curves(tmp_path / "c.csv", named)[0].loss == pytest.approx(LOSS)
    with pytest.raises(InputError, match="which is not one of"):
        read_curves(tmp_path / "c.csv", {"rate_of": "k"})
    with pytest.raises(InputError, match="is not in"):
        read_curves(tmp_path / "c.csv", {"step": "nothing"})


def test_rates_behind_the_last_loss_are_the_schedule_ahead():
    loss = np.where(STEPS <= 1200, LOSS, np.nan)
    (curve,) = read_curves({"step": STEPS, "lr": RATES, "loss": loss})
    assert curve.steps[-1] == 1200
    assert curve.ahead[0].tolist() == STEPS[12:].tolist()
    assert "schedule ahead" in curve.warnings[0]


def test_a_single_loss_that_is_lost_at_the_end_is_refused():
    loss = np.where(STEPS < 2000, LOSS, np.nan)
    with pytest.raises(InputError, match="NaN in row 20"):
        read_curves({"step": STEPS, "lr": RATES, "loss": loss})


def test_the_unit_of_a_loss_and_a_score_that_rises():
    (curve,) = read_curves({"step": STEPS, "lr": RATES, "val bpb": LOSS})
    assert curve.unit == "bits/byte"
    (plain,) = read_curves({"step": STEPS, "lr": RATES, "loss": LOSS})
    assert plain.unit == "nats/token"
    table = {"step": STEPS, "lr": RATES, "accuracy": 1 - 1 / STEPS}
    with pytest.raises(InputError, match=r"rises|no loss column"):
        read_curves(table)
