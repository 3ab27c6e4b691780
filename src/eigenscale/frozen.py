"""Results as files: every field as JSON, and back, without pickles.

A file holds what ``--json`` prints, for people and other programs, and below it the fields
themselves, arrays bit for bit. Only classes of this package and the formulas of its laws are
taken back.
"""

import base64
import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

from eigenscale.errors import InputError

NAME, VERSION = "eigenscale-result", 1
PACKAGE = "eigenscale"
_HEAD = re.compile(rf'\s*\{{\s*"format"\s*:\s*"{NAME}-\d+",\s*"class"\s*:\s*"(\w+)"'.encode())
_KINDS = "biufcUS"
_FORMULAS = ("eigenscale.laws.forms.", "eigenscale.laws.curves.")
_METHODS = ("_run_intervals",)  # of results, that others hold
_MARKS = frozenset({
    "float", "tuple", "set", "complex", "map", "scalar", "array", "path", "range", "method",
    "partial", "named", "call", "again", "object",
})  # fmt: skip


def freeze(thing: Any, name: str, printed: Mapping[str, Any]) -> str:
    """Write a result as JSON: its class's `name`, what is `printed` of it, and its fields.

    Raises
    ------
    InputError
        It holds something that no file keeps, such as a function of your own.
    """
    state = json.dumps(_Freezer().plain(thing), allow_nan=False)
    head = {"format": f"{NAME}-{VERSION}", "class": name, "sha256": _hash(state)}
    text = json.dumps({**head, "result": printed}, allow_nan=False)
    return f'{text[:-1]}, "fields": {state}}}\n'


def frozen_class(path: str | Path) -> str | None:
    """Name the class of a saved result by the head of its file; None where it is none."""
    place = Path(path)
    if not place.is_file():
        return None
    with place.open("rb") as file:
        found = _HEAD.match(file.read(200))
    return None if found is None else found[1].decode()


def thaw(path: str | Path) -> Any:
    """Read a result that was saved.

    Raises
    ------
    InputError
        The file cannot be read, is no saved result, is of another version, or was changed.
    """
    try:
        known = json.loads(Path(path).read_text(encoding="utf-8"))
        name, _, version = str(known["format"]).rpartition("-")
        kept, fields = known["sha256"], known["fields"]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {str(error.strerror).lower()}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        name, version = "", ""
    if name != NAME:
        raise InputError(f"{path} is no saved result; write one by result.save(path)")
    if version != str(VERSION):
        raise InputError(
            f"{path} was saved in format {version}, this eigenscale reads {VERSION}; make it again"
        )
    if _hash(json.dumps(fields, allow_nan=False)) != kept:
        raise InputError(f"{path} was changed or damaged after it was saved; save it again")
    try:
        return _Thawer().thing(fields)
    except (AttributeError, KeyError, ImportError, IndexError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(
            f"{path} was saved by another version of eigenscale ({reason}); make it again"
        ) from None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _ours(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


class _Freezer:
    """Turns an object into plain JSON; what occurs twice is written once."""

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []  # so that no id is given twice

    def plain(self, thing: Any) -> Any:
        if type(thing) in (type(None), bool, int, str):
            return thing
        if isinstance(thing, str):
            return str(thing)
        if type(thing) is float:
            return thing if math.isfinite(thing) else {"$float": repr(thing)}
        for kind, write in self._writers().items():
            if isinstance(thing, kind):
                return write(thing)
        return self._object(thing)

    def _writers(self) -> dict[type | tuple[type, ...], Callable[[Any], Any]]:
        return {
            list: lambda v: [self.plain(one) for one in v],
            tuple: lambda v: (
                {"$tuple": [self.plain(one) for one in v]}
                if type(v) is tuple
                else self._named_tuple(v)
            ),
            (set, frozenset): lambda v: {
                "$set": [self.plain(one) for one in sorted(v, key=repr)],
                "frozen": isinstance(v, frozenset),
            },
            complex: lambda v: {"$complex": [self.plain(v.real), self.plain(v.imag)]},
            Mapping: self._mapping,
            np.generic: lambda v: {"$scalar": self._array(np.asarray(v))},
            np.ndarray: lambda v: self._once(v, self._array),
            Path: lambda v: {"$path": str(v)},
            range: lambda v: {"$range": [v.start, v.stop, v.step]},
            MethodType: self._method,
            partial: lambda v: {
                "$partial": [self.plain(v.func), self.plain(v.args), self.plain(v.keywords)]
            },
            (type, FunctionType, BuiltinFunctionType): self._named,
        }

    def _mapping(self, thing: Mapping[Any, Any]) -> Any:
        if all(type(key) is str and not key.startswith("$") for key in thing):
            return {key: self.plain(value) for key, value in thing.items()}
        return {"$map": [[self.plain(k), self.plain(v)] for k, v in thing.items()]}

    def _array(self, values: Any) -> Any:
        if values.dtype.kind not in _KINDS:
            raise InputError(f"an array of {values.dtype} cannot be saved; use numbers or text")
        packed = np.ascontiguousarray(values)
        data = base64.b64encode(packed.tobytes()).decode()
        return {"dtype": packed.dtype.str, "shape": list(values.shape), "data": data}

    def _method(self, thing: MethodType) -> Any:
        name = thing.__func__.__name__
        if name not in _METHODS:
            raise InputError(f"the method {name} cannot be saved; save what does not hold it")
        return {"$method": [self.plain(thing.__self__), name]}

    def _named(self, thing: Any) -> Any:
        module, name = thing.__module__, thing.__qualname__
        if not _may_be_named(thing) or "<" in name:
            raise InputError(
                f"{module}.{name} is not part of eigenscale, and no file keeps code; "
                "save what does not hold it, or pickle it"
            )
        return {"$named": [module, name]}

    def _named_tuple(self, thing: Any) -> Any:
        return {"$call": [self._named(type(thing)), [self.plain(one) for one in thing]]}

    def _object(self, thing: Any) -> Any:
        kind = self._named(type(thing))["$named"]
        return self._once(thing, lambda v: {"class": kind, "fields": self._fields(v)})

    def _fields(self, thing: Any) -> dict[str, Any]:
        if dataclasses.is_dataclass(thing):
            names = [f.name for f in dataclasses.fields(thing)]
        else:
            names = list(vars(thing))
        return {name: self.plain(getattr(thing, name)) for name in names}

    def _once(self, thing: Any, write: Callable[[Any], Any]) -> Any:
        if id(thing) in self.seen:
            return {"$again": self.seen[id(thing)]}
        written = write(thing)
        self.kept.append(thing)
        self.seen[id(thing)] = len(self.seen)
        return {"$array" if isinstance(thing, np.ndarray) else "$object": written}


class _Thawer:
    """Turns that JSON into objects again, in the order in which they were written."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def thing(self, plain: Any) -> Any:
        if isinstance(plain, list):
            return [self.thing(one) for one in plain]
        if not isinstance(plain, dict):
            return plain
        mark = next((key for key in plain if key.startswith("$")), None)
        if mark is None:
            return {key: self.thing(value) for key, value in plain.items()}
        if mark[1:] not in _MARKS:
            raise KeyError(mark)
        return getattr(self, f"_{mark[1:]}")(plain[mark], plain)

    def _float(self, text: str, _: Any) -> float:
        return float(text)

    def _tuple(self, values: list[Any], _: Any) -> tuple[Any, ...]:
        return tuple(self.thing(one) for one in values)

    def _set(self, values: list[Any], plain: dict[str, Any]) -> Any:
        made: set[Any] = {self.thing(one) for one in values}
        return frozenset(made) if plain["frozen"] else made

    def _complex(self, parts: list[Any], _: Any) -> complex:
        return complex(*(self.thing(one) for one in parts))

    def _map(self, pairs: list[Any], _: Any) -> dict[Any, Any]:
        return {self.thing(key): self.thing(value) for key, value in pairs}

    def _scalar(self, plain: dict[str, Any], _: Any) -> Any:
        return _array(plain)[()]

    def _array(self, plain: dict[str, Any], _: Any) -> Any:
        self.made.append(_array(plain))
        return self.made[-1]

    def _path(self, text: str, _: Any) -> Path:
        return Path(text)

    def _range(self, parts: list[int], _: Any) -> range:
        return range(*parts)

    def _method(self, parts: list[Any], _: Any) -> Any:
        holder, name = self.thing(parts[0]), parts[1]
        if name not in _METHODS or not _ours(type(holder).__module__):
            raise TypeError(f"{name} is no method that a result keeps")
        return getattr(holder, name)

    def _partial(self, parts: list[Any], _: Any) -> Any:
        func, args, keywords = (self.thing(one) for one in parts)
        return partial(func, *args, **keywords)

    def _named(self, parts: list[str], _: Any) -> Any:
        return _look_up(*parts)

    def _call(self, parts: list[Any], _: Any) -> Any:
        kind = self.thing(parts[0])
        if not (isinstance(kind, type) and issubclass(kind, tuple)):
            raise TypeError(f"{kind} is no named tuple")
        return kind(*(self.thing(one) for one in parts[1]))

    def _again(self, place: int, _: Any) -> Any:
        return self.made[place]

    def _object(self, plain: dict[str, Any], _: Any) -> Any:
        kind: Any = _look_up(*plain["class"])
        if not isinstance(kind, type):
            raise TypeError(f"{kind} is no class")
        made: Any = object.__new__(kind)
        known = {f.name for f in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else {}
        for name, value in plain["fields"].items():
            if known and name not in known:
                raise TypeError(f"{kind.__name__} has no {name}")
            object.__setattr__(made, name, self.thing(value))
        self.made.append(made)
        return made


def _array(plain: dict[str, Any]) -> Any:
    dtype = np.dtype(plain["dtype"])
    if dtype.kind not in _KINDS:
        raise TypeError(f"{dtype} is not numbers or text")
    data = np.frombuffer(base64.b64decode(plain["data"]), dtype)
    return data.reshape(plain["shape"]).copy()


def _look_up(module: str, name: str) -> Any:
    if not _ours(module):
        raise ImportError(f"{module} is not part of eigenscale")
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not _may_be_named(found):
        raise ImportError(f"{module}.{name} is neither a class nor a formula of eigenscale")
    return found


def _may_be_named(thing: Any) -> bool:
    """Whether a file may name it: a class of ours, or a function that is a formula of a law.

    Nothing else is called by what a file holds: a function that writes or removes a file is none.
    """
    place = str(getattr(thing, "__module__", ""))
    return _ours(place) if isinstance(thing, type) else place.startswith(_FORMULAS)
