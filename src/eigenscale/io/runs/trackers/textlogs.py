"""Logs as text: nanoGPT and its relatives by regular expression, or by the user's own."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.tables.table import Table, from_records

_NUMBER = r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan|inf"
_STEP = re.compile(r"\b(?:global[_ ]?step|steps?|iter(?:ation)?)\b\s*[:=]?\s*(\d+)", re.IGNORECASE)
_LOSS = re.compile(
    r"(?:\b(train|training|val|valid|validation|eval|test|lm)[ _/-]?)?"
    rf"\bloss\b\s*[:=]?\s*({_NUMBER})"
    rf"|\b(train|val|eval|test)_loss\s*[:=]?\s*({_NUMBER})",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    rf"\b(?:total |consumed )?tokens(?:[_ ]seen)?\s*[:=]\s*((?:{_NUMBER})\s?[kKmMbBtT]?)\b"
)
_PARAMS = re.compile(
    rf"(?<![a-z])param(?:eter)?s\s*[:=|]\s*((?:{_NUMBER})\s?[kKmMbB]?)\b"
    rf"|({_NUMBER})\s+total param(?:eter)?s\b"
)
_BITS = re.compile(rf"\b(?:val|validation|eval)[ _]bpb\s*[:=]\s*({_NUMBER})", re.IGNORECASE)
_HELD_OUT_ALONE = re.compile(
    rf"^\s*(?:val|validation|eval) loss[ :=]+({_NUMBER})\s*$", re.IGNORECASE
)
_BATCH = re.compile(
    rf"\btokens per (?:iteration|iter|step|batch)(?: will be)?\s*[:=]\s*({_NUMBER})"
)

_NO_NUMBER = re.compile(r"\d{350,}")
"""More digits than a number of any kind has: hashes, and traps."""

_HEAD = re.compile(r"\[step=(\d+)(?:/\d+)?[,\]]")
_ENTRY = re.compile(rf"^\s+([\w.+-]+(?:/[\w.+ ()%-]+)+)=({_NUMBER})\s*$")


def looks_like_log(path: Path) -> bool:
    """Tell a log from a table of text: some early line has a step and a loss."""
    with path.open("rb") as file:
        head = _NO_NUMBER.sub("#", file.read(200_000).decode("utf-8", errors="replace"))
    lines = head.splitlines()
    return _in_blocks(lines) or any(_STEP.search(line) and _LOSS.search(line) for line in lines)


def read_text_log(path: Path, pattern: str | None = None) -> Table:
    """Read the steps and losses of a log, and what it says of size and tokens.

    Parameters
    ----------
    path : Path
        The log of one run.
    pattern : str, optional
        A regular expression with named groups, searched in every line: ``step`` and ``loss``
        at least; a line that has them is a row, and the names of groups are its columns.

    Raises
    ------
    InputError
        When the pattern is not one, lacks a group, or no line has a step and a loss.
    """
    text = path.read_bytes().decode("utf-8", errors="replace")
    lines = _NO_NUMBER.sub("#", text).splitlines()
    if pattern is not None:
        rows = list(_custom(lines, pattern))
    else:
        rows = list(_blocks(lines) if _in_blocks(lines) else _known(lines))
    if not rows:
        rule = f"the pattern {pattern!r}" if pattern else "a step and a loss (“step 100: loss 3.2”)"
        raise InputError(
            f"{path}: no line has {rule}; give pattern=r'step (?P<step>\\d+).*loss (?P<loss>\\S+)'"
        )
    return from_records(rows, str(path), log=True)


def _known(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    constants: dict[str, Any] = {}
    last = 0
    for line in lines:
        for name, found in (("n_params", _PARAMS), ("tokens_per_step", _BATCH)):
            if match := found.search(line):
                constants[name] = (match[1] or match[match.lastindex or 1]).replace(" ", "")
        step, alone = _STEP.search(line), _HELD_OUT_ALONE.match(line)
        last = int(step[1]) if step is not None else last
        losses = {_loss_name(m): _number(m[2] or m[4]) for m in _LOSS.finditer(line)}
        if bits := _BITS.search(line):
            losses["val_bpb"] = _number(bits[1])
        if (step is None and alone is None) or not losses:
            continue
        tokens = _TOKENS.search(line)
        yield {
            "step": last,
            **losses,
            **({"tokens": tokens[1].replace(" ", "")} if tokens else {}),
            **constants,
        }


def _in_blocks(lines: Iterable[str]) -> bool:
    """Tell OLMo's way: a step in brackets, and below it a metric per line."""
    return any(_HEAD.search(line) for line in lines) and any(map(_ENTRY.match, lines))


def _blocks(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    """One row per block of metrics; a block without a step (an evaluation) is of the last one."""
    constants: dict[str, Any] = {}
    row: dict[str, Any] = {}
    step = None
    for line in lines:
        if entry := _ENTRY.match(line):
            row[entry[1]] = _number(entry[2])
            continue
        if step is not None and row:
            yield {"step": step, **row, **constants}
        row = {}
        if head := _HEAD.search(line):
            step = int(head[1])
        if match := _PARAMS.search(line):
            name = "n_params_non_embedding" if "non-embedding" in line.lower() else "n_params"
            constants[name] = (match[1] or match[2]).replace(" ", "")
    if step is not None and row:
        yield {"step": step, **row, **constants}


def _loss_name(match: re.Match[str]) -> str:
    split = (match[1] or match[3] or "").lower()
    return f"{split}_loss" if split else "loss"


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _custom(lines: Iterable[str], pattern: str) -> Iterable[dict[str, Any]]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise InputError(f"pattern {pattern!r} is not a regular expression ({error})") from None
    if "step" not in compiled.groupindex or len(compiled.groupindex) < 2:
        raise InputError(
            f"pattern {pattern!r} needs the named groups (?P<step>…) and (?P<loss>…); "
            f"it has: {', '.join(compiled.groupindex) or 'none'}"
        )
    for line in lines:
        if match := compiled.search(line):
            yield match.groupdict()
