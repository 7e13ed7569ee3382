"""What is learned from: a comment with its label, and how many of them are enough."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from feedback_app.sentiment.comparing import LABELS
from feedback_app.sentiment.tagger import Label

FEWEST = 200
FEWEST_OF_A_LABEL = 30
TOO_FEW = "too few"  # a trial's answer


@dataclass(frozen=True, slots=True)
class Pair:
    """A comment and how its author felt: by the rating, or by the word of a person who read it."""

    text: str
    label: Label
    weight: float
    held_out: bool  # only tested with, never trained on
    names: tuple[str, ...] = ()  # of the author: masked before anything is learned


@dataclass(frozen=True, slots=True)
class Standing:
    """How much there is to learn from, and how much is missing."""

    counts: dict[Label, int]
    corrected: int = 0  # of them, by people

    @classmethod
    def of(cls, labels: Iterable[Label], corrected: int = 0) -> "Standing":
        counts = Counter(labels)
        return cls({label: counts[label] for label in LABELS}, corrected)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def missing(self) -> int:
        """Comments still to come before it is enough, whatever their label."""
        return max(0, FEWEST - self.total)

    @property
    def missing_of(self) -> dict[Label, int]:
        """Of each label that is short, how many are still to come."""
        short = {label: FEWEST_OF_A_LABEL - count for label, count in self.counts.items()}
        return {label: count for label, count in short.items() if count > 0}

    @property
    def is_enough(self) -> bool:
        return not self.missing and not self.missing_of
