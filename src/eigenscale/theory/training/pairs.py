"""The two-point loss: the error of two students on the same draw, trained with two ridges.

With (g_i, z_i) from (★) at ridges ζ_i, l = λ/(λ+g), c = g/(λ+g), n = 1 - z/N and s = 1 - z/T, the
two-point form of the test loss (theory of Maloney, Roberts and Sully 2022, arXiv:2210.16859)
``E(ζ_1, ζ_2) = (B + σ² Γ)/(1 - Γ)`` is, with divided differences worked out by hand,

    h_12 = Σ l_1 c_2,   q_12 = Σ l_1 l_2,   V_12 = Σ v² c_1 c_2,   S_2 = Σ v² c_2
    B    = (n_2 V_12 + h_21/N · S_2) / (n_2 + h_21/N)
    1-Γ  = s_1 + (h_12/T) n_2 / (n_1 + h_12/N)
    Γ    = (q_12 n_1 + z_2 h_12/N) / (T (n_1 + h_12/N))

None of these has a difference of nearly equal numbers, so that they hold for ridges as close and
as small as one likes, the diagonal (the test loss at one ridge) included.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Complexes, Floats
from eigenscale.equation.continuation import Continued
from eigenscale.theory.training.quadrature import Quadrature


@dataclass(frozen=True, eq=False)
class Averages:
    """Weighted averages over pairs of nodes, each of shape (points,).

    Attributes
    ----------
    signal, noise : array
        Σ a_i a_j B/(1-Γ), the test error without noise, and Σ a_i a_j Γ/(1-Γ), that per unit
        of noise.
    signal_rate, noise_rate : array
        The same weighted with s_i + s_j: derivatives with respect to log t.
    train_signal, train_noise : array
        The squared error on the training samples, likewise: the two-point loss on noisy labels,
        (B + σ²)/(1-Γ), times (1 - z_i/T)(1 - z_j/T).
    bias : array
        Σ v² (Σ a_i c_i)², the error of the mean student.
    resolved : array
        Σ a_i z_i, the number of modes learned.
    """

    signal: Floats
    noise: Floats
    signal_rate: Floats
    noise_rate: Floats
    train_signal: Floats
    train_noise: Floats
    bias: Floats
    resolved: Floats


def fractions(logs: Floats, log_g: Complexes) -> tuple[Complexes, Complexes]:
    """Give l = λ/(λ+g) and c = g/(λ+g), shape (*log_g.shape, modes), each to relative precision."""
    gap = log_g[..., None] - logs
    ratio: Complexes = np.exp(np.clip(gap.real, -700.0, 700.0) + 1j * gap.imag)
    learned: Complexes = 1.0 / (1.0 + ratio)
    return learned, ratio * learned


@dataclass(frozen=True, eq=False)
class _Node:
    """One index of the pairs, shaped to broadcast along it; `z` and `left_out` per node."""

    z: Complexes
    left_out: Complexes
    left_features: Complexes
    left_samples: Complexes

    def along(self, axis: int, conjugate: bool = False) -> "_Node":
        fields = (np.expand_dims(x, axis) for x in vars(self).values())
        return _Node(*(np.conj(x) if conjugate else x for x in fields))


def pair_averages(
    quadrature: Quadrature,
    n_features: Floats,
    n_samples: Floats,
    roots: Continued,
    weights: Complexes,
    rates: Complexes,
) -> Averages:
    """Average E over all pairs of nodes and their conjugates.

    Parameters
    ----------
    quadrature : Quadrature
        Modes and target.
    n_features, n_samples : array, shape (points,)
        N and T, ``inf`` allowed.
    roots : Continued
        The root of (★) at each node, shape (points, nodes).
    weights, rates : array of complex, shape (points, nodes)
        a_i and s_i of the upper half plane: ``Re Σ a_i F_i`` is the average of F.
    """
    learned, missed = fractions(quadrature.logs, roots.log_g)
    away = fractions(quadrature.power_logs, roots.log_g)[1]
    node = _Node(
        learned @ quadrature.counts,
        away @ quadrature.power + quadrature.unlearnable,
        roots.left_features,
        roots.left_samples,
    )
    sums = (
        _products(learned, quadrature.counts, missed),
        _products(learned, quadrature.counts, learned),
        _products(away, quadrature.power, away),
    )
    sizes = 1.0 / n_features[:, None, None], 1.0 / n_samples[:, None, None]
    totals = np.zeros((6, len(weights)))
    for conjugate in (False, True):
        h, q, kept = (part[conjugate] for part in sums)
        kept = kept + quadrature.unlearnable
        other = node.along(1, conjugate)
        back = np.swapaxes(np.conj(h) if conjugate else h, 1, 2)
        values = _two_point(h, back, q, kept, node.along(2), other, *sizes)
        seen = node.left_samples[:, :, None] * other.left_samples
        totals += _averages(values, seen, weights, rates, conjugate)
    mean = np.einsum("pk,pkn->pn", weights, away).real
    bias = mean**2 @ quadrature.power + quadrature.unlearnable
    resolved = (weights * node.z).sum(axis=1).real
    return Averages(*(*totals, bias, resolved))


def _products(first: Complexes, weights: Floats, second: Complexes) -> tuple[Complexes, Complexes]:
    """Σ w f_i s_j and Σ w f_i conj(s_j) over modes, as one real matrix product."""
    k = first.shape[1]
    rows = np.concatenate([first.real, first.imag], axis=1) * weights
    columns = np.concatenate([second.real, second.imag], axis=1)
    table = rows @ np.swapaxes(columns, 1, 2)
    rr, ri, ir, ii = table[:, :k, :k], table[:, :k, k:], table[:, k:, :k], table[:, k:, k:]
    return (rr - ii) + 1j * (ri + ir), (rr + ii) + 1j * (ir - ri)


def _two_point(
    h: Complexes,
    back: Complexes,
    q: Complexes,
    kept: Complexes,
    one: _Node,
    two: _Node,
    per_feature: Floats,
    per_sample: Floats,
) -> tuple[Complexes, Complexes]:
    """B/(1-Γ) and Γ/(1-Γ) for each pair; `back` is h_21, the sizes come as 1/N and 1/T."""
    forth, whole = back * per_feature, one.left_features + h * per_feature
    bias = (two.left_features * kept + forth * two.left_out) / (two.left_features + forth)
    rest = one.left_samples + h * per_sample * two.left_features / whole
    gamma = per_sample * (q * one.left_features + two.z * h * per_feature) / whole
    return bias / rest, gamma / rest


def _averages(
    values: tuple[Complexes, Complexes],
    seen: Complexes,
    weights: Complexes,
    rates: Complexes,
    conjugate: bool,
) -> Floats:
    """Signal and noise, their rates and their train errors, over pairs; shape (6, points)."""
    signal, noise = values
    other, speed = (np.conj(x) if conjugate else x for x in (weights, rates))
    pair = 0.5 * weights[:, :, None] * other[:, None, :]
    rate = pair * (rates[:, :, None] + speed[:, None, :])
    rows = [(value * by).sum(axis=(1, 2)) for by in (pair, rate) for value in values]
    rows += [(value * seen * pair).sum(axis=(1, 2)) for value in (signal, 1.0 + noise)]
    return np.array(rows).real
