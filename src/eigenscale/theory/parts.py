"""The loss at a given effective ridge g, explicitly: ridge, optimum and exponents share it.

With the root g of (★), f_J = λ_J/(λ_J+g) learned and c_J = 1 - f_J missed of each mode, let

    a = 1 - z/N,   b = 1 - z/T,   p = z - q = Σ f c,   w = (p/N) / (a + p/N) in [0, 1],
    B = Σ v² c² + w Σ v² c f,   Γ = (q + p w)/T,   1 - Γ = b + (1 - w) p/T,
    L = ½ (B + σ² Γ) / (1 - Γ).

These are A(k) = Σ v² (g/k)/(λ+g), B = -k² dA/dk and Γ = (1/T) d(kz)/dk with the derivatives worked
out, in a form where every term is positive: nothing cancels at any size or ridge.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.target import PowerSums


def over(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with 0/0 = 0 and x/0 = inf."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(numerator == 0, 0.0, numerator / denominator)


@dataclass(frozen=True, eq=False)
class Parts:
    """The loss at given sums over the modes; names as in the module's docstring.

    Attributes
    ----------
    n_features, n_samples : array
        N and T.
    z, q, p : array
        Resolved modes Σ f, then Σ f², and z - q.
    a, b : array
        1 - z/N and 1 - z/T.
    power : PowerSums
        Σ v² c², Σ v² c f and Σ v² c² f.
    noise_var : float
        σ², in the unit of the power.
    w, one_less, gamma, left : array
        w, 1 - w, Γ and 1 - Γ.
    """

    n_features: Floats
    n_samples: Floats
    z: Floats
    q: Floats
    p: Floats
    a: Floats
    b: Floats
    power: PowerSums
    noise_var: float
    w: Floats
    one_less: Floats
    gamma: Floats
    left: Floats

    @classmethod
    def of(
        cls,
        n_features: Floats,
        n_samples: Floats,
        z: Floats,
        q: Floats,
        p: Floats,
        a: Floats,
        b: Floats,
        power: PowerSums,
        noise_var: float,
    ) -> "Parts":
        """Work out w, Γ and 1 - Γ."""
        per_feature, per_sample = p / n_features, p / n_samples
        both = a + per_feature
        # Where both vanish, with all modes resolved by exactly as many features, w tends to 1/2.
        w, one_less = (np.where(both > 0, over(x, both), 0.5) for x in (per_feature, a))
        gamma = (q + p * w) / n_samples
        left = b + one_less * per_sample
        return cls(n_features, n_samples, z, q, p, a, b, power, noise_var, w, one_less, gamma, left)

    @property
    def source(self) -> Floats:
        """B + σ² Γ."""
        return self.power.missed + self.w * self.power.mixed + self.noise_var * self.gamma

    @property
    def loss(self) -> Floats:
        """L, ``inf`` where it diverges."""
        return 0.5 * over(self.source, self.left)

    @property
    def variance(self) -> Floats:
        """L less the bias² ½ Σ v² c² and less the part of the noise."""
        drawn = self.w * self.power.mixed + self.power.missed * self.gamma
        return 0.5 * over(drawn, self.left)

    @property
    def noise(self) -> Floats:
        """½ σ² Γ/(1 - Γ)."""
        return 0.5 * over(self.noise_var * self.gamma, self.left)

    def _slope(self, dsource: Floats, dleft: Floats) -> Floats:
        return over(dleft, self.left) - over(dsource, self.source)

    def exponents(self, third: Floats) -> tuple[Floats, Floats, Floats]:
        """-∂ln L in ln N, ln T and ln γ, by implicit differentiation of (★).

        `third` is Σ f c² over the modes. At fixed γ, ln ζ = ln g + ln a + ln b falls with ln N
        and ln T. The derivatives of ln a and ln b are written so that they keep their relative
        accuracy where a or b vanishes.
        """
        a, b, z, N, T = self.a, self.b, self.z, self.n_features, self.n_samples
        u, v, q = self.p / N, self.p / T, self.q
        bottom = a * b + u * b + v * a
        # Derivatives of (ln g, ln a, ln b, ln N, ln T) along ln N, ln T and ln γ, times bottom.
        directions = (
            (-b, q / N * b + z / N * v, -v, 1.0, 0.0),
            (-a, -u, q / T * a + z / T * u, 0.0, 1.0),
            (a * b, u * b, v * a, 0.0, 0.0),
        )
        with np.errstate(invalid="ignore", over="ignore"):
            along = [
                self._exponent(third, over(dg, bottom), over(da, bottom), over(db, bottom), dN, dT)
                for dg, da, db, dN, dT in directions
            ]
        return along[0], along[1], along[2]

    def _exponent(
        self, third: Floats, dg: Floats, da: Floats, db: Floats, dN: float, dT: float
    ) -> Floats:
        w, rest, power, v = self.w, self.one_less, self.power, self.p / self.n_samples
        dp = (1.0 - 2.0 * over(third, self.p)) * dg
        dw = w * rest * (dp - dN - da)
        dleft = self.b * db + v * (rest * (dp - dT) - dw)
        dpower = 2.0 * power.skew + w * (power.mixed - 2.0 * power.skew)
        return self._slope(dg * dpower + dw * power.mixed - self.noise_var * dleft, dleft)

    def fall(self, third: Floats) -> Floats:
        """-∂ln L/∂ln g at fixed N and T, finite down to the end at which there is no ridge."""
        w, rest, power, v = self.w, self.one_less, self.power, self.p / self.n_samples
        with np.errstate(invalid="ignore", over="ignore"):
            dp = 1.0 - 2.0 * over(third, self.p)
            dw = w * (rest * dp - w)
            dleft = v * (1.0 + rest * dp - dw)
            dpower = 2.0 * power.skew + w * (power.mixed - 2.0 * power.skew)
            return self._slope(dpower + dw * power.mixed - self.noise_var * dleft, dleft)
