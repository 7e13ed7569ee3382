"""Five stars."""

from __future__ import annotations

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band
from feedback_app.scoring.shares import ShareMetric


class Stars(ShareMetric):
    """One to five stars: the share of four and five, with the mean beside it.

    >>> Stars().score({5: 3, 4: 3, 1: 2}), Stars().mean({5: 3, 4: 3, 1: 2})
    (75.0, 3.625)
    """

    key = "stars"
    scale = Scale(1, 5)
    bands = (
        Band("poor", 1, 2, "bad"),
        Band("fair", 3, 3, "middle"),
        Band("good", 4, 5, "good"),
    )
    has_mean = True


OFFERED = (Stars(),)
