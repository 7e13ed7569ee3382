"""What becomes of an event for one trigger: an invitation, or the reason why not. Nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from feedback_app.invitations.models import Outcome
from feedback_app.invitations.throttle import Throttle
from feedback_app.people.models import SuppressionReason
from feedback_app.surveys.models import SurveyState

STALE_AFTER = timedelta(days=7)

_OF_SUPPRESSION = {
    SuppressionReason.UNSUBSCRIBED: (Outcome.UNSUBSCRIBED, "The person unsubscribed."),
    SuppressionReason.BOUNCED: (Outcome.BOUNCED_ADDRESS, "Mail to the address came back."),
    SuppressionReason.COMPLAINED: (Outcome.COMPLAINED, "The person reported a mail of ours as spam."),
    SuppressionReason.ERASED: (Outcome.ERASED, "The person asked to be forgotten."),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger of the event's source, with what it needs to know of its survey."""

    trigger_id: int
    survey_id: int
    delay_seconds: int
    sample_percent: int
    survey_state: str
    throttle_days: int


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of an event when a rule is applied to it."""

    event_key: str  # the same whenever the event is read
    occurred_at: datetime | None
    received_at: datetime
    no_address: str = ""  # why there is none to write to; empty if there is one


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    reason: str = ""


def verdict(
    rule: Rule,
    event: Circumstances,
    suppression: Callable[[int], SuppressionReason | None],
    throttle: Callable[[Rule, datetime], Throttle | None],
) -> Verdict:
    """The one outcome of the event for the rule; what is asked about the person is only asked if it matters."""
    if event.no_address:
        return Verdict(Outcome.NO_ADDRESS, event.no_address)
    if event.occurred_at is not None and event.received_at - event.occurred_at > STALE_AFTER:
        return Verdict(Outcome.STALE, "It was older than seven days when it arrived.")
    if rule.survey_state == SurveyState.CLOSED:
        return Verdict(Outcome.SURVEY_CLOSED, "The survey was closed.")
    if rule.survey_state == SurveyState.PAUSED:
        return Verdict(Outcome.SURVEY_PAUSED, "The survey was paused.")
    reason = suppression(rule.survey_id)
    if reason is not None:
        return Verdict(*_OF_SUPPRESSION[reason])
    if draw(event.event_key, rule.trigger_id) >= rule.sample_percent:
        return Verdict(Outcome.SAMPLED_OUT, f"The trigger asks {rule.sample_percent} % of the people.")
    limit = throttle(rule, due_at(rule, event))
    if limit is not None:
        return Verdict(Outcome.THROTTLED, limit.reason)
    return Verdict(Outcome.INVITED)


def due_at(rule: Rule, event: Circumstances) -> datetime:
    """When to send: counted from the receipt, because the sender's clock may be anywhere."""
    return event.received_at + timedelta(seconds=rule.delay_seconds)


def why_suppressed(reason: SuppressionReason) -> str:
    return _OF_SUPPRESSION[reason][1]


def draw(event_key: str, trigger_id: int) -> int:
    """A number from 0 to 99 that stands for the event and the trigger: the same whenever the event is read.

    >>> draw("84213 2026-11-20T15:42:07Z", 1)
    66
    """
    return int.from_bytes(sha256(f"{trigger_id} {event_key}".encode()).digest()[:8]) % 100
