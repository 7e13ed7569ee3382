"""What the page about triggers shows: each source, what it has sent, and what became of it trigger by trigger."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import (
    Event,
    EventState,
    Invitation,
    InvitationState,
    LedgerEntry,
    Source,
    Trigger,
)
from feedback_app.surveys.models import Survey

RECENT = timedelta(days=7)
PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TriggerLine:
    """One trigger with its survey, and its outcomes of the last 30 days."""

    trigger: Trigger
    survey: Survey
    outcomes: Counter[str]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source: when it was heard last, how often in 7 days, and its triggers."""

    source: Source
    last_at: datetime | None
    recent: int
    triggers: list[TriggerLine] = field(default_factory=list)


def sources_overview(session: Session, *, now: datetime) -> list[SourceLine]:
    """Every source with its triggers that were not deleted, oldest first."""
    sources = session.scalars(select(Source).order_by(Source.id)).all()
    recent = _recent(session, now - RECENT)
    triggers = _triggers(session, now - PERIOD)
    lines = []
    for source in sources:
        count, last_at = recent.get(source.id, (0, None))
        if last_at is None:
            last_at = _last_at(session, source.id)
        lines.append(SourceLine(source, last_at, count, triggers[source.id]))
    return lines


def count_scheduled(session: Session, trigger_id: int) -> int:
    """How many invitations of the trigger wait to be sent."""
    scheduled = select(func.count(Invitation.id)).where(
        Invitation.trigger_id == trigger_id, Invitation.state == InvitationState.SCHEDULED
    )
    return session.scalar(scheduled) or 0


def unreadable_events(session: Session, limit: int = 100) -> Sequence[tuple[Event, Source]]:
    """What could not be read and waits for a fix, newest first."""
    rows = session.execute(
        select(Event, Source)
        .join(Source, Source.id == Event.source_id)
        .where(Event.state == EventState.UNREADABLE)
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return [(event, source) for event, source in rows]


def count_unreadable(session: Session) -> int:
    """How many events could not be read."""
    return session.scalar(select(func.count(Event.id)).where(Event.state == EventState.UNREADABLE)) or 0


def last_event(session: Session, source_id: int) -> Event | None:
    """The event that the source has sent last."""
    newest = (
        select(Event).where(Event.source_id == source_id).order_by(Event.received_at.desc(), Event.id.desc())
    )
    return session.scalars(newest.limit(1)).first()


def _recent(session: Session, since: datetime) -> dict[int, tuple[int, datetime]]:
    rows = session.execute(
        select(Event.source_id, func.count(), func.max(Event.received_at))
        .where(Event.received_at >= since)
        .group_by(Event.source_id)
    )
    return {source_id: (count, last_at) for source_id, count, last_at in rows}


def _last_at(session: Session, source_id: int) -> datetime | None:
    """When a source that is silent was heard; the index in the order of receipt is read backwards."""
    newest = select(Event.received_at).where(Event.source_id == source_id)
    return session.scalar(newest.order_by(Event.received_at.desc(), Event.id.desc()).limit(1))


def _triggers(session: Session, since: datetime) -> dict[int, list[TriggerLine]]:
    rows = session.execute(
        select(Trigger, Survey)
        .join(Survey, Trigger.survey_id == Survey.id)
        .where(Trigger.deleted_at.is_(None))
        .order_by(Trigger.id)
    ).all()
    outcomes = _outcomes(session, (trigger.id for trigger, _survey in rows), since)
    found = defaultdict(list)
    for trigger, survey in rows:
        found[trigger.source_id].append(TriggerLine(trigger, survey, outcomes[trigger.id]))
    return found


def _outcomes(session: Session, triggers: Iterable[int], since: datetime) -> dict[int, Counter[str]]:
    rows = session.execute(
        select(LedgerEntry.trigger_id, LedgerEntry.outcome, func.count())
        .where(LedgerEntry.trigger_id.in_(triggers), LedgerEntry.at >= since)
        .group_by(LedgerEntry.trigger_id, LedgerEntry.outcome)
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for trigger_id, outcome, count in rows:
        if trigger_id is not None:
            found[trigger_id][outcome] = count
    return found
