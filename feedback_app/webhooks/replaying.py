"""Reading again what could not be read, for the page and the command."""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Event, EventState, Source
from feedback_app.invitations.receiving import replay_event
from feedback_app.logs import what_failed
from feedback_app.webhooks.helpdesks.provider import Unreadable
from feedback_app.webhooks.helpdesks.rereading import reread

BATCH = 200
log = structlog.get_logger(__name__)


def read_again(session: Session, event_id: int, *, user_id: int | None, now: datetime) -> str:
    """Read an event that could not be read; return why it still cannot be, empty if it can. Raises Invalid."""
    event = session.get_one(Event, event_id)
    source = session.get_one(Source, event.source_id)
    try:
        parsed = reread(
            source.kind, event.body, event.headers, source.settings, received_at=event.received_at
        )
    except Unreadable as error:
        return str(error)
    except Exception as error:
        log.error("event not understood", event_id=event_id, **what_failed(error))
        return f"We could not read this ({type(error).__name__})."
    replay_event(session, event_id, parsed, user_id=user_id, now=now)
    return ""


def read_all_again(session: Session, *, user_id: int | None, now: datetime) -> tuple[int, int]:
    """Read again all that could not be read; how many could be, and how many are left."""
    read = left = last = 0
    waiting = select(Event.id).where(Event.state == EventState.UNREADABLE).order_by(Event.id).limit(BATCH)
    while batch := session.scalars(waiting.where(Event.id > last)).all():
        for event_id in batch:
            problem = read_again(session, event_id, user_id=user_id, now=now)
            read, left = (read, left + 1) if problem else (read + 1, left)
        last = batch[-1]
    return read, left
