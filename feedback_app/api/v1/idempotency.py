"""Idempotency-Key: a POST that is repeated with the same key is done once and answered as the first time.

After draft-ietf-httpapi-idempotency-key-header: the same key with another request is refused (422), one whose first
request is still at work as well (409). What was refused is not kept, so that it can be mended and sent again.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from feedback_app.api.models import IdempotentAnswer
from feedback_app.api.v1.errors import ApiError
from feedback_app.db import insert_into, transaction

LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=2)  # a request that died half-way may be sent again


def begin(
    session: Session, api_key_id: int, name: str, fingerprint: str, *, now: datetime
) -> IdempotentAnswer | None:
    """The answer that was given already; None if this is the first such request, which is noted as begun."""
    if not name or len(name) > LONGEST_KEY:
        raise ApiError(422, {"Idempotency-Key": [f"must be 1 to {LONGEST_KEY} characters"]})
    with transaction(session):
        _forget_old(session, api_key_id, name, now)
        row = {
            "api_key_id": api_key_id,
            "idempotency_key": name,
            "fingerprint": fingerprint,
            "body": b"",
            "at": now,
        }
        begun = insert_into(session, IdempotentAnswer).values(row).on_conflict_do_nothing()
        if session.scalar(begun.returning(IdempotentAnswer.id)) is not None:
            return None
        kept = session.scalars(select(IdempotentAnswer).where(*_named(api_key_id, name))).one_or_none()
        if kept is not None and kept.fingerprint != fingerprint:
            raise ApiError(422, {"Idempotency-Key": ["was used for another request"]})
        if kept is None or kept.status is None:  # none: it was refused in this very moment
            raise ApiError(
                409,
                detail="The first request with this Idempotency-Key is still at work.",
                retry_after_seconds=1,
            )
        session.expunge(kept)
    return kept


def keep(session: Session, api_key_id: int, name: str, status: int, body: bytes) -> None:
    """Keep what the request was answered."""
    with transaction(session):
        session.execute(
            update(IdempotentAnswer).where(*_named(api_key_id, name)).values(status=status, body=body)
        )


def forget(session: Session, api_key_id: int, name: str) -> None:
    """The request was refused or failed: it may come again."""
    with transaction(session):
        session.execute(delete(IdempotentAnswer).where(*_named(api_key_id, name)))


def forget_old_answers(session: Session, *, now: datetime) -> None:
    """Forget what nobody repeats any more."""
    with transaction(session):
        session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.at < now - KEPT_FOR))


def _forget_old(session: Session, api_key_id: int, name: str, now: datetime) -> None:
    is_old = IdempotentAnswer.at < now - KEPT_FOR
    is_abandoned = IdempotentAnswer.status.is_(None) & (IdempotentAnswer.at < now - ABANDONED_AFTER)
    session.execute(delete(IdempotentAnswer).where(*_named(api_key_id, name), is_old | is_abandoned))


def _named(api_key_id: int, name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return IdempotentAnswer.api_key_id == api_key_id, IdempotentAnswer.idempotency_key == name
