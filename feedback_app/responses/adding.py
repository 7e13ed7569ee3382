"""Responses that programs and files bring, and what they change about one: no form, no invitation, no person's tap.

What comes this way is confirmed at once. The statements are Core's and built once, as those of the answer pages are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, bindparam, exists, insert, select, update
from sqlalchemy.orm import Session

from feedback_app.db import writing
from feedback_app.errors import Invalid, NotFound
from feedback_app.happenings import Kind, note_happening
from feedback_app.people.models import Person
from feedback_app.queue import nudge
from feedback_app.responses import recording
from feedback_app.responses.models import RATED_COLUMNS, TAG_COLUMNS, Channel, Response, ResponseState
from feedback_app.responses.news import TAGGING
from feedback_app.responses.people import IS_SEEN
from feedback_app.responses.services import random_permalink
from feedback_app.scales import Scale
from feedback_app.scoring.metrics import metric
from feedback_app.surveys.models import Survey

AHEAD_AT_MOST = timedelta(days=1)  # clocks differ, but not by more

_RESPONSE: Any = Response.__table__
_PERSON = bindparam("person_id", type_=Person.id.type)
_FACTS: Any = select(
    Survey.metric_key,
    Survey.points,
    exists().where(Person.id == _PERSON, IS_SEEN).label("is_seen"),
).where(Survey.id == bindparam("survey_id"))
# PostgreSQL keeps who is erased meanwhile until we are done; SQLite has one writer anyway.
_KEEP_PERSON = select(Person.id).where(Person.id == _PERSON).with_for_update(read=True, key_share=True)
_ADD = insert(_RESPONSE).returning(_RESPONSE.c.id)
_BEFORE = (
    select(
        Response.id,
        Response.survey_id,
        Response.person_id,
        Response.rating,
        Response.comment,
        Response.properties,
        Response.tags,
        Response.state,
        Response.permalink,
    )
    .where(Response.id == bindparam("response_id"))
    .with_for_update()
)


class NotAccepted(Invalid):
    """The response does not fit; `problems` maps "score", "person" or "created_at" to what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        told = ", ".join(f"{name} {text}" for name, text in problems.items())
        super().__init__(f"The response was not kept: {told}.")
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class NewResponse:
    """What a program or a file says of a response. `created_at` None: just now."""

    person_id: int | None
    rating: int
    comment: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    additional_answers: Sequence[Mapping[str, Any]] = ()
    created_at: datetime | None = None
    locale: str = "en"
    channel: Channel = Channel.API
    external_id: str | None = None


def add_response(session: Session, survey_id: int, given: NewResponse, *, now: datetime) -> int:
    """Keep a response that was collected elsewhere, confirmed; return its id. Raises NotAccepted, then nothing is."""
    with writing(session) as connection:
        facts = _facts(connection, survey_id, given.person_id)
        problems = _problems(facts, given.person_id, given.rating)
        if given.created_at is not None and given.created_at > now + AHEAD_AT_MOST:
            problems["created_at"] = "is invalid"
        if problems:
            raise NotAccepted(problems)
        _keep_person(connection, given.person_id)
        row = _row(survey_id, given, metric(facts.metric_key, facts.points).scale, now)
        response_id = int(connection.execute(_ADD, row).scalar_one())
        _append_version(connection, response_id, given.rating, given.comment, row["created_at"])
        note_happening(
            connection,
            Kind.RESPONSE_CREATED,
            survey_id=survey_id,
            person_id=given.person_id,
            response_id=response_id,
            now=now,
        )
    if given.comment:
        nudge(TAGGING)
    return response_id


def change_response(
    session: Session, survey_id: int, response_id: int, given: Mapping[str, Any], *, now: datetime
) -> None:
    """Change what is given of a response: `person_id`, `rating`, `comment`, `properties`, `tags`.

    `updated_at` moves in any case. A new rating or comment is a new version, and a new comment is tagged anew. Raises
    NotFound for a response that is not this survey's, NotAccepted for what does not fit; then nothing was changed.
    """
    with writing(session) as connection:
        before = connection.execute(_BEFORE, {"response_id": response_id}).one_or_none()
        if before is None or before.survey_id != survey_id:
            raise NotFound("There is no such response, so nothing was changed.")
        changed = {name: value for name, value in given.items() if getattr(before, name) != value}
        facts = _facts(connection, survey_id, changed.get("person_id"))
        if problems := _problems(facts, changed.get("person_id"), changed.get("rating")):
            raise NotAccepted(problems)
        _keep_person(connection, changed.get("person_id"))
        values = _consequences(changed, metric(facts.metric_key, facts.points).scale)
        connection.execute(
            update(_RESPONSE).where(_RESPONSE.c.id == response_id).values(**values, updated_at=now)
        )
        _note_change(connection, before, changed, now)
    if changed.get("comment") or "rating" in changed:
        nudge(TAGGING)


def problems_of(
    connection: Connection, survey_id: int, *, person_id: int | None = None, rating: int | None = None
) -> dict[str, str]:
    """What is wrong with this person and this rating for the survey; None is not looked at."""
    return _problems(_facts(connection, survey_id, person_id), person_id, rating)


def _facts(connection: Connection, survey_id: int, person_id: int | None) -> Row[Any]:
    facts: Row[Any] | None = connection.execute(
        _FACTS, {"survey_id": survey_id, "person_id": person_id or 0}
    ).one_or_none()
    if facts is None:
        raise NotFound("The survey is gone, so nothing was kept.")
    return facts


def _problems(facts: Row[Any], person_id: int | None, rating: int | None) -> dict[str, str]:
    scale = metric(facts.metric_key, facts.points).scale
    found = {}
    if person_id is not None and not facts.is_seen:
        found["person"] = "is invalid"
    if rating is not None and rating not in scale.values:
        found["score"] = f"must be between {scale.low} and {scale.high}"
    return found


def _keep_person(connection: Connection, person_id: int | None) -> None:
    if person_id is not None and connection.dialect.name == "postgresql":
        connection.execute(_KEEP_PERSON, {"person_id": person_id})


def _row(survey_id: int, given: NewResponse, scale: Scale, now: datetime) -> dict[str, Any]:
    at = given.created_at or now
    return {
        "permalink": random_permalink(),
        "survey_id": survey_id,
        "person_id": given.person_id,
        "rating": given.rating,
        "position": scale.position(given.rating),
        "comment": given.comment,
        "state": ResponseState.CONFIRMED,
        "channel": given.channel,
        "locale": given.locale,
        "properties": dict(given.properties),
        "tags": list(given.tags),
        "additional_answers": [dict(one) for one in given.additional_answers],
        "external_id": given.external_id,
        "created_at": at,
        # Never ahead of the clock: programs that sync ask for what came after the latest that they have seen.
        "updated_at": min(at, now),
        "confirmed_at": min(at, now),
        "answered_on": day_of(at),
        "fold_due": True,
        "tag_attempts": 0,
    }


def day_of(moment: datetime) -> date:
    """The day in the workspace's time zone."""
    return moment.astimezone(current_app.extensions["feedback_settings"].zone).date()


def _consequences(changed: Mapping[str, Any], scale: Scale) -> dict[str, Any]:
    """The changed columns and those that follow from them."""
    values = dict(changed)
    if "rating" in changed:
        values |= {"position": scale.position(changed["rating"]), "fold_due": True}
        values |= dict.fromkeys(RATED_COLUMNS)
    if "comment" in changed:
        values |= {**dict.fromkeys(TAG_COLUMNS), "tag_attempts": 0}
    return values


def _note_change(connection: Connection, before: Row[Any], changed: Mapping[str, Any], now: datetime) -> None:
    if changed.keys() & {"rating", "comment"}:
        rating = changed.get("rating", before.rating)
        _append_version(connection, before.id, rating, changed.get("comment"), now, before.state)
    if changed and before.state == ResponseState.CONFIRMED:  # of others nobody has been told
        note_happening(
            connection,
            Kind.RESPONSE_UPDATED,
            survey_id=before.survey_id,
            person_id=changed.get("person_id", before.person_id),
            response_id=before.id,
            now=now,
        )


def _append_version(
    connection: Connection,
    response_id: int,
    rating: int,
    comment: str | None,
    at: datetime,
    state: str = ResponseState.CONFIRMED,
) -> None:
    version = {"response_id": response_id, "rating": rating, "comment": comment, "state": state, "at": at}
    connection.execute(recording.APPEND_VERSION, version)
