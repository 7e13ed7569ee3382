"""The day of an answer follows the workspace's time zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.responses.days import ZONE_FACT, move_days
from feedback_app.responses.histogram import DayCount, daily_counts, fold_batch
from feedback_app.responses.models import Response
from feedback_app.workspace import fact
from tests.factories import make_response, make_survey

TOKYO = ZoneInfo("Asia/Tokyo")  # nine hours ahead of UTC
EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # already Saturday in Tokyo
MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


def move_all(session: Session, zone: ZoneInfo, limit: int = 1000) -> list[int]:
    looked_at = []
    while count := move_days(session, zone, limit):
        looked_at.append(count)
    return looked_at


def test_an_empty_installation_notes_its_zone_and_is_done(session: Session) -> None:
    assert move_days(session, TOKYO) == 0
    assert fact(session, ZONE_FACT) == {"zone": "Asia/Tokyo", "done_to": None}


def test_answers_move_to_the_days_of_the_new_zone(session: Session) -> None:
    survey = make_survey(session)
    for at, rating in ((EVENING, 9), (MORNING, 3)):
        make_response(session, survey_id=survey.id, created_at=at, rating=rating)
    fold_batch(session)
    assert move_all(session, TOKYO) == [2]
    expected = [DayCount(FRIDAY, 3, 1), DayCount(SATURDAY, 9, 1)]
    assert daily_counts(session, survey.id, since=None, until=None) == expected
    assert fold_batch(session) == 1  # the one whose day had changed
    assert daily_counts(session, survey.id, since=None, until=None) == expected


def test_it_goes_on_where_it_stopped(session: Session) -> None:
    for _ in range(3):
        make_response(session, created_at=EVENING)
    assert move_all(session, TOKYO, limit=2) == [2, 1]
    assert session.scalars(select(Response.answered_on)).all() == [SATURDAY] * 3


def test_a_zone_that_changes_halfway_begins_anew(session: Session) -> None:
    for _ in range(3):
        make_response(session, created_at=EVENING)
    move_days(session, TOKYO, limit=2)
    assert move_all(session, ZoneInfo("UTC")) == [3]
    assert session.scalars(select(Response.answered_on)).all() == [FRIDAY] * 3


def test_once_done_no_row_is_looked_at_again(session: Session) -> None:
    make_response(session, created_at=EVENING)
    move_all(session, TOKYO)
    assert move_days(session, TOKYO) == 0
