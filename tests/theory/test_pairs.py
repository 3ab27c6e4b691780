"""The two-point loss against the formulas as the theory writes them, in doubled precision."""

import mpmath
import numpy as np
import pytest

from eigenscale import Spectrum
from eigenscale.equation.continuation import follow
from eigenscale.theory.training.flow import timed_loss

CASES = [
    # eigenvalues, N, T, noise, time
    (np.arange(1, 13.0) ** -1.6, 5, 9, 0.0, 3.0),
    (np.arange(1, 13.0) ** -1.6, 9, 5, 0.1, 300.0),
    (np.arange(1, 13.0) ** -1.6, 6, 6, 0.02, 1e5),
    (np.arange(1, 9.0) ** -3.0, 20, 11, 0.0, 40.0),
    (np.ones(10), 4, 7, 0.5, 2.0),
    (np.ones(6), 30, 8, 0.0, 5.0),
]


def talbot_nodes(order):
    """Talbot's contour with Weideman's constants, in mpmath, the upper half."""
    for k in range(order // 2):
        theta = mpmath.pi * (2 * k + 1) / order
        cot = mpmath.cot(mpmath.mpf("0.6407") * theta)
        s = order * (mpmath.mpf("0.5017") * theta * cot - mpmath.mpf("0.6122"))
        s += order * mpmath.mpc(0, "0.2645") * theta
        slope = mpmath.mpf("0.5017") * cot
        slope -= mpmath.mpf("0.5017") * mpmath.mpf("0.6407") * theta * (1 + cot**2)
        slope = order * (slope + mpmath.mpc(0, "0.2645"))
        yield s, mpmath.exp(s) * slope / (mpmath.mpc(0, 1) * order * s)


def lens(lam, N, T, zeta, start):
    """Root of (★) by Newton's method from the root in single precision, checked to 30 digits."""
    g = mpmath.mpc(start)
    for _ in range(4):
        z = sum(v / (v + g) for v in lam)
        slope = -sum(v / (v + g) ** 2 for v in lam)
        left, other = 1 - z / N, 1 - z / T
        residual = g * left * other - zeta
        g -= residual / (left * other - g * slope * (other / N + left / T))
    assert abs(residual) < 1e-30 * abs(zeta)
    assert 0 <= mpmath.arg(g) <= mpmath.arg(zeta)
    return g


def loss_by_hand(lam, N, T, noise, time):
    """½ Σ w w E/(ζζ) with B and Γ as differences, as theory.md writes them."""
    power = [v / len(lam) for v in lam]
    nodes = []
    half = list(talbot_nodes(28))
    path = np.log(np.array([[complex(s / time) for s, _ in half]]))
    spectrum = Spectrum.from_eigenvalues([float(v) for v in lam])
    starts = np.exp(follow(spectrum, np.array([float(N)]), np.array([float(T)]), path).log_g[0])
    for (s, weight), start in zip(half, starts, strict=True):
        g = lens(lam, N, T, s / time, complex(start) * lam[0])
        z = sum(v / (v + g) for v in lam)
        k = g * (1 - z / N)
        A = sum(p * (g / k) / (v + g) for p, v in zip(power, lam, strict=True))
        nodes.append((weight, g, z, k, A))
    nodes += [tuple(mpmath.conj(x) for x in node) for node in nodes]
    total = mpmath.mpf(0)
    for i, (w1, g1, z1, k1, A1) in enumerate(nodes):
        for j, (w2, _, z2, k2, A2) in enumerate(nodes):
            if i == j:
                q = sum((v / (v + g1)) ** 2 for v in lam)
                gamma = (q * (N - 2 * z1) + z1**2) / (T * (N - q))
                near = sum(p / (v + g1) ** 2 for p, v in zip(power, lam, strict=True))
                slope = sum(v / (v + g1) ** 2 for v in lam)
                first = sum(p / (v + g1) for p, v in zip(power, lam, strict=True))
                B = g1**2 * ((N - z1) * near + slope * first) / (N - q)
            else:
                B = k1 * k2 * (A1 - A2) / (k2 - k1)
                gamma = (k1 * z1 - k2 * z2) / (T * (k1 - k2))
            total += w1 * w2 * (B + noise * gamma) / (1 - gamma)
    return float(mpmath.re(total) / 2)


@pytest.mark.parametrize(("lam", "N", "T", "noise", "time"), CASES)
def test_against_doubled_precision(lam, N, T, noise, time):
    with mpmath.workdps(34):
        exact = loss_by_hand([mpmath.mpf(float(v)) for v in lam], N, T, noise, time)
    result = timed_loss(Spectrum.from_eigenvalues(lam), N, T, time, noise_var=noise)
    assert result.loss == pytest.approx(exact, rel=1e-9)
    assert result.status == "ok"
