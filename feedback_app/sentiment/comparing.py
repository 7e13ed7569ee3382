"""Two taggers over the same comments: how right each was, and whether one is surely better.

A comment that a tagger does not judge counts as missed: it is in no label's favour.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from feedback_app.scoring.intervals import Interval, wilson
from feedback_app.sentiment.tagger import Label

LABELS: tuple[Label, ...] = get_args(Label)
RESAMPLES = 1_000
SEED = 20261122
SURE = 0.9  # share of the resamples in which the better one must be better
_EDGE = 0.025  # left out on either side of an interval of 95 %

Said = Label | None
Confusion = Mapping[tuple[Label, Said], int]  # (what it is, what the tagger said) -> comments


@dataclass(frozen=True, slots=True)
class Figures:
    """What a tagger came to; shares from 0 to 1, intervals of 95 %."""

    accuracy: float
    accuracy_interval: Interval
    macro_f1: float
    macro_f1_interval: Interval
    f1: dict[Label, float]  # of the labels that occur
    confusion: dict[str, dict[str, int]]  # label -> what was said ("unread": nothing) -> comments

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON has them; an interval is [low, high]."""
        return {
            "accuracy": self.accuracy,
            "accuracy_interval": [self.accuracy_interval.low, self.accuracy_interval.high],
            "macro_f1": self.macro_f1,
            "macro_f1_interval": [self.macro_f1_interval.low, self.macro_f1_interval.high],
            "f1": self.f1,
            "confusion": self.confusion,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two taggers on the same comments."""

    before: Figures
    after: Figures
    wins: float  # share of the resamples in which `after` has the higher macro-F1

    @property
    def is_better(self) -> bool:
        """Whether `after` is better, and not by the luck of these comments."""
        return self.after.macro_f1 > self.before.macro_f1 and self.wins >= SURE


def compare(labels: Sequence[Label], before: Sequence[Said], after: Sequence[Said]) -> Comparison:
    """Two taggers' verdicts on the comments that have these labels, at least one; the same each time.

    The intervals of macro-F1 and the wins come from one bootstrap, in which both read the same comments.
    """
    cells = Counter(zip(labels, before, after, strict=True))
    drawn = [_scores(sample) for sample in _resamples(cells)]
    was, now = _scores(cells)
    return Comparison(
        before=_figures(_seen(cells, 1), was, [one for one, _ in drawn]),
        after=_figures(_seen(cells, 2), now, [one for _, one in drawn]),
        wins=sum(later > earlier for earlier, later in drawn) / len(drawn),
    )


def macro_f1(confusion: Confusion) -> float:
    """The mean F1 of the labels that occur.

    >>> macro_f1({("negative", "negative"): 3, ("negative", "positive"): 1, ("positive", "positive"): 4})
    0.8730158730158729
    """
    found = _f1(confusion)
    return sum(found.values()) / len(found)


_Cells = Counter[tuple[Label, Said, Said]]


def _resamples(cells: _Cells) -> list[_Cells]:
    """As many comments, drawn again and again from those that there are."""
    chance = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    kinds, counts = sorted(cells, key=str), cells.total()
    weights = [cells[kind] for kind in kinds]
    return [Counter(chance.choices(kinds, weights, k=counts)) for _ in range(RESAMPLES)]


def _scores(cells: _Cells) -> tuple[float, float]:
    return macro_f1(_seen(cells, 1)), macro_f1(_seen(cells, 2))


def _seen(cells: _Cells, place: int) -> Counter[tuple[Label, Said]]:
    """The confusion of one of the two."""
    seen: Counter[tuple[Label, Said]] = Counter()
    for kind, count in cells.items():
        seen[kind[0], kind[place]] += count
    return seen


def _f1(confusion: Confusion) -> dict[Label, float]:
    true: Counter[Said] = Counter()
    said: Counter[Said] = Counter()
    for (label, answer), count in confusion.items():
        true[label] += count
        said[answer] += count
    return {
        label: 2 * confusion.get((label, label), 0) / (true[label] + said[label])
        for label in LABELS
        if true[label]
    }


def _figures(confusion: Confusion, score: float, drawn: Sequence[float]) -> Figures:
    total = sum(confusion.values())
    right = sum(count for (label, answer), count in confusion.items() if label == answer)
    percent = wilson(right, total)
    assert percent, "there is at least one comment"
    ordered = sorted(drawn)
    edge = round(_EDGE * len(ordered))
    table: dict[str, dict[str, int]] = {label: {} for label in LABELS}
    for (label, answer), count in confusion.items():
        table[label][answer or "unread"] = count
    return Figures(
        accuracy=right / total,
        accuracy_interval=Interval(percent.low / 100, percent.high / 100),
        macro_f1=score,
        macro_f1_interval=Interval(ordered[edge], ordered[-edge - 1]),
        f1=_f1(confusion),
        confusion=table,
    )
