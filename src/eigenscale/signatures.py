"""Signatures as ``help()`` shows them: short names of types, and one option a line where long."""

import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike

from eigenscale import arrays

WIDE = 200
"""Signs beyond which each parameter has a line of its own."""
_SHORT: dict[Any, str] = {
    ArrayLike: "ArrayLike",
    **{alias: name for name, alias in vars(arrays).items() if typing.get_origin(alias)},
}
_ALONE, _NAMED = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.KEYWORD_ONLY
_UNIONS = (typing.Union, types.UnionType)


class ReadableSignature(inspect.Signature):
    """A signature whose text people can read; everything else is as ever."""

    def __str__(self) -> str:
        parts = [_parameter(one) for one in self.parameters.values()]
        kinds = [one.kind for one in self.parameters.values()]
        if inspect.Parameter.POSITIONAL_ONLY in kinds:
            last = len(kinds) - kinds[::-1].index(inspect.Parameter.POSITIONAL_ONLY)
            parts.insert(last, "/")
            kinds.insert(last, inspect.Parameter.POSITIONAL_ONLY)
        if (
            inspect.Parameter.KEYWORD_ONLY in kinds
            and inspect.Parameter.VAR_POSITIONAL not in kinds
        ):
            parts.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
        empty = self.return_annotation is inspect.Signature.empty
        back = "" if empty else f" -> {shown(self.return_annotation)}"
        line = f"({', '.join(parts)}){back}"
        if len(line) <= WIDE:
            return line
        return "(\n" + "".join(f"    {part},\n" for part in parts) + f"){back}"


def _parameter(one: inspect.Parameter) -> str:
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    text = stars.get(one.kind.name, "") + one.name
    annotated = one.annotation is not inspect.Parameter.empty
    if annotated:
        text += f": {shown(one.annotation)}"
    if one.default is inspect.Parameter.empty:
        return text
    return f"{text} = {one.default!r}" if annotated else f"{text}={one.default!r}"


def shown(annotation: Any) -> str:
    """Write a type by its short name.

    Examples
    --------
    >>> from numpy.typing import ArrayLike
    >>> shown(ArrayLike | None), shown(dict[str, float] | None)
    ('ArrayLike | None', 'dict[str, float] | None')
    """
    if isinstance(annotation, str):
        return annotation
    for alias, name in _SHORT.items():
        if annotation == alias:
            return name
    if typing.get_origin(annotation) in _UNIONS:
        return _union(annotation)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " | ".join(repr(one) for one in inner)
    if origin is None or not inner:
        return str(inspect.formatannotation(annotation)).rpartition(".")[2]
    if isinstance(inner[0], list):  # a callable: its arguments, then what it gives
        return f"Callable[[{', '.join(map(shown, inner[0]))}], {shown(inner[1])}]"
    called = getattr(origin, "__name__", str(origin))
    return f"{called}[{', '.join('…' if one is ... else shown(one) for one in inner)}]"


def _union(annotation: Any) -> str:
    """Write the members, those of an alias under its name."""
    members = list(typing.get_args(annotation))
    names = []
    for alias, name in _SHORT.items():
        parts = typing.get_args(alias) if typing.get_origin(alias) in _UNIONS else ()
        if parts and all(part in members for part in parts):
            names.append(name)
            members = [one for one in members if one not in parts]
    said = ["None" if one is type(None) else shown(one) for one in members]
    return " | ".join([*(one for one in [*names, *said] if one != "None"), *_none(said)])


def _none(said: list[str]) -> list[str]:
    return ["None"] if "None" in said else []


def readable(thing: Any) -> Any:
    """Let a public function, or the public methods of a class, show a signature people can read."""
    if isinstance(thing, types.FunctionType):
        _improve(thing)
    elif isinstance(thing, type):
        for name, method in vars(thing).items():
            if isinstance(method, types.FunctionType) and not name.startswith("_"):
                _improve(method)
    return thing


def _improve(function: Callable[..., Any]) -> None:
    known = inspect.signature(function)
    made = ReadableSignature(
        list(known.parameters.values()), return_annotation=known.return_annotation
    )
    function.__signature__ = made  # type: ignore[attr-defined]
