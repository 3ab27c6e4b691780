"""Hardware: what FLOPs cost in hours and money, and how large a model fits in memory.

Peaks are the makers' data sheets, dense (no sparsity), bfloat16 where there is one, else
float16. Prices differ by place and month, so there is no default price.
"""

import math
from dataclasses import dataclass

from eigenscale.errors import InputError

TRAINING_BYTES = 16.0
"""Bytes per parameter for Adam in mixed precision (Rajbhandari et al. 2020, arXiv:1910.02054):
weights and gradients 2 + 2, master weights and two moments 4 + 4 + 4; activations come on top."""

SERVING_BYTES = 2.0
"""Bytes per parameter of 16-bit weights; the cache of keys and values comes on top."""

# Name -> peak FLOP per second, bytes of memory.
DEVICES: dict[str, tuple[float, float]] = {
    "v100": (125e12, 32e9),
    "a100-40gb": (312e12, 40e9),
    "a100": (312e12, 80e9),
    "h100": (989.4e12, 80e9),
    "h100-pcie": (756e12, 80e9),
    "h200": (989.4e12, 141e9),
    "mi300x": (1307.4e12, 192e9),
    "tpu-v4": (275e12, 32e9),
    "tpu-v5e": (197e12, 16e9),
    "tpu-v5p": (459e12, 95e9),
}


_RECENT = frozenset({"h100", "h100-pcie", "h200", "mi300x"})
PRECISIONS: dict[str, tuple[float, frozenset[str] | None]] = {
    "bf16": (1.0, None),
    "tf32": (0.5, _RECENT | {"a100", "a100-40gb"}),
    "fp8": (2.0, _RECENT),
}
"""Peak over that of 16 bits, and the devices of the table whose data sheets give it."""


@dataclass(frozen=True)
class Hardware:
    """Devices at work.

    Attributes
    ----------
    device : str
        A name of `DEVICES`, or any name where `peak_flops` is given.
    count : float
        How many of them.
    utilization : float
        Share of the peak that useful FLOPs reach, in (0, 1]; 0.4 is an assumption, measure yours.
    price_per_hour : float or None
        For one device, in any currency.
    peak_flops, memory : float or None
        FLOP per second and bytes of one device; from the table where not given.
    watts : float or None
        Power that one device draws at work, its share of the host and of cooling included.
    precision : str
        ``"bf16"``, ``"tf32"`` or ``"fp8"``: what the products are computed in. The same share of
        that peak is taken to be reached.

    Raises
    ------
    InputError
        Where the device is unknown or a number is out of its range.

    Examples
    --------
    >>> cluster = Hardware("h100", count=512, price_per_hour=2.0)
    >>> round(cluster.hours(1e23)), round(cluster.money(1e23))
    (137, 140377)
    """

    device: str
    count: float = 1
    utilization: float = 0.4
    price_per_hour: float | None = None
    peak_flops: float | None = None
    memory: float | None = None
    watts: float | None = None
    precision: str = "bf16"

    def __post_init__(self) -> None:
        if self.device.lower() not in DEVICES and self.peak_flops is None:
            raise InputError(
                f"device {self.device!r} is unknown; known are {', '.join(DEVICES)}; "
                "or give its peak FLOP per second"
            )
        self._check_precision()
        for name in ("count", "price_per_hour", "peak_flops", "memory", "watts"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"{name} {value:g} is not positive and finite; mend it or drop it")
        if not 0 < self.utilization <= 1:
            raise InputError(
                f"utilization {self.utilization:g} is not in (0, 1]; 0.4 means 40 % of the peak"
            )

    def _check_precision(self) -> None:
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise InputError(f"precision {self.precision!r} is unknown; known are {known}")
        able = PRECISIONS[self.precision][1]
        if able is not None and self.device.lower() in DEVICES.keys() - able:
            raise InputError(
                f"{self.device} computes no {self.precision} by its data sheet; these do: "
                f"{', '.join(sorted(able))}"
            )

    @property
    def flops_per_second(self) -> float:
        """Useful FLOP per second of all devices together."""
        peak = self.peak_flops or DEVICES[self.device.lower()][0]
        return peak * PRECISIONS[self.precision][0] * self.count * self.utilization

    @property
    def total_memory(self) -> float:
        """Bytes of all devices together."""
        memory = self.memory or DEVICES.get(self.device.lower(), (0.0, 0.0))[1]
        if not memory:
            raise InputError(f"the memory of {self.device!r} is unknown; give memory= in bytes")
        return memory * self.count

    def hours(self, flops: float) -> float:
        """Wall-clock hours for so many FLOPs."""
        return flops / self.flops_per_second / 3600.0

    def flops(self, hours: float) -> float:
        """FLOPs done in so many hours."""
        return hours * 3600.0 * self.flops_per_second

    def money(self, flops: float) -> float:
        """Price of so many FLOPs, whatever the count: more devices work shorter."""
        return self.hours(flops) * self.count * self._price()

    def energy(self, flops: float) -> float | None:
        """Energy of so many FLOPs in kWh; None where the power is not known.

        Examples
        --------
        >>> round(Hardware("h100", count=512, watts=1000).energy(1e23))
        70188
        """
        if self.watts is None:
            return None
        return self.hours(flops) * self.count * self.watts / 1000.0

    def flops_for(self, money: float) -> float:
        """FLOPs that so much money buys."""
        return self.flops(money / (self.count * self._price()))

    def max_params(self, bytes_per_param: float = TRAINING_BYTES) -> float:
        """Largest model whose weights and optimiser state fit in all memory together."""
        if not bytes_per_param > 0:
            raise InputError(f"bytes_per_param {bytes_per_param:g} is not positive; 16 trains Adam")
        return self.total_memory / bytes_per_param

    def _price(self) -> float:
        if self.price_per_hour is None:
            raise InputError(
                f"{self.device} has no price, so FLOPs and money cannot be exchanged; "
                "give price_per_hour (--price)"
            )
        return self.price_per_hour
