"""The last look before a mail is sent: what has happened since it was scheduled, and whether it may arrive now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feedback_app.invitations.due import Due
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.outcomes import why_suppressed
from feedback_app.invitations.throttle import Asked, throttle
from feedback_app.invitations.windows import SendingWindow, zone_of
from feedback_app.people.models import SuppressionReason
from feedback_app.surveys.models import SurveyState

TIME_TO_TRY = timedelta(hours=24)  # that a mail has at least after it waited for its hours
TOO_LATE = "It could not be sent in time."


@dataclass(frozen=True, slots=True)
class House:
    """What the checks need of the installation: how it hashes addresses, and the clock of people without their own."""

    hash_of: Callable[[str], str]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a due mail that is not sent now."""

    state: State
    reason: str
    due_at: datetime | None = None  # for one that waits
    expires_at: datetime | None = None  # where waiting must not cost it its time


def step_instead(
    due: Due,
    suppressed: SuppressionReason | None,
    earlier: Iterable[Asked],
    overall: int,
    zone: ZoneInfo,
    now: datetime,
) -> Step | None:
    """What to do instead of sending, because of what happened since the mail was scheduled; None: send it."""
    ended = _why_over(due, suppressed)
    if ended is not None:
        return ended
    if due.expires_at <= now:
        return Step(State.EXPIRED, TOO_LATE)
    if due.survey_state == SurveyState.PAUSED:
        return Step(State.SCHEDULED, "Waits until the survey goes on.")
    return _wait_for_hours(due, zone, now) or _throttled(due, earlier, overall, now)


def _why_over(due: Due, suppressed: SuppressionReason | None) -> Step | None:
    """The end of a mail that nobody is to get any more."""
    if due.answered_at is not None:
        is_invitation = due.kind is Kind.SURVEY
        return Step(State.ANSWERED if is_invitation else State.CANCELLED, "Answered before it was sent.")
    if due.email is None or due.email_key is None:
        return Step(State.CANCELLED, "The person has no address any more.")
    if due.survey_state == SurveyState.CLOSED:
        return Step(State.CANCELLED, "The survey was closed before this was sent.")
    if suppressed is not None:
        return Step(State.CANCELLED, why_suppressed(suppressed))
    if due.kind is Kind.REMINDER and due.reminder_days is None:
        return Step(State.CANCELLED, "The survey sends no reminders any more.")
    if due.kind is Kind.REMINDER and due.invitation_state not in (State.SENT, State.DELIVERED):
        return Step(State.CANCELLED, f"The invitation is {due.invitation_state}.")
    return None


def _wait_for_hours(due: Due, zone: ZoneInfo, now: datetime) -> Step | None:
    """Wait for the hours in which the person gets mail: a retry at night must not leak out."""
    window = SendingWindow.of_json(due.window)
    if window is None:
        return None
    opens = window.next_open(now, zone_of(due.time_zone, zone))
    if opens == now:
        return None
    reason = f"Waits for the hours in which mail may arrive: {window.words()}."
    return Step(State.SCHEDULED, reason, opens, max(due.expires_at, opens + TIME_TO_TRY))


def _throttled(due: Due, earlier: Iterable[Asked], overall: int, now: datetime) -> Step | None:
    if due.kind is Kind.REMINDER:  # it belongs to an invitation that was counted
        return None
    limit = throttle(earlier, due.survey_id, at=now, survey_days=due.throttle_days, overall_days=overall)
    if limit is None:
        return None
    if (
        due.may_wait and limit.until < due.expires_at
    ):  # the earlier one went out late: this one follows in time
        return Step(State.SCHEDULED, limit.reason, limit.until)
    return Step(State.CANCELLED, limit.reason)
