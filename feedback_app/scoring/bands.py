"""Bands: the groups of neighbouring ratings that a score is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Tone: TypeAlias = Literal["bad", "middle", "good"]


@dataclass(frozen=True, slots=True)
class Band:
    """Neighbouring ratings with a name of their own; the tone is what all metrics have in common."""

    key: str
    low: int
    high: int
    tone: Tone

    def __contains__(self, rating: int) -> bool:
        return self.low <= rating <= self.high


class Tally(NamedTuple):
    """How many answers were bad, middling and good: all that a score needs to know of them."""

    bad: int
    middle: int
    good: int

    @property
    def answered(self) -> int:
        return sum(self)
