"""What a column name says: the spellings of params, tokens, FLOPs, loss and the rest."""

import re
from dataclasses import dataclass

from eigenscale.errors import InputError
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.io.runs.units import parse_quantity, scale_of


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Guess:
    """What a column seems to be; the smaller the rank, the surer."""

    field: str
    rank: int
    unit: str | float = 1.0
    kind: str = ""


def words_of(name: str) -> list[str]:
    """Lower-case words of a column name, ``"CrossEntropyLoss"`` → cross, entropy, loss."""
    name = re.sub(r"[KMGTPEZ]?FLOP[sS]?", lambda m: f" {m[0].lower()} ", name)
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [w for w in re.split(r"[^a-z0-9]+", spaced.lower()) if w]


_RATE = re.compile(
    r"(?<![a-z])(it|iter|iters|tok|toks|tokens?|samples?|[kmgtpez]?flops?|steps?|examples?|gb|mb)"
    r"\s*(/|_?per_?|\s+per\s+|_?p_)\s*(s|sec|secs|second|seconds|h|hr|hour|hours|min|minute|day|gpu)"
    r"(?![a-z])|(?<![a-z])(mfu|hfu|throughput|tps|tok_s|utili[sz]ation|bandwidth)(?![a-z/])"
)


def is_rate(name: str) -> bool:
    """Whether a column name says so much each second, hour or device, not a total.

    Examples
    --------
    >>> is_rate("tokens/s"), is_rate("train/tokens"), is_rate("flops_per_second")
    (True, False, True)
    """
    return bool(_RATE.search(name.lower()))


def _split_unit(name: str) -> tuple[str, str]:
    match = re.search(r"[(\[]([^)\]]*)[)\]]\s*$", name) or re.search(
        r"(?:\s/\s*|[_ ])(1e\d+)$", name
    )
    return (name[: match.start()], match[1].strip()) if match else (name, "")


def _count_unit(words: list[str], bracket: str, flops: bool) -> tuple[list[str], float]:
    """Take the unit out of the words: ``params_b``, ``tokens (M)``, ``flops (1e18)``."""
    bracket = _POWER.sub(r"1e\2", bracket)
    factor = parse_quantity(bracket, flops=flops) or scale_of(bracket, flops=flops)
    if bracket and factor:
        return words, factor
    if len(words) > 2 and words[-2] == "in" and (scale := scale_of(words[-1])) and scale != 1:
        return words[:-2], scale
    if len(words) > 1 and (scale := scale_of(words[-1])) and scale != 1:
        return words[:-1], scale
    return words, 1.0


_POWER = re.compile(r"^(?:in )?[x×*·]? ?(10\^|10\*\*|1e)\+?(\d+)$", re.IGNORECASE)
_COUNT = _set("n num number no of count total the")
_TRAINING = _set("train training trained model estimated est used final")

_PARAM_WORDS = _set("params param parameters parameter nparams")
_PARAM_EXTRA = _COUNT | _TRAINING | _set("trainable precise exact size all learnable")
_EMBEDDING = _set("non embedding nonembedding embed emb nonemb no without wo")
_FEATURES = _set("n_features features num_features n_random_features nfeatures")


def _params(words: list[str], joined: str) -> tuple[int, str] | None:
    if joined in _FEATURES:
        return 0, "n_features"
    if joined in {"n", "model_size", "modelsize"}:
        return (2 if joined == "n" else 1), ""
    if not _PARAM_WORDS & set(words):
        return None
    rest = set(words) - _PARAM_WORDS - _PARAM_EXTRA
    if not rest:
        return 0 if joined in {"params", "n_params"} else 1, ""
    if rest <= {"active", "activated"}:
        return 3, "active"
    return (4, "non-embedding") if rest <= _EMBEDDING else None


_TOKEN_WORDS = _set("tokens token toks")
_TOKEN_EXTRA = _COUNT | _TRAINING | _set("seen consumed processed data input sum")
_BATCH = _set("batch size in per step iteration iter update")
_UNIQUE = _set("unique distinct")
_SAMPLES = _set(
    "t n_samples samples num_samples nsamples n_train train_size n_examples num_examples examples "
    "dataset_size training_samples train_samples samples_seen"
)


def _tokens(words: list[str], joined: str) -> tuple[str, int, str] | None:
    if joined in _SAMPLES:
        return "tokens", (4 if joined == "t" else 1), "n_samples"
    if joined in {"d", "data", "dataset_tokens", "ntokens"}:
        return "tokens", 2, ""
    found = set(words)
    if not _TOKEN_WORDS & found:
        return None
    rest = found - _TOKEN_WORDS
    if rest and rest <= _BATCH:
        return "batch_tokens", 0, ""
    if _UNIQUE & rest and rest <= _TOKEN_EXTRA | _UNIQUE:
        return "unique_tokens", 0, ""
    return ("tokens", 0 if not rest else 1, "") if rest <= _TOKEN_EXTRA else None


_FLOP_WORDS = _set("flop flops flos flo compute pf pfs pfd pfday pfdays petaflop petaflops")
_FLOP_EXTRA = _COUNT | _TRAINING | _set("c budget day days s spent float")


def _flops(words: list[str], joined: str) -> tuple[int, str | float] | None:
    if joined in {"c", "budget", "compute_budget", "c_min"}:
        return (2 if joined == "c" else 3), 1.0
    prefixed = next((w for w in words if re.fullmatch(r"[kmgtpez](flop|flops|flos)", w)), None)
    found = set(words) - ({prefixed} if prefixed else set())
    if not prefixed and not _FLOP_WORDS & found:
        return None
    if found - _FLOP_WORDS - _FLOP_EXTRA:
        return None
    if _set("day days pfd pfday pfdays") & found:
        return 0, "PF-days"
    if _set("petaflop petaflops") & found:
        return 0, "PFLOP"
    return (0 if found & {"flop", "flops"} else 1), prefixed or 1.0


_HELD_OUT = _set("val valid validation eval evaluation test heldout held out dev")
_LOSS_WORDS = _set("loss nll perplexity ppl bpb bpc xent ce xe")
_ERROR_WORDS = _set("error err mse rmse mae wer")
_LOSS_EXTRA = _HELD_OUT | _set(
    "final best last mean avg average smoothed lm ce cross entropy train training pretraining "
    "language model modeling nats bits in per byte token char character word l min minimum set "
    "step epoch"
)
_LOSS_ALONE = _set("l cross_entropy nats")
_BARE_UNIT = re.compile(
    r"(?:[\w.]+/)*(nats?|bits?)[ _]?(?:/|per)[ _]?(bytes?|char(?:acter)?s?|tokens?)"
)


def _bits_of(words: set[str]) -> str:
    if "bpb" in words or "byte" in words:
        return "bits/byte"
    return "bits/char" if _set("bpc char character") & words else "bits"


def _loss(words: list[str], joined: str, path: set[str]) -> tuple[int, str] | None:
    if joined in _LOSS_ALONE:
        return (6 if joined == "l" else 5), "nats"
    found = set(words)
    if found >= _set("cross entropy"):
        found.add("ce")
    if _LOSS_WORDS & path and found <= _HELD_OUT | _set("train training epoch step"):
        found |= _LOSS_WORDS & path  # Loss/val
    if _ERROR_WORDS & found and not _LOSS_WORDS & found:
        return _error(found, path)
    if not _LOSS_WORDS & found or found - _LOSS_WORDS - _LOSS_EXTRA:
        return None
    unit, rank = _unit_of(found)
    if _set("train training") & (found | path):
        return rank + 8, unit
    if _HELD_OUT & (found | path):
        return rank, unit
    return rank + (1 if "final" in found else 3), unit


def _unit_of(found: set[str]) -> tuple[str, int]:
    """Give the unit that the words of a loss say, and how far behind plain ones it comes."""
    if _set("perplexity ppl") & found:
        return "perplexity", 10
    if _set("bits bpb bpc") & found:
        return _bits_of(found), 10
    return ("nats/byte" if _set("byte per") <= found else "nats"), 0


def _error(found: set[str], path: set[str]) -> tuple[int, str] | None:
    """Rank a column of errors of any learner; the rate of wrong answers is the plainest."""
    more = _set("final best last mean avg average rate train cv top1 top 1 percent pct")
    if found - _ERROR_WORDS - _HELD_OUT - more:
        return None
    kind = next((w for w in ("rmse", "mse", "mae", "wer") if w in found), "error")
    return 14 + 8 * bool(_set("train training") & (found | path)), kind


_SPREAD = _set("se stderr sem std stdev sd std_err standard_error standard_deviation")


def _spread(words: list[str]) -> Guess | None:
    """Recognise the stated error of a loss or score: ``loss_se``, ``test_error_std``, ``std``."""
    joined = "_".join(words)
    kind = next((w for w in _SPREAD if joined == w or joined.endswith(f"_{w}")), None)
    if kind is None and words and words[0] in _SPREAD:
        kind, words = words[0], [*words[1:], words[0]]
        joined = "_".join(words)
    if kind is None:
        return None
    rest = set(joined.removesuffix(kind).strip("_").split("_")) - {""}
    known = _LOSS_WORDS | _ERROR_WORDS | _LOSS_EXTRA | _set("score accuracy acc auc f1 r2 metric")
    if rest - known or _set("train training") & rest:
        return None
    deviation = kind in _set("std stdev sd standard_deviation")
    return Guess("loss_se", 0 if rest else 1, kind="deviation" if deviation else "error")


_EXACT = {
    "steps": "step steps global_step iteration iterations iter iters it n_steps num_steps "
    "training_steps train_steps s trainer_global_step",
    "family": "family model_family series suite group cluster arch architecture model",
    "experiment": "experiment experiment_name study sweep",
    "seed": "seed random_seed rng_seed seed_id",
    "name": "name run_name run run_id runid model_name id run_uuid",
    "flagged": "outlier is_outlier outliers flag flagged exclude excluded bad",
    "score": "val_accuracy test_accuracy eval_accuracy accuracy acc val_acc test_acc score "
    "task_score auc roc_auc test_auc val_auc auroc average_precision f1 test_f1 r2 test_r2 "
    "test_score test_score_mean mean_test_score val_score balanced_accuracy",
    "repeats": "n_seeds n_repeats repeats n_folds folds n_runs replicates cv",
    "lr": "lr learning_rate lr_max max_lr peak_lr learningrate",
    "state": "state status run_state run_status",
}
_ENDED = _set("finished completed converged succeeded success done")
_NOT_ENDED = _set("diverged crashed failed aborted killed preempted interrupted unfinished oom")
_SPELLINGS = {field: spellings.split() for field, spellings in _EXACT.items()}


_LONGEST = 400
"""Characters of a name; what is longer is a text, not the name of a column."""


def guess(column: str) -> Guess | None:
    """Guess what `column` is by its name alone; None where it says nothing.

    Examples
    --------
    >>> guess("Training FLOP").field, guess("n_params").field, guess("hex_color")
    ('flops', 'params', None)
    """
    if len(column) > _LONGEST or is_rate(column):
        return None
    if (unit := _unit_alone(column)) is not None:
        return Guess("loss", 5, unit)
    bare, bracket = _split_unit(column)
    parts = _parts(bare)
    if not parts:
        return None
    words = words_of(parts[-1])
    path = {w for part in parts[:-1] for w in words_of(part)}
    meaning = _spread(words) or _guess_count(words, bracket) or _guess_rest(words, path, bracket)
    foreign = "." in bare and bool(path - _PATHS)
    return None if foreign and meaning is not None and meaning.field != "loss" else meaning


def _unit_alone(column: str) -> str | None:
    """Name the unit of a column that is called by nothing else, as ``val/bits_per_byte``."""
    match = _BARE_UNIT.fullmatch(column.strip().lower())
    if match is None:
        return None
    return f"{match[1].rstrip('s')}s/{match[2].rstrip('s').replace('character', 'char')}"


_PATHS = _HELD_OUT | _set(
    "metrics params config summary tags mlflow hparams hyperparameters args model train training "
    "trainer data run state eval stats results final"
)
"""What stands before the name of a column in the tables of trackers, as in config.n_params."""


def _parts(name: str) -> list[str]:
    """Take ``val/loss`` and ``config.n_params`` apart, but no number with a point."""
    parts = [part for part in name.split("/") if part.strip()]
    return [
        inner
        for part in parts
        for inner in (part.split(".") if re.fullmatch(r"\w*[A-Za-z_]\w*(\.\w+)+", part) else [part])
    ]


def _guess_count(words: list[str], bracket: str) -> Guess | None:
    flops = _flops(words, "_".join(words))
    if flops is not None:
        rank, unit = flops
        if bracket and unit == 1.0:
            unit = _count_unit(words, bracket, flops=True)[1]
        return Guess("flops", rank, unit)
    words, scale = _count_unit(words, bracket, flops=False)
    joined = "_".join(words)
    if (size := _params(words, joined)) is not None:
        return Guess("params", size[0], scale, size[1])
    if (data := _tokens(words, joined)) is not None:
        return Guess(data[0], data[1], scale, data[2])
    return None


def _unit_in(bracket: str, words: list[str]) -> str | None:
    """Read the unit of a loss that a name says in brackets or at its end."""
    if words and words[-1] in {"percent", "pct"}:
        return "percent"
    try:
        return loss_unit(bracket).name if bracket else None
    except InputError:
        return None


def _guess_rest(words: list[str], path: set[str], bracket: str) -> Guess | None:
    joined = "_".join(words)
    if (loss := _loss(words, joined, path)) is not None:
        return Guess("loss", loss[0], _unit_in(bracket, words) or loss[1])
    for name, spellings in _SPELLINGS.items():
        if joined in spellings:
            return Guess(name, spellings.index(joined))
    if joined.removeprefix("is_").removeprefix("has_") in _ENDED | _NOT_ENDED:
        ended = joined.removeprefix("is_").removeprefix("has_") in _ENDED
        return Guess("state", 10, kind="ended" if ended else "not ended")
    return None
