"""Recording answers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.orm import Session

from feedback_app.db import writing
from feedback_app.errors import LinkExpired, LinkUnknown
from feedback_app.queue import nudge
from feedback_app.responses import recording
from feedback_app.responses.errors import AlreadyReceived, ChangedTooOften, SurveyClosed
from feedback_app.responses.models import Channel, Response, ResponseState
from feedback_app.responses.news import TAGGING, note_answer
from feedback_app.responses.rules import (
    JUST_SENT,
    MOST_VERSIONS,
    SCANNED_RATINGS,
    SCANNING,
    editable_since,
    link_ends,
)
from feedback_app.scoring.metrics import metric
from feedback_app.surveys.models import SurveyState

PERMALINK_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: a rating, and a comment unless it is None; `state` is confirmed if a person gave a sign."""

    rating: int
    comment: str | None
    state: ResponseState
    locale: str
    at: datetime
    claimed_email: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_human(self) -> bool:
        return self.state is ResponseState.CONFIRMED


def record_response(
    session: Session,
    invitation_id: int,
    rating: int,
    comment: str | None = None,
    *,
    state: ResponseState = ResponseState.CONFIRMED,
    locale: str,
    now: datetime,
) -> int:
    """Store the answer to an invitation, or replace an earlier one; return its id.

    Two taps at once make one answer: the unique index decides, not a look beforehand. A comment of None leaves an
    earlier comment as it is. An unconfirmed rating that looks like a link scanner's is kept as suspect, and one
    that meets a confirmed answer changes nothing. Raises LinkUnknown, SurveyClosed, LinkExpired, AlreadyReceived,
    ChangedTooOften or RatingOffScale; then nothing was stored.
    """
    answer = Answer(rating, comment, state, locale, now)
    with writing(session) as connection:
        if not answer.is_human:
            recording.take_turns(connection, invitation_id)
        asked = _asked(
            connection, recording.ASKED_PERSON, recording.ASKED_MACHINE, answer, owner=invitation_id
        )
        if link_ends(asked.sent_at, asked.link_days) <= now:
            raise LinkExpired(link_ends(asked.sent_at, asked.link_days))
        owner = {"invitation_id": invitation_id, "person_id": asked.person_id, "channel": Channel.EMAIL}
        response_id = _put(connection, "invitation_id", asked, answer, owner)
        if answer.is_human:
            connection.execute(recording.MARK_ANSWERED, {"owner": invitation_id, "at": now})
            if asked.is_unsent:
                connection.execute(recording.MARK_SENT, {"owner": invitation_id, "at": now})
    _ask_for_tags(answer)
    return response_id


def record_open_response(
    session: Session,
    slug: str,
    nonce: str,
    rating: int,
    comment: str | None = None,
    *,
    state: ResponseState = ResponseState.CONFIRMED,
    locale: str,
    now: datetime,
    claimed_email: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> int:
    """Store an answer that came over a survey's open link; return its id.

    The nonce of the form stands for the person: the same form sent twice makes one answer. `claimed_email` is what
    somebody wrote into the link, kept as a claim and never merged into a person. Raises as `record_response` does.
    """
    answer = Answer(rating, comment, state, locale, now, claimed_email, properties or {})
    with writing(session) as connection:
        asked = _asked(
            connection, recording.OPEN_PERSON, recording.OPEN_MACHINE, answer, owner=slug, nonce=nonce
        )
        owner = {"nonce": nonce, "person_id": None, "channel": Channel.LINK}
        response_id = _put(connection, "nonce", asked, answer, owner)
    _ask_for_tags(answer)
    return response_id


def note_visit(session: Session, invitation_id: int, *, now: datetime) -> None:
    """Note that somebody or something opened the link that no person can see."""
    with writing(session) as connection:
        connection.execute(recording.APPEND_VISIT, {"owner": invitation_id, "at": now})


def random_permalink() -> str:
    """32 random letters and digits: what is left of 64 random characters without their two signs."""
    return secrets.token_urlsafe(48).replace("-", "").replace("_", "")[:PERMALINK_LENGTH]


def _asked(
    connection: Connection, by_person: Select[Any], by_machine: Select[Any], answer: Answer, **owner: Any
) -> Row[Any]:
    """The survey that the answer is to, which must be open to it, and what it knows about earlier versions."""
    if answer.is_human:
        asked = connection.execute(by_person, owner).one_or_none()
    else:
        signs = {"scanning_since": answer.at - SCANNING, "rating": answer.rating}
        asked = connection.execute(by_machine, owner | signs).one_or_none()
    if asked is None:
        raise LinkUnknown
    if asked.survey_state == SurveyState.CLOSED:
        raise SurveyClosed(asked.closed_at)
    if asked.versions >= MOST_VERSIONS:
        raise ChangedTooOften
    return asked


def _put(
    connection: Connection, unique: str, asked: Row[Any], answer: Answer, owner: Mapping[str, Any]
) -> int:
    """Write the response and its version; the id of the response that there is now."""
    state = answer.state if answer.is_human or not _looks_scanned(asked, answer) else ResponseState.SUSPECT
    scale = metric(asked.metric_key, asked.points).scale
    statement = recording.put_response(
        connection.dialect.name, unique, with_comment=answer.comment is not None
    )
    values = {
        **owner,
        "permalink": random_permalink(),
        "survey_id": asked.survey_id,
        "rating": scale.check(answer.rating),
        "position": scale.position(answer.rating),
        "comment": answer.comment or "",
        "state": state,
        "locale": answer.locale,
        "claimed_email": answer.claimed_email,
        "properties": dict(answer.properties or asked._mapping.get("properties", {})),
        "created_at": answer.at,
        "updated_at": answer.at,
        "confirmed_at": answer.at if answer.is_human else None,
        "answered_on": answer.at.astimezone(current_app.extensions["feedback_settings"].zone).date(),
        "fold_due": True,
        "tag_attempts": 0,
        "editable_since": editable_since(answer.at, asked.edit_hours),
    }
    stored = connection.execute(statement, values).one_or_none()
    if stored is None:
        return _kept(connection, unique, values[unique], answer)
    version = {"response_id": stored.id, "rating": answer.rating, "comment": answer.comment, "state": state}
    connection.execute(recording.APPEND_VERSION, version | {"at": answer.at})
    if answer.is_human:
        note_answer(
            connection,
            stored.id,
            survey_id=asked.survey_id,
            person_id=owner["person_id"],
            is_first=stored.confirmed_at == answer.at,
            now=answer.at,
        )
    return int(stored.id)


def _kept(connection: Connection, unique: str, owner: Any, answer: Answer) -> int:
    """The id of the answer that stays as it is: a machine's rating is dropped, a person is told."""
    if answer.is_human:
        raise AlreadyReceived
    kept = connection.scalar(select(Response.id).where(getattr(Response, unique) == owner))
    return int(kept or 0)


def _looks_scanned(asked: Row[Any], answer: Answer) -> bool:
    """Whether a link scanner probably sent this: too soon, too many ratings at once, or the hidden link opened."""
    if asked.other_ratings >= SCANNED_RATINGS - 1:
        return True
    facts = asked._mapping
    return "sent_at" in facts and (facts["is_trapped"] or answer.at - facts["sent_at"] < JUST_SENT)


def _ask_for_tags(answer: Answer) -> None:
    if answer.comment:
        nudge(TAGGING)
