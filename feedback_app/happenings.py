"""What has happened that somebody outside may want to hear of: a row in the transaction of the change itself.

Packages that come early in the house cannot call those that tell others (webhooks/); they leave a row that is due, and
the job finds it. While nobody listens no row is written.
"""

import time
from collections.abc import MutableMapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from weakref import WeakKeyDictionary

from flask import has_app_context
from sqlalchemy import JSON, Connection, Engine, ForeignKey, Index, String, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime
from feedback_app.queue import JOBS, nudge

TELLING = "tell_others"  # the job that finds the rows; it is in webhooks/
LOOK_AGAIN_SECONDS = 5  # so long a process may believe that nobody listens


class Kind(StrEnum):
    """By the names that the payloads carry; the first three are Delighted's."""

    RESPONSE_CREATED = "survey_response.created"
    RESPONSE_UPDATED = "survey_response.updated"
    UNSUBSCRIBED = "unsubscribe.created"
    RESPONSE_TAGGED = "survey_response.tagged"
    BOUNCED = "bounce.created"
    STATUS_CHANGED = "review.status_changed"
    SCORE_FELL = "score.fell"


class Happening(Base):
    """One thing that happened, waiting to be told. The row goes when every listener has its delivery."""

    __tablename__ = "happening"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    survey_id: Mapped[int | None] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Listener(Base):
    """That somebody listens at all: one row for each active endpoint, kept in step by webhooks/."""

    __tablename__ = "listener"
    __table_args__ = (Index("ix_listener_kind", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))


_NOTE = insert(Happening.__table__)  # type: ignore[arg-type]
_KINDS = select(Listener.kind).distinct()
_heard: MutableMapping[Engine, tuple[float, frozenset[str]]] = WeakKeyDictionary()


def note_happening(
    connection: Session | Connection,
    kind: Kind,
    *,
    survey_id: int | None = None,
    person_id: int | None = None,
    response_id: int | None = None,
    detail: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Leave a row for those who listen to this kind, within the caller's transaction; nothing if nobody does."""
    if not is_listened_to(connection, kind):
        return
    row = {
        "kind": kind,
        "survey_id": survey_id,
        "person_id": person_id,
        "response_id": response_id,
        "detail": detail or {},
        "at": now,
    }
    connection.execute(_NOTE, row)
    tell_soon()


def tell_soon() -> None:
    """Ask a worker to tell it in half a second, when the transaction has ended; else the minute's clock finds it."""
    if has_app_context() and TELLING in JOBS:
        nudge(JOBS[TELLING])


def forget_who_listens() -> None:
    """Look at once instead of within five seconds; for those who have just changed it."""
    _heard.clear()


def is_listened_to(connection: Session | Connection, kind: Kind) -> bool:
    """Whether somebody wants to hear of this kind; costs a look at the database every LOOK_AGAIN_SECONDS."""
    engine = connection.get_bind().engine if isinstance(connection, Session) else connection.engine
    known = _heard.get(engine)
    if known is None or time.monotonic() - known[0] > LOOK_AGAIN_SECONDS:
        known = _heard[engine] = time.monotonic(), frozenset(connection.scalars(_KINDS))
    return kind in known[1]
