"""Runs in words: what was recognised, what was derived, what is suspicious."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigenscale.io.runs.container import Runs


def recognised_lines(runs: "Runs") -> list[str]:
    """One line per field: the column it comes from, its range, and what else there was."""
    lines = []
    for name in ("loss", "params", "tokens", "flops", "unique_tokens", "steps", "score"):
        values = getattr(runs, name)
        if values is None:
            continue
        label = {"params": runs.size_name, "tokens": runs.data_name}.get(name, name)
        origin = runs.derived.get(name) or runs.recognised.get(name, "given")
        mark = "=" if name in runs.derived else "←"
        line = f"{label} {mark} {origin}: {values.min():.4g} to {values.max():.4g}"
        others = runs.alternatives.get(name, ())
        lines.append(line + (f" (also: {_few(others)})" if others else ""))
    for name in ("family", "experiment", "seed", "name", "flagged"):
        values = getattr(runs, name)
        if values is None:
            continue
        said = f"{int(values.sum())} rows" if name == "flagged" else f"{len(set(values))} values"
        lines.append(f"{name} ← {runs.recognised.get(name, 'given')}: {said}")
    return lines


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f", {len(names) - 3} more" if len(names) > 3 else "")


def describe(runs: "Runs") -> str:
    """Write the repr of runs."""
    lines = [f"Runs: {len(runs)} from {runs.source}"]
    lines += [f"  {line}" for line in recognised_lines(runs)]
    lines += [f"  left out {len(e.rows)} rows: {e.reason}" for e in runs.excluded]
    lines += [f"  warning: {text}" for text in runs.warnings]
    return "\n".join(lines)
