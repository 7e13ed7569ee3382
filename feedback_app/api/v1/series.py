"""/v1/metrics/series and /v1/metrics/segments: the score over time, and side by side for parts of the customers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.api.v1.endpoints import READS, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import NOT_INCLUDED, Field, Wrong, choice, text
from feedback_app.api.v1.metrics import ONE_DAY, PERIOD, begin_of, workspace_zone
from feedback_app.api.v1.scores import SCORED, defined, scored
from feedback_app.api.v1.shapes import TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.api.v1.survey_responses import A_SECOND, with_its_second
from feedback_app.people.models import Person
from feedback_app.responses.histogram import daily_counts
from feedback_app.responses.models import Response
from feedback_app.scoreboard.queries import PERIOD_DAYS, Period, counted_states
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey

TAG = "Metrics"
MOST_POINTS = 1_000
MOST_RESPONSES = 10_000
MOST_SEGMENTS = 200
PROPERTY = "property:"
COLUMNS: dict[str, Any] = {
    "locale": Response.locale,
    "channel": Response.channel,
    "tag": Response.tags,
    "account": Account.name,
    "owner": StaffUser.email,
}

DEFINED = {"definition": TEXT, "unit": TEXT}
POINT = object_of(**SCORED, first_day=TEXT, last_day=TEXT, since=TIME, until=TIME)
SERIES = object_of(**DEFINED, every=TEXT, time_zone=TEXT, points=a_list_of(POINT))


@endpoint(
    "GET",
    "/metrics/series",
    summary="The score over time",
    scope=READS,
    tag=TAG,
    fields=(
        Field(
            "every",
            choice("day", "week", "month"),
            {"enum": ["day", "week", "month"], "default": "week"},
            "What a point stands for; weeks begin on Monday.",
            default="week",
        ),
        *PERIOD,
    ),
    answer=SERIES,
    statuses=(200, 422),
    example={"every": "month"},
)
def series(call: Call) -> dict[str, Any]:
    """A point for each day, week or month of the workspace's time zone, also where nobody answered.

    Days are whole: the first is that of `since`, the last that of `until`; without them the last 90 days.
    """
    survey, zone = call.session.get_one(Survey, call.key.survey_id), workspace_zone()
    until = min(call["until"] or call.now, call.now + ONE_DAY).astimezone(zone).date() + ONE_DAY
    since = call["since"].astimezone(zone).date() if call["since"] else until - PERIOD_DAYS * ONE_DAY
    parts = list(periods(since, until, call["every"]))
    counts: defaultdict[date, Counter[int]] = defaultdict(Counter)
    for day in daily_counts(call.session, survey.id, since=since, until=until, states=counted_states(survey)):
        counts[max(since, begins(day.day, call["every"]))][day.rating] += day.n
    return defined(survey) | {
        "every": call["every"],
        "time_zone": zone.key,
        "points": [
            scored(survey.metric.summary(counts[part.since]))
            | {
                "first_day": part.since.isoformat(),
                "last_day": part.last.isoformat(),
                "since": unix(begin_of(part.since, zone)),
                "until": unix(begin_of(part.until, zone) - A_SECOND),
            }
            for part in parts
        ],
    }


def begins(day: date, every: str) -> date:
    """The first day of the day's week or month, or the day itself."""
    if every == "week":
        return day - day.weekday() * ONE_DAY
    return day.replace(day=1) if every == "month" else day


def periods(since: date, until: date, every: str) -> Iterator[Period]:
    """The days, weeks or months from `since` to before `until`; first and last may be cut. Raises ApiError (422)."""
    made = 0
    while since < until:
        if made == MOST_POINTS:
            raise ApiError(422, {"since": [f"must be at most {MOST_POINTS} points before until"]})
        end = min(
            until, begins(begins(since, every) + {"day": 1, "week": 7, "month": 31}[every] * ONE_DAY, every)
        )
        yield Period(since, end)
        since, made = end, made + 1


def segment_by(given: Any) -> str:
    """What to segment by: property:NAME or one of the columns."""
    name = text(220)(given)
    if name in COLUMNS or (name.startswith(PROPERTY) and name != PROPERTY):
        return name
    raise Wrong(NOT_INCLUDED)


SEGMENTS = object_of(
    **DEFINED,
    by=TEXT,
    responses={"type": "integer", "description": "How many were looked at."},
    is_cut={"type": "boolean", "description": f"There are more than the {MOST_RESPONSES:,} newest."},
    left_out={
        "type": "integer",
        "description": f"Segments beyond the {MOST_SEGMENTS} with the most answers.",
    },
    segments=a_list_of(object_of(segment=nullable(TEXT), **SCORED)),
)


@endpoint(
    "GET",
    "/metrics/segments",
    summary="The score of parts of the customers",
    scope=READS,
    tag=TAG,
    fields=(
        Field(
            "by",
            segment_by,
            {"type": "string", "pattern": "^(property:.+|locale|channel|account|owner|tag)$"},
            "property:NAME, locale, channel, account, owner or tag.",
            required=True,
        ),
        *PERIOD,
    ),
    answer=SEGMENTS,
    statuses=(200, 422),
    example={"by": "property:plan"},
)
def segments(call: Call) -> dict[str, Any]:
    """Of the newest 10,000 responses; a response with several tags counts for each. Most answers first."""
    survey = call.session.get_one(Survey, call.key.survey_id)
    rows = newest(call.session, survey, call["by"], call["since"], with_its_second(call["until"]))
    counts: defaultdict[str | None, Counter[int]] = defaultdict(Counter)
    for rating, value in rows[:MOST_RESPONSES]:
        for segment in segments_of(value, call["by"]):
            counts[segment][rating] += 1
    found = sorted(counts.items(), key=lambda one: (-one[1].total(), one[0] is None, one[0] or ""))
    return defined(survey) | {
        "by": call["by"],
        "responses": min(len(rows), MOST_RESPONSES),
        "is_cut": len(rows) > MOST_RESPONSES,
        "left_out": max(0, len(found) - MOST_SEGMENTS),
        "segments": [
            {"segment": segment} | scored(survey.metric.summary(ratings))
            for segment, ratings in found[:MOST_SEGMENTS]
        ],
    }


def newest(
    session: Session, survey: Survey, by: str, since: datetime | None, until: datetime | None
) -> list[tuple[int, Any]]:
    """Rating and segment's value of the newest responses, one more than are looked at."""
    heads = [
        select(_newest_ids(survey.id, state, since, until).subquery()) for state in counted_states(survey)
    ]
    chosen = union_all(*heads).subquery()
    column = COLUMNS.get(by, Response.properties)
    query: Any = select(Response.rating, column).join(chosen, chosen.c.id == Response.id)
    if by in ("account", "owner"):
        query = query.outerjoin(Person, Person.id == Response.person_id).outerjoin(
            Account, Account.id == Person.account_id
        )
    if by == "owner":
        query = query.outerjoin(StaffUser, StaffUser.id == Account.owner_id)
    query = query.order_by(chosen.c.created_at.desc(), chosen.c.id.desc()).limit(MOST_RESPONSES + 1)
    return [(rating, value) for rating, value in session.execute(query)]


def _newest_ids(
    survey_id: int, state: str, since: datetime | None, until: datetime | None
) -> Select[int, datetime]:
    rows = select(Response.id, Response.created_at).where(
        Response.survey_id == survey_id, Response.state == state
    )
    if since is not None:
        rows = rows.where(Response.created_at >= since)
    if until is not None:
        rows = rows.where(Response.created_at < until)
    return rows.order_by(Response.created_at.desc(), Response.id.desc()).limit(MOST_RESPONSES + 1)


def segments_of(value: Any, by: str) -> Iterable[str | None]:
    """The segments that a response belongs to; None for those that have no value."""
    if by == "tag":
        return list(dict.fromkeys(value)) or [None]
    if by.startswith(PROPERTY):
        found = (value or {}).get(by.removeprefix(PROPERTY))
        return [None if found is None else str(found)]
    return [value]
