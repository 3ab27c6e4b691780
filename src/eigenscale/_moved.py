"""Import paths of version 0.1, kept for one release: they warn, and give what has moved.

`_moved.txt` has a line for each: the old path and the new one, ``module`` or ``module:name``,
both without ``eigenscale.``.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from warnings import warn

_OLD_ROOMS = "data forecast measure numerics plan report resolvent runs simulate"


class _Package(ModuleType):
    """A package that is gone; where it bore the name of a public function, it still is one."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _public(self.__name__)(*args, **kwargs)


class _Module(ModuleType):
    """A module whose package gave away a function of the same name."""

    def __init__(self, name: str, moved: ModuleType, function: Any) -> None:
        super().__init__(name, moved.__doc__)
        self.__dict__.update({k: v for k, v in vars(moved).items() if not k.startswith("__")})
        self.__wrapped__ = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)


class _Moved(MetaPathFinder, Loader):
    """Finds old names only, after every other finder has failed."""

    def __init__(self) -> None:
        self._table: dict[str, list[str]] = {}

    @property
    def table(self) -> dict[str, list[str]]:
        if not self._table:
            for line in (Path(__file__).parent / "_moved.txt").read_text("utf-8").splitlines():
                old, new = line.split()
                self._table.setdefault(f"eigenscale.{old}", []).append(f"eigenscale.{new}")
        return self._table

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if not name.startswith("eigenscale."):
            return None
        gone = name.removeprefix("eigenscale.") in _OLD_ROOMS.split()
        return ModuleSpec(name, self, is_package=gone) if gone or name in self.table else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        homes = self.table.get(name, [])
        if not homes:
            return
        warn(f"{name} has moved to {homes[-1]}", DeprecationWarning, stacklevel=2)
        found = [_named(home) for home in homes]
        if len(found) == 2:
            found = [_Module(name, found[0], found[1])]
        sys.modules[name] = found[0]


def _named(home: str) -> Any:
    module, _, name = home.partition(":")
    found = import_module(module)
    return getattr(found, name) if name else found


def _public(name: str) -> Any:
    return _named(_FINDER.table[f"{name}.{name.removeprefix('eigenscale.')}"][0])


_FINDER = _Moved()
sys.meta_path.append(_FINDER)
