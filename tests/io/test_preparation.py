"""Tables as people have them: every column gets a role, or is left out with its reason."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer

from eigenscale.errors import InputError
from eigenscale.io.preparation.exclusions import looks_like_identity
from eigenscale.io.preparation.preparation import MOST_CATEGORIES, prepare, prepare_array
from eigenscale.io.preparation.roles import Column
from eigenscale.io.preparation.tables import prepared_source, raw_table
from eigenscale.spectra.measure import measure

ROWS = 240
NAMES = (
    *("customer_id", "age", "income", "city", "seen", "note", "unit"),
    *("same_income", "code", "patient", "ill"),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table with an identifier, dates, categories, gaps, copies, a constant, the label twice."""
    rng = np.random.default_rng(1)
    age, city = rng.integers(20, 90, ROWS), rng.choice(["Rome", "Oslo", "Lima"], ROWS)
    income = np.exp(rng.normal(10, 1, ROWS)).round(2)
    sick = age / 50 + (city == "Oslo") + rng.normal(size=ROWS) > 1.8
    day = np.datetime64("2021-03-01") + rng.integers(0, 400, ROWS)
    path = tmp_path_factory.mktemp("tables") / "people.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow([*NAMES])
        for i in range(ROWS):
            out.writerow(
                [
                    f"C{i:05d}",
                    "" if i % 17 == 0 else age[i],
                    income[i],
                    "?" if i % 23 == 0 else city[i],
                    day[i],
                    f"came in on day {i}, {rng.random():.4f}",
                    7,
                    income[i],
                    "A" if sick[i] else "B",
                    i // 4,
                    "yes" if sick[i] else "no",
                ]
            )
    return path


def test_columns_are_understood(table):
    found = raw_table(str(table), "ill")
    roles = {c.name: c.role for c in found.preparation.columns}
    assert roles == {"age": "number", "income": "number", "city": "category", "seen": "date"}
    why = {gone.name: gone.why for gone in found.preparation.left_out}
    assert "identifier" in why["customer_id"]
    assert "free text" in why["note"]
    assert why["unit"] == "it is constant"
    assert why["same_income"] == "it is a copy of income"
    assert why["code"] == "it is the target in other words"
    assert why["patient"] == "it names a group of 4 rows on average"
    assert found.preparation.groups == ("patient",)
    assert any("--groups patient" in line for line in found.preparation.warnings)
    assert found.preparation.mode == "standard"


def test_training_rows_alone_are_learned_from(table):
    found = raw_table(str(table), "ill")
    part = found.preparation.fit(found.raw[:100])
    inputs = part(found.raw)
    assert np.isfinite(inputs).all()
    assert inputs[:100, :3].mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    assert inputs[:100, :3].std(axis=0) == pytest.approx(np.ones(3))
    other = found.raw.copy()
    other[100:] *= 100
    assert np.array_equal(found.preparation.fit(other[:100])(found.raw), inputs)


def test_a_dataframe_is_read_as_the_file_is(table):
    frame = pd.read_csv(table)
    a, b = (raw_table(data, "ill") for data in (frame, str(table)))
    assert a.preparation.to_dict() == b.preparation.to_dict()
    np.testing.assert_allclose(a.raw, b.raw)


def test_scaling_is_that_of_scikit_learn_s_pipeline():
    raw = np.random.default_rng(0).lognormal(size=(200, 3)) * [1, 100, 1e4]
    columns = [Column(name, "number", raw[:, i]) for i, name in enumerate(["a", "b", "c"])]
    made = prepare(columns)
    assert made.mode == "standard"
    np.testing.assert_allclose(made.fit(raw)(raw), (raw - raw.mean(0)) / raw.std(0))
    robust = prepare(columns, "robust")
    assert np.abs(robust.fit(raw)(raw)).max() <= 5


@pytest.mark.parametrize(
    ("names", "values", "mode"),
    [
        (
            "pixel{}",
            lambda rng: rng.integers(0, 17, (200, 12)) * (rng.random((200, 12)) < 0.6),
            "none",
        ),
        ("x{}", lambda rng: rng.normal(size=(200, 12)) * np.arange(1, 13.0) ** -1.5, "none"),
        ("word_{}", lambda rng: rng.poisson(np.linspace(0.01, 0.4, 12), (200, 12)), "none"),
        ("length{}", lambda rng: rng.normal(5, 1, (200, 12)), "none"),
        ("q{}a", lambda rng: rng.normal(50, 1, (200, 12)) * 10.0 ** np.arange(12), "standard"),
    ],
)
def test_auto_scales_different_units_only(names, values, mode):
    raw = values(np.random.default_rng(0)).astype(float)
    columns = [Column(names.format(i), "number", raw[:, i]) for i in range(12)]
    assert prepare(columns).mode == mode


def test_arrays_are_left_as_they_are_unless_asked():
    raw = np.random.default_rng(0).normal(size=(50, 3)) * [1, 10, 1000]
    assert np.array_equal(prepare_array(raw, "auto").fit(raw)(raw), raw)
    assert prepare_array(raw, "standard").fit(raw)(raw).std(axis=0) == pytest.approx(np.ones(3))
    with pytest.raises(InputError, match="'z-score' is not known"):
        prepare_array(raw, "z-score")


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 60), st.integers(0, 5))
def test_categories_are_bounded_and_unknown_ones_are_no_error(count, seed):
    codes = np.random.default_rng(seed).integers(0, count, 300).astype(float)
    column = Column("c", "category", codes, tuple(str(i) for i in range(count)))
    made = prepare([column], "none").fit(codes[:, None])
    assert made(codes[:, None]).shape[1] <= MOST_CATEGORIES
    assert np.isfinite(made(np.array([[count + 1.0], [np.nan]]))).all()


def test_unique_whole_numbers_that_tell_the_target_are_kept(tmp_path):
    rng = np.random.default_rng(0)
    size = rng.permutation(np.arange(1000, 9000))[:300]
    lines = [f"{s},{rng.normal():.4f},{s / 1000 + rng.normal():.5f}" for s in size]
    (tmp_path / "a.csv").write_text("\n".join(["square_feet,noise,price", *lines]))
    assert not raw_table(str(tmp_path / "a.csv"), "price").preparation.left_out
    assert looks_like_identity("PassengerId")
    assert not looks_like_identity("width")


def test_patients_have_their_units_removed(tmp_path):
    data = load_breast_cancer(as_frame=True).frame
    data["target"] = np.where(data["target"] == 0, "malignant", "benign")
    data.insert(0, "id", np.random.default_rng(0).permutation(len(data)) * 7 + 8000)
    data.to_csv(tmp_path / "patients.csv", index=False)
    source, _, _, made = prepared_source(str(tmp_path / "patients.csv"), "target", None, "auto")
    assert source.n_columns == 30
    assert [gone.name for gone in made.left_out] == ["id"]
    json.dumps(made.to_dict())


def test_a_spectrum_is_that_of_the_prepared_table(table):
    measured = measure(str(table), "ill", missing="drop")
    assert measured.n_inputs == 6  # age, income, three cities and the date
    assert any("left out: it is constant" in note for note in measured.notes)
