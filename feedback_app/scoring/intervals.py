"""How far a score may be off, because only some of the customers answered.

Every function takes counts and gives an interval in the unit of the score it belongs to, unrounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

Z_95 = 1.959963984540054
"""Standard normal deviate that leaves 2.5 % on either side."""

FEWEST_FOR_INTERVAL = 5
"""Below this many answers pages show no interval and no comparison, only how many answered."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both ends included."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def clipped(self, low: float, high: float) -> Interval:
        """The part of it that lies between `low` and `high`."""
        return Interval(min(max(self.low, low), high), max(min(self.high, high), low))


@dataclass(frozen=True, slots=True)
class Share:
    """So many successes among so many who answered."""

    successes: int
    answered: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.answered:
            raise ValueError(f"{self.successes} of {self.answered} is no share.")

    @property
    def percent(self) -> float | None:
        """0 to 100, unrounded; None if nobody answered."""
        return 100 * self.successes / self.answered if self.answered else None


def nps_variance(promoters: float, detractors: float, answered: float) -> float:
    """Variance of one answer worth +1 (promoter), 0 (passive) or -1 (detractor).

    Formula:  p + d - (p - d)^2, written over counts so that it is exactly 0 when all agree
    Unit:     0 to 1
    Source:   the variance of a value that is +1, 0 or -1; the same at cybaea.net, 2016

    >>> nps_variance(promoters=2, detractors=2, answered=4)
    1.0
    """
    return ((promoters + detractors) * answered - (promoters - detractors) ** 2) / answered**2


def adjusted_wald_nps(promoters: int, passives: int, detractors: int, z: float = Z_95) -> Interval | None:
    """Interval of a Net Promoter Score, by the adjusted Wald method.

    Scale:    counts of people
    Formula:  centre +- z * sqrt(v / n) with n = answered + 3, and 3/4 added to promoters and to detractors
    Unit:     points, cut at -100 and +100; None if nobody answered
    Source:   B. Rocks, "Interval Estimation for the 'Net Promoter Score'", The American Statistician 70, 2016

    The point to show beside it is the raw score. Plain Wald has no width at all when everybody agrees.

    >>> interval = adjusted_wald_nps(promoters=32, passives=13, detractors=6)
    >>> round(interval.low, 2), round(interval.high, 2)
    (29.29, 67.0)
    """
    if min(promoters, passives, detractors) < 0:
        raise ValueError(f"Counts cannot be negative: {promoters}, {passives}, {detractors}.")
    answered = promoters + passives + detractors
    if not answered:
        return None
    n = answered + 3
    centre = (promoters - detractors) / n
    half = z * sqrt(nps_variance(promoters + 0.75, detractors + 0.75, n) / n)
    return Interval(100 * (centre - half), 100 * (centre + half)).clipped(-100, 100)


def wilson(successes: int, answered: int, z: float = Z_95) -> Interval | None:
    """Interval of a share, by Wilson's score method.

    Scale:    counts of people; successes are part of answered
    Formula:  (p + z^2/2n +- z * sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
    Unit:     percent, 0 to 100; None if nobody answered
    Source:   E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
              Journal of the American Statistical Association 22(158), 1927

    >>> interval = wilson(45, 60)
    >>> round(interval.low, 1), round(interval.high, 1)
    (62.8, 84.2)
    """
    percent = Share(successes, answered).percent
    if percent is None:
        return None
    share = percent / 100
    scale = 1 + z**2 / answered
    centre = (share + z**2 / (2 * answered)) / scale
    half = z * sqrt(share * (1 - share) / answered + z**2 / (4 * answered**2)) / scale
    # The share is always inside; min and max only keep rounding from pushing it out at 0 % and 100 %.
    low, high = min(percent, 100 * (centre - half)), max(percent, 100 * (centre + half))
    return Interval(low, high).clipped(0, 100)


def newcombe(before: Share, after: Share, z: float = Z_95) -> Interval | None:
    """Interval of the difference of two shares from different people, by Newcombe's hybrid score method.

    Scale:    counts of people
    Formula:  difference - hypot(after - its low, before's high - before) to
              difference + hypot(after's high - after, before - its low), low and high by Wilson
    Unit:     percentage points, -100 to +100; None if nobody answered on one side
    Source:   R. G. Newcombe, "Interval Estimation for the Difference between Independent Proportions",
              Statistics in Medicine 17, 1998, method 10

    >>> interval = newcombe(Share(48, 80), Share(56, 70))
    >>> round(interval.low, 2), round(interval.high, 2)
    (5.24, 33.39)
    """
    was, now = before.percent, after.percent
    earlier, later = wilson(before.successes, before.answered, z), wilson(after.successes, after.answered, z)
    if was is None or now is None or earlier is None or later is None:
        return None
    low = now - was - hypot(now - later.low, earlier.high - was)
    high = now - was + hypot(later.high - now, was - earlier.low)
    return Interval(low, high).clipped(-100, 100)
