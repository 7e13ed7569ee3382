"""/v1/metrics: the score and its counts as Delighted gave them, and beside them what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.api.v1.endpoints import READS, Call, endpoint
from feedback_app.api.v1.fields import NOT_INCLUDED, Field, Wrong, moment, text, words
from feedback_app.api.v1.scores import NUMBER, SCORED, defined, scored
from feedback_app.api.v1.shapes import TIME, Shape, nullable, object_of, unix
from feedback_app.api.v1.survey_responses import A_SECOND, SECONDS, TEXTS, with_its_second
from feedback_app.responses.histogram import rating_counts
from feedback_app.responses.models import Response
from feedback_app.scoreboard.queries import counted_states
from feedback_app.scoring.metrics import Counts, merge
from feedback_app.surveys.models import Survey
from feedback_app.surveys.types import survey_type

TAG = "Metrics"
DEFAULT_PERIOD = timedelta(days=30)  # that ends with the newest response
KNOWN_GROUPS = ("core", "email", "kiosk", "link", "sms", "web")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fields:
    """How the original names a survey type's numbers: the score, and each group with its ratings, best first."""

    score: str
    groups: Mapping[str, range]
    best: int = 1  # so many groups are what the score is the share of

    def of(self, counts: Counts) -> dict[str, Any]:
        """The compatible fields, all whole numbers; the score null where nobody answered."""
        n = sum(counts.values())
        found = {
            name: sum(counts.get(rating, 0) for rating in ratings) for name, ratings in self.groups.items()
        }
        made: dict[str, Any] = {self.score: self._score(counts, list(found.values()), n)}
        for name, count in found.items():
            made |= {f"{name}_count": count, f"{name}_percent": percent(count, n) if n else 0}
        return made | {"response_count": n}

    def _score(self, counts: Counts, found: list[int], n: int) -> float | None:
        if not n:
            return None
        if self.score == "nps":
            return percent(found[0] - found[-1], n)
        if self.score == "stars":
            total = sum(rating * count for rating, count in counts.items())
            return rounded(10 * total, n) / 10
        return percent(sum(found[: self.best]), n)


NPS = Fields("nps", {"promoter": range(9, 11), "passive": range(7, 9), "detractor": range(7)})
FIELDS: Mapping[str, Fields] = {
    "nps": NPS,
    "enps": NPS,
    "csat": Fields("csat", {"satisfied": range(4, 6), "neutral": range(3, 4), "dissatisfied": range(1, 3)}),
    "csat3": Fields("csat", {"satisfied": range(3, 4), "neutral": range(2, 3), "dissatisfied": range(1, 2)}),
    "ces": Fields("ces", {"agree": range(4, 6), "neutral": range(3, 4), "disagree": range(1, 3)}),
    "ces7": Fields("ces", {"agree": range(5, 8), "neutral": range(4, 5), "disagree": range(1, 4)}),
    "smileys": Fields(
        "smileys",
        {
            name: range(rating, rating + 1)
            for rating, name in (
                (5, "very_happy"),
                (4, "happy"),
                (3, "neutral"),
                (2, "unhappy"),
                (1, "very_unhappy"),
            )
        },
        best=2,
    ),
    "stars_five": Fields("stars", {f"star_{n}": range(n, n + 1) for n in (5, 4, 3, 2, 1)}),
    "thumbs": Fields("thumbs", {"thumbs_up": range(1, 2), "thumbs_down": range(1)}),
    "pmf": Fields(
        "pmf",
        {
            "very_disappointed": range(3, 4),
            "mildly_disappointed": range(2, 3),
            "not_disappointed": range(1, 2),
        },
    ),
}


def fields_of(survey: Survey) -> Fields:
    """The names for this survey; a metric that the original did not have goes by its own."""
    known = FIELDS.get(survey_type(survey))
    if known is not None:
        return known
    bands = {band.key: range(band.low, band.high + 1) for band in reversed(survey.metric.bands)}
    return Fields(survey.metric_key, bands)


def rounded(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, halves away from zero, without a float in between.

    >>> rounded(25, 10), rounded(-25, 10), rounded(24, 10)
    (3, -3, 2)
    """
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def percent(count: int, n: int) -> int:
    return rounded(100 * count, n)


def groups(given: Any) -> list[str]:
    """Groups of numbers, also as one text with commas."""
    found = [name.strip() for one in words()(given) for name in one.split(",") if name.strip()]
    if set(found) - set(KNOWN_GROUPS):
        raise Wrong(NOT_INCLUDED)
    return found


PERIOD = (
    Field("since", moment, SECONDS, "Created at this second or later."),
    Field("until", moment, SECONDS, "Created at this second or earlier."),
)
METRICS: Shape = object_of(
    response_count={"type": "integer"},
    feedback=object_of(
        **SCORED,
        definition={"type": "string"},
        unit={"type": "string"},
        counts={"type": "object", "additionalProperties": {"type": "integer"}},
        since=nullable(TIME),
        until=nullable(TIME),
    ),
) | {"additionalProperties": NUMBER}


@endpoint(
    "GET",
    "/metrics",
    summary="The score, its counts, and how sure it is",
    scope=READS,
    tag=TAG,
    fields=(
        *PERIOD,
        Field("trend", text(200), {"type": "string"}, "There are no trends here, so any counts nothing."),
        Field(
            "groups",
            groups,
            TEXTS,
            "Known groups are accepted; all that there is stands in `core`.",
            default=("core",),
        ),
    ),
    answer=METRICS,
    statuses=(200, 422),
    example={},
)
def show(call: Call) -> dict[str, Any]:
    """The 30 days that end with the newest response, unless a time is given."""
    survey = call.session.get_one(Survey, call.key.survey_id)
    since, until = call["since"], with_its_second(call["until"])
    if call["since"] is None and call["until"] is None:
        since, until = latest_period(call.session, survey)
    counts = {} if call["trend"] else counts_between(call.session, survey, since, until, workspace_zone())
    summary = survey.metric.summary(counts)
    return fields_of(survey).of(counts) | {
        "feedback": scored(summary)
        | defined(survey)
        | {
            "counts": {str(rating): count for rating, count in summary.counts.items()},
            "since": unix(since),
            "until": unix(until - A_SECOND if call["until"] is not None and until else until),
        }
    }


def latest_period(session: Session, survey: Survey) -> tuple[datetime | None, datetime | None]:
    """The 30 days up to and with the newest response: after the first moment, before the second; None: no response."""
    newest = [
        session.scalar(
            select(func.max(Response.created_at, type_=Response.created_at.type)).where(
                Response.survey_id == survey.id, Response.state == state
            )
        )
        for state in counted_states(survey)
    ]
    latest = max((at for at in newest if at is not None), default=None)
    if latest is None:
        return None, None
    just_after = timedelta(microseconds=1)
    return latest - DEFAULT_PERIOD + just_after, latest + just_after


def counts_between(
    session: Session, survey: Survey, since: datetime | None, until: datetime | None, zone: ZoneInfo
) -> Counts:
    """How many ticked each rating from `since` to before `until`: whole days from the histogram, the rest counted.

    So a long period costs as much at ten million responses as at ten thousand, and is the same as on the pages.
    """
    first = first_whole_day(since, zone) if since else None
    last = until.astimezone(zone).date() if until else None  # its days end before this one
    if first is not None and last is not None and first >= last:
        return counted(session, survey, since, until)
    states = counted_states(survey)
    parts = [rating_counts(session, survey.id, since=first, until=last, states=states)]
    if since is not None and first is not None:
        parts.append(counted(session, survey, since, begin_of(first, zone)))
    if until is not None and last is not None:
        parts.append(counted(session, survey, begin_of(last, zone), until))
    return merge(*parts)


def counted(
    session: Session, survey: Survey, since: datetime | None, until: datetime | None
) -> dict[int, int]:
    """The same for any period, from the responses themselves."""
    conditions = [Response.survey_id == survey.id, Response.state.in_(counted_states(survey))]
    if since is not None:
        conditions.append(Response.created_at >= since)
    if until is not None:
        conditions.append(Response.created_at < until)
    query = select(Response.rating, func.count()).where(*conditions).group_by(Response.rating)
    return {rating: n for rating, n in session.execute(query)}  # noqa: C416 (rows are no pairs to mypy)


def first_whole_day(since: datetime, zone: ZoneInfo) -> date:
    """The first day that lies behind `since` as a whole."""
    day = since.astimezone(zone).date()
    return day if begin_of(day, zone) >= since else day + ONE_DAY


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def workspace_zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.extensions["feedback_settings"].zone
    return zone
