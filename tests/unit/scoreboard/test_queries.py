"""What a survey's card says, from rows that the test names."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback_app.responses.histogram import fold_batch
from feedback_app.scoreboard.queries import Period, Scorecard, last_days, scorecards
from tests.factories import NOON, make_invitation, make_response, make_survey

UTC_ZONE = ZoneInfo("UTC")
TODAY = NOON.date()  # Friday, 20 November 2026


def answer(
    session: Session, survey_id: int, *ratings: int, days_ago: int = 0, state: str = "confirmed"
) -> None:
    for rating in ratings:
        at = NOON - timedelta(days=days_ago)
        make_response(session, survey_id=survey_id, rating=rating, created_at=at, state=state)


def only_card(session: Session, zone: ZoneInfo = UTC_ZONE) -> Scorecard:
    (card,) = scorecards(session, now=NOON, zone=zone)
    return card


def test_ninety_days_end_with_today() -> None:
    assert last_days(TODAY) == Period(date(2026, 8, 23), date(2026, 11, 21))
    assert last_days(TODAY).before == Period(date(2026, 5, 25), date(2026, 8, 23))


def test_weeks_are_counted_back_from_the_last_day_and_the_first_is_what_is_left() -> None:
    weeks = last_days(TODAY).parts(7)
    assert len(weeks) == 13
    assert weeks[-1] == Period(date(2026, 11, 14), date(2026, 11, 21))
    assert weeks[0] == Period(date(2026, 8, 23), date(2026, 8, 29))  # 90 = 12 * 7 + 6


def test_the_days_of_a_period_begin_at_midnight_of_the_zone() -> None:
    since, until = Period(date(2026, 11, 20), date(2026, 11, 21)).moments(ZoneInfo("Europe/Berlin"))
    assert since == datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    assert until == datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


def test_the_score_is_of_the_last_ninety_days_and_the_one_before_of_the_ninety_before(
    session: Session,
) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, 10, 10, 7, 0)  # (2 - 1) / 4
    answer(session, survey_id, 9, days_ago=89)  # the first of the 90 days: (3 - 1) / 5
    answer(session, survey_id, 0, 0, days_ago=90)
    answer(session, survey_id, 10, days_ago=179)  # (1 - 2) / 3
    answer(session, survey_id, 10, days_ago=180)  # too long ago
    card = only_card(session)
    assert (card.summary.n, card.summary.score) == (5, 40)
    assert card.before.n == 3
    assert card.before.score == pytest.approx(-100 / 3)


def test_a_change_is_named_only_where_it_is_significant(session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, *[10] * 12)
    answer(session, survey_id, *[0] * 12, days_ago=100)
    assert only_card(session).change.direction == "up"
    answer(session, survey_id, *[0] * 12)
    answer(session, survey_id, *[10] * 12, days_ago=100)
    assert only_card(session).change.direction == "level"


def test_below_five_answers_there_is_no_comparison(session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, *[10] * 4)
    answer(session, survey_id, *[0] * 40, days_ago=100)
    assert only_card(session).change.direction is None


def test_unconfirmed_and_suspect_answers_are_counted_apart(session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, 10)
    answer(session, survey_id, 0, 0, state="unconfirmed")
    answer(session, survey_id, 0, 0, 0, state="suspect")
    answer(session, survey_id, 0, state="suspect", days_ago=90)
    card = only_card(session)
    assert (card.summary.n, card.summary.score) == (1, 100)
    assert (card.unconfirmed, card.suspect) == (2, 3)


def test_a_survey_may_choose_to_count_unconfirmed_answers(session: Session) -> None:
    survey_id = make_survey(session, counts_unconfirmed=True).id
    answer(session, survey_id, 10)
    answer(session, survey_id, 0, state="unconfirmed")
    answer(session, survey_id, 0, state="suspect")
    card = only_card(session)
    assert (card.summary.n, card.summary.score, card.unconfirmed) == (2, 0, 1)


def test_the_trend_is_weekly_where_four_weeks_of_five_have_enough_answers(session: Session) -> None:
    survey_id = make_survey(session).id
    for week in range(11):
        answer(session, survey_id, *[10] * 5, days_ago=7 * week)
    trend = only_card(session).trend
    assert [point.summary.n for point in trend] == [0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]


def test_fewer_answers_make_fewer_and_longer_points(session: Session) -> None:
    survey_id = make_survey(session).id
    for fortnight in range(6):  # so that 6 of 13 weeks have enough, and 6 of 7 fortnights
        answer(session, survey_id, 10, 9, 8, 8, 7, days_ago=14 * fortnight)
    trend = only_card(session).trend
    assert [point.summary.n for point in trend] == [0, 5, 5, 5, 5, 5, 5]
    assert trend[-1].period == Period(date(2026, 11, 7), date(2026, 11, 21))
    assert trend[0].period == Period(date(2026, 8, 23), date(2026, 8, 29))  # the week that is left


def test_the_longest_points_are_of_four_weeks(session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, 10, 9)
    answer(session, survey_id, 8, days_ago=89)
    trend = only_card(session).trend
    assert [point.summary.n for point in trend] == [1, 0, 0, 2]


def test_the_points_of_a_trend_add_up_to_the_whole(session: Session) -> None:
    survey_id = make_survey(session).id
    for day in range(0, 95, 5):
        answer(session, survey_id, 10, days_ago=day)
    card = only_card(session)
    assert sum(point.summary.n for point in card.trend) == card.summary.n == 18


def test_the_funnel_is_of_the_same_ninety_days(session: Session) -> None:
    survey_id = make_survey(session).id
    answered = make_invitation(session, survey_id=survey_id)
    make_invitation(session, survey_id=survey_id)
    make_invitation(session, survey_id=survey_id, sent_at=NOON - timedelta(days=91))
    make_response(session, survey_id=survey_id, invitation_id=answered.id, comment="Quick")
    funnel = only_card(session).funnel
    assert (funnel.invited, funnel.sent, funnel.answered, funnel.commented) == (2, 2, 1, 1)


def test_today_is_the_workspaces_day(session: Session) -> None:
    # At noon in UTC it is already Saturday in Auckland.
    make_survey(session)
    assert only_card(session, ZoneInfo("Pacific/Auckland")).period.last == date(2026, 11, 21)


def test_a_survey_without_answers_has_no_score_and_is_silent(session: Session) -> None:
    make_survey(session)
    card = only_card(session)
    assert (card.summary.n, card.summary.score, card.is_silent) == (0, None, True)


def test_surveys_that_still_ask_come_before_closed_ones(session: Session) -> None:
    make_survey(session, name="Old", state="closed", closed_at=NOON)
    make_survey(session, name="New")
    assert [card.survey.name for card in scorecards(session, now=NOON, zone=UTC_ZONE)] == ["New", "Old"]


def test_without_surveys_there_are_no_cards(session: Session) -> None:
    assert scorecards(session, now=NOON, zone=UTC_ZONE) == []


def test_folding_changes_no_card(session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, 10, 10, 7, 0, 3, days_ago=2)
    answer(session, survey_id, 5, state="unconfirmed")
    before = only_card(session)
    fold_batch(session)
    after = only_card(session)
    assert (after.summary, after.unconfirmed, after.trend) == (
        before.summary,
        before.unconfirmed,
        before.trend,
    )


def test_one_statement_reads_the_scores_of_all_surveys(session: Session) -> None:
    for _ in range(3):
        answer(session, make_survey(session).id, 9)
    sent: list[str] = []
    engine = session.get_bind()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        scorecards(session, now=NOON, zone=UTC_ZONE)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in sent if "daily_count" in statement]) == 1
