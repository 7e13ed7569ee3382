"""The times that decide what an answer link still does."""

from datetime import UTC, datetime, timedelta

from feedback_app.responses.rules import editable_since, link_ends, time_left

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_an_answer_may_be_changed_for_the_hours_that_the_survey_gives() -> None:
    assert editable_since(NOON, 24) == datetime(2026, 11, 19, 12, tzinfo=UTC)
    assert time_left(NOON - timedelta(hours=23), 24, NOON) == timedelta(hours=1)
    assert time_left(NOON - timedelta(hours=24), 24, NOON) == timedelta(0)


def test_a_comment_can_follow_the_tap_even_where_changes_are_switched_off() -> None:
    assert time_left(NOON - timedelta(minutes=10), 0, NOON) == timedelta(minutes=50)


def test_a_link_lives_from_the_sending_of_its_mail() -> None:
    assert link_ends(NOON, 90) == datetime(2027, 2, 18, 12, tzinfo=UTC)
