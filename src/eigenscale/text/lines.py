"""Words from outside in one line of a message: escaped, and no longer than one can read."""

import difflib
import re
from collections.abc import Iterable

_WORD = 160  # characters of one word
_LINE = 1200  # characters of a message
_FEW = 9  # names that are listed whole
_HARD_SPACES = "\u00a0\u202f"
_BREAKS = re.compile(r"[^\S\u00a0\u202f]+")


def one_line(message: str) -> str:
    r"""Give a message as one line that a terminal shows as it is.

    White space becomes single spaces; control characters, marks that turn the direction of text
    and halves of characters are written as escapes; what is too long is cut, and said to be.

    Examples
    --------
    >>> one_line("column \x1b[31mloss\n is  empty")
    'column \\x1b[31mloss is empty'
    >>> one_line("x" * 5000)[-25:]
    'xxxxxx…(5,000 characters)'
    """
    words = [_word(word) for word in _BREAKS.split(message.strip())]
    line = " ".join(words)
    return line if len(line) <= _LINE else f"{line[:_LINE]}…"


def _word(word: str) -> str:
    if len(word) > _WORD:
        end = word[-1] if word[-1] in ",;:" else ""
        return f"{_shown(word[: _WORD // 2])}…({len(word):,} characters){end}"
    return _shown(word)


def _shown(word: str) -> str:
    if all(_can_be_shown(c) for c in word):
        return word
    return "".join(
        c if _can_be_shown(c) else c.encode("unicode_escape").decode("ascii") for c in word
    )


def _can_be_shown(c: str) -> bool:
    """Whether a terminal shows a character as it is; spaces that do not break are shown."""
    return c.isprintable() or c in _HARD_SPACES


def choices(given: str, names: Iterable[str]) -> str:
    """Name what can be chosen: all of a few names, else the three nearest to what was given.

    Examples
    --------
    >>> choices("b", ["a", "b2"])
    'a, b2'
    >>> choices("f2", [f"f{i}" for i in range(30)])
    'f2, f29 or f28 (30 names in all)'
    """
    every = list(names)
    if len(every) <= _FEW:
        return ", ".join(every)
    near = difflib.get_close_matches(given[:100], every, n=3, cutoff=0) or every[:3]
    return f"{', '.join(near[:-1])} or {near[-1]} ({len(every)} names in all)"


def listed(names: Iterable[str]) -> str:
    """List names, of many only the first.

    Examples
    --------
    >>> listed(["a", "b"]), listed(f"c{i}" for i in range(3000))
    ('a, b', 'c0, c1, c2, c3, c4, c5, c6, c7, c8 and 2,991 more')
    """
    every = list(names)
    more = f" and {len(every) - _FEW:,} more" if len(every) > _FEW else ""
    return ", ".join(every[:_FEW]) + more
