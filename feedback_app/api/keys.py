"""API keys: made, shown once, found by their hash, replaced with an overlap and revoked."""

import base64
import binascii
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from feedback_app.api.models import ApiKey, Scope
from feedback_app.crypto import token_hash
from feedback_app.db import reading, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey

LETTERS = string.ascii_letters + string.digits
LENGTH = 32  # as Delighted's were: no client looks at the shape, but forms may check the length
SHOWN = 4  # letters by which staff tell keys apart
LONGEST_OVERLAP = timedelta(days=30)
LONGEST_NAME = 120
USED_EVERY = timedelta(minutes=1)  # the last use is kept to the minute, not written at each request

_KEY = select(ApiKey.id, ApiKey.survey_id, ApiKey.scope, ApiKey.per_minute, ApiKey.last_used_at).where(
    ApiKey.token_hash == bindparam("token_hash"),
    or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > bindparam("now", type_=ApiKey.ends_at.type)),
)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that is good now: the survey it selects, and what it may do."""

    id: int
    survey_id: int
    scope: str
    per_minute: int | None
    last_used_at: datetime | None


def key_in_header(header: str) -> str:
    """The key of an Authorization header, empty if there is none.

    Basic with the key as user name, with a colon, without one (the official Python client) or with any password; or
    Bearer.
    """
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def known_key(key: str, *, now: datetime) -> KnownKey | None:
    """The key's row, if it is good now. Looked up by its hash, so that no comparison takes a telling time."""
    if not key:
        return None
    with reading() as connection:
        row = connection.execute(_KEY, {"token_hash": token_hash(key), "now": now}).one_or_none()
    return KnownKey(*row) if row is not None else None


def note_use(session: Session, key: KnownKey, *, now: datetime) -> None:
    """Keep that the key was used, once a minute."""
    if key.last_used_at is not None and now - key.last_used_at < USED_EVERY:
        return
    with transaction(session):
        session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))


def create_key(
    session: Session,
    survey_slug: str,
    *,
    scope: Scope = Scope.FULL,
    name: str = "",
    per_minute: int | None = None,
    user_id: int | None = None,
    now: datetime,
) -> str:
    """A new key for the survey, to be shown once. Raises NotFound or Invalid."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise Invalid(f"The name must be at most {LONGEST_NAME} characters; no key was made.")
    if per_minute is not None and per_minute < 0:
        raise Invalid("Requests per minute cannot be negative; no key was made. 0 means no limit.")
    with transaction(session):
        survey_id = session.scalar(select(Survey.id).where(Survey.slug == survey_slug))
        if survey_id is None:
            raise NotFound(
                f"There is no survey '{survey_slug[:64]}'; no key was made. See: feedback surveys list"
            )
        return _added(session, survey_id, scope, name, per_minute, user_id, now)


def replace_key(
    session: Session, key_id: int, *, overlap: timedelta, user_id: int | None, now: datetime
) -> str:
    """A new key like this one, to be shown once; the old one is good for the overlap. Raises NotFound or Invalid."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(f"The overlap must be from 0 to {LONGEST_OVERLAP.days} days; nothing was changed.")
    with transaction(session):
        old = _good(session, key_id, now)
        old.ends_at = now + overlap
        record_audit(session, user_id, "key.replaced", "api_key", key_id, {}, now)
        return _added(session, old.survey_id, Scope(old.scope), old.name, old.per_minute, user_id, now)


def revoke_key(session: Session, key_id: int, *, user_id: int | None, now: datetime) -> None:
    """Refuse the key from now on. Raises NotFound."""
    with transaction(session):
        _good(session, key_id, now).ends_at = now
        record_audit(session, user_id, "key.revoked", "api_key", key_id, {}, now)


def _added(
    session: Session,
    survey_id: int,
    scope: Scope,
    name: str,
    per_minute: int | None,
    user_id: int | None,
    now: datetime,
) -> str:
    key = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    row = ApiKey(
        survey_id=survey_id,
        name=name,
        token_hash=token_hash(key),
        start=key[:SHOWN],
        scope=scope,
        per_minute=per_minute,
        created_by=user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    record_audit(session, user_id, "key.made", "api_key", row.id, {"scope": str(scope)}, now)
    return key


def _good(session: Session, key_id: int, now: datetime) -> ApiKey:
    row = session.get(ApiKey, key_id, with_for_update=True)
    if row is None or (row.ends_at is not None and row.ends_at <= now):
        raise NotFound("There is no such key, or it is revoked already; nothing was changed.")
    return row
