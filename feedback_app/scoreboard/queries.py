"""What each survey came to lately, from the histogram and the funnel."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback_app.responses.funnel import Funnel, funnel
from feedback_app.responses.histogram import histogram, summed
from feedback_app.responses.models import ResponseState
from feedback_app.scoring.metrics import FEWEST_FOR_INTERVAL, Change, Summary
from feedback_app.surveys.models import Survey
from feedback_app.surveys.queries import all_surveys

ONE_DAY = timedelta(days=1)
PERIOD_DAYS = 90
STEPS = (7, 15, 30)  # days that a point of the trend may stand for


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `since` to before `until`."""

    since: date
    until: date

    def __contains__(self, day: date) -> bool:
        return self.since <= day < self.until

    @property
    def last(self) -> date:
        return self.until - ONE_DAY

    @property
    def before(self) -> "Period":
        """As many days, right before it."""
        return Period(self.since - (self.until - self.since), self.since)

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When its first day begins in `zone`, and when its last one has ended."""
        return datetime.combine(self.since, time.min, zone), datetime.combine(self.until, time.min, zone)

    def parts(self, days: int) -> list["Period"]:
        """The period in parts of so many days, oldest first; the first may be shorter."""
        begins = [self.until]
        while begins[-1] > self.since:
            begins.append(max(self.since, begins[-1] - days * ONE_DAY))
        return [Period(since, until) for since, until in pairwise(reversed(begins))]


class Cell(NamedTuple):
    """So many ticked this rating on that day, and their answers have this state."""

    day: date
    rating: int
    state: str
    n: int


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a trend: the answers of a few days."""

    period: Period
    summary: Summary


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A survey's last 90 days, and what became of its score since the 90 days before."""

    survey: Survey
    period: Period
    summary: Summary
    before: Summary
    change: Change
    trend: list[Point]
    funnel: Funnel
    unconfirmed: int
    suspect: int

    @property
    def is_silent(self) -> bool:
        """Nobody has answered for half a year."""
        return not (self.summary.n or self.before.n or self.unconfirmed or self.suspect)


Days = defaultdict[date, Counter[int]]  # for each day, how many ticked each rating


def last_days(today: date, days: int = PERIOD_DAYS) -> Period:
    """The last days up to and with today."""
    return Period(today + (1 - days) * ONE_DAY, today + ONE_DAY)


def scorecards(session: Session, *, now: datetime, zone: ZoneInfo) -> list[Scorecard]:
    """Every survey with its last 90 days in `zone`, the workspace's; those that still ask come first."""
    period = last_days(now.astimezone(zone).date())
    surveys = sorted(all_surveys(session), key=lambda survey: survey.closed_at is not None)
    cells = cells_of(session, [survey.id for survey in surveys], Period(period.before.since, period.until))
    since, until = period.moments(zone)
    return [
        scorecard(survey, period, cells[survey.id], funnel(session, survey.id, since, until))
        for survey in surveys
    ]


def cells_of(session: Session, survey_ids: Collection[int], period: Period) -> defaultdict[int, list[Cell]]:
    """The histograms of these surveys in one statement, each by day."""
    found: defaultdict[int, list[Cell]] = defaultdict(list)
    if survey_ids:
        view = histogram(survey_ids, since=period.since, until=period.until)
        columns = view.c.survey_id, view.c.day, view.c.rating, view.c.state
        for survey_id, *cell in session.execute(summed(*columns, cells=view)):
            found[survey_id].append(Cell(*cell))
    return found


def scorecard(survey: Survey, period: Period, cells: Iterable[Cell], invited: Funnel) -> Scorecard:
    """The survey's card, worked out from the cells of its histogram in the period and in the one before."""
    apart: Counter[str] = Counter()
    by_day: Days = defaultdict(Counter)
    for cell in cells:
        if cell.state in counted_states(survey):
            by_day[cell.day][cell.rating] += cell.n
        if cell.day in period:
            apart[cell.state] += cell.n
    metric = survey.metric
    answers, earlier = total(by_day, period), total(by_day, period.before)
    return Scorecard(
        survey=survey,
        period=period,
        summary=metric.summary(answers),
        before=metric.summary(earlier),
        change=metric.change(earlier, answers),
        trend=[Point(part, metric.summary(total(by_day, part))) for part in trend_parts(by_day, period)],
        funnel=invited,
        unconfirmed=apart[ResponseState.UNCONFIRMED],
        suspect=apart[ResponseState.SUSPECT],
    )


def counted_states(survey: Survey) -> tuple[ResponseState, ...]:
    """Which answers make up the score: the confirmed, and the unconfirmed if the survey chose so."""
    if survey.counts_unconfirmed:
        return ResponseState.CONFIRMED, ResponseState.UNCONFIRMED
    return (ResponseState.CONFIRMED,)


def trend_parts(by_day: Days, period: Period) -> list[Period]:
    """The period in weeks, or in longer parts if every fifth week or more has too few answers for an interval."""
    for days in STEPS:
        parts = period.parts(days)
        enough = [part for part in parts if sum(total(by_day, part).values()) >= FEWEST_FOR_INTERVAL]
        if 5 * len(enough) > 4 * len(parts):
            break
    return parts


def total(by_day: Days, period: Period) -> Counter[int]:
    """The counts of all days in the period together."""
    counts: Counter[int] = Counter()
    for day, ratings in by_day.items():
        if day in period:
            counts.update(ratings)
    return counts
