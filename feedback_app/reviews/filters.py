"""What the inbox is narrowed to, and what a response must meet to be listed then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.engine import Connection

from feedback_app.accounts.models import Account
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState
from feedback_app.reviews.finding import mentions
from feedback_app.reviews.models import Review, ReviewStatus
from feedback_app.scoring.metrics import Tone
from feedback_app.surveys.models import Survey
from feedback_app.tagging.looking import IS_OPEN, STATE
from feedback_app.tagging.verdicts import PERSON, RATING
from feedback_app.themes.overview import about

Order = Literal["newest", "worst"]
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class InboxFilters:
    """What the inbox is narrowed to; an empty value narrows nothing. `reader_id` is who "me" means."""

    reader_id: int
    order: Order = "newest"
    state: str = ResponseState.CONFIRMED
    survey_id: int | None = None
    tone: Tone | None = None
    # negative, neutral, positive; unread: a comment without a verdict; rating, person: whose word it is
    sentiment: str = ""
    theme: str = ""  # the id of a theme, or "none"
    said: str = ""  # negative, neutral, positive: how the comment speaks of the theme, or of any
    look: str = ""  # twice: the words contradict the rating, and nobody has looked yet
    status: str = ""
    assignee: str = ""  # me, nobody
    owner: str = ""  # me
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None  # before this moment
    may_search_people: bool = True  # a viewer, who sees names masked, cannot find them out by searching


def conditions(connection: Connection, filters: InboxFilters, surveys: dict[int, Survey]) -> Conditions:
    """What a row must meet to be listed. Words are looked for here already, as far as only we can tell."""
    wanted = list(plain_conditions(filters, surveys))
    if filters.text:
        wanted.append(mentions(connection, filters.text, sees_people=filters.may_search_people))
    return wanted


def plain_conditions(filters: InboxFilters, surveys: dict[int, Survey]) -> Iterator[ColumnElement[bool]]:
    """Those that need no look into the database."""
    yield (STATE if filters.look else Response.state) == filters.state
    if filters.survey_id is not None:
        yield Response.survey_id == filters.survey_id
    if filters.tone is not None:
        yield has_tone(filters.tone, surveys)
    if filters.sentiment == "unread":
        yield and_(Response.sentiment.is_(None), Response.comment != "")
    elif filters.sentiment in (RATING, PERSON):
        yield Response.sentiment_source == filters.sentiment
    elif filters.sentiment:
        yield Response.sentiment == filters.sentiment
    if filters.theme or filters.said:
        yield about(filters.theme, filters.said)
    if filters.look:
        yield IS_OPEN
    if filters.since is not None:
        yield Response.created_at >= filters.since
    if filters.until is not None:
        yield Response.created_at < filters.until
    yield from review_conditions(filters)


def review_conditions(filters: InboxFilters) -> Iterator[ColumnElement[bool]]:
    if filters.status == ReviewStatus.NEW:
        yield or_(Review.status.is_(None), Review.status == ReviewStatus.NEW)
    elif filters.status:
        yield Review.status == filters.status
    if filters.assignee == "me":
        yield Review.assignee_id == filters.reader_id
    elif filters.assignee == "nobody":
        yield Review.assignee_id.is_(None)
    if filters.owner == "me":
        yield Response.person_id.in_(people_where(Account.owner_id == filters.reader_id))


def has_tone(tone: Tone, surveys: dict[int, Survey]) -> ColumnElement[bool]:
    """Whether the rating is in a band of this tone: which ratings those are depends on the survey's scale."""
    found = [
        and_(Response.survey_id == survey.id, Response.rating.between(band.low, band.high))
        for survey in surveys.values()
        for band in survey.metric.bands
        if band.tone == tone
    ]
    return or_(false(), *found)


def people_where(condition: ColumnElement[bool]) -> Select[Any]:
    """The ids of people whose row or account meets the condition.

    They are found once; the same condition on the joined tables would be asked of every response there is.
    """
    of_people = select(Person.id).select_from(Person).outerjoin(Account, Account.id == Person.account_id)
    return of_people.where(condition).correlate(None)
