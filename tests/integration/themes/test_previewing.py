"""What a change of a theme would find, gain and lose, before it is saved."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from feedback_app.db import reading
from feedback_app.responses.models import ResponseState
from feedback_app.themes.previewing import Example, preview
from feedback_app.themes.services import PatternsWrong, add_theme
from tests.integration.themes.conftest import make_comment, rows, say

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def bills(session: Session, now: datetime) -> int:
    return add_theme(session, "Bills", "bill*", user_id=None, now=now)


def test_a_change_shows_what_it_would_gain_and_lose_with_the_words_that_say_so(
    session: Session, bills: int
) -> None:
    lost, kept = make_comment(session, "My bills"), make_comment(session, "A bill")
    gained = make_comment(session, "An invoice")
    make_comment(session, "Nothing")
    with reading() as connection:
        shown = preview(connection, "bill\ninvoice", theme_id=bills)
    assert (shown.looked_at, shown.is_complete, shown.now) == (4, True, 2)
    assert shown.gained.examples == [Example(gained, "An invoice", ((3, 10),))]
    assert shown.lost.examples == [Example(lost, "My bills", ((3, 8),))]
    assert [one.response_id for one in shown.found.examples] == [gained, kept]
    assert rows(session) == []


def test_placeholders_of_what_was_redacted_are_no_words_of_the_customer(session: Session) -> None:
    make_comment(session, "My mail is [e-mail]")
    real = make_comment(session, "No e-mail came to [e-mail]")
    with reading() as connection:
        shown = preview(connection, "e-mail")
    assert shown.found.examples == [Example(real, "No e-mail came to [e-mail]", ((3, 9),))]


def test_a_new_theme_has_nothing_to_lose(session: Session) -> None:
    make_comment(session, "A bill")
    make_comment(session, "A bill", state=ResponseState.UNCONFIRMED)
    with reading() as connection:
        shown = preview(connection, "bill")
    assert (shown.now, shown.found.comments, shown.gained.comments, shown.lost.comments) == (0, 1, 1, 0)


def test_what_people_said_is_neither_gained_nor_lost(session: Session, bills: int) -> None:
    say(session, make_comment(session, "A bill"), bills)
    say(session, make_comment(session, "An invoice"), bills, removed=True)
    with reading() as connection:
        shown = preview(connection, "invoice", theme_id=bills)
    assert (shown.found.comments, shown.gained.comments, shown.lost.comments) == (1, 0, 0)


def test_the_newest_are_looked_at_first_and_twenty_are_shown(session: Session) -> None:
    ids = [make_comment(session, "A bill") for _ in range(23)]
    with reading() as connection:
        assert preview(connection, "bill", newest=2).found.examples[-1].response_id == ids[-2]
        shown = preview(connection, "bill")
    assert (shown.found.comments, len(shown.found.examples)) == (23, 20)


def test_when_the_time_is_up_it_says_how_many_were_looked_at(session: Session) -> None:
    make_comment(session, "A bill")
    with reading() as connection:
        shown = preview(connection, "bill", seconds=-1)
    assert (shown.looked_at, shown.is_complete) == (0, False)


def test_patterns_that_cannot_be_read_are_refused(session: Session) -> None:
    with reading() as connection, pytest.raises(PatternsWrong, match="Line 1"):
        preview(connection, "*")
