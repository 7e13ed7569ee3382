"""What every metric is: a scale, its bands, and a score with its interval worked out from counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from feedback_app.scales import Scale
from feedback_app.scoring.bands import Band, Tally, Tone
from feedback_app.scoring.change import Change
from feedback_app.scoring.counts import Counts, mean_rating
from feedback_app.scoring.intervals import FEWEST_FOR_INTERVAL, Interval

Unit: TypeAlias = Literal["points", "percent"]


@dataclass(frozen=True, slots=True)
class BandCount:
    """How many answers fell into a band, and what percentage of all answers; None if nobody answered."""

    band: Band
    count: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A sample of ratings at a glance; nothing is rounded.

    `counts` has every rating of the scale, worst first, and `bands` every band, also those at 0.
    """

    n: int
    score: float | None
    interval: Interval | None
    mean: float | None
    counts: Counts
    bands: tuple[BandCount, ...]

    @property
    def is_small(self) -> bool:
        """Too few answers to show an interval or a comparison."""
        return self.n < FEWEST_FOR_INTERVAL


class Metric(ABC):
    """One way to ask and to score.

    A new one is a class in a module of this package that lists it in its `OFFERED`; nothing else changes.
    """

    key: ClassVar[str]
    scale: ClassVar[Scale]
    bands: ClassVar[tuple[Band, ...]]  # worst first, together the whole scale
    unit: ClassVar[Unit]
    score_range: ClassVar[tuple[int, int]]
    has_mean: ClassVar[bool] = False  # whether readers of this score expect the mean rating beside it

    @property
    def points(self) -> int:
        """How many ratings there are to choose from."""
        return self.scale.points

    def band_of(self, rating: int) -> Band:
        """The band that the rating belongs to; raises RatingOffScale."""
        self.scale.check(rating)
        return next(band for band in self.bands if rating in band)

    def tally(self, counts: Counts) -> Tally:
        """The answers by tone; raises RatingOffScale, and ValueError for a negative count."""
        tones: Counter[Tone] = Counter()
        for rating, count in counts.items():
            if count < 0:
                raise ValueError(f"{count} people cannot have ticked {rating}.")
            tones[self.band_of(rating).tone] += count
        return Tally(tones["bad"], tones["middle"], tones["good"])

    @abstractmethod
    def score(self, counts: Counts) -> float | None:
        """What the ratings come to, unrounded; None if nobody answered."""

    @abstractmethod
    def interval(self, counts: Counts) -> Interval | None:
        """The 95 % interval of the score; None if nobody answered."""

    @abstractmethod
    def change(self, before: Counts, after: Counts) -> Change:
        """What became of the score between two periods, and whether that is more than chance."""

    def mean(self, counts: Counts) -> float | None:
        """The mean rating for a metric that has one beside its score (CES, stars), else None."""
        return mean_rating(counts) if self.has_mean else None

    def summary(self, counts: Counts) -> Summary:
        """Everything that a page shows of a sample."""
        n = self.tally(counts).answered
        return Summary(
            n=n,
            score=self.score(counts),
            interval=self.interval(counts),
            mean=self.mean(counts),
            counts={rating: counts.get(rating, 0) for rating in self.scale.values},
            bands=tuple(self._band_count(band, counts, n) for band in self.bands),
        )

    def _band_count(self, band: Band, counts: Counts, answered: int) -> BandCount:
        count = sum(counts.get(rating, 0) for rating in self.scale.values if rating in band)
        return BandCount(band, count, 100 * count / answered if answered else None)
