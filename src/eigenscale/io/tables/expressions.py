"""Columns computed from others: ``steps*batch*seq``, with + - * / ** and parentheses only.

An expression is parsed by Python's own grammar and walked node by node; nothing in it is executed.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

LONGEST = 500
_SIGNS = re.compile(r"[-+*/()`]")
_PLAIN = re.compile(r"[^\W\d]\w*")
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_RULE = "an expression has column names, numbers, + - * / ** and parentheses"


def is_expression(text: str, columns: Iterable[str]) -> bool:
    """Whether a text computes something: it has a sign of arithmetic and names no column.

    Examples
    --------
    >>> [is_expression(text, ["a", "val/loss"]) for text in ("a", "2*a", "val/loss", "`a`")]
    [False, True, False, True]
    """
    return text not in set(columns) and _SIGNS.search(text) is not None


def names_in(text: str, columns: Iterable[str]) -> tuple[str, list[str]]:
    """Put ``_0``, ``_1``, … for the columns of an expression; the text, and the names in order.

    Names that are no words of Python (``val/loss``, ``Model Size``) are found as they are where
    nothing else fits; backticks around a name always say it.

    Raises
    ------
    InputError
        A name that is not in the table, or one that could also be meant as arithmetic.

    Examples
    --------
    >>> names_in("steps*`batch size`", ["steps", "batch size"])
    ('_0*_1', ['steps', 'batch size'])
    """
    known = list(columns)
    odd = sorted((c for c in known if c and not _PLAIN.fullmatch(c)), key=len, reverse=True)
    found: list[str] = []
    out, at = [], 0
    while at < len(text):
        name, end = _name_at(text, at, known, odd)
        if name is None:
            out.append(text[at:end])
        else:
            if name not in found:
                found.append(name)
            out.append(f"_{found.index(name)}")
        at = end
    return "".join(out), found


def _name_at(text: str, at: int, known: list[str], odd: list[str]) -> tuple[str | None, int]:
    """Give the column that starts at a place, and where it ends; else one sign or number."""
    if text[at] == "`":
        end = text.find("`", at + 1)
        if end < 0:
            raise InputError(f"{text!r} has a backtick without an end; put names between two")
        return _known(text[at + 1 : end], known), end + 1
    for name in odd:
        end = at + len(name)
        inside = re.match(r"\w\w", text[end - 1 : end + 1])  # of a longer word
        if text.startswith(name, at) and not inside:
            _refuse_double_meaning(text, name, known)
            return name, end
    if number := re.match(r"(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w)", text[at:]):
        return None, at + number.end()
    if word := re.match(r"\w[\w.]*", text[at:]):
        return _known(word.group(), known), at + word.end()
    return None, at + 1


def _known(name: str, known: list[str]) -> str:
    if name not in known:
        raise InputError(f"the table has no column {name!r}; it has: {', '.join(known)}")
    return name


def _refuse_double_meaning(text: str, name: str, known: list[str]) -> None:
    """Refuse ``a-b`` where the table has columns ``a``, ``b`` and ``a-b``."""
    parts = [part for part in re.split(r"[-+*/() ]+", name) if part]
    if len(parts) > 1 and all(p in known or p.replace(".", "").isdigit() for p in parts):
        raise InputError(
            f"{text!r} may mean the column {name!r} or {' and '.join(map(repr, parts))}; put the "
            f"names between backticks, as `{name}`"
        )


def evaluate(text: str, columns: dict[str, Floats]) -> Floats:
    """Compute an expression of columns (n,), each a float64 array; gives (n,).

    Values that cannot be computed (division by zero, what float64 does not hold) are NaN or
    infinite, as in NumPy.

    Raises
    ------
    InputError
        What is no arithmetic of columns.

    Examples
    --------
    >>> evaluate("6 * _0 ** 2 / (1 + 2)", {"_0": np.array([1.0, 2.0])}).tolist()
    [2.0, 8.0]
    """
    if len(text) > LONGEST:
        raise InputError(f"an expression of {len(text)} signs is too long; use at most {LONGEST}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        with np.errstate(all="ignore"):
            values = _value(tree.body, columns)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"this is no arithmetic; {_RULE}") from None
    count = len(next(iter(columns.values()))) if columns else 1
    return np.asarray(np.broadcast_to(values, (count,)), dtype=np.float64)


def _value(node: ast.AST, columns: dict[str, Floats]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return np.float64(node.value)
    if isinstance(node, ast.Name) and node.id in columns:
        return columns[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = _value(node.left, columns), _value(node.right, columns)
        return _BINARY[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand, columns)
        return -inner if isinstance(node.op, ast.USub) else inner
    raise ValueError(type(node).__name__)
