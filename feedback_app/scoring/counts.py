"""Samples as counts: how many people ticked each rating."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

Counts: TypeAlias = Mapping[int, int]
"""Rating -> how many people ticked it. Ratings that nobody ticked may be left out."""


def merge(*samples: Counts) -> dict[int, int]:
    """The counts of several samples together, in the order of their ratings.

    >>> merge({9: 2, 3: 1}, {9: 1, 10: 4})
    {3: 1, 9: 3, 10: 4}
    """
    together: Counter[int] = Counter()
    for sample in samples:
        together.update(sample)
    return dict(sorted(together.items()))


def mean_rating(counts: Counts) -> float | None:
    """Arithmetic mean of the ratings, on their own scale and unrounded; None if nobody answered.

    >>> mean_rating({5: 1, 7: 3})
    6.5
    """
    answered = sum(counts.values())
    if not answered:
        return None
    return sum(rating * count for rating, count in counts.items()) / answered
