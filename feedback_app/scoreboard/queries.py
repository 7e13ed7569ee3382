"""What each survey came to lately, from the histogram and the funnel."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import case, literal
from sqlalchemy.orm import Session

from feedback_app.responses.funnel import Funnel, funnel
from feedback_app.responses.histogram import histogram, summed
from feedback_app.responses.models import ResponseState
from feedback_app.scoring.metrics import Change, Metric, Summary, merge
from feedback_app.surveys.models import Survey
from feedback_app.surveys.queries import all_surveys

ONE_DAY = timedelta(days=1)
PERIOD_DAYS = 90
WEEK = 7  # days
WEEKS_IN_A_POINT = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `since` to before `until`."""

    since: date
    until: date

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
    """So many ticked this rating in that part of the time, and their answers have this state."""

    part: int
    rating: int
    state: str
    n: int


class Week(NamedTuple):
    """A few days, and how many ticked each rating in them."""

    period: Period
    counts: dict[int, int]


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


def last_days(today: date, days: int = PERIOD_DAYS) -> Period:
    """The last days up to and with today."""
    return Period(today + (1 - days) * ONE_DAY, today + ONE_DAY)


def scorecards(session: Session, *, now: datetime, zone: ZoneInfo) -> list[Scorecard]:
    """Every survey with its last 90 days in `zone`, the workspace's; those that still ask come first."""
    period = last_days(now.astimezone(zone).date())
    surveys = sorted(all_surveys(session), key=lambda survey: survey.closed_at is not None)
    cells = cells_of(session, [survey.id for survey in surveys], [period.before, *period.parts(WEEK)])
    since, until = period.moments(zone)
    return [
        scorecard(survey, period, cells[survey.id], funnel(session, survey.id, since, until))
        for survey in surveys
    ]


def cells_of(
    session: Session, survey_ids: Collection[int], parts: Sequence[Period]
) -> defaultdict[int, list[Cell]]:
    """The histograms of these surveys in one statement, by part; the parts follow each other without a gap.

    The database adds up the days: sent here one by one, they take twice as long.
    """
    found: defaultdict[int, list[Cell]] = defaultdict(list)
    if survey_ids:
        view = histogram(survey_ids, since=parts[0].since, until=parts[-1].until)
        part = case(*((view.c.day < part.until, literal(n)) for n, part in enumerate(parts))).label("part")
        columns = view.c.survey_id, part, view.c.rating, view.c.state
        for survey_id, *cell in session.execute(summed(*columns, cells=view)):
            found[survey_id].append(Cell(*cell))
    return found


def scorecard(survey: Survey, period: Period, cells: Iterable[Cell], invited: Funnel) -> Scorecard:
    """The survey's card, worked out from its cells in the period before (part 0) and in this one's weeks."""
    apart: Counter[str] = Counter()
    weeks = [Week(week, Counter()) for week in period.parts(WEEK)]
    earlier: Counter[int] = Counter()
    for cell in cells:
        if cell.state in counted_states(survey):
            counts = weeks[cell.part - 1].counts if cell.part else earlier
            counts[cell.rating] += cell.n
        if cell.part:
            apart[cell.state] += cell.n
    metric = survey.metric
    answers = merge(*(week.counts for week in weeks))
    return Scorecard(
        survey=survey,
        period=period,
        summary=metric.summary(answers),
        before=metric.summary(earlier),
        change=metric.change(earlier, answers),
        trend=trend(weeks, metric),
        funnel=invited,
        unconfirmed=apart[ResponseState.UNCONFIRMED],
        suspect=apart[ResponseState.SUSPECT],
    )


def counted_states(survey: Survey) -> tuple[ResponseState, ...]:
    """Which answers make up the score: the confirmed, and the unconfirmed if the survey chose so."""
    if survey.counts_unconfirmed:
        return ResponseState.CONFIRMED, ResponseState.UNCONFIRMED
    return (ResponseState.CONFIRMED,)


def trend(weeks: Sequence[Week], metric: Metric) -> list[Point]:
    """A point for each week; for two or four, if a fifth of the points would have too few answers."""
    for size in WEEKS_IN_A_POINT:
        points = [Point(span, metric.summary(counts)) for span, counts in joined(weeks, size)]
        enough = [point for point in points if not point.summary.is_small]
        if 5 * len(enough) > 4 * len(points):
            break
    return points


def joined(weeks: Sequence[Week], size: int) -> list[Week]:
    """So many weeks made one, counted back from the last; the first may be made of fewer."""
    ends = range(len(weeks), 0, -size)
    groups = [weeks[max(0, end - size) : end] for end in reversed(ends)]
    return [
        Week(Period(group[0].period.since, group[-1].period.until), merge(*(week.counts for week in group)))
        for group in groups
    ]
