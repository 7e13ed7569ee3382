"""What becomes of an event for one trigger, and in which order the reasons count."""

from datetime import datetime, timedelta

import pytest

from feedback_app.invitations.models import Outcome
from feedback_app.invitations.outcomes import Circumstances, Rule, draw, due_at, verdict
from feedback_app.invitations.throttle import Asked, Throttle, throttle
from feedback_app.people.models import SuppressionReason
from tests.factories import NOON

RULE = Rule(1, 7, 86_400, 100, "open", 30)
EVENT = Circumstances("84213 2026-11-20T11:59:00Z", NOON - timedelta(minutes=1), NOON)
LIMIT = Throttle(NOON + timedelta(days=3), 5)


def changed(value: object, **given: object) -> object:
    from dataclasses import replace

    return replace(value, **given)  # type: ignore[type-var]


def outcome(
    rule: object = RULE,
    event: object = EVENT,
    suppressed: SuppressionReason | None = None,
    limit: Throttle | None = None,
) -> tuple[Outcome, str]:
    found = verdict(rule, event, lambda _survey: suppressed, lambda _rule, _at: limit)  # type: ignore[arg-type]
    return found.outcome, found.reason


def test_without_a_reason_against_it_the_person_is_invited() -> None:
    assert outcome() == (Outcome.INVITED, "")


def test_the_delay_counts_from_the_receipt() -> None:
    early = changed(EVENT, occurred_at=NOON - timedelta(days=6))
    assert due_at(RULE, early) == NOON + timedelta(days=1)  # type: ignore[arg-type]


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
    assert outcome(suppressed=reason)[0] is expected


@pytest.mark.parametrize(
    ("days", "expected"), [(7, Outcome.INVITED), (7.001, Outcome.STALE), (900, Outcome.STALE)]
)
def test_an_event_older_than_seven_days_is_stale(days: float, expected: Outcome) -> None:
    assert outcome(event=changed(EVENT, occurred_at=NOON - timedelta(days=days)))[0] is expected


def test_an_event_from_the_future_is_taken_as_told() -> None:
    assert outcome(event=changed(EVENT, occurred_at=NOON + timedelta(days=400)))[0] is Outcome.INVITED


def test_of_several_reasons_the_first_in_order_counts() -> None:
    everything = {"suppressed": SuppressionReason.BOUNCED, "limit": LIMIT}
    old = changed(EVENT, no_address="None.", occurred_at=NOON - timedelta(days=8))
    closed, nobody = changed(RULE, survey_state="closed", sample_percent=0), changed(RULE, sample_percent=0)
    assert outcome(closed, old, **everything) == (Outcome.NO_ADDRESS, "None.")  # type: ignore[arg-type]
    assert outcome(closed, changed(old, no_address=""), **everything)[0] is Outcome.STALE  # type: ignore[arg-type]
    assert outcome(closed, **everything)[0] is Outcome.SURVEY_CLOSED  # type: ignore[arg-type]
    assert outcome(changed(closed, survey_state="paused"))[0] is Outcome.SURVEY_PAUSED
    assert outcome(nobody, **everything)[0] is Outcome.BOUNCED_ADDRESS  # type: ignore[arg-type]
    assert outcome(nobody, limit=LIMIT) == (Outcome.SAMPLED_OUT, "The trigger asks 0 % of the people.")
    assert outcome(limit=LIMIT) == (
        Outcome.THROTTLED,
        "Not before 2026-11-23 12:00 UTC, because of invitation 5.",
    )


def test_a_sample_is_the_same_at_every_reading_and_about_as_large_as_asked() -> None:
    drawn = [draw(f"case {number}", 1) for number in range(10_000)]
    assert drawn == [draw(f"case {number}", 1) for number in range(10_000)]
    assert 2_300 < sum(number < 25 for number in drawn) < 2_700
    assert {draw("case", trigger) for trigger in range(1_000)} == set(range(100))


def asked(days_ago: float, survey_id: int = 7, invitation_id: int = 1) -> Asked:
    return Asked(invitation_id, survey_id, NOON - timedelta(days=days_ago))


def until(*earlier: Asked, survey_days: int = 30, overall_days: int = 7) -> datetime | None:
    found = throttle(earlier, 7, at=NOON, survey_days=survey_days, overall_days=overall_days)
    return found and found.until


def test_the_same_survey_waits_for_its_own_days() -> None:
    assert until(asked(29)) == NOON + timedelta(days=1)
    assert until(asked(30)) is None


def test_another_survey_waits_for_the_overall_days() -> None:
    assert until(asked(6, survey_id=8)) == NOON + timedelta(days=1)
    assert until(asked(7, survey_id=8)) is None
    assert until(asked(0, survey_id=8), overall_days=0) is None


def test_the_longer_of_both_counts_for_the_same_survey() -> None:
    assert until(asked(5), survey_days=1) == NOON + timedelta(days=2)
    assert until(asked(0), survey_days=0, overall_days=0) is None


def test_an_invitation_that_is_due_later_counts_too() -> None:
    assert until(asked(-2)) == NOON + timedelta(days=32)


def test_of_several_the_one_that_lasts_longest_is_told() -> None:
    found = throttle(
        [asked(20, invitation_id=1), asked(1, 8, invitation_id=2)], 7, at=NOON, survey_days=30, overall_days=7
    )
    assert found == Throttle(NOON + timedelta(days=10), 1)
