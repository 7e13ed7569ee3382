"""The last look before a mail is sent."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedback_app.invitations.checks import Step, step_instead
from feedback_app.invitations.due import Due
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.throttle import Asked
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.people.models import SuppressionReason
from feedback_app.surveys.models import SurveyState

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE = SendingWindow(BUSINESS_DAYS, time(9), time(17)).to_json()
FRIDAY_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
MONDAY_NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # in Berlin


def a_due(**given: Any) -> Due:
    defaults = {
        "kind": Kind.SURVEY,
        "id": 1,
        "invitation_id": 1,
        "invitation_state": State.SCHEDULED,
        "survey_id": 7,
        "person_id": 5,
        "context": {},
        "window": None,
        "attempts": 0,
        "expires_at": FRIDAY_NOON + timedelta(hours=72),
        "answered_at": None,
        "email": "Dana@Harrow.example",
        "email_key": "dana@harrow.example",
        "name": "Dana",
        "locale": None,
        "time_zone": None,
        "survey_state": SurveyState.OPEN,
        "version": 1,
        "language": "en",
        "brand": "Northlight",
        "sender_address": "",
        "reply_to": "",
        "throttle_days": 30,
        "reminder_days": 5,
    }
    return Due(**defaults | given)


def a_reminder(**given: Any) -> Due:
    return a_due(**{"kind": Kind.REMINDER, "id": 9, "invitation_state": State.SENT} | given)


def looked_at(
    due: Due,
    now: datetime = FRIDAY_NOON,
    suppressed: SuppressionReason | None = None,
    earlier: Iterable[Asked] = (),
) -> Step | None:
    return step_instead(due, suppressed, earlier, 7, BERLIN, now)


def test_the_domain_is_what_the_rates_go_by() -> None:
    assert (a_due().domain, a_due(email=None).domain) == ("harrow.example", "")


@pytest.mark.parametrize("due", [a_due(), a_reminder(), a_due(window=OFFICE), a_reminder(window=OFFICE)])
def test_a_mail_that_nothing_speaks_against_is_sent(due: Due) -> None:
    assert looked_at(due) is None


def test_outside_its_hours_a_mail_waits_until_they_begin() -> None:
    long_enough = MONDAY_NINE + timedelta(hours=25)
    assert looked_at(a_due(window=OFFICE, expires_at=long_enough), FRIDAY_NIGHT) == Step(
        State.SCHEDULED,
        "Waits for the hours in which mail may arrive: Mon–Fri 09:00–17:00.",
        MONDAY_NINE,
        long_enough,
    )


def test_a_weekend_leaves_a_mail_a_day_to_be_tried() -> None:
    step = looked_at(a_due(window=OFFICE, expires_at=FRIDAY_NIGHT + timedelta(hours=1)), FRIDAY_NIGHT)
    assert step is not None
    assert (step.due_at, step.expires_at) == (MONDAY_NINE, MONDAY_NINE + timedelta(hours=24))


def test_the_hours_are_those_of_the_person() -> None:
    at_nine_in_berlin = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert looked_at(a_due(window=OFFICE), at_nine_in_berlin) is None
    step = looked_at(a_due(window=OFFICE, time_zone="America/New_York"), at_nine_in_berlin)
    assert step is not None
    assert step.due_at == datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    assert looked_at(a_due(window=OFFICE, time_zone="Mars/Olympus"), at_nine_in_berlin) is None


def test_hours_move_with_both_clock_changes() -> None:
    for saturday, monday_nine in (
        (datetime(2026, 3, 28, 12, 0, tzinfo=UTC), datetime(2026, 3, 30, 7, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, 0, tzinfo=UTC), datetime(2026, 10, 26, 8, 0, tzinfo=UTC)),
    ):
        step = looked_at(a_due(window=OFFICE, expires_at=saturday + timedelta(hours=9)), saturday)
        assert step is not None
        assert step.due_at == monday_nine


def test_what_is_over_is_not_kept_waiting_for_its_hours() -> None:
    step = looked_at(a_due(window=OFFICE, survey_state=SurveyState.CLOSED), FRIDAY_NIGHT)
    assert step is not None
    assert step.state == State.CANCELLED


def test_the_limit_is_looked_at_in_the_hours_when_the_mail_would_go() -> None:
    earlier = [Asked(3, 8, FRIDAY_NIGHT - timedelta(days=6))]
    step = looked_at(a_due(window=OFFICE), FRIDAY_NIGHT, earlier=earlier)
    assert step is not None
    assert (step.state, step.due_at) == (State.SCHEDULED, MONDAY_NINE)


@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        ({"answered_at": FRIDAY_NOON}, State.CANCELLED, "Answered before it was sent."),
        ({"invitation_state": State.BOUNCED}, State.CANCELLED, "The invitation is bounced."),
        ({"invitation_state": State.COMPLAINED}, State.CANCELLED, "The invitation is complained."),
        ({"invitation_state": State.CANCELLED}, State.CANCELLED, "The invitation is cancelled."),
        ({"reminder_days": None}, State.CANCELLED, "The survey sends no reminders any more."),
        (
            {"survey_state": SurveyState.CLOSED},
            State.CANCELLED,
            "The survey was closed before this was sent.",
        ),
        ({"survey_state": SurveyState.PAUSED}, State.SCHEDULED, "Waits until the survey goes on."),
        ({"email": None}, State.CANCELLED, "The person has no address any more."),
        ({"expires_at": FRIDAY_NOON}, State.EXPIRED, "It could not be sent in time."),
    ],
)
def test_a_reminder_is_held_back_by_what_happened_since(
    given: dict[str, Any], state: State, reason: str
) -> None:
    assert looked_at(a_reminder(**given)) == Step(state, reason)


def test_a_reminder_of_somebody_who_unsubscribed_is_cancelled() -> None:
    step = looked_at(a_reminder(), suppressed=SuppressionReason.UNSUBSCRIBED)
    assert step == Step(State.CANCELLED, "The person unsubscribed.")


def test_no_limit_counts_a_reminder() -> None:
    earlier = [Asked(1, 7, FRIDAY_NOON - timedelta(days=5)), Asked(2, 8, FRIDAY_NOON - timedelta(days=1))]
    assert looked_at(a_reminder(), earlier=earlier) is None
    step = looked_at(a_due(), earlier=earlier)
    assert step is not None
    assert step.state == State.CANCELLED


def test_what_a_program_asked_for_is_dropped_for_good_where_others_wait() -> None:
    earlier = [Asked(3, 7, FRIDAY_NOON - timedelta(days=29, hours=1))]
    waiting = looked_at(a_due(may_wait=True), earlier=earlier)
    dropped = looked_at(a_due(may_wait=False), earlier=earlier)
    assert waiting is not None
    assert dropped is not None
    assert (waiting.state, dropped.state) == (State.SCHEDULED, State.CANCELLED)
    assert dropped.reason.endswith("because of invitation 3.")
