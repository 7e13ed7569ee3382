"""How right a tagger was on labelled comments: per label, over all, and how sure these figures are."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from feedback_app.sentiment.comparing import Confusion, macro_f1
from feedback_app.sentiment.tagger import Label

RESAMPLES = 300
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of confidence


class Scores(NamedTuple):
    """Of one label, or the mean of several: shares from 0 to 1."""

    precision: float
    recall: float
    f1: float


class Bin(NamedTuple):
    """Tags of about the same confidence."""

    low: float
    high: float
    count: int
    confidence: float  # their mean
    right: float  # the share of them that were right


def scores_of(confusion: Confusion, label: Label) -> Scores:
    """Precision, recall and F1 of one label; 0 where there is nothing to divide by.

    >>> scores_of({("negative", "negative"): 3, ("negative", "positive"): 1}, "negative")
    Scores(precision=1.0, recall=0.75, f1=0.8571428571428571)
    """
    right = confusion.get((label, label), 0)
    said = sum(count for (_, answer), count in confusion.items() if answer == label)
    true = sum(count for (actual, _), count in confusion.items() if actual == label)
    return Scores(right / (said or 1), right / (true or 1), 2 * right / ((said + true) or 1))


def binary_f1(confusion: Confusion) -> float:
    """The mean F1 of negative and positive over the comments that are one of them; "neutral" is wrong there.

    >>> binary_f1({("negative", "negative"): 3, ("negative", "neutral"): 1, ("positive", "positive"): 4})
    0.9285714285714286
    """
    return macro_f1({kind: count for kind, count in confusion.items() if kind[0] != "neutral"})


def negative_f1(confusion: Confusion) -> float:
    """How well unhappy customers are found."""
    return scores_of(confusion, "negative").f1


def accuracy(confusion: Confusion) -> float:
    """The share of comments that got their label."""
    right = sum(count for (actual, answer), count in confusion.items() if actual == answer)
    return right / sum(confusion.values())


def interval(confusion: Confusion, measure: Callable[[Confusion], float]) -> tuple[float, float]:
    """The bootstrap interval of 95 %: the measure on as many comments, drawn again and again; the same each time."""
    chance = random.Random(1)  # noqa: S311 - a sample, not a secret
    kinds = sorted(confusion, key=str)
    weights = [confusion[kind] for kind in kinds]
    drawn = sorted(measure(Counter(chance.choices(kinds, weights, k=sum(weights)))) for _ in range(RESAMPLES))
    edge = round(0.025 * RESAMPLES)
    return drawn[edge], drawn[-edge - 1]


def calibration(tags: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Tags, each with its confidence and whether it was right, by confidence; empty bins are left out.

    >>> calibration([(0.95, True), (0.97, True), (0.55, False)])[0]
    Bin(low=0.5, high=0.6, count=1, confidence=0.55, right=0.0)
    """
    found = []
    for low, high in pairwise(BINS):
        inside = [one for one in tags if low <= one[0] < high or one[0] == high == 1.0]
        if inside:
            count = len(inside)
            mean, right = sum(sure for sure, _ in inside) / count, sum(right for _, right in inside) / count
            found.append(Bin(low, high, count, mean, right))
    return found
