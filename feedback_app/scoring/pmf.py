"""Product-market fit: how people would feel if they could no longer use the product."""

from __future__ import annotations

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band
from feedback_app.scoring.shares import ShareMetric


class Pmf(ShareMetric):
    """Share of those who would be very disappointed without the product.

    Scale:    1 not disappointed, 2 somewhat disappointed, 3 very disappointed
    Formula:  100 * very disappointed / answered; 40 is the usual mark to reach
    Unit:     percent from 0 to 100, unrounded; None if nobody answered
    Source:   S. Ellis, "The Startup Pyramid", 2009

    >>> Pmf().score({3: 2, 2: 2, 1: 1})
    40.0
    """

    key = "pmf"
    scale = Scale(1, 3)
    bands = (
        Band("not_disappointed", 1, 1, "bad"),
        Band("somewhat_disappointed", 2, 2, "middle"),
        Band("very_disappointed", 3, 3, "good"),
    )


OFFERED = (Pmf(),)
