"""The triggers of a source as an event meets them: whether they match it, and when they would ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from feedback_app.invitations.conditions import Condition, of_json, previous_of, unmet
from feedback_app.invitations.events import ParsedEvent
from feedback_app.invitations.models import Trigger
from feedback_app.invitations.outcomes import STALE_AFTER, Terms, Wish, draw
from feedback_app.invitations.throttle import Asked, overall_days
from feedback_app.invitations.windows import SendingWindow
from feedback_app.surveys.models import Survey

_RULES = (
    select(
        Trigger.id,
        Trigger.name,
        Trigger.active,
        Trigger.event_type,
        Trigger.conditions,
        Trigger.delay_seconds,
        Trigger.sample_percent,
        Trigger.window,
        Trigger.survey_id,
        Survey.name.label("survey_name"),
        Survey.state,
        Survey.throttle_days,
        Survey.reserves_turn,
    )
    .join(Survey, Trigger.survey_id == Survey.id)
    .where(Trigger.source_id == bindparam("source_id"), Trigger.deleted_at.is_(None))
    .order_by(Trigger.id)
    # A trigger that staff delete meanwhile is waited for, so that no invitation of it comes after the cancelling.
    .with_for_update(of=Trigger, read=True, key_share=True)
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger of the event's source, with the terms of its survey."""

    trigger_id: int
    name: str
    active: bool
    event_type: str
    conditions: tuple[Condition, ...]
    delay: timedelta
    sample_percent: int
    window: SendingWindow | None
    survey: Terms
    survey_name: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as it came to us."""

    event_id: int
    key: str  # the same whenever the event is read
    received_at: datetime
    event: ParsedEvent


def rules_of(session: Session, source_id: int) -> list[Rule]:
    """The triggers of the source, paused ones too, oldest first; not those that were deleted."""
    overall = overall_days(session)
    return [
        Rule(
            row.id,
            row.name or f"Trigger {row.id}",
            row.active,
            row.event_type,
            of_json(row.conditions),
            timedelta(seconds=row.delay_seconds),
            row.sample_percent,
            SendingWindow.of_json(row.window),
            Terms(row.survey_id, row.state, row.throttle_days, row.reserves_turn, overall),
            row.survey_name,
        )
        for row in session.execute(_RULES, {"source_id": source_id})
    ]


def why_not(rule: Rule, event: ParsedEvent, earlier: Iterable[Asked]) -> str:
    """Why the rule does not match the event; empty if it does."""
    if not rule.active:
        return "it is paused"
    if event.type.casefold() != rule.event_type.casefold():
        return f"it asks after {rule.event_type}, this is {event.type}"
    return unmet(rule.conditions, event, previous_of(earlier, rule.survey.survey_id))


def told_together(reasons: Iterable[tuple[Rule, str]]) -> str:
    """Why none of the rules matched, for the ledger: "Support closed: the tag is not vip."."""
    told = " ".join(f"{rule.name}: {why}." for rule, why in reasons) or "The source has no trigger."
    return told if len(told) <= 300 else told[:299] + "…"


def wish_of(rule: Rule, happened: Happened, now: datetime) -> Wish:
    """When the rule would ask: counted from the receipt, because the sender's clock may be anywhere.

    An event that was read late is asked about at once, or not at all if it is too old by now.
    """
    occurred_at = happened.event.occurred_at
    is_drawn = draw(happened.key, rule.trigger_id) < rule.sample_percent
    return Wish(
        max(happened.received_at + rule.delay, now),
        rule.window,
        is_stale=occurred_at is not None and now - occurred_at > STALE_AFTER,
        sampled_out="" if is_drawn else f"The trigger asks {rule.sample_percent} % of the people.",
    )
