"""When a mail that could not be delivered is tried again."""

from datetime import timedelta

from feedback_app.invitations.attempts import LATER_MINUTES, MOST_ATTEMPTS, wait_after


def test_the_wait_is_near_its_minutes_and_always_the_same() -> None:
    for attempt, minutes in enumerate((*LATER_MINUTES, 60, 60), start=1):
        for invitation_id in range(1, 200):
            wait = wait_after(attempt, invitation_id)
            assert wait == wait_after(attempt, invitation_id)
            assert timedelta(minutes=minutes * 0.8) <= wait <= timedelta(minutes=minutes * 1.2)


def test_what_was_put_off_together_does_not_come_back_together() -> None:
    waits = {wait_after(1, invitation_id).total_seconds() // 1 for invitation_id in range(200)}
    assert len(waits) > 20  # of the 25 seconds from 48 to 72


def test_the_attempts_take_a_day_for_everybody() -> None:
    for invitation_id in range(100):
        tried_for = sum((wait_after(n, invitation_id) for n in range(1, MOST_ATTEMPTS)), timedelta())
        assert timedelta(hours=22) < tried_for < timedelta(hours=26)
