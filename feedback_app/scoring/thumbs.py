"""Thumbs down or up."""

from __future__ import annotations

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band
from feedback_app.scoring.shares import ShareMetric


class Thumbs(ShareMetric):
    """Down (0) or up (1): the share of thumbs up.

    >>> Thumbs().score({1: 3, 0: 1})
    75.0
    """

    key = "thumbs"
    scale = Scale(0, 1)
    bands = (
        Band("down", 0, 0, "bad"),
        Band("up", 1, 1, "good"),
    )


OFFERED = (Thumbs(),)
