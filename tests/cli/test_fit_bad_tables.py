"""Bad tables at the command line: each is one line on stderr, exit 2, and nothing is written."""

import csv
import json
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenscale.cli.app import main

N, D = (axis.ravel() for axis in np.meshgrid([1e8, 4e8, 1.6e9], [2e9, 8e9, 3.2e10, 1.2e11]))
GOOD = {"params": N, "tokens": D, "loss": 1.7 + 400 / N**0.34 + 410 / D**0.28}
GOOD = {name: [repr(float(v)) for v in values] for name, values in GOOD.items()}


def as_csv(columns):
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    return "".join(",".join(row) + "\n" for row in rows).encode()


def with_cell(column, row, value):
    values = list(GOOD[column])
    values[row] = value
    return as_csv({**GOOD, column: values})


def part(*rows):
    return as_csv({name: [values[r] for r in rows] for name, values in GOOD.items()})


def with_column(**columns):
    return as_csv(
        {**GOOD, **{k: v if isinstance(v, list) else [v] * 12 for k, v in columns.items()}}
    )


def without(*names):
    return as_csv({k: v for k, v in GOOD.items() if k not in names})


# Name of the case: file name, its bytes, options, what the line says.
CASES = {}
VALUES = ("0", "-1", "-1e9", "nan", "NaN", "inf", "-inf", "", "oops", "1.2.3", "1e", "0x1", "#REF!")
for _column in GOOD:
    for _value in VALUES:
        _quoted = _value or "nothing"
        CASES[f"{_column} has {_quoted}"] = (
            "runs.csv", with_cell(_column, 4, _value), [], f"{_column}.*row 5",
        )  # fmt: skip
TABLES = {
    "no rows": (part(), "has no rows"),
    "one run": (part(0), "1 run for chinchilla.*at least 6"),
    "two runs": (part(0, 5), "2 runs for chinchilla"),
    "fewer runs than parameters": (part(0, 1, 5, 10), "4 runs for chinchilla, which has 5 free"),
    "all losses equal": (with_column(loss="3.0"), "all 12 losses are 3"),
    "one size only": (with_column(params="1e9"), "params is 1e.09 in every run"),
    "one amount of data only": (with_column(tokens="1e9"), "tokens is 1e.09 in every run"),
    "no loss": (without("loss"), "has no loss column; it has: params, tokens"),
    "no data": (without("tokens"), "chinchilla needs tokens"),
    "no size": (without("params"), "chinchilla needs params"),
    "nothing that is known": (b"colour,weight\nred,1\nblue,2\n", "has no loss column"),
    "loss that says yes": (with_column(loss="true"), "true and false"),
    "a loss that is missing everywhere": (with_column(loss=""), "loss is missing.*11 more rows"),
    "loss of dates": (with_column(loss="2024-01-01"), "not a number"),
    "losses with a comma for a point": (with_column(loss='"3,14"'), "'3,14' in row 1"),
    "loss with a unit": (with_column(loss="3.1 nats"), "'3.1 nats' in row 1"),
    "flops of text": (with_column(flops="much"), "'much' in row 1"),
    "infinite flops": (with_column(flops="inf"), "flops has inf"),
    "negative flops": (with_column(flops="-1e18"), "flops has -1e.18"),
    "zero unique tokens": (with_column(unique_tokens="0"), "unique_tokens has 0"),
    "perplexity of one": (
        as_csv({**{k: GOOD[k] for k in ("params", "tokens")}, "perplexity": ["1.0"] * 12}),
        "perplexity in nats'. has 0 in row 1",
    ),
}
for _name, (_content, _said) in TABLES.items():
    CASES[_name] = ("runs.csv", _content, [], _said)
FILES = {
    "empty.csv": (b"", "the file is empty"),
    "spaces.csv": (b"   \n\n", "spaces.csv"),
    "ragged.csv": (b"params,tokens,loss\n1,2\n", "cannot be read as a table of text"),
    "long.csv": (b"params,tokens,loss\n1,2,3,4\n", "cannot be read as a table of text"),
    "twice.csv": (b"params,loss,loss\n1,2,3\n", "two columns named 'loss'"),
    "bytes.csv": (bytes(range(256)), "bytes.csv"),
    "utf16.csv": (part(0, 1, 2).decode().encode("utf-16"), "3 runs for chinchilla"),
    "quote.csv": (b'params,tokens,loss\n"1,2,3\n', "quote.csv"),
    "prose.txt": (b"The loss was low.\nIt was.\n", "prose.txt"),
    "text.parquet": (b"params,tokens,loss\n1,2,3\n", "cannot be read"),
    "cut.parquet": (b"PAR1" + bytes(60), "cannot be read"),
    "text.arrow": (b"params,tokens,loss\n1,2,3\n", "cannot be read"),
    "broken.jsonl": (b'{"params": 1, "loss"', "cannot be read as JSON"),
    "broken.json": (b"[1, 2", "cannot be read as JSON"),
    "nested.jsonl": (b'{"loss": {"val": 3}}\n', "the runs have none"),
    "sheet.xlsx": (b"PK\x03\x04", "is not a whole Excel workbook"),
    "pickle.pkl": (b"\x80\x04K\x01.", "are not known"),
    "run.log": (b"nothing happened\n", "no line has"),
    "other.db": (b"SQLite format 3\x00" + b"\x00" * 84, "other.db"),
    "trainer_state.json": (b'{"log_history": []}', "log_history is empty"),
    "events.out.tfevents.1.x": (b"\xff" * 40, "is not a TensorBoard event file"),
}
for _name, (_content, _said) in FILES.items():
    CASES[_name] = (_name, _content, [], _said)
OPTIONS = {
    "--law newton": "law 'newton' is unknown",
    "--law steps": "steps needs steps",
    "--law data-constrained": "needs unique_tokens",
    "--columns params=size": "column 'size' for params is not in the table; it has",
    "--columns colour=loss": "columns names 'colour', which is not one of",
    "--columns params": "is not a pair",
    "--columns loss=params": "all 12 losses|loss",
    "--units params=X": "unit 'X' of params is not known",
    "--units params=-1": "unit -1.0 of params",
    "--units loss=joules": "unit 'joules' of loss",
    "--where params=3": "no row has params = '3'",
    "--where size=3": "where names column 'size'",
    "--drop-highest 12": "cannot leave out 12 of 12 runs",
    "--drop-highest 8": "4 runs for chinchilla",
    "--drop-highest -1": "drop",
    "--checkpoints first": "'first' is not a rule",
    "--pattern (": "is not a regular expression",
    "--fix E=9": "E",
    "--fix E=-1": "E is fixed at -1",
    "--holdout 0": "holdout",
    "--holdout 11": "holdout 11 of 12 runs",
    "--objective huber:0": "delta is a positive number",
    "--level 1": "level 1 is not between",
    "--bootstrap -1": "bootstrap",
    "--figure curve --plot x.png": "figure 'curve' is unknown",
    "--figure held-out --plot x.png": "needs runs held out",
    "--plot curve.doc": "has an ending that no figure is saved under",
    "--plot absent/curve.png": "is not a folder",
    "--predict absent.csv": "there is no such file",
    "--predict params=1e9": "tokens",
    "--predict params=1e9,tokens=0": "tokens has 0",
    "--predict params=1e9,tokens=many": "not a number",
}
WITHOUT_LOSS = ("nan", "NaN", "inf", "")
for _value in WITHOUT_LOSS:  # a run that diverged, or has no loss, is left out and named
    del CASES[f"loss has {_value or 'nothing'}"]
for _text, _said in OPTIONS.items():
    if _text not in {"--columns loss=params", "--fix E=9"}:
        CASES[_text] = ("runs.csv", as_csv(GOOD), _text.split(), _said)


def refused(place, name, content, options, capsys):
    """Fit, saving beside it; return the one line after checking that nothing was written."""
    path = place / name
    path.write_bytes(content)
    before = sorted(place.rglob("*"))
    arguments = ["fit", str(path), "--bootstrap", "0", "--json", "--save", str(place / "fit.json")]
    if "--plot" not in options:
        arguments += ["--plot", str(place / "fit.png")]
    code = main([*arguments, *options])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert sorted(place.rglob("*")) == before
    return err


def test_there_are_at_least_sixty_cases():
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES)
def test_a_bad_table_is_one_line(tmp_path, monkeypatch, capsys, case):
    monkeypatch.chdir(tmp_path)
    name, content, options, said = CASES[case]
    line = refused(tmp_path, name, content, options, capsys)
    assert re.search(said, line), line


def test_no_file_and_an_empty_folder(tmp_path, capsys):
    for path, said in (
        (tmp_path / "no.csv", "there is no such file"),
        (tmp_path, "holds no run logs"),
    ):
        assert main(["fit", str(path), "--json"]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert said in err


CELL = st.one_of(
    st.sampled_from(["", "nan", "inf", "-3", "0", "1e400", "oops", '"', "1;2", "∞", "１２"]),
    st.text(max_size=4),
    st.floats().map(repr),
)


@st.composite
def spoiled(draw):
    """A good table with some cells made anything, rows cut or columns renamed."""
    columns = {k: list(v) for k, v in GOOD.items()}
    for _ in range(draw(st.integers(1, 3))):
        column, row = draw(st.sampled_from(list(columns))), draw(st.integers(0, 11))
        columns[column][row] = draw(CELL)
    kept = draw(st.sampled_from([3, 6, 12]))
    names = draw(st.sampled_from([list(GOOD), ["N", "D", "ppl"], ["x", "y", "loss"]]))
    return [names, *list(zip(*columns.values(), strict=True))[:kept]]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=spoiled())
def test_a_spoiled_table_fits_or_is_one_line(tmp_path, capsys, rows):
    path, saved = tmp_path / "runs.csv", tmp_path / "fit.json"
    saved.unlink(missing_ok=True)
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        csv.writer(file).writerows(rows)
    code = main(["fit", str(path), "--bootstrap", "0", "--json", "--save", str(saved)])
    out, err = capsys.readouterr()
    if code == 0:
        assert set(json.loads(out)["parameters"]) == {"E", "A", "B", "alpha", "beta"}
        assert saved.exists()
        return
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: ")
    assert not saved.exists()


def test_the_good_table_fits(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    path.write_bytes(as_csv(GOOD))
    assert main(["fit", str(path), "--bootstrap", "0", "--json"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


SUSPICIOUS = {
    "duplicates": (
        as_csv({k: [*v, v[3], v[3]] for k, v in GOOD.items()}),
        "2 rows repeat another row exactly .the first is row 4",
    ),
    "C is not 6 N D": (
        with_column(flops=[repr(float(2 * n * d)) for n, d in zip(N, D, strict=True)]),
        "FLOPs differ from 6 params tokens by more than 30 % in 12 of 12 runs",
    ),
    "loss rises with N at fixed D": (
        as_csv({**GOOD, "params": GOOD["params"][::-1]}),
        "loss rises with params at the same tokens in 8 of 8",
    ),
    "perplexity instead of loss": (
        with_column(loss=[repr(float(np.exp(float(v) + 1))) for v in GOOD["loss"]]),
        "looks like a perplexity; say units=.'loss': 'perplexity'",
    ),
    "millions and counts mixed": (
        with_column(params=[repr(float(n / 1e6 if i == 4 else n)) for i, n in enumerate(N)]),
        "some rows look like millions or billions",
    ),
    "billions that do not say so": (
        with_column(tokens=[repr(float(d / 1e9)) for d in D]),
        "small for a count: if they are millions or billions say units",
    ),
    "bits among nats": (
        with_column(loss=[repr(float(float(v) / np.log(2))) if i % 2 else v
                          for i, v in enumerate(GOOD["loss"])]),
        "bits",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SUSPICIOUS)
def test_the_suspicious_is_said_and_fitted(tmp_path, capsys, case):
    content, said = SUSPICIOUS[case]
    path = tmp_path / "runs.csv"
    path.write_bytes(content)
    code = main(["fit", str(path), "--bootstrap", "0", "--objective", "huber:0.1", "--json"])
    out, err = capsys.readouterr()
    if code:
        assert "did not converge" in err
        code = main(["fit", str(path), "--bootstrap", "0", "--law", "power:tokens", "--json"])
        out, err = capsys.readouterr()
    assert code == 0
    assert re.search(said, " ".join(json.loads(out)["warnings"])), json.loads(out)["warnings"]


@pytest.mark.parametrize("value", WITHOUT_LOSS)
def test_a_run_without_a_loss_is_left_out_and_named(value, tmp_path, capsys):
    path = tmp_path / "runs.csv"
    path.write_bytes(with_cell("loss", 4, value))
    assert main(["fit", str(path), "--bootstrap", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n_runs"] == 11
    assert any("left out: row 5" in text for text in found["warnings"])
