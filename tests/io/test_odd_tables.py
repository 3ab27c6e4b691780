"""Two hundred odd tables: every column is understood, or left out with its reason in one line."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eigenscale.__main__ import main
from eigenscale.io.look import look
from eigenscale.io.preparation.tables import raw_table

Cells = list[Any]
Maker = Callable[[np.random.Generator, np.ndarray], Cells]


@dataclass(frozen=True)
class Made:
    """A table: its columns, what each is, its target and the kind of that."""

    path: Path
    kinds: dict[str, str]
    target: str
    classes: bool


def _money(rng, hidden):
    return [f"${1000 + 400 * h + rng.uniform(0, 5):,.2f}" for h in hidden]


def _percent(rng, hidden):
    return [f"{20 + 3 * h + rng.normal():.1f} %" for h in hidden]


def _euro(rng, hidden):
    return [f"{rng.uniform(1, 90000):,.2f} €" for _ in hidden]


def _spaced(rng, hidden):
    return [f"{int(rng.integers(1000, 9_000_000)):,}".replace(",", " ") for _ in hidden]


def _unit(rng, hidden):
    return [f"{70 + 9 * h + rng.normal():.1f} kg" for h in hidden]


def _plain(rng, hidden):
    return [round(h * 50 + rng.normal(), 3) for h in hidden]


def _small(rng, hidden):
    return [f"{1e-6 * (h + rng.normal()):.3e}" for h in hidden]


def _gaps(rng, hidden):
    words = ["", "NA", "?", "n/a", "null", "-"]
    gap = words[rng.integers(len(words))]
    return [gap if rng.uniform() < 0.1 else round(h + rng.normal(), 2) for h in hidden]


def _stray(rng, hidden):
    cells: Cells = [round(5 * h + rng.normal(), 2) for h in hidden]
    for place in rng.integers(len(cells), size=2):
        cells[place] = "not measured"
    return cells


def _date(rng, hidden):
    days = np.datetime64("2019-01-01") + rng.integers(0, 900, len(hidden))
    form = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%Y-%m-%d %H:%M"][rng.integers(5)]
    return [day.item().strftime(form) for day in days]


def _city(rng, hidden):
    return list(rng.choice(["Rome", "Oslo", "Lima", "Turin, Italy", "São Paulo"], len(hidden)))


def _flag(rng, hidden):
    pair = [("yes", "no"), ("TRUE", "FALSE"), ("Y", "N"), ("f", "m"), ("0", "1")][rng.integers(5)]
    return [pair[int(h + rng.normal() > 0)] for h in hidden]


def _grade(rng, hidden):
    return list(rng.choice(["A1", "A2", "B1", "C"], len(hidden), p=[0.5, 0.3, 0.19, 0.01]))


def _key(rng, hidden):
    return [f"CUST-{i:05d}" for i in rng.permutation(len(hidden)) + 17]


def _numbered(rng, hidden):
    return list(range(1, len(hidden) + 1))


def _note(rng, hidden):
    words = ["late", "paid in full", "called twice", "moved", "new owner"]
    return [f"{words[rng.integers(5)]}, see page {rng.integers(10**6)}" for _ in hidden]


def _same(rng, hidden):
    return [7] * len(hidden)


def _nothing(rng, hidden):
    return [""] * len(hidden)


def _group(rng, hidden):
    return [i // 4 for i in range(len(hidden))]


KINDS: dict[str, tuple[str, Maker]] = {
    "revenue": ("number", _money),
    "share": ("number", _percent),
    "turnover": ("number", _euro),
    "population": ("number", _spaced),
    "weight": ("number", _unit),
    "distance": ("number", _plain),
    "dose": ("number", _small),
    "pressure": ("number", _gaps),
    "reading": ("number", _stray),
    "joined": ("date", _date),
    "town": ("category", _city),
    "active": ("flag", _flag),
    "grade": ("category", _grade),
    "customer_key": ("out", _key),
    "row": ("out", _numbered),
    "remark": ("out", _note),
    "site": ("out", _same),
    "unused": ("out", _nothing),
    "patient_id": ("out", _group),
}


def odd_table(seed: int, folder: Path, n: int = 160) -> Made:
    """Draw a table: three to nine kinds of columns, at times a copy or a leak, and a target."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=n)
    names = list(rng.permutation(list(KINDS))[: rng.integers(3, 10)])
    if not {KINDS[name][0] for name in names} - {"out"}:
        names.append("distance")
    columns = {str(name): KINDS[name][1](rng, hidden) for name in names}
    kinds = {name: KINDS[name][0] for name in columns}
    target, classes = _target(rng, hidden)
    if rng.uniform() < 0.25:
        first = next(name for name in columns if kinds[name] != "out")
        columns["again"], kinds["again"] = list(columns[first]), "out"
    if rng.uniform() < 0.25:
        columns["outcome_code"], kinds["outcome_code"] = _leak(target), "out"
    order = [str(name) for name in rng.permutation([*columns, "outcome"])]
    path = folder / f"odd{seed}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(order)
        out.writerows(zip(*((columns | {"outcome": target})[name] for name in order), strict=True))
    return Made(path, kinds, "outcome", classes)


def _target(rng: np.random.Generator, hidden: np.ndarray) -> tuple[Cells, bool]:
    score = hidden + 0.7 * rng.normal(size=len(hidden))
    which = rng.integers(5)
    if which == 0:
        return ["ill" if s > 0.3 else "well" for s in score], True
    if which == 1:  # a rare class
        return ["fraud" if s > 1.7 else "fine" for s in score], True
    if which == 2:
        return [int(v) for v in np.digitize(score, [-1, 0, 1])], True
    if which == 3:
        return [round(float(s), 4) for s in score], False
    return [int(v) for v in 5000 + 1000 * score], False  # a price in whole numbers


def _leak(target: Cells) -> Cells:
    if isinstance(target[0], str):
        known = {value: f"code{i}" for i, value in enumerate(sorted(set(target)))}
        return [known[value] for value in target]
    return [2 * value + 1 for value in target]


@pytest.mark.parametrize("seed", range(200))
def test_every_column_is_understood(seed, tmp_path):
    made = odd_table(seed, tmp_path)
    found = raw_table(str(made.path), made.target)
    assert found is not None
    assert (found.target.classes is not None) == made.classes
    roles = {c.name: c.role for c in found.preparation.columns}
    why = {gone.name: gone.why for gone in found.preparation.left_out}
    assert {*roles, *why} == {*made.kinds}
    out = {name for name, kind in made.kinds.items() if kind == "out"}
    if "again" in out:  # of two copies the first is kept, whichever it is
        out = {"again", *out} if "again" in why else {*out, *why} - {"again"}
    assert {*why} == out
    for name, role in roles.items():
        kind = made.kinds[name]
        if kind in ("number", "date", "category"):
            assert role == kind, name
    lines = [*found.preparation.summary, *found.preparation.warnings]
    assert all("\n" not in line for line in lines)
    inputs = found.preparation.fit(found.raw)(found.raw)
    assert np.isfinite(inputs).all()


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_look_shows_every_column(seed, tmp_path):
    made = odd_table(seed, tmp_path)
    found = look(made.path, made.target)
    assert found.kind == "data"
    assert found.rows == 160
    assert {c["name"] for c in found.columns} == {*made.kinds, made.target}
    assert {c["role"] for c in found.columns} >= {"input", "target"}


@pytest.mark.parametrize("seed", [1, 8, 23])
@pytest.mark.parametrize(
    "command",
    [
        ["spectrum", "--target", "outcome", "--missing", "fill"],
        ["dimension", "--missing", "fill"],
        ["forecast", "--target", "outcome", "--samples", "160,1600"],
        ["look", "--target", "outcome"],
    ],
    ids=lambda command: command[0],
)
def test_commands_read_them(seed, command, tmp_path, capsys):
    made = odd_table(seed, tmp_path)
    assert main([command[0], str(made.path), *command[1:], "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    if command[0] != "look":
        assert shown["prepared"]["columns"]


def test_gaps_that_are_refused_are_counted_by_column(tmp_path, capsys):
    path = tmp_path / "gaps.csv"
    rows = [f"{i % 7},{'' if i % 5 else 'Rome'},{'' if i == 3 else i * i}" for i in range(40)]
    path.write_text("a,town,size\n" + "\n".join(rows))
    assert main(["spectrum", str(path)]) == 2
    assert capsys.readouterr().err.strip() == (
        "error: gaps.csv has missing values in 32 rows (town 32, size 1); leave the rows out with "
        "missing='drop' (--missing drop), or fill inputs with missing='fill' (--missing fill)"
    )
    assert main(["dimension", str(path), "--missing", "fill", "--neighbours", "4", "--json"]) == 0


def test_a_column_that_tells_the_target_is_left_out_or_warned_of(tmp_path):
    rng = np.random.default_rng(0)
    price = np.exp(rng.normal(10, 1, 200))
    paid, log = price * (1 + 1e-3 * rng.normal(size=200)), np.log(price)
    rows = np.column_stack([rng.normal(size=200), log, paid, price])
    path = tmp_path / "leak.csv"
    np.savetxt(path, rows, delimiter=",", header="area,log_price,paid,price", comments="")
    found = raw_table(str(path), "price")
    assert [gone.name for gone in found.preparation.left_out] == ["log_price"]
    (warning,) = found.preparation.warnings
    assert warning == (
        "paid alone tells the target almost exactly: if it is known only after the target is, "
        "leave it out with --columns"
    )
