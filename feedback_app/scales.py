"""The scales that people tick a rating on."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass


class RatingOffScale(ValueError):
    """Not a rating of the scale from `low` to `high`; `rating` is what was given."""

    def __init__(self, rating: object, low: int, high: int) -> None:
        super().__init__(
            f"A rating of {reprlib.repr(rating)} is not on the scale; "
            f"choose a whole number from {low} to {high}."
        )
        self.rating = rating
        self.low = low
        self.high = high


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from the worst to the best rating, both ends included."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise ValueError(f"A scale needs two ratings or more, not {self.low} to {self.high}.")

    @property
    def values(self) -> range:
        """Every rating that can be ticked, worst first."""
        return range(self.low, self.high + 1)

    @property
    def points(self) -> int:
        """How many ratings there are to choose from."""
        return len(self.values)

    def check(self, rating: object) -> int:
        """The rating itself if it is on the scale; raises RatingOffScale for anything else.

        Ratings come from JSON too, where `true` and `7.0` would pass for numbers.

        >>> Scale(1, 5).check(4)
        4
        """
        if type(rating) is int and rating in self.values:
            return rating
        raise RatingOffScale(rating, self.low, self.high)

    def position(self, rating: int) -> int:
        """Where the rating stands between the worst (0) and the best (100), rounded down.

        Sorts the ratings of different surveys into one list, worst first.

        >>> [Scale(1, 5).position(4), Scale(0, 10).position(4)]
        [75, 40]
        """
        return 100 * (self.check(rating) - self.low) // (self.high - self.low)
