"""The answer as text: one sentence with an interval, what to do, how sure; then more rows."""

from dataclasses import dataclass
from typing import Any

from eigenscale.forecasting.advice.outlook import AnswerNumbers, Outlook
from eigenscale.results import Interval, Result, to_plain
from eigenscale.text.numbers import count, percent, with_interval

_LEADS = {
    "helps": "More data will help",
    "may help": "More data may help",
    "hardly helps": "More data will hardly help",
}
_FLAT = 5e-4  # relative change that is none


@dataclass(frozen=True, eq=False)
class Answer(AnswerNumbers, Result):
    """Whether more rows help: the numbers of `AnswerNumbers`, with their text."""

    def _text(self) -> str:
        return summary(self)

    @property
    def more_rows(self) -> str:
        """What 100, 1,000 and 10,000 more rows bring."""
        return more_rows(self)

    def __repr__(self) -> str:
        return f"Answer({self.summary})"

    def to_dict(self) -> dict[str, Any]:
        """Plain form for JSON."""
        plain: dict[str, Any] = to_plain(
            {
                **vars(self),
                "verdict": self.outlook.verdict,
                "agree": self.agree,
                "summary": self.summary,
                "more_rows": self.more_rows,
            }
        )
        return plain


def summary(answer: AnswerNumbers) -> str:
    """Say whether more data would help, what to do, and how sure that is.

    Examples
    --------
    >>> now, ten = Interval(0.045, 0.024, 0.065), Interval(0.044, 0.022, 0.065)
    >>> mine = Outlook("ridge regression", now, ten, 0.02, 0.08)
    >>> logistic = Outlook("logistic regression", now, ten, 0.02, 0.1)
    >>> found = AnswerNumbers("error rate", True, False, 569, mine, logistic, ())
    >>> print(summary(found).replace(chr(160), " "))  # doctest: +NORMALIZE_WHITESPACE
    More data will hardly help: with ten times as many rows the error rate falls from 4.5 %
    (2.4–6.5) to 4.4 % (2.2–6.5). The features limit: better features or cleaner labels would help
    more than rows. The probability that the error rate falls by a tenth or more is 8 %.
    """
    sentences = [_main(answer), _advice(answer), _sure(answer), _rare(answer)]
    return " ".join(sentence for sentence in sentences if sentence)


def _main(answer: AnswerNumbers) -> str:
    mine = answer.outlook
    now, ten = written(mine.now, answer.share), written(mine.ten_times, answer.share)
    change = mine.ten_times.value - mine.now.value
    if abs(change) <= _FLAT * abs(mine.now.value):
        move = f"stays at {now}"
    else:
        move = f"{'rises' if change > 0 else 'falls'} from {now} to {ten}"
    return f"{_LEADS[mine.verdict]}: with ten times as many rows the {answer.metric} {move}."


def _advice(answer: AnswerNumbers) -> str:
    mine, other = answer.outlook, answer.other
    if other is not None and answer.other_is_better:
        return (
            f"That is the limit of {mine.learner}, not of the task: {_both(other, answer)}. "
            f"Change the learner first."
        )
    if other is not None and not answer.agree:
        return f"That holds for {mine.learner} only: {_both(other, answer)}."
    if mine.verdict == "helps":
        return "Collect more rows."
    if mine.verdict == "may help":
        return "Collect more rows in steps, and ask again after each."
    limit = "The features limit" if answer.agree else f"The features limit {mine.learner}"
    return f"{limit}: better features or cleaner labels would help more than rows."


def _both(other: Outlook, answer: AnswerNumbers) -> str:
    return (
        f"{other.learner} has {written(other.now, answer.share)} now and "
        f"{written(other.ten_times, answer.share)} with ten times as many rows"
    )


def _sure(answer: AnswerNumbers) -> str:
    what = f"the {answer.metric}"
    if answer.rises:
        most = "100\u00a0%" if answer.share else "1"
        what = f"the distance of the {answer.metric} from {most}"
    chance = percent(answer.outlook.probability)
    return f"The probability that {what} falls by a tenth or more is {chance}."


def _rare(answer: AnswerNumbers) -> str:
    if answer.rare is None:
        return ""
    name, number = answer.rare
    return (
        f"Only {count(number)} of {count(answer.n_samples)} rows are {name}: that number is the "
        "sample size that matters."
    )


def more_rows(answer: AnswerNumbers) -> str:
    """Say what 100, 1,000 and 10,000 more rows bring."""
    parts = [
        f"{count(more.rows)} more rows {written(more.value, answer.share)}" for more in answer.more
    ]
    return f"{answer.metric[:1].upper()}{answer.metric[1:]} with {', '.join(parts)}."


def written(found: Interval, share: bool) -> str:
    """Write an interval of the metric, in per cent where it is a share.

    Examples
    --------
    >>> written(Interval(0.045, 0.024, 0.065), True).replace(chr(160), " ")
    '4.5 % (2.4–6.5)'
    """
    if not share:
        return with_interval(found)
    ends = (100 * found.value, 100 * found.low, 100 * found.high)
    value, _, rest = with_interval(Interval(*ends, found.level)).partition(" (")
    return f"{value}\u00a0%" + (f" ({rest}" if rest else "")
