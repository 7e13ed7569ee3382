"""Customer Effort Score: agreement that something was easy, where the highest rating is the least effort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band
from feedback_app.scoring.shares import ShareMetric


class Ces(ShareMetric):
    """Agreement on 1-7 that it was easy: the share of 5, 6 and 7, with the mean beside it."""

    key = "ces"
    scale = Scale(1, 7)
    bands = (
        Band("difficult", 1, 3, "bad"),
        Band("neutral", 4, 4, "middle"),
        Band("easy", 5, 7, "good"),
    )
    has_mean = True


class Ces5(Ces):
    """The same with five points: the share of 4 and 5."""

    scale = Scale(1, 5)
    bands = (
        Band("difficult", 1, 2, "bad"),
        Band("neutral", 3, 3, "middle"),
        Band("easy", 4, 5, "good"),
    )


OFFERED = (Ces(), Ces5())


def customer_effort_score(ratings: Iterable[int]) -> float | None:
    """Customer Effort Score of a set of ratings.

    Scale:    whole numbers 1-7, 7 easiest; difficult 1-3, neutral 4, easy 5-7
    Formula:  100 * easy / answered (other houses publish the mean, or easy minus difficult)
    Unit:     percent from 0 to 100, unrounded; None if nobody answered
    Source:   M. Dixon, N. Toman, R. DeLisi, "The Effortless Experience", 2013 (CES 2.0); the share of 5-7
              as Delighted defined it, help article 534

    >>> customer_effort_score([7, 5, 4, 1])
    50.0
    """
    return Ces().score(Counter(ratings))
