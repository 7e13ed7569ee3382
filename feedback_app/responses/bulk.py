"""Keeping answers that were given elsewhere, many at once, for files of a million of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, null, select, update
from sqlalchemy.orm import Session

from feedback_app.db import insert_into
from feedback_app.responses.models import (
    RATED_COLUMNS,
    TAG_COLUMNS,
    Channel,
    Response,
    ResponseState,
    ResponseVersion,
)
from feedback_app.responses.services import random_permalink
from feedback_app.scales import Scale

DEFAULT_LOCALE = "en"
SAID = ("rating", "comment", "properties", "tags", "additional_answers")
_RESPONSE: Any = Response.__table__
_KNOWN = select(_RESPONSE.c["id", "external_id", "created_at", "updated_at", *SAID]).where(
    _RESPONSE.c.survey_id == bindparam("survey_id"),
    _RESPONSE.c.external_id.in_(bindparam("ids", expanding=True)),
)
_CHANGE = (
    update(_RESPONSE)
    .where(_RESPONSE.c.id == bindparam("response_id"))
    .values(
        {name: bindparam(f"new_{name}") for name in (*SAID, "position", "updated_at")} | {"fold_due": True}
    )
)
_READ_ANEW = (
    update(_RESPONSE)
    .where(_RESPONSE.c.id == bindparam("response_id"))
    .values(dict.fromkeys(TAG_COLUMNS, null()) | {"tag_attempts": 0})
)
_COMPARE_ANEW = (
    update(_RESPONSE)
    .where(_RESPONSE.c.id == bindparam("response_id"))
    .values(dict.fromkeys(RATED_COLUMNS, null()))
)


@dataclass(frozen=True, slots=True)
class PastResponse:
    """An answer that was given elsewhere; `external_id` is its id there."""

    external_id: str
    person_id: int | None
    rating: int
    created_at: datetime
    updated_at: datetime
    comment: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    additional_answers: Sequence[Mapping[str, Any]] = ()
    locale: str = DEFAULT_LOCALE


class Kept(NamedTuple):
    """What became of them: ids by external id of those added and changed, and how many stay as they are."""

    added: dict[str, int]
    changed: dict[str, int]
    unchanged: int


def keep_past_responses(
    session: Session, survey_id: int, rows: Sequence[PastResponse], *, scale: Scale, zone: tzinfo
) -> Kept:
    """Store these answers, within the caller's transaction; a second time changes nothing.

    One that we have is replaced if the other place changed it later than it was changed here. Nobody outside is told:
    the answers are old.
    """
    known = _known(session, survey_id, rows)
    new = [row for row in rows if row.external_id not in known]
    later = [row for row in rows if row.external_id in known and _is_later(known[row.external_id], row)]
    added = _add(session, survey_id, new, scale, zone) if new else {}
    for row in later:
        _change(session, known[row.external_id], row, scale)
    changed = {row.external_id: known[row.external_id].id for row in later}
    return Kept(added, changed, len(rows) - len(added) - len(changed))


def _known(session: Session, survey_id: int, rows: Sequence[PastResponse]) -> dict[str, Any]:
    given = {"survey_id": survey_id, "ids": [row.external_id for row in rows]}
    return {row.external_id: row for row in session.execute(_KNOWN, given)}


def _is_later(known: Any, row: PastResponse) -> bool:
    said = (row.rating, row.comment, dict(row.properties), list(row.tags), list(row.additional_answers))
    return row.updated_at > known.updated_at and said != tuple(getattr(known, name) for name in SAID)


def _add(
    session: Session, survey_id: int, rows: Sequence[PastResponse], scale: Scale, zone: tzinfo
) -> dict[str, int]:
    connection = session.connection()
    connection.execute(
        insert_into(session, Response).on_conflict_do_nothing(),
        [_columns(survey_id, row, scale, zone) for row in rows],
    )
    added = {key: found.id for key, found in _known(session, survey_id, rows).items()}
    versions = [
        {
            "response_id": added[row.external_id],
            "rating": row.rating,
            "comment": row.comment or None,
            "state": ResponseState.CONFIRMED,
            "at": row.created_at,
        }
        for row in rows
    ]
    connection.execute(insert(ResponseVersion), versions)
    return added


def _columns(survey_id: int, row: PastResponse, scale: Scale, zone: tzinfo) -> dict[str, Any]:
    return {
        "permalink": random_permalink(),
        "survey_id": survey_id,
        "person_id": row.person_id,
        "external_id": row.external_id,
        "rating": row.rating,
        "position": scale.position(row.rating),
        "comment": row.comment,
        "state": ResponseState.CONFIRMED,
        "channel": Channel.IMPORT,
        "locale": row.locale,
        "properties": dict(row.properties),
        "tags": list(row.tags),
        "additional_answers": list(row.additional_answers),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "confirmed_at": row.created_at,
        "answered_on": row.created_at.astimezone(zone).date(),
        "fold_due": True,
        "tag_attempts": 0,
    }


def _change(session: Session, known: Any, row: PastResponse, scale: Scale) -> None:
    connection = session.connection()
    values = {f"new_{name}": getattr(row, name) for name in (*SAID, "updated_at")}
    values |= {"new_properties": dict(row.properties), "new_tags": list(row.tags)}
    values["new_additional_answers"] = list(row.additional_answers)
    connection.execute(
        _CHANGE, values | {"new_position": scale.position(row.rating), "response_id": known.id}
    )
    if row.comment != known.comment:
        connection.execute(_READ_ANEW, {"response_id": known.id})
    elif row.rating != known.rating:
        connection.execute(_COMPARE_ANEW, {"response_id": known.id})
    version = {"response_id": known.id, "rating": row.rating, "comment": row.comment or None}
    connection.execute(
        insert(ResponseVersion), version | {"state": ResponseState.CONFIRMED, "at": row.updated_at}
    )
