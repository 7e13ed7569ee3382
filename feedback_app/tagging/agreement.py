"""How often people agree with the tagger: by month and version, blind checks and corrections apart.

A blind check is a comment drawn at random, judged without sight of the tag, so its share means something. A correction
is made by somebody who saw the tag and stopped at it: mostly those that are wrong, so its share is too low.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from feedback_app.scoring.intervals import FEWEST_FOR_INTERVAL, Interval, Share, wilson
from feedback_app.tagging.models import Judgement


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of so many comments people read as the tagger did."""

    agreed: int
    judged: int

    @property
    def percent(self) -> float | None:
        return Share(self.agreed, self.judged).percent

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of the share; None where too few were judged."""
        return wilson(self.agreed, self.judged) if self.judged >= FEWEST_FOR_INTERVAL else None


@dataclass(frozen=True, slots=True)
class MonthOfAgreement:
    """One month of one version of the tagger."""

    month: date  # its first day
    tagger: str  # name and version
    blind: Agreement
    corrections: Agreement


# The last word on each comment: who thinks again is not counted twice.
_LAST = (
    select(func.max(Judgement.id))
    .where(Judgement.kind == "sentiment", Judgement.tagger_said.is_not(None))
    .group_by(Judgement.response_id, Judgement.tagger, Judgement.blind)
)
_WORDS = (
    select(
        Judgement.at,
        Judgement.tagger,
        Judgement.blind,
        (Judgement.tagger_said == Judgement.person_said).label("is_agreed"),
    )
    .where(Judgement.id.in_(_LAST))
    .order_by(Judgement.at, Judgement.id)
)


def agreement_by_month(connection: Connection, zone: ZoneInfo) -> list[MonthOfAgreement]:
    """Each month of each version that anybody judged, latest first; months begin at midnight in `zone`."""
    counts: dict[tuple[date, str], dict[bool, list[bool]]] = defaultdict(lambda: {True: [], False: []})
    for at, tagger, blind, is_agreed in connection.execute(_WORDS):
        counts[at.astimezone(zone).date().replace(day=1), tagger or ""][blind].append(is_agreed)
    return [
        MonthOfAgreement(month, tagger, _agreement(words[True]), _agreement(words[False]))
        for (month, tagger), words in sorted(counts.items(), reverse=True)
    ]


def _agreement(words: Sequence[bool]) -> Agreement:
    return Agreement(sum(words), len(words))


@dataclass(frozen=True, slots=True)
class Dot:
    """A month's share of agreement, and how far its interval reaches."""

    x: float
    y: float
    high: float
    low: float
    month: MonthOfAgreement


@dataclass(frozen=True, slots=True)
class AgreementChart:
    """Blind checks over time, as geometry: the template draws it and the style sheet colours it."""

    dots: list[Dot]
    ticks: list[tuple[float, int]]  # where the line of so many percent is

    width = 480
    height = 190
    left, right, top, bottom = 44, 470, 12, 156


MOST_DOTS = 12


def agreement_chart(months: Sequence[MonthOfAgreement]) -> AgreementChart | None:
    """The latest months with enough blind checks, oldest first; None if there are not two to compare."""
    shown = [month for month in months if month.blind.interval][:MOST_DOTS][::-1]
    if len(shown) < 2:
        return None
    place = (AgreementChart.right - AgreementChart.left) / len(shown)
    dots = [_dot(month, AgreementChart.left + place * (n + 0.5)) for n, month in enumerate(shown)]
    return AgreementChart(dots, [(_y(percent), percent) for percent in (0, 25, 50, 75, 100)])


def _dot(month: MonthOfAgreement, x: float) -> Dot:
    percent, interval = month.blind.percent, month.blind.interval
    assert percent is not None
    assert interval is not None
    return Dot(round(x, 1), _y(percent), _y(interval.high), _y(interval.low), month)


def _y(percent: float) -> float:
    chart = AgreementChart
    return round(chart.bottom - percent / 100 * (chart.bottom - chart.top), 1)
