"""What is due, and what /settings/mail shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from feedback_app.db import UtcDateTime, reading
from feedback_app.deliveries.models import MailEvent, MailEventState, MailHook, MailOutcome

COUNTED_DAYS = 30
_LISTED = (MailEventState.UNMATCHED, MailEventState.UNREADABLE)
_DUE = select(MailEvent.id).where(MailEvent.try_at <= bindparam("now", type_=UtcDateTime))
# What stops mail to somebody does not queue behind thousands of deliveries.
_IS_GOOD_NEWS = case((MailEvent.outcome.in_((MailOutcome.DELIVERED, MailOutcome.DEFERRED)), 1), else_=0)
_DUE_REPORTS = (
    _DUE.where(MailEvent.outcome != MailOutcome.SUBSCRIPTION_CONFIRMATION)
    .order_by(_IS_GOOD_NEWS, MailEvent.try_at, MailEvent.id)
    .limit(bindparam("limit"))
)
_DUE_CONFIRMATIONS: Select[Any] = (
    select(MailEvent.id, MailEvent.facts, MailEvent.received_at)
    .where(
        MailEvent.try_at <= bindparam("now", type_=UtcDateTime),
        MailEvent.outcome == MailOutcome.SUBSCRIPTION_CONFIRMATION,
    )
    .order_by(MailEvent.id)
    .limit(20)
)


@dataclass(frozen=True, slots=True)
class HookLine:
    """A hook with what it told us lately."""

    id: int
    kind: str
    key: str
    name: str
    topics: list[str]
    last_report_at: datetime | None
    counts: dict[str, int]  # of the last COUNTED_DAYS, by outcome


def due_reports(now: datetime, limit: int) -> list[int]:
    """Stored reports that are to be acted on, bounces and complaints first."""
    with reading() as connection:
        return list(connection.scalars(_DUE_REPORTS, {"now": now, "limit": limit}))


def due_confirmations(now: datetime) -> Sequence[Row[Any]]:
    """Topics whose subscription is to be confirmed: id, facts, received_at."""
    with reading() as connection:
        return connection.execute(_DUE_CONFIRMATIONS, {"now": now}).all()


def hook_lines(session: Session, now: datetime) -> list[HookLine]:
    """Every hook, oldest first."""
    return [hook_line(session, hook, now) for hook in session.scalars(select(MailHook).order_by(MailHook.id))]


def hook_line(session: Session, hook: MailHook, now: datetime) -> HookLine:
    """The hook with what it told us lately."""
    last = session.scalar(select(func.max(MailEvent.received_at)).where(MailEvent.hook_id == hook.id))
    topics = list(hook.settings.get("topics", []))
    return HookLine(hook.id, hook.kind, hook.key, hook.name, topics, last, counts(session, hook.id, now))


def counts(session: Session, hook_id: int | None, now: datetime) -> dict[str, int]:
    """How many reports a hook (None: mails) brought in the last COUNTED_DAYS, by outcome."""
    since = now - timedelta(days=COUNTED_DAYS)
    counted = (
        select(MailEvent.outcome, func.count())
        .where(MailEvent.hook_id == hook_id, MailEvent.received_at >= since)
        .group_by(MailEvent.outcome)
        .order_by(MailEvent.outcome)
    )
    return {outcome or MailEventState.UNREADABLE: count for outcome, count in session.execute(counted)}


def listed_reports(session: Session, before_id: int | None = None, limit: int = 50) -> Sequence[Row[Any]]:
    """Reports that fit no mail of ours or could not be read, newest first, without their bodies."""
    columns = (
        MailEvent.id,
        MailEvent.provider,
        MailEvent.state,
        MailEvent.outcome,
        MailEvent.problem,
        MailEvent.received_at,
        MailEvent.try_at,
        MailEvent.facts,
    )
    listed = select(*columns).where(MailEvent.state.in_(_LISTED)).order_by(MailEvent.id.desc()).limit(limit)
    if before_id is not None:
        listed = listed.where(MailEvent.id < before_id)
    return session.execute(listed).all()
