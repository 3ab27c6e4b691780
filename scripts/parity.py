"""The matrix of commands and public functions: docs/parity.md, from their declarations.

python scripts/parity.py          write it
python scripts/parity.py --check  exit with 1 where it is not current
"""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

import eigenscale as es
from eigenscale.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "parity.md"
FUNCTIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "look": ("es.look", es.look),
    "spectrum": ("es.measure", es.measure),
    "dimension": ("es.dimension", es.dimension),
    "forecast": ("es.forecast", es.forecast),
    "probe": ("es.probe", es.probe),
    "theory": ("es.SolvableModel.solve", es.SolvableModel.solve),
    "simulate": ("es.simulate_grid", es.simulate_grid),
    "gallery": ("es.gallery", es.gallery),
    "fit": ("es.fit", es.fit),
    "curve": ("es.curve", es.curve),
    "compare": ("es.compare", es.compare),
    "predict": ("es.predict", es.predict),
    "score": ("es.score", es.score),
    "plan": ("es.plan", es.plan),
    "report": ("es.report", es.report),
}
NAMED = {"seed": "rng", "samples": "n_samples", "features": "n_features"}
"""Options of another name in Python: `rng` takes a generator too, sizes are the field's T and N."""

FACE = {
    "as_json": "`result.to_dict()`",
    "plot": "`result.plot()`",
    "figure": "`result.plot(kind=…)`",
    "figure_style": "`result.plot()` in your own style",
    "csv": "`result.to_csv(path)`, or `to_dict()`",
    "save": "`result.save(path)`",
    "keep_index": "`keep_index` of `eigenscale.io.files.index`",
}
READING = dict.fromkeys(
    ("columns", "units", "where", "checkpoints", "pattern"), "`es.read_runs` reads the runs first"
) | {
    "drop_flagged": "`runs.without_flagged()`",
    "drop_highest": "`runs.without_highest_loss(n)`",
}
OF_THE_MODEL = "part of the model: `es.Spectrum.power_law` and `es.SolvableModel`"
OPTIONS_OF_IT = "alpha latent_dim spectrum target_exponent scale noise_var weight_var feature_var"
MODEL = dict.fromkeys(OPTIONS_OF_IT.split(), OF_THE_MODEL)
SPENT = "part of `es.Hardware(…)`, given as `hardware=`"
ELSEWHERE: dict[str, dict[str, str]] = {
    "spectrum": {
        "ranks": "`spectrum.exponent(ranks=…)`",
        "level": "`spectrum.exponent(level=…)`",
        "samples": "`measure_subsets` of `eigenscale.spectra.subsets`",
    },
    "forecast": {
        **dict.fromkeys(
            ("learner", "minutes", "folds", "store"),
            "`compare_learners` of `eigenscale.forecasting.external.comparison`",
        ),
        **dict.fromkeys(
            ("target_loss", "cost_per_sample", "cost_per_feature"), "`forecast.advice(…)`"
        ),
        "value": "`worth` of `eigenscale.planning.worth`",
    },
    "theory": {
        **dict.fromkeys(("steps", "batch", "lr"), "`model.sgd(…)`"),
        "baseline": "`model.baseline(…)`",
        "limits": "`es.loss_exponents`",
    },
    "simulate": {
        "alpha": "`es.power_law_spectra`, given as `spectra=`",
        "verify": "`es.verify`",
        "quick": "`es.verify(quick=True)`",
    },
    "gallery": {
        "folder": "`output`",
        "recompute": "always done: nothing is kept",
    },
    "fit": {
        "best_over": "`best_cells` of `eigenscale.laws.grouping.cells`",
        "group": "`fit_groups` of `eigenscale.laws.grouping.groups`",
        "predict": "`fit.predict(points)`",
        "prior_from": "`published_priors` of `eigenscale.laws.reference.priors`",
        "counting": "`counting_sentences` of `eigenscale.laws.checks.counting`",
        "local": "`local_sentence` of `eigenscale.laws.checks.local`",
        "downstream": "`downstream` of `eigenscale.laws.checks.downstream`",
    },
    "curve": {
        "follow": "a loop of your own over `es.curve`",
        **dict.fromkeys(("points", "params", "tokens_per_step"), "a table of `answer.predictions`"),
    },
    "predict": {"register": "`register` of `eigenscale.laws.saving.registered`"},
    "score": {"file": "`path`"},
    "plan": {
        "runs": "`surface`: a fit, made by `es.fit`",
        "constants": "`surface`: the name",
        "ridge": "`model.surface(ridge)`, given as `surface`",
        **dict.fromkeys(("law", "bootstrap", "resampling", "seed"), "`es.fit`"),
        "target_loss": "`es.reach`",
        **dict.fromkeys(("device", "devices", "utilization", "price", "watts"), SPENT),
        "in_memory": "`max_params=hardware.max_params()`",
        **dict.fromkeys(("serving_price", "serving_utilization"), "`serving_hardware=`"),
        **dict.fromkeys(
            ("next_cost", "next_count", "next_sizes", "next_goal", "next_rival"), "`es.next_runs`"
        ),
        "value": "`worth_of_compute` of `eigenscale.planning.worth`",
        **dict.fromkeys(("with_ladder", "ladder_share"), "`es.ladder`"),
        "sweep": "`isoflop_sweep` of `eigenscale.planning.design.sweep`",
        "write": "`files` of `eigenscale.planning.configurations.frameworks`",
        "finished": "`score_finished` of `eigenscale.planning.configurations.finished`",
        "scenario": "`scenarios` of `eigenscale.planning.advice.scenarios`",
        "sensitivity": "`es.sensitivity`",
        "neighbour": "`es.break_points(neighbours=…)`",
        "details": "`es.outlook`, `es.break_points`",
    },
}


def rows(command: str) -> list[tuple[str, str]]:
    """List each option of a command with what it is in Python; an empty text is a gap."""
    _, function = FUNCTIONS[command]
    known = set(inspect.signature(function).parameters)
    declared = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    found = []
    for option in declared:
        name = str(option.name)
        here = ELSEWHERE.get(command, {})
        if name in known:
            said = f"`{name}`"
        elif NAMED.get(name) in known:
            said = f"`{NAMED[name]}`"
        else:
            said = here.get(name) or FACE.get(name) or READING.get(name) or MODEL.get(name) or ""
        written = next((one for one in option.opts if one.startswith("--")), name.upper())
        found.append((written, said))
    return found


INTRODUCTION = (
    "Written by `python scripts/parity.py` from the declarations of the commands and the "
    "signatures of the functions. Where an option is no parameter of the function, the table "
    "says what does the same.\n"
)


def page() -> str:
    """Write the whole page."""
    parts = [
        "# One face: what a command takes, and what it is in Python\n",
        INTRODUCTION,
    ]
    for command, (name, _) in FUNCTIONS.items():
        lines = [f"| `{option}` | {said or '**missing**'} |" for option, said in rows(command)]
        head = [f"## `eigenscale {command}` and `{name}`\n", "| option | in Python |", "|---|---|"]
        parts.append("\n".join([*head, *lines]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == text else f"{PAGE.name} is not current")
    PAGE.write_text(text, encoding="utf-8")
