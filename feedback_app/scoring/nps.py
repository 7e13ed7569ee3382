"""Net Promoter Score, asked of customers (NPS) or of employees (eNPS)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band
from feedback_app.scoring.change import Change, nps_change
from feedback_app.scoring.counts import Counts
from feedback_app.scoring.definition import Metric
from feedback_app.scoring.intervals import Interval, adjusted_wald_nps


class Nps(Metric):
    """Likelihood to recommend, 0-10: promoters minus detractors."""

    key = "nps"
    scale = Scale(0, 10)
    bands = (
        Band("detractor", 0, 6, "bad"),
        Band("passive", 7, 8, "middle"),
        Band("promoter", 9, 10, "good"),
    )
    unit = "points"
    score_range = (-100, 100)

    def score(self, counts: Counts) -> float | None:
        tally = self.tally(counts)
        if not tally.answered:
            return None
        return 100 * (tally.good - tally.bad) / tally.answered

    def interval(self, counts: Counts) -> Interval | None:
        tally = self.tally(counts)
        return adjusted_wald_nps(promoters=tally.good, passives=tally.middle, detractors=tally.bad)

    def change(self, before: Counts, after: Counts) -> Change:
        return nps_change(self.tally(before), self.tally(after))


class Enps(Nps):
    """The same question to employees: would you recommend working here?"""

    key = "enps"


OFFERED = (Nps(), Enps())


def net_promoter_score(ratings: Iterable[int]) -> float | None:
    """Net Promoter Score of a set of ratings.

    Scale:    whole numbers 0-10; detractor 0-6, passive 7-8, promoter 9-10
    Formula:  100 * (promoters - detractors) / answered; passives count in `answered` alone
    Unit:     points from -100 to +100, unrounded; None if nobody answered (0 would read as a tie)
    Source:   F. Reichheld, "The One Number You Need to Grow", Harvard Business Review, Dec. 2003

    >>> net_promoter_score([10, 9, 8, 3])
    25.0
    """
    return Nps().score(Counter(ratings))
