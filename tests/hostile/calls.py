"""The calls: a small good one of each command, then each option and each file made hostile.

Options are read from Typer's declarations, so that a new one is covered on the day it appears.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from eigenscale.cli.app import app

# A quick good call of each command; files are those that `files.write` makes.
GOOD: dict[str, list[str]] = {
    "look": ["runs.csv"],
    "spectrum": ["rows.npy"],
    "dimension": ["rows.npy"],
    "forecast": ["rows.npy", "--target", "y.npy", "--samples", "400", "--draws", "20"],
    "probe": ["rows.npy", "--target", "labels.npy", "--learner", "ridge", "--folds", "2"],
    "theory": ["--alpha", "1", "--features", "20", "--samples", "40", "--latent-dim", "100"],
    "simulate": [
        "--alpha",
        "1",
        "--features",
        "8",
        "--samples",
        "12",
        "--latent-dim",
        "20",
        "--draws",
        "2",
    ],
    "gallery": ["pictures", "--figures", "regimes"],
    "fit": ["runs.csv", "--law", "chinchilla", "--bootstrap", "10"],
    "curve": ["curve.csv", "--law", "steps-only"],
    "compare": ["runs.csv", "other.csv", "--bootstrap", "10", "--law", "chinchilla"],
    "predict": ["fit.json", "--params", "1e9", "--tokens", "1e10"],
    "score": ["registered.json", "runs.csv"],
    "plan": ["runs.csv", "--law", "chinchilla", "--bootstrap", "10", "--flops", "1e20"],
    "report": ["--runs", "runs.csv", "--law", "chinchilla", "-o", "page"],
}

_DIGITS = "9" * 400
NUMBERS = [
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "1e308",
    "1e-320",
    "1e400",
    "-1e308",
    _DIGITS,
    ".9999999999999999",
    "1e20",
    "1,,2",
    "1:2:3:4",
    "1e1:1e9:100000000",
    "0x10",
    "١٢",
]
TEXTS = [
    "",
    " ",
    "\x1b[31mred\x1b[0m",
    "a" * 5000,
    "=",
    "a=",
    "=b",
    "E=1e308",
    "E=nan",
    "loss=",
    "loss=loss",
    "params=1e400",
    "<script>alert(1)</script>",
    "\u202eabc",
    "../../etc/passwd",
    "--json",
    "no-such-thing",
    "{",
    "%s%n",
    "$HOME",
    "\udcff\udcfe",
]
PATHS = ["", ".", "/", "absent/x", "/dev/null", "runs.csv", "folder", "a" * 300, "\udcff.csv"]


@dataclass(frozen=True)
class Call:
    """One call: its arguments, and what is tried in it."""

    arguments: tuple[str, ...]
    tried: str


def _options() -> Iterator[tuple[str, str, bool]]:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for declared in command.params:
            if declared.param_type_name == "option" and declared.opts[0] != "--help":
                yield name, declared.opts[0], bool(getattr(declared, "is_flag", False))


def option_calls() -> Iterator[Call]:
    """Each option of each command with each hostile value; flags as they are."""
    for name, option, flag in _options():
        good = [name, *GOOD[name]]
        if flag:
            yield Call((*good, option), f"{name} {option}")
            continue
        for value in [*NUMBERS, *TEXTS, *PATHS]:
            yield Call((*good, f"{option}={value}"), f"{name} {option}={value[:40]}")
        yield Call((*good, option), f"{name} {option} without a value")
        yield Call((*good, option, "1", option, "2"), f"{name} {option} twice")


def pair_calls(rng: random.Random, count: int) -> Iterator[Call]:
    """Two options at once, drawn at random, with values that are right more often than not."""
    every = list(_options())
    likely = [
        "1",
        "2",
        "10",
        "0.5",
        "1e9",
        "auto",
        "y.npy",
        "labels.npy",
        "runs.csv",
        "all",
        "out.x",
    ]
    for _ in range(count):
        name = rng.choice(every)[0]
        own = [one for one in every if one[0] == name]
        said: list[str] = []
        for _, option, flag in rng.sample(own, min(len(own), rng.randint(2, 3))):
            value = rng.choice(likely if rng.random() < 0.7 else [*NUMBERS, *TEXTS])
            said += [option] if flag else [f"{option}={value}"]
        yield Call((name, *GOOD[name], *said), f"{name} {' '.join(said)}"[:120])


def file_calls(files: list[str]) -> Iterator[Call]:
    """Each hostile file in each place of a good call where a file stands."""
    for name, good in GOOD.items():
        for place, word in enumerate(good):
            if "." not in word or word.startswith("-") or word[0].isdigit():
                continue
            for file in files:
                now = [*good]
                now[place] = file
                yield Call((name, *now), f"{name} with {file} for {word}")


def every_call(folder: Path, pairs: int = 1500) -> list[Call]:
    """All calls, in an order that no sample of them prefers a command."""
    rng = random.Random(0)
    hostile = sorted(path.name for path in (folder / "hostile").iterdir())
    files = [f"hostile/{name}" for name in hostile]
    calls = [*option_calls(), *pair_calls(rng, pairs), *file_calls(files)]
    rng.shuffle(calls)
    return calls
