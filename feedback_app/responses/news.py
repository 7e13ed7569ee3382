"""What of an answer is news to those who listen, left within the transaction that stores it.

Only what a person confirmed is told. Its first confirmation is a new response; later ones are news if the rating or the
comment is another one than before.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from feedback_app.happenings import Kind, is_listened_to, note_happening
from feedback_app.responses.models import Response, ResponseState, ResponseVersion

TAGGING = "tag_new_comments"  # the job that reads what is new; its package comes later in the house

_VERSIONS = (
    select(ResponseVersion.rating, ResponseVersion.comment)
    .where(ResponseVersion.response_id == bindparam("response_id"))
    .order_by(ResponseVersion.id)
)


def note_answer(
    connection: Session | Connection,
    response_id: int,
    *,
    survey_id: int,
    person_id: int | None,
    is_first: bool,
    now: datetime,
) -> None:
    """Note that a confirmed answer was stored, its version already in the history."""
    kind = Kind.RESPONSE_CREATED if is_first else Kind.RESPONSE_UPDATED
    if not is_listened_to(connection, kind) or not (is_first or is_another(connection, response_id)):
        return
    note_happening(
        connection, kind, survey_id=survey_id, person_id=person_id, response_id=response_id, now=now
    )


def is_another(connection: Session | Connection, response_id: int) -> bool:
    """Whether the last version of the answer says something else than the one before it."""
    said: list[tuple[int, str]] = []
    for rating, comment in connection.execute(_VERSIONS, {"response_id": response_id}):
        kept = said[-1][1] if said else ""
        said.append((rating, kept if comment is None else comment))
    return len(said) < 2 or said[-1] != said[-2]


def note_tagged(session: Session, ids: list[int], *, now: datetime) -> None:
    """Note whose comments have another sentiment now, if they have one at all and are confirmed answers."""
    if not ids or not is_listened_to(session, Kind.RESPONSE_TAGGED):
        return
    tagged = select(Response.id, Response.survey_id, Response.person_id).where(
        Response.id.in_(ids),
        Response.sentiment.is_not(None),
        Response.state == ResponseState.CONFIRMED,
    )
    for response_id, survey_id, person_id in session.execute(tagged).all():
        note_happening(
            session,
            Kind.RESPONSE_TAGGED,
            survey_id=survey_id,
            person_id=person_id,
            response_id=response_id,
            now=now,
        )
