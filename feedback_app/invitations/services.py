"""Storing what helpdesks tell us, and the rules that turn it into invitations."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import insert_into, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.events import Delivery, EventKind, ParsedEvent
from feedback_app.invitations.models import Event, EventState, Source, Trigger
from feedback_app.surveys.models import Survey

LONGEST_DELAY = timedelta(days=60)


def receive_event(
    session: Session,
    source_id: int,
    event: ParsedEvent | None,
    delivery: Delivery,
    *,
    problem: str = "",
    now: datetime,
) -> int | None:
    """Store one event durably; return its id, None if we have it already.

    An `event` of None is one that could not be read: it is kept with its `problem` for staff. Two unique indexes
    decide what we already have: the same delivery, or the same closing delivered anew.
    """
    row = {
        "source_id": source_id,
        "delivery_id": delivery.delivery_id,
        "natural_key": event and event.natural_key,
        "state": _first_state(event),
        "problem": (problem or (event.reason if event else ""))[:300],
        "kind": event and str(event.kind),
        "occurred_at": event and event.occurred_at,
        "received_at": now,
        "body": delivery.body,
        "headers": dict(delivery.headers),
        "facts": event.facts() if event else {},
    }
    with transaction(session):
        stored: int | None = session.scalar(
            insert_into(session, Event).on_conflict_do_nothing().returning(Event.id), row
        )
    return stored


def _first_state(event: ParsedEvent | None) -> EventState:
    if event is None:
        return EventState.UNREADABLE
    return EventState.IGNORED if event.kind is EventKind.IGNORED else EventState.RECEIVED


@dataclass(frozen=True, slots=True)
class NewTrigger:
    """A trigger as it was made; `secret` is None if its source was there before (it is shown once)."""

    trigger_id: int
    kind: str
    key: str
    secret: str | None


def add_source_with_trigger(
    session: Session,
    kind: str,
    survey_slug: str,
    *,
    name: str,
    secret: str,
    delay: timedelta,
    vault: Vault,
    now: datetime,
) -> NewTrigger:
    """Make a source of that kind, and a trigger that asks the survey after each of its events."""
    if not secret.strip():
        raise Invalid("A hook without a secret would believe anybody, so none was made.")
    key = secrets.token_urlsafe(24)
    with transaction(session):
        survey_id = _survey_id(session, survey_slug)
        source = Source(kind=kind, key=key, name=name, sealed_secret=vault.seal(secret), created_at=now)
        session.add(source)
        session.flush()
        trigger_id = _add_trigger(session, source.id, survey_id, delay, now)
    return NewTrigger(trigger_id, kind, key, secret)


def add_trigger(
    session: Session, source_key: str, survey_slug: str, *, delay: timedelta, now: datetime
) -> NewTrigger:
    """One more trigger for a source that is there already."""
    with transaction(session):
        source = _source(session, source_key)
        kind = source.kind
        trigger_id = _add_trigger(session, source.id, _survey_id(session, survey_slug), delay, now)
    return NewTrigger(trigger_id, kind, source_key, None)


def set_source_secret(session: Session, source_key: str, secret: str, *, vault: Vault) -> None:
    """Keep the secret that the helpdesk signs with, in place of the one before; an empty one is refused."""
    if not secret.strip():
        raise Invalid(
            "The secret is empty, so the one before is kept. Copy it from the helpdesk and try again."
        )
    with transaction(session):
        source = _source(session, source_key)
        session.execute(
            update(Source).where(Source.id == source.id).values(sealed_secret=vault.seal(secret.strip()))
        )


def _add_trigger(session: Session, source_id: int, survey_id: int, delay: timedelta, now: datetime) -> int:
    if not timedelta(0) <= delay <= LONGEST_DELAY:
        raise Invalid(f"The delay must be from 0 to {LONGEST_DELAY.days} days; no trigger was made.")
    trigger = Trigger(
        source_id=source_id,
        survey_id=survey_id,
        delay_seconds=int(delay.total_seconds()),
        created_at=now,
    )
    session.add(trigger)
    session.flush()
    return trigger.id


def _source(session: Session, key: str) -> Source:
    source = session.scalar(select(Source).where(Source.key == key))
    if source is None:
        raise NotFound(
            f"'{key[:40]}' is neither a kind of helpdesk that we know nor the key of a source, so nothing was changed. "
            "See: feedback triggers list"
        )
    return source


def _survey_id(session: Session, slug: str) -> int:
    survey_id = session.scalar(select(Survey.id).where(Survey.slug == slug))
    if survey_id is None:
        raise NotFound(f"There is no survey '{slug[:64]}'; no trigger was made. See: feedback surveys list")
    return survey_id
