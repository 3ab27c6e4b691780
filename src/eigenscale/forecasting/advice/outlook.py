"""What an answer consists of: the metric now and with more rows, and what learners have of it."""

from dataclasses import dataclass
from typing import Literal

from eigenscale.results import Interval

Verdict = Literal["helps", "may help", "hardly helps"]


@dataclass(frozen=True)
class Outlook:
    """What one learner has now and with ten times as many rows.

    Attributes
    ----------
    learner : str
    now, ten_times : Interval
        In the metric.
    gain : float
        Expected fall of the loss from now to ten times, as a share; of a metric that rises, the
        loss is its distance from one.
    probability : float
        That the loss falls by a tenth or more.
    """

    learner: str
    now: Interval
    ten_times: Interval
    gain: float
    probability: float

    @property
    def verdict(self) -> Verdict:
        """Whether ten times as many rows help this learner."""
        if self.probability >= 0.75:
            return "helps"
        return "may help" if self.probability > 0.25 else "hardly helps"


@dataclass(frozen=True)
class More:
    """The metric with some more rows than there are."""

    rows: int
    value: Interval


@dataclass(frozen=True)
class AnswerNumbers:
    """Whether more rows help, in the user's metric.

    Attributes
    ----------
    metric : str
        Name for sentences.
    share : bool
        Whether it is written in per cent.
    rises : bool
        Whether larger is better.
    n_samples : int
        Rows there are.
    outlook : Outlook
        Of the learner that is forecast.
    other : Outlook or None
        Of logistic regression, beside it for classes.
    more : tuple of More
        With 100, 1,000 and 10,000 more rows.
    rare : tuple of (str, int), or None
        Name and number of the rarest class, where it is a fifth of the rows or less.
    """

    metric: str
    share: bool
    rises: bool
    n_samples: int
    outlook: Outlook
    other: Outlook | None
    more: tuple[More, ...]
    rare: tuple[str, int] | None = None

    @property
    def other_is_better(self) -> bool:
        """Whether the other learner is clearly better, now or with ten times as many rows."""
        if self.other is None:
            return False
        return self._better(self.other.now, self.outlook.now) or self._better(
            self.other.ten_times, self.outlook.ten_times
        )

    def _better(self, theirs: Interval, mine: Interval) -> bool:
        """Whether one is below the other by a fifth of its loss, and by more than its interval."""
        if self.rises:
            return theirs.low > mine.value and 1 - theirs.value < 0.8 * (1 - mine.value)
        return theirs.high < mine.value and theirs.value < 0.8 * mine.value

    @property
    def agree(self) -> bool:
        """Whether both learners say the same, so that it may be said of the task."""
        if self.other is None or self.other_is_better:
            return False
        return {self.outlook.verdict, self.other.verdict} != {"helps", "hardly helps"}
