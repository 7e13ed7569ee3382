"""What becomes of an event for one trigger, and in which order the reasons count."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedback_app.invitations.models import Outcome
from feedback_app.invitations.outcomes import Terms, Verdict, Whom, Wish, draw, verdict
from feedback_app.invitations.throttle import Asked
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.people.models import SuppressionReason
from feedback_app.people.queries import Suppressions
from tests.factories import NOON

BERLIN = ZoneInfo("Europe/Berlin")
SURVEY = Terms(7, "open", 30, False, 7)
DANA = Whom(3, BERLIN, "hash of dana")
WISH = Wish(NOON)
OFFICE_HOURS = SendingWindow(BUSINESS_DAYS, time(9), time(17))


def asked(days_ago: float, survey_id: int = 7, invitation_id: int = 5) -> Asked:
    return Asked(invitation_id, survey_id, NOON - timedelta(days=days_ago))


def found(survey: Terms = SURVEY, whom: Whom = DANA, wish: Wish = WISH, **more: Any) -> Verdict:
    """What becomes of the wish, when these facts of it, of the person or of the survey are other ones."""
    parts = []
    for part in (survey, whom, wish):
        changes = {name: value for name, value in more.items() if name in type(part).__dataclass_fields__}
        parts.append(replace(part, **changes))
    return verdict(*parts)


def suppressed(reason: SuppressionReason) -> Suppressions:
    return Suppressions([("hash of dana", None, reason)])


def test_without_a_reason_against_it_the_person_is_invited() -> None:
    assert found() == Verdict(Outcome.INVITED, due_at=NOON)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (SuppressionReason.UNSUBSCRIBED, Outcome.UNSUBSCRIBED),
        (SuppressionReason.BOUNCED, Outcome.BOUNCED_ADDRESS),
        (SuppressionReason.COMPLAINED, Outcome.COMPLAINED),
        (SuppressionReason.ERASED, Outcome.ERASED),
    ],
)
def test_a_suppression_is_told_by_its_name(reason: SuppressionReason, expected: Outcome) -> None:
    assert found(suppressions=suppressed(reason)).outcome is expected


def test_of_several_reasons_the_first_in_order_counts() -> None:
    reasons: dict[str, Any] = {
        "no_address": "None.",
        "is_stale": True,
        "state": "closed",
        "suppressions": suppressed(SuppressionReason.BOUNCED),
        "sampled_out": "The trigger asks 0 % of the people.",
        "earlier": [asked(27)],
    }
    told = []
    while reasons:
        told.append((found(**reasons).outcome, found(**reasons).reason))
        del reasons[next(iter(reasons))]
    assert told == [
        (Outcome.NO_ADDRESS, "None."),
        (Outcome.STALE, "It was older than seven days when we came to it."),
        (Outcome.SURVEY_CLOSED, "The survey was closed."),
        (Outcome.BOUNCED_ADDRESS, "Mail to the address came back."),
        (Outcome.SAMPLED_OUT, "The trigger asks 0 % of the people."),
        (Outcome.THROTTLED, "Not before 2026-11-23 12:00 UTC, because of invitation 5."),
    ]


def test_a_paused_survey_asks_nobody() -> None:
    assert found(state="paused") == Verdict(Outcome.SURVEY_PAUSED, "The survey was paused.")


def test_who_is_throttled_is_told_when_they_may_be_asked_again() -> None:
    assert found(earlier=[asked(27)]).until == NOON + timedelta(days=3)


def test_mail_waits_for_the_hours_where_the_person_is() -> None:
    """NOON is one o'clock in Berlin; a Saturday's wish waits for Monday nine o'clock, which is eight in UTC."""
    assert found(window=OFFICE_HOURS).due_at == NOON
    saturday = NOON + timedelta(days=1)
    assert found(window=OFFICE_HOURS, at=saturday).due_at == NOON + timedelta(days=2, hours=20)
    tokyo = found(window=OFFICE_HOURS, zone=ZoneInfo("Asia/Tokyo"))  # Friday, nine in the evening
    assert tokyo.due_at == NOON + timedelta(days=2, hours=12)


def test_the_throttle_is_looked_at_when_the_mail_would_arrive() -> None:
    """Due now it would be a day too early; in the window that opens on Monday it is not."""
    saturday = NOON + timedelta(days=1)
    last_week = [asked(5.5, survey_id=8)]
    assert found(earlier=last_week, at=saturday).outcome is Outcome.THROTTLED
    assert found(earlier=last_week, at=saturday, window=OFFICE_HOURS).outcome is Outcome.INVITED


def test_a_reserved_turn_waits_for_the_end_of_the_overall_limit() -> None:
    assert found(earlier=[asked(3, survey_id=8)], reserves_turn=True) == Verdict(
        Outcome.INVITED,
        "Waits its turn until 2026-11-24 12:00 UTC, because of invitation 5.",
        due_at=NOON + timedelta(days=4),
    )


def test_a_reserved_turn_waits_for_its_hours_too_and_for_what_is_due_in_them() -> None:
    """The limit ends on Saturday; Monday is too near to what is due on Wednesday, so it is the Wednesday after."""
    earlier = [asked(6, survey_id=8, invitation_id=1), asked(-5, survey_id=8, invitation_id=2)]
    waiting = found(earlier=earlier, reserves_turn=True, window=OFFICE_HOURS)
    assert waiting.due_at == NOON + timedelta(days=12)
    assert waiting.reason.endswith("because of invitation 2.")


def test_no_turn_is_reserved_behind_an_invitation_of_the_same_survey() -> None:
    both = [asked(3, survey_id=8), asked(20, survey_id=7)]
    assert found(earlier=both, reserves_turn=True).outcome is Outcome.THROTTLED
    assert found(earlier=[asked(3, survey_id=7)], throttle_days=0, reserves_turn=True).until == (
        NOON + timedelta(days=4)
    )


def test_a_sample_is_the_same_at_every_reading_and_about_as_large_as_asked() -> None:
    drawn = [draw(f"case {number}", 1) for number in range(10_000)]
    assert drawn == [draw(f"case {number}", 1) for number in range(10_000)]
    assert 2_300 < sum(number < 25 for number in drawn) < 2_700
    assert {draw("case", trigger) for trigger in range(1_000)} == set(range(100))
