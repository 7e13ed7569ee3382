"""Which comments have which themes, and how many."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.db import reading, transaction
from feedback_app.responses.models import Response, ResponseState
from feedback_app.themes.models import ResponseTheme
from feedback_app.themes.queries import ThemeOf, has_no_theme, has_theme, theme_counts, themes_of
from feedback_app.themes.services import add_theme, change_theme
from tests.factories import make_survey
from tests.integration.themes.conftest import make_comment, say, walk


@pytest.fixture
def bills(session: Session, now: datetime) -> int:
    return add_theme(session, "Bills", "bill*", colour="#d55e00", user_id=None, now=now)


@pytest.fixture
def fees(session: Session, now: datetime) -> int:
    return add_theme(session, "Fees", "fee*", user_id=None, now=now)


def test_a_comments_themes_come_by_name_with_their_own_sentiment_and_words(
    session: Session, fees: int, bills: int
) -> None:
    response = make_comment(session, "A bad fee. A bill.")
    other = make_comment(session, "Nothing")
    walk(session)
    with reading() as connection:
        assert themes_of(connection, [response, other]) == {
            response: [
                ThemeOf(bills, "Bills", "#d55e00", "positive", "rule", ((13, 17),)),
                ThemeOf(fees, "Fees", "#2f7dc1", "negative", "rule", ((6, 9),)),
            ]
        }


@pytest.mark.only("sqlite")
def test_a_theme_of_the_whole_comment_follows_the_word_of_a_person_on_its_sentiment(
    session: Session, bills: int
) -> None:
    response = make_comment(session, "A bill")
    walk(session)
    with transaction(session):
        session.execute(update(Response).values(sentiment="neutral"))
    with reading() as connection:
        assert themes_of(connection, [response])[response][0].sentiment == "neutral"
        assert theme_counts(connection)[0].neutral == 1


@pytest.mark.only("sqlite")
def test_removed_themes_those_that_are_off_and_those_of_other_words_are_not_shown(
    session: Session, bills: int, fees: int, now: datetime
) -> None:
    removed, off = make_comment(session, "A bill"), make_comment(session, "A fee")
    changed = make_comment(session, "A bill", tagged_at=None, tagger=None)
    walk(session)
    say(session, removed, bills, removed=True)
    change_theme(session, fees, active=False, user_id=None, now=now)
    with reading() as connection:
        assert themes_of(connection, [removed, off, changed]) == {}
        assert [(one.theme_id, one.comments) for one in theme_counts(connection)] == [(bills, 1)]


def test_comments_are_found_by_a_theme_and_by_having_none(
    session: Session, bills: int, fees: int, now: datetime
) -> None:
    bill, both = make_comment(session, "A bill"), make_comment(session, "A bill, a fee")
    fee, none = make_comment(session, "A fee"), make_comment(session, "Nothing else")
    make_comment(session, "n/a", untagged_reason="no-content")
    make_comment(session, "Not read yet", tagged_at=None)
    make_comment(session, "")
    walk(session)
    say(session, bill, bills, removed=True)

    def ids(condition: object) -> set[int]:
        return set(session.scalars(select(Response.id).where(condition)))  # type: ignore[arg-type]

    assert ids(has_theme(bills)) == {both}
    assert ids(has_theme(fees)) == {both, fee}
    assert ids(has_no_theme()) == {bill, none}
    change_theme(session, fees, active=False, user_id=None, now=now)
    assert ids(has_no_theme()) == {bill, none, fee}


def test_themes_are_counted_in_a_period_of_a_survey_with_their_share(
    session: Session, bills: int, fees: int, now: datetime
) -> None:
    survey = make_survey(session).id
    for words in ("A bill", "A bill. A bad day.", "A bad bill. A fee."):
        make_comment(session, words, survey_id=survey)
    make_comment(session, "A bill", survey_id=survey, state=ResponseState.UNCONFIRMED)
    make_comment(session, "A bill", survey_id=survey, created_at=now - timedelta(days=9))
    make_comment(session, "A bill")
    walk(session)
    with reading() as connection:
        first, second = theme_counts(
            connection, since=now - timedelta(days=1), until=now + timedelta(days=1), survey_id=survey
        )
        assert theme_counts(connection, until=now, survey_id=survey)[0].comments == 1
    assert (first.name, first.comments, first.of) == ("Bills", 3, 3)
    assert (first.negative, first.neutral, first.positive, first.unjudged) == (1, 0, 2, 0)
    assert (second.name, second.comments, second.share) == ("Fees", 1, pytest.approx(100 / 3))
    assert second.interval is not None
    assert round(second.interval.low, 1) == 6.1  # 1 of 3 by Wilson


def test_erasing_a_response_takes_its_themes_along(session: Session, bills: int) -> None:
    response = make_comment(session, "A bill")
    walk(session)
    with transaction(session):
        session.delete(session.get_one(Response, response))
    assert session.scalars(select(ResponseTheme)).all() == []
