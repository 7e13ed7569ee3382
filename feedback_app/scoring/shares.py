"""Metrics whose score is the share of answers in the good band or bands ("top box")."""

from __future__ import annotations

from typing import ClassVar

from feedback_app.scoring.change import Change, share_change
from feedback_app.scoring.counts import Counts
from feedback_app.scoring.definition import Metric, Unit
from feedback_app.scoring.intervals import Interval, Share, wilson


class ShareMetric(Metric):
    """Percentage of the good answers among all answers, with Wilson's interval."""

    unit: ClassVar[Unit] = "percent"
    score_range: ClassVar[tuple[int, int]] = (0, 100)

    def share(self, counts: Counts) -> Share:
        """How many answers were good, among how many."""
        tally = self.tally(counts)
        return Share(tally.good, tally.answered)

    def score(self, counts: Counts) -> float | None:
        return self.share(counts).percent

    def interval(self, counts: Counts) -> Interval | None:
        share = self.share(counts)
        return wilson(share.successes, share.answered)

    def change(self, before: Counts, after: Counts) -> Change:
        return share_change(self.share(before), self.share(after))
