"""What a plan costs: FLOPs for training and serving, hours and money where hardware is known."""

from dataclasses import dataclass

from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import SERVING_SHARE, Budget


@dataclass(frozen=True)
class Cost:
    """The bill of a plan.

    Attributes
    ----------
    training_flops, serving_flops : float
        FLOPs that are done, whatever they cost.
    training_hours : float or None
        Wall-clock hours on the hardware given.
    training_money, serving_money : float or None
        In the currency of the prices given.
    training_energy : float or None
        In kWh, where the devices' power is known.
    """

    training_flops: float
    serving_flops: float = 0.0
    training_hours: float | None = None
    training_money: float | None = None
    serving_money: float | None = None
    training_energy: float | None = None

    @property
    def money(self) -> float | None:
        """Training and serving together."""
        if self.training_money is None:
            return None
        return self.training_money + (self.serving_money or 0.0)

    def to_dict(self) -> dict[str, float]:
        """Plain form, what is known only."""
        found = {**vars(self), "money": self.money}
        return {name: value for name, value in found.items() if value is not None}


def bill(limits: Limits, budget: Budget, size: float, data: float) -> Cost:
    """Write the bill for a model of `size` trained on `data`."""
    training = budget.train * size * data
    serving = budget.train * SERVING_SHARE * size * limits.inference_tokens
    trains = limits.hardware
    if trains is None:
        return Cost(training, serving)
    serves = limits.serving_hardware or trains
    return Cost(
        training,
        serving,
        training_hours=trains.hours(training),
        training_money=trains.money(training) if trains.price_per_hour else None,
        serving_money=serves.money(serving) if serves.price_per_hour and serving else None,
        training_energy=trains.energy(training),
    )
