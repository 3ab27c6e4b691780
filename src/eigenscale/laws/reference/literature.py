# ruff: noqa: E501  (a table: one row a line)
"""The table of published constants: name, law, constants, source, units, counting.

Constants published in PF-days are turned into FLOPs (1 PF-day = 8.64e19 FLOPs). NaN stands for a
constant that was not published with the others.
"""

from collections.abc import Sequence
from math import exp, nan

from eigenscale.laws.forms.chinchilla import CHINCHILLA
from eigenscale.laws.forms.data_constrained import DATA_CONSTRAINED
from eigenscale.laws.forms.kaplan import KAPLAN
from eigenscale.laws.forms.monomial import monomial
from eigenscale.laws.forms.power import power
from eigenscale.laws.forms.steps import STEPS
from eigenscale.laws.law import Law

Row = tuple[str, Law, Sequence[float], str, str, str]
PF_DAY = 8.64e19

_HOFFMANN = "Hoffmann et al. 2022, arXiv:2203.15556"
_KAPLAN = "Kaplan et al. 2020, arXiv:2001.08361"
_HENIGHAN = "Henighan et al. 2020, arXiv:2010.14701"
_DEEPSEEK = "DeepSeek-AI 2024, arXiv:2401.02954"
_STEP_LAW = "Li et al. 2025, arXiv:2503.04715"
_NATS = "nats per token"
_PF_DAYS = "nats per token; published in PF-days, here in FLOPs"
_ALL = "all parameters, embeddings included; C = 6ND"
_BARE = "parameters without embeddings; C = 6ND without embeddings"
_PER_WORD = "C = M·D with M the non-embedding FLOPs per token"

_COMPUTE = power("flops", with_floor=False)
_COMPUTE_FLOOR = power("flops")
_SIZE = power("params", with_floor=False)
_DATA = power("tokens", with_floor=False)


def _flops_law(factor: float, exponent: float) -> list[float]:
    """Constants of factor · (C in PF-days)^-exponent, for C in FLOPs."""
    return [factor * PF_DAY**exponent, exponent]


def _critical(x_c: float, exponent: float) -> list[float]:
    """Constants of (x_c / x)^exponent as A x^-exponent."""
    return [x_c**exponent, exponent]


LOSS_LAWS: tuple[Row, ...] = (
    ("hoffmann", CHINCHILLA, (1.69, 406.4, 410.7, 0.34, 0.28), f"{_HOFFMANN}, eq. 10, rounded", _NATS, _ALL),
    (
        "hoffmann-tex",
        CHINCHILLA,
        (exp(0.5267228), exp(6.0073404), exp(6.0179186), 0.33917084, 0.2849083),
        f"{_HOFFMANN}, TeX source, unrounded",
        _NATS,
        _ALL,
    ),
    (
        "besiroglu",
        CHINCHILLA,
        (1.8172, 482.01, 2085.43, 0.3478, 0.3658),
        "Besiroglu et al. 2024, arXiv:2404.10102",
        _NATS,
        _ALL,
    ),
    (
        "muennighoff",
        DATA_CONSTRAINED,
        (exp(0.6254804), exp(6.255414), exp(7.3049974), 0.3526596, 0.3526596, 15.387756, 5.309743),
        "Muennighoff et al. 2023, arXiv:2305.16264",
        _NATS,
        _ALL,
    ),
    ("kaplan", KAPLAN, (6.4e13, 1.8e13, 0.076, 0.103), f"{_KAPLAN}, joint fit, eq. 1.5", _NATS, _BARE),
    ("kaplan-params", _SIZE, _critical(8.8e13, 0.076), f"{_KAPLAN}, eq. 1.1", _NATS, _BARE),
    ("kaplan-tokens", _DATA, _critical(5.4e13, 0.095), f"{_KAPLAN}, eq. 1.2", _NATS, _BARE),
    ("kaplan-compute", _COMPUTE, _critical(3.1e8 * PF_DAY, 0.050), f"{_KAPLAN}, eq. 1.3", _PF_DAYS, _BARE),
    ("kaplan-steps", STEPS, (6.5e13, 2.1e3, 0.077, 0.76), f"{_KAPLAN}, eq. 1.6", _NATS, _BARE),
    ("gpt-3", _COMPUTE, _flops_law(2.57, 0.048), "Brown et al. 2020, arXiv:2005.14165, fig. 3.1", _PF_DAYS, _BARE),
    ("henighan-language", _COMPUTE, (nan, 0.048), _HENIGHAN, _NATS, _BARE),
    ("henighan-maths", _COMPUTE_FLOOR, (0.14, nan, 0.17), _HENIGHAN, _NATS, _BARE),
    ("henighan-images-8", _COMPUTE_FLOOR, (3.13, nan, 0.19), _HENIGHAN, _NATS, _BARE),
    ("henighan-images-16", _COMPUTE_FLOOR, (2.64, nan, 0.16), _HENIGHAN, _NATS, _BARE),
    ("henighan-images-32", _COMPUTE_FLOOR, (2.21, nan, 0.10), _HENIGHAN, _NATS, _BARE),
)  # fmt: skip

RULES: tuple[Row, ...] = (
    ("kaplan-batch", monomial("loss", label="critical batch in tokens"), (2e8, -1 / 0.21), f"{_KAPLAN}, eq. 1.4", "tokens", _BARE),
    ("kaplan-optimum", monomial("flops", label="optimal params"), (nan, 0.73), _KAPLAN, "params", _BARE),
    ("llama-3", monomial("flops", label="optimal tokens"), (0.299, 0.537), "Dubey et al. 2024, arXiv:2407.21783", "tokens", "C in FLOPs"),
    ("deepseek-learning-rate", monomial("flops", label="learning rate"), (0.3118, -0.1250), _DEEPSEEK, "per step", _PER_WORD),
    ("deepseek-batch", monomial("flops", label="batch in tokens"), (0.2920, 0.3271), _DEEPSEEK, "tokens", _PER_WORD),
    ("deepseek-size", monomial("flops", label="optimal FLOPs per token"), (0.1715, 0.5243), _DEEPSEEK, "FLOPs per token", _PER_WORD),
    ("deepseek-tokens", monomial("flops", label="optimal tokens"), (5.8316, 0.4757), _DEEPSEEK, "tokens", _PER_WORD),
    ("step-law-learning-rate", monomial("params", "tokens", label="learning rate"), (1.79, -0.713, 0.307), _STEP_LAW, "per step", _BARE),
    ("step-law-batch", monomial("tokens", label="batch in tokens"), (0.58, 0.571), _STEP_LAW, "tokens", _BARE),
)  # fmt: skip
