"""What a column name says: the spellings of params, tokens, FLOPs, loss and the rest."""

import re
from dataclasses import dataclass

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


def _split_unit(name: str) -> tuple[str, str]:
    match = re.search(r"[(\[]([^)\]]*)[)\]]\s*$", name)
    return (name[: match.start()], match[1].strip()) if match else (name, "")


def _count_unit(words: list[str], bracket: str, flops: bool) -> tuple[list[str], float]:
    """Take the unit out of the words: ``params_b``, ``tokens (M)``, ``flops (1e18)``."""
    factor = parse_quantity(bracket, flops=flops) or scale_of(bracket, flops=flops)
    if bracket and factor:
        return words, factor
    if len(words) > 1 and (scale := scale_of(words[-1])) and scale != 1:
        return words[:-1], scale
    return words, 1.0


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


_FLOP_WORDS = _set("flop flops flos flo compute pf pfd petaflop petaflops")
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
    if _set("day days pfd") & found:
        return 0, "PF-days"
    if _set("petaflop petaflops") & found:
        return 0, "PFLOP"
    return (0 if found & {"flop", "flops"} else 1), prefixed or 1.0


_HELD_OUT = _set("val valid validation eval evaluation test heldout held out dev")
_LOSS_WORDS = _set("loss nll perplexity ppl bpb bpc xent")
_LOSS_EXTRA = _HELD_OUT | _set(
    "final best last mean avg average smoothed lm ce cross entropy train training pretraining "
    "language model modeling nats bits in per byte token char l min minimum set step epoch"
)
_LOSS_ALONE = _set("l ce cross_entropy bits_per_byte bits_per_char bits_per_token nats")


def _loss(words: list[str], joined: str, path: set[str]) -> tuple[int, str] | None:
    if joined in _LOSS_ALONE:
        return (6 if joined == "l" else 5), ("bits" if joined.startswith("bits") else "nats")
    found = set(words)
    if not _LOSS_WORDS & found or found - _LOSS_WORDS - _LOSS_EXTRA:
        return None
    unit, rank = "nats", 0
    if _set("perplexity ppl") & found:
        unit, rank = "perplexity", 10
    elif _set("bits bpb bpc") & found:
        unit, rank = "bits", 10
    if _set("train training") & (found | path):
        return rank + 8, unit
    if _HELD_OUT & (found | path):
        return rank, unit
    return rank + (1 if "final" in found else 3), unit


_EXACT = {
    "steps": "step steps global_step iteration iterations iter iters it n_steps num_steps "
    "training_steps train_steps s trainer_global_step",
    "family": "family model_family series suite group cluster arch architecture model",
    "experiment": "experiment experiment_name study sweep",
    "seed": "seed random_seed rng_seed seed_id",
    "name": "name run_name run run_id runid model_name id run_uuid",
    "flagged": "outlier is_outlier outliers flag flagged exclude excluded bad",
    "score": "accuracy acc score task_score test_accuracy val_accuracy eval_accuracy",
}
_SPELLINGS = {field: spellings.split() for field, spellings in _EXACT.items()}


def guess(column: str) -> Guess | None:
    """Guess what `column` is by its name alone; None where it says nothing.

    Examples
    --------
    >>> guess("Training FLOP").field, guess("n_params").field, guess("hex_color")
    ('flops', 'params', None)
    """
    bare, bracket = _split_unit(column)
    parts = [p for p in bare.split("/") if p.strip()]
    if not parts:
        return None
    words = words_of(parts[-1])
    path = {w for part in parts[:-1] for w in words_of(part)}
    return _guess_count(words, bracket) or _guess_rest(words, path, bracket)


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


def _guess_rest(words: list[str], path: set[str], bracket: str) -> Guess | None:
    joined = "_".join(words)
    if (loss := _loss(words, joined, path)) is not None:
        unit = bracket.lower()
        return Guess("loss", loss[0], unit if unit in {"bits", "nats"} else loss[1])
    for name, spellings in _SPELLINGS.items():
        if joined in spellings:
            return Guess(name, spellings.index(joined))
    return None
