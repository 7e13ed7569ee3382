"""The schedule of retries, the circuit breaker, and what is kept of an answer."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback_app.webhooks.attempts import (
    JITTER,
    KEPT_BODY,
    PAUSES,
    Attempt,
    retry_after,
    shown,
    wait_after,
)
from feedback_app.webhooks.breaker import pause_after
from feedback_app.webhooks.models import DeliveryState
from feedback_app.webhooks.outbound import Reply
from feedback_app.webhooks.turns import Claimed

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def attempt(status: int | None, earlier: int = 0, wait: timedelta | None = None) -> Attempt:
    delivery = Claimed(1, "e" * 64, "{}", earlier, [{"status": 500}] * earlier)
    return Attempt(delivery, NOON, 12, status, wait=wait)


def test_ten_attempts_in_about_three_days() -> None:
    waits = [wait_after(tried, "e" * 64) for tried in range(1, 11)]
    assert waits[-1] is None
    total = sum((wait for wait in waits if wait is not None), timedelta())
    assert timedelta(days=2, hours=18) < total < timedelta(days=3, hours=14)


def test_each_pause_is_the_schedule_s_give_or_take_a_tenth() -> None:
    seconds = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    assert tuple(pause.total_seconds() for pause in PAUSES) == seconds
    for tried, planned in enumerate(PAUSES, start=1):
        wait = wait_after(tried, "f" * 64)
        assert wait is not None
        assert abs(wait - planned) <= planned * JITTER


def test_two_messages_do_not_come_back_at_once() -> None:
    assert wait_after(2, "a" * 64) != wait_after(2, "b" * 64)


@pytest.mark.parametrize(
    ("status", "earlier", "state"),
    [
        (200, 0, DeliveryState.DELIVERED),
        (204, 9, DeliveryState.DELIVERED),
        (301, 0, DeliveryState.WAITING),
        (400, 0, DeliveryState.WAITING),
        (500, 8, DeliveryState.WAITING),
        (500, 9, DeliveryState.FAILED),
        (410, 0, DeliveryState.FAILED),
        (None, 0, DeliveryState.WAITING),
    ],
)
def test_only_2xx_is_success(status: int | None, earlier: int, state: DeliveryState) -> None:
    values = attempt(status, earlier).values()
    assert (values["state"], values["attempts"]) == (state, earlier + 1)


def test_the_last_ten_answers_are_kept() -> None:
    assert [one["status"] for one in attempt(200, 12).values()["answers"]] == [500] * 9 + [200]


def test_whoever_asks_for_time_gets_at_least_that() -> None:
    assert attempt(429, wait=timedelta(hours=1)).values()["next_attempt_at"] == NOON + timedelta(hours=1)
    short = attempt(503, earlier=3, wait=timedelta(seconds=1)).values()["next_attempt_at"]
    assert short > NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("Fri, 20 Nov 2026 12:30:00 GMT", timedelta(minutes=30)),
        ("Fri, 20 Nov 2026 11:30:00 GMT", timedelta()),
        ("Fri, 20 Nov 2026 12:30:00 -0000", None),
        ("99999999", timedelta(days=1)),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, wait: timedelta | None) -> None:
    assert retry_after(Reply(429, b"", value), NOON) == wait


def test_the_breaker_pauses_longer_each_time() -> None:
    minutes = [pause and pause.total_seconds() / 60 for pause in map(pause_after, range(3, 12))]
    assert minutes == [None, None, 1, 5, 15, 30, 60, 60, 60]


def test_what_is_kept_of_an_answer_is_short_and_plain() -> None:
    assert shown(b"a\x00b\x1b[31mc\n\xff") == "ab[31mc\n\ufffd"
    assert len(shown("ü".encode() * 5000)) == KEPT_BODY
