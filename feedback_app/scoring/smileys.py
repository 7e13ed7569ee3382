"""Five faces from very unhappy to very happy."""

from __future__ import annotations

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band
from feedback_app.scoring.shares import ShareMetric


class Smileys(ShareMetric):
    """Five faces: the share of the happy (4) and the very happy (5).

    >>> Smileys().score({5: 2, 4: 1, 3: 1})
    75.0
    """

    key = "smileys"
    scale = Scale(1, 5)
    bands = (
        Band("unhappy", 1, 2, "bad"),
        Band("neutral", 3, 3, "middle"),
        Band("happy", 4, 5, "good"),
    )


OFFERED = (Smileys(),)
