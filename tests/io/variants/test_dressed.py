"""Tables dressed at random as people and programs write them: right values, 240 of them."""

import bz2
import gzip
import lzma

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import eigenscale as es
from eigenscale.io.data.opening import open_source

GRID = [(n, d) for n in (2e7, 6e7, 1.5e8) for d in (1e9, 3e9, 1e10)]
SIZES, TOKENS = (np.array(column) for column in zip(*GRID, strict=True))
LOSS = np.round(1.7 + 400 / SIZES**0.34 + 410 / TOKENS**0.28, 4)
RUNS = pd.DataFrame({"name": [f"r{i}" for i in range(9)], "params": SIZES, "tokens": TOKENS,
                     "loss": LOSS})  # fmt: skip
ARRAY = np.round(3 * np.random.default_rng(5).normal(size=(40, 4)), 3)
DATA = pd.DataFrame(ARRAY, columns=list("abcd"))

SEPARATORS = {",": "csv", ";": "csv", "\t": "tsv", "|": "csv", " ": "txt", "md": "md"}
PACKERS = {"": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
           "zst": lambda raw: pa.compress(raw, codec="zstd", asbytes=True)}  # fmt: skip
WAYS = {
    "separator": list(SEPARATORS),
    "decimal": [".", ","],
    "index": ["none", "none", "unnamed", "index", "Row", "row_id", "R"],
    "extra": ["none", "comment", "title", "twice", "blank", "crlf", "trailing", "quoted", "rest"],
    "encoding": ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"],
    "packed": ["", "", *PACKERS],
    "style": ["plain", "power", "signed", "grouped"],
}


def written(value, way):
    """Write a number with the decimal sign, a power, a plus or groups of three digits."""
    if isinstance(value, str):
        return value
    large = abs(value) >= 1e4
    text = f"{value:.0f}" if large else f"{value:.10g}"
    if way["style"] == "power" and large:
        text = f"{value:.6e}"
    elif way["style"] == "signed" and value > 0:
        text = "+" + text
    elif way["style"] == "grouped" and large:
        return f"{value:,.0f}".replace(",", "." if way["decimal"] == "," else ",")
    return text.replace(".", way["decimal"])


def numbered(names, rows, way):
    """Put row numbers before the rows, as pandas (no name), R (none in the header) and others."""
    if way["index"] == "none":
        return names, rows
    named = way["index"] not in {"R", "unnamed"}
    bare = way["separator"] == " " or way["index"] == "R"
    first = [way["index"]] if named else [] if bare else [""]
    first = [""] if way["separator"] == "md" and not named else first
    return [*first, *names], [[str(i), *row] for i, row in enumerate(rows)]


def line(cells, way):
    sign = way["separator"]
    if sign == "md":
        return "| " + " | ".join(cells) + " |"
    return sign.join(f'"{c}"' if sign in c or way["extra"] == "quoted" else c for c in cells)


def dressed(frame, seed):
    """Give bytes and the ending of a file of the frame, with a way of each kind at random."""
    rng = np.random.default_rng(seed)
    way = {kind: str(rng.choice(ways)) for kind, ways in WAYS.items()}
    rows = [[written(v, way) for v in row] for row in frame.itertuples(index=False)]
    names, rows = numbered(list(frame.columns), rows, way)
    head, body, markdown = line(names, way), [line(r, way) for r in rows], way["separator"] == "md"
    if markdown:
        body = ["|" + "---|" * len(rows[0]), *body]
    elif way["extra"] == "twice":
        body.insert(4, head)
    lines, sign = [head, *body], way["separator"]
    if way["extra"] == "trailing" and not markdown:
        lines = [text + sign for text in lines]
    elif way["extra"] == "rest" and not markdown:
        lines += [sign * (len(rows[0]) - 1)] * 2
    mark = "" if markdown else "# "
    before = {"comment": [f"{mark}exported on Monday", ""], "title": ["Results of the sweep", ""],
              "blank": [""]}  # fmt: skip
    text = "\n".join([*before.get(way["extra"], []), *lines, ""])
    text = text.replace("\n", "\r\n") if way["extra"] == "crlf" else text
    raw = PACKERS[way["packed"]](text.encode(way["encoding"]))
    return raw, ".".join(["", SEPARATORS[sign], *([way["packed"]] if way["packed"] else [])])


@pytest.mark.parametrize("seed", range(120))
def test_runs(seed, tmp_path):
    raw, ending = dressed(RUNS if seed % 2 else RUNS.drop(columns="name"), seed)
    path = tmp_path / f"runs{ending}"
    path.write_bytes(raw)
    runs = es.read_runs(path)
    np.testing.assert_allclose(runs.params, SIZES)
    np.testing.assert_allclose(runs.tokens, TOKENS)
    np.testing.assert_allclose(runs.loss, LOSS)


@pytest.mark.parametrize("seed", range(120))
def test_data(seed, tmp_path):
    raw, ending = dressed(DATA, 1000 + seed)
    path = tmp_path / f"data{ending}"
    path.write_bytes(raw)
    found = np.concatenate(list(open_source(path).blocks(7)))
    np.testing.assert_allclose(found, ARRAY)
