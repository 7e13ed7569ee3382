"""What themes lack, by what unhappy customers write and by what people corrected."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.db import reading, transaction
from feedback_app.responses.models import Response
from feedback_app.sentiment.phrases import Phrase
from feedback_app.themes import suggesting
from feedback_app.themes.services import add_theme
from feedback_app.themes.suggesting import (
    DoubtfulPattern,
    Suggestion,
    doubtful_patterns,
    suggested_exceptions,
    suggested_patterns,
    unhappy_phrases,
)
from tests.factories import NOON, make_survey
from tests.integration.themes.conftest import make_comment, say, walk

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def cards(session: Session, now: datetime) -> int:
    return add_theme(session, "Cards", "card*\npaid", user_id=None, now=now)


def copies(session: Session, words: str, n: int, **given: object) -> list[int]:
    """So many comments, written at once."""
    first = make_comment(session, words, **given)
    row = session.get_one(Response, first)
    columns = {key: getattr(row, key) for key in Response.__table__.c.keys() if key != "id"}  # noqa: SIM118
    with transaction(session):
        more = [Response(**columns | {"permalink": f"{first}-{k}"}) for k in range(n - 1)]
        session.add_all(more)
        session.flush()
        return [first, *(one.id for one in more)]


def test_phrases_of_unhappy_customers_come_with_the_themes_that_know_them(
    session: Session, cards: int
) -> None:
    survey = make_survey(session).id
    for words, rating in (
        ("The card was refused. [name]", 2),
        ("Still waiting, money back!", 0),
        ("Expensive", 6),
    ):
        copies(session, words, 9, survey_id=survey, rating=rating)
    copies(session, "All fine", 40, survey_id=survey, rating=10)
    copies(session, "It is so so", 9, survey_id=survey, rating=7)
    with reading() as connection:
        found = unhappy_phrases(connection, survey_id=survey)
        assert unhappy_phrases(connection, survey_id=survey + 1).phrases == []
    assert (found.unhappy, found.happy) == (27, 40)
    assert {one.text: (one.comments, one.others, one.theme_ids) for one in found.phrases} == {
        "card was refused": (9, 0, (cards,)),
        "still waiting": (9, 0, ()),
        "money back": (9, 0, ()),
    }
    assert [one.text for one in found.words] == ["expensive"]


def test_the_same_comments_are_compared_once_and_others_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = make_survey(session).id
    compared: list[tuple[int, int]] = []

    def count(group: Sequence[str], others: Sequence[str]) -> list[Phrase]:
        compared.append((len(group), len(others)))
        return []

    monkeypatch.setattr(suggesting, "distinctive_phrases", count)
    angry = make_comment(session, "Only this test says so", survey_id=survey, rating=0)
    for _ in range(2):
        with reading() as connection:
            unhappy_phrases(connection, survey_id=survey)
    assert compared == [(1, 0)]
    with transaction(session):
        session.get_one(Response, angry).comment = "Only this test takes it back"
    with reading() as connection:
        unhappy_phrases(connection, survey_id=survey)
    make_comment(session, "Fine", survey_id=survey, rating=10)
    with reading() as connection:
        unhappy_phrases(connection, survey_id=survey)
    assert compared == [(1, 0), (1, 0), (1, 1)]


def test_phrases_of_the_newest_comments_say_since_when_these_are(session: Session) -> None:
    survey = make_survey(session).id
    for hours in (3, 2, 1):
        make_comment(session, "Bad", survey_id=survey, rating=0, created_at=NOON - timedelta(hours=hours))
    with reading() as connection:
        some = unhappy_phrases(connection, survey_id=survey, newest=2)
        every = unhappy_phrases(connection, survey_id=survey)
    assert (some.unhappy, some.read_since) == (2, NOON - timedelta(hours=2))
    assert (every.unhappy, every.read_since) == (3, None)


def test_words_that_hand_given_comments_have_in_common_are_suggested(session: Session, cards: int) -> None:
    for words in ("Visa declined again", "The visa thing", "My visa failed"):
        say(session, make_comment(session, words), cards)
    say(session, make_comment(session, "The card, a visa"), cards)  # the patterns find this one
    copies(session, "All fine", 40)
    with reading() as connection:
        assert suggested_patterns(connection, cards) == [Suggestion("visa", 3, 3)]


def test_what_people_took_away_suggests_what_to_leave_out(session: Session, cards: int) -> None:
    removed = [make_comment(session, words) for words in ("A gift card please", "My gift card is lost") * 2]
    copies(session, "My card was refused", 20)
    walk(session)
    for one in removed:
        say(session, one, cards, removed=True)
    with reading() as connection:
        assert suggested_exceptions(connection, cards) == [Suggestion("-gift card", 4, 4)]
        assert doubtful_patterns(connection, cards) == []


def test_a_pattern_whose_finds_people_took_away_is_doubtful(session: Session, cards: int) -> None:
    removed = [make_comment(session, "It paid off") for _ in range(2)]
    copies(session, "My card was refused", 5)
    make_comment(session, "I paid")
    walk(session)
    for one in removed:
        say(session, one, cards, removed=True)
    with reading() as connection:
        assert doubtful_patterns(connection, cards) == [DoubtfulPattern("paid", 2, 3)]


def test_without_corrections_nothing_is_suggested(session: Session, cards: int) -> None:
    copies(session, "My card", 3)
    walk(session)
    with reading() as connection:
        assert suggested_patterns(connection, cards) == []
        assert suggested_exceptions(connection, cards) == []
        assert doubtful_patterns(connection, cards) == []
