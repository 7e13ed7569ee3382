"""Has a score moved from one period to the next, or is it chance?

The two samples must be of different answers; the same people asked twice would need paired differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Literal, TypeAlias

from feedback_app.scoring.bands import Tally
from feedback_app.scoring.intervals import FEWEST_FOR_INTERVAL, Share, newcombe, nps_variance

Direction: TypeAlias = Literal["up", "down", "level"]

FEWEST_FOR_POOLED_Z = 30
"""Below this many answers a share is too far from a normal distribution for a z test."""

SIGNIFICANT_P = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a score between two periods.

    `z` and `p` are None where an interval decided instead of a z test; where there were not `enough`
    answers, `difference` is None as well.
    """

    difference: float | None
    z: float | None
    p: float | None
    significant: bool
    enough: bool = True

    @property
    def direction(self) -> Direction | None:
        """ "up" or "down" for a significant change, "level" for any other; None for too few answers."""
        if not self.enough:
            return None
        if not self.significant or not self.difference:
            return "level"
        return "up" if self.difference > 0 else "down"


TOO_FEW = Change(difference=None, z=None, p=None, significant=False, enough=False)


def nps_change(before: Tally, after: Tally) -> Change:
    """Change of a Net Promoter Score between two periods.

    Scale:    counts of detractors, passives and promoters
    Formula:  z = (after - before) / sqrt(v1/n1 + v2/n2), two-sided p < 0.05
    Unit:     points, -200 to +200
    Source:   the variance of intervals.nps_variance; a side where all agree has none of its own and gets
              that of the adjusted Wald interval

    >>> change = nps_change(Tally(200, 300, 500), Tally(260, 310, 430))
    >>> round(change.difference), round(change.z, 2), change.direction
    (-13, -3.65, 'down')
    """
    if not _enough(before.answered, after.answered):
        return TOO_FEW
    moved = _net_share(after) - _net_share(before)
    return _by_z_test(moved, sqrt(_variance_of_score(before) + _variance_of_score(after)))


def share_change(before: Share, after: Share) -> Change:
    """Change of a share (CES, CSAT, any rate) between two periods.

    Scale:    counts of people
    Formula:  z of the difference with the pooled share, two-sided p < 0.05; with fewer than 30 answers on
              a side: significant if Newcombe's interval leaves out 0
    Unit:     percentage points, -100 to +100
    Source:   intervals.newcombe; J. L. Fleiss, "Statistical Methods for Rates and Proportions", 1981

    >>> share_change(Share(8, 10), Share(10, 10)).direction
    'level'
    """
    if not _enough(before.answered, after.answered):
        return TOO_FEW
    moved = after.successes / after.answered - before.successes / before.answered
    if min(before.answered, after.answered) < FEWEST_FOR_POOLED_Z:
        interval = newcombe(before, after)
        return Change(100 * moved, z=None, p=None, significant=interval is not None and 0 not in interval)
    pooled = (before.successes + after.successes) / (before.answered + after.answered)
    return _by_z_test(moved, sqrt(pooled * (1 - pooled) * (1 / before.answered + 1 / after.answered)))


def _enough(*answered: int) -> bool:
    return min(answered) >= FEWEST_FOR_INTERVAL


def _net_share(tally: Tally) -> float:
    return (tally.good - tally.bad) / tally.answered


def _variance_of_score(tally: Tally) -> float:
    n = tally.answered
    plain = nps_variance(tally.good, tally.bad, n) / n
    return plain or nps_variance(tally.good + 0.75, tally.bad + 0.75, n + 3) / (n + 3)


def _by_z_test(moved: float, standard_error: float) -> Change:
    # No error at all means that both shares are 0 % or both 100 %: nothing moved.
    z = moved / standard_error if standard_error else 0.0
    p = erfc(abs(z) / sqrt(2))
    return Change(100 * moved, z, p, significant=p < SIGNIFICANT_P)
