"""Recipes as files: a table, Hugging Face, OLMo, nanochat.

Every folder holds ``runs.csv``, the table of all runs with what is predicted of them, from which
the finished runs are scored (see `finished`).
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from eigenscale.errors import InputError
from eigenscale.planning.configurations.recipe import FINAL_RATE, Recipe

TABLE = "runs.csv"
WEIGHT_DECAY, BETAS = 0.1, (0.9, 0.95)

Files = dict[str, str]


def table(recipes: Sequence[Recipe]) -> str:
    """All runs as CSV."""
    text = io.StringIO()
    rows = [one.to_row() for one in recipes]
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _csv(run: Recipe) -> Files:  # noqa: ARG001  # of every writer
    """Nothing more: the table of all runs is in every folder."""
    return {}


def _hf(run: Recipe) -> Files:
    """Two files a run: a Llama configuration, and the keys of `TrainingArguments`."""
    shape = run.architecture
    model = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": shape.width,
        "intermediate_size": shape.mlp_width or 4 * shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads or shape.heads,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.context,
        "tie_word_embeddings": shape.tied,
    }
    training = {
        "output_dir": run.name,
        "run_name": run.name,
        "max_steps": run.steps,
        "warmup_steps": run.warmup_steps,
        "learning_rate": run.learning_rate,
        "lr_scheduler_type": "cosine_with_min_lr",
        "lr_scheduler_kwargs": {"min_lr_rate": FINAL_RATE},
        "per_device_train_batch_size": run.sequences,
        "weight_decay": WEIGHT_DECAY,
        "adam_beta1": BETAS[0],
        "adam_beta2": BETAS[1],
        "max_grad_norm": 1.0,
        "bf16": True,
        "seed": run.seed,
    }
    return {
        f"{run.name}/config.json": json.dumps(model, indent=2) + "\n",
        f"{run.name}/training_args.json": json.dumps(training, indent=2) + "\n",
    }


def _olmo(run: Recipe) -> Files:
    """One YAML file a run, without data and evaluators, which are the user's."""
    shape = run.architecture
    model: dict[str, Any] = {
        "d_model": shape.width,
        "n_heads": shape.heads,
        "n_layers": shape.layers,
        "mlp_ratio": 8,  # of the gated layer: both branches, each four times the width
        "weight_tying": shape.tied,
        "rope": True,
        "include_bias": False,
        "block_type": "sequential",
        "activation_type": "swiglu",
        "max_sequence_length": shape.context,
        "vocab_size": shape.vocabulary,
        "embedding_size": shape.vocabulary,
    }
    optimizer = {
        "name": "adamw",
        "learning_rate": run.learning_rate,
        "weight_decay": WEIGHT_DECAY,
        "betas": list(BETAS),
    }
    scheduler = {
        "name": "cosine_with_warmup",
        "t_warmup": run.warmup_steps,
        "alpha_f": FINAL_RATE,
    }
    whole = {
        "run_name": run.name,
        "seed": run.seed,
        "model": model,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "max_duration": run.steps,
        "global_train_batch_size": run.sequences,
        "max_grad_norm": 1.0,
    }
    return {f"{run.name}.yaml": _yaml(whole)}


def _yaml(values: Mapping[str, Any], indent: str = "") -> str:
    """Two levels of a mapping as YAML, whose scalars and lists are those of JSON."""
    lines = ""
    for name, value in values.items():
        if isinstance(value, Mapping):
            lines += f"{indent}{name}:\n{_yaml(value, indent + '  ')}"
        elif isinstance(value, float):  # YAML 1.1 reads an exponent only after a point
            lines += f"{indent}{name}: {value:.6f}\n"
        else:
            lines += f"{indent}{name}: {json.dumps(value)}\n"
    return lines


def _nanochat(run: Recipe) -> Files:
    """Write the command of a run; learning rates are nanochat's own, which follow the depth."""
    shape = run.architecture
    options = {
        "run": run.name,
        "model-tag": run.name,
        "depth": shape.layers,
        "aspect-ratio": shape.width // shape.layers,
        "head-dim": shape.width // shape.heads,
        "max-seq-len": shape.context,
        "total-batch-size": run.batch_tokens,
        "num-iterations": run.steps,
        "warmup-steps": run.warmup_steps,
    }
    command = " ".join(f"--{name}={value}" for name, value in options.items())
    return {f"{run.name}.sh": f"torchrun --nproc_per_node=8 -m scripts.base_train -- {command}\n"}


WRITERS: Mapping[str, Callable[[Recipe], Files]] = MappingProxyType(
    {"csv": _csv, "hf": _hf, "olmo": _olmo, "nanochat": _nanochat}
)

HABITS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "csv": {},
        "hf": {"gated": True},
        "olmo": {"gated": True},
        "nanochat": {"tied": False, "vocabulary": 32768, "head_dim": 128},
    }
)
"""What shapes a framework builds."""


def check_kind(kind: str) -> None:
    """Refuse a framework that is not known."""
    if kind not in WRITERS:
        raise InputError(f"--write {kind!r} is unknown; known are {', '.join(WRITERS)}")


def files(recipes: Sequence[Recipe], kind: str) -> Files:
    """Every file of a folder by its path, the table of all runs among them.

    Parameters
    ----------
    recipes : sequence of Recipe
    kind : {"csv", "hf", "olmo", "nanochat"}

    Returns
    -------
    dict of str to str

    Raises
    ------
    InputError
        The framework is unknown.

    Examples
    --------
    >>> from eigenscale.planning.configurations.recipe import recipe
    >>> sorted(files([recipe("small", 1e8, 2e9)], "hf"))
    ['runs.csv', 'small/config.json', 'small/training_args.json']
    """
    check_kind(kind)
    found = {TABLE: table(recipes)}
    for one in recipes:
        found |= WRITERS[kind](one)
    return found
