"""Customer satisfaction (CSAT): the share of the satisfied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band
from feedback_app.scoring.shares import ShareMetric


class Csat(ShareMetric):
    """Satisfaction on 1-5: top-2-box, the share of 4 and 5."""

    key = "csat"
    scale = Scale(1, 5)
    bands = (
        Band("dissatisfied", 1, 2, "bad"),
        Band("neutral", 3, 3, "middle"),
        Band("satisfied", 4, 5, "good"),
    )


class Csat3(Csat):
    """Satisfaction on 1-3: only the top one is satisfied."""

    scale = Scale(1, 3)
    bands = (
        Band("dissatisfied", 1, 1, "bad"),
        Band("neutral", 2, 2, "middle"),
        Band("satisfied", 3, 3, "good"),
    )


OFFERED = (Csat(), Csat3())


def customer_satisfaction(ratings: Iterable[int]) -> float | None:
    """Customer satisfaction score of a set of ratings.

    Scale:    whole numbers 1-5; dissatisfied 1-2, neutral 3, satisfied 4-5
    Formula:  100 * satisfied / answered ("top-2-box")
    Unit:     percent from 0 to 100, unrounded; None if nobody answered
    Source:   Delighted, help article 533; the same for five points at Zendesk and Formbricks

    >>> customer_satisfaction([5, 4, 3, 1])
    50.0
    """
    return Csat().score(Counter(ratings))
