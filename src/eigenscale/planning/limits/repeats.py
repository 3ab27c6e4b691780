"""Data that run out: what repeated tokens are worth, and a surface that counts them so.

After R repetitions U unique tokens are worth ``U + U R* (1 − exp(−R/R*))`` fresh ones
(Muennighoff et al. 2023, arXiv:2305.16264, equation 5), and parameters beyond those that U
would train optimally fade in the same way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.registry import get
from eigenscale.planning.surfaces.known import Known
from eigenscale.surface import Provenance

DATA_DECAY = 15.387756
"""Muennighoff's R_D*: repetitions over which a token's worth decays by a factor of e."""

SIZE_DECAY = 5.309743
"""Muennighoff's R_N*, the same for excess parameters."""

_FITTED = "data-constrained"


def effective_tokens(
    tokens: ArrayLike, unique_tokens: ArrayLike, decay: float = DATA_DECAY
) -> Floats:
    """Count what repeated tokens are worth in fresh ones.

    Parameters
    ----------
    tokens, unique_tokens : array
        Tokens seen in training, and how many of them differ; they broadcast.
    decay : float
        R*, in repetitions.

    Returns
    -------
    array

    Raises
    ------
    InputError
        Where tokens are not positive, or fewer than the unique ones.

    Examples
    --------
    Four epochs keep 93 % of the value of fresh data, sixteen keep 66 %:

    >>> (effective_tokens([4e9, 16e9], 1e9) / [4e9, 16e9]).round(2)
    array([0.93, 0.66])
    """
    seen, unique = np.asarray(tokens, np.float64), np.asarray(unique_tokens, np.float64)
    if np.any(~(unique > 0)) or np.any(unique > seen):
        raise InputError(
            f"unique_tokens {np.max(unique):g} are not between 0 and the tokens seen "
            f"({np.min(seen):g}); tokens that are never seen do not count"
        )
    repeats = seen / unique - 1.0
    return np.asarray(unique * (1.0 - decay * np.expm1(-repeats / decay)))


def epoch_value(epochs: ArrayLike, decay: float = DATA_DECAY) -> Floats:
    """Give the worth of the last token of each epoch, 1 for a fresh one: ``exp(−R/R*)``."""
    return np.exp(-(np.asarray(epochs, np.float64) - 1.0) / decay)


def epochs_until(value: float, decay: float = DATA_DECAY) -> float:
    """Give the epochs after which another token is worth less than `value` of a fresh one.

    Examples
    --------
    >>> round(epochs_until(0.5), 1)
    11.7
    """
    if not 0 < value <= 1:
        raise InputError(
            f"value {value:g} is not in (0, 1]; it is a share of a fresh token's worth"
        )
    return 1.0 - decay * float(np.log(value))


@dataclass(frozen=True, eq=False)
class Repeated:
    """A surface whose data repeat once its unique tokens are used up.

    Laws with terms in size and data become Muennighoff's, with their own constants where the
    law is `data-constrained` and with his where not. Any other surface is asked at the
    effective tokens.
    """

    fresh: Known
    unique_tokens: float

    @property
    def size_name(self) -> str:
        """As of the surface with fresh data."""
        return self.fresh.size_name

    @property
    def data_name(self) -> str:
        """As of the surface with fresh data."""
        return self.fresh.data_name

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Loss at `data` tokens seen, of which at most `unique_tokens` differ."""
        theta = _constrained(self.fresh.origin.law, self.fresh.origin.theta)
        if theta is None:
            return np.asarray(self.fresh.surface.loss(size, self._worth(data)))
        return self._law(theta, size, data)

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Draws of the same, shape (draws, *broadcast)."""
        theta = _constrained(self.fresh.origin.law, self.fresh.origin.draws)
        if theta is None:
            return np.asarray(self.fresh.surface.loss_draws(size, self._worth(data)))
        return self._law(theta, size, data)

    def _worth(self, data: ArrayLike) -> Floats:
        seen = np.asarray(data, np.float64)
        return effective_tokens(seen, np.minimum(seen, self.unique_tokens))

    def _law(self, theta: Floats, size: ArrayLike, data: ArrayLike) -> Floats:
        unique = np.minimum(np.asarray(data, np.float64), self.unique_tokens)
        law = get(_FITTED)
        return law.predict(theta, params=size, tokens=data, unique_tokens=unique)


def is_fitted(origin: Provenance) -> bool:
    """Whether the worth of repeats comes from the runs themselves."""
    return origin.law == _FITTED


def decays(origin: Provenance) -> tuple[float, float]:
    """R_D* and R_N*: fitted, or Muennighoff's."""
    if is_fitted(origin) and origin.theta is not None:
        return float(origin.theta[5]), float(origin.theta[6])
    return DATA_DECAY, SIZE_DECAY


def _constrained(law: str, theta: Floats | None) -> Floats | None:
    """Parameters of the data-constrained law: the fit's own, or completed by Muennighoff's."""
    if theta is None or law not in ("chinchilla", "chinchilla-tied", _FITTED):
        return None
    if law == _FITTED:
        return theta
    columns = theta if law == "chinchilla" else theta[..., [0, 1, 2, 3, 3]]
    both = np.broadcast_to([DATA_DECAY, SIZE_DECAY], (*columns.shape[:-1], 2))
    return np.concatenate([columns, both], axis=-1)
