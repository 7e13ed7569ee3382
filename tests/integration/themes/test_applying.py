"""What rules find is written to comments, and what people have said of them stays."""

from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.responses.adding import change_response
from feedback_app.responses.models import Response
from feedback_app.sentiment.guard import TaggerFailed, TaggerNotStarted
from feedback_app.themes import walking
from feedback_app.themes.applying import Read, theme_rows, write_themes
from feedback_app.themes.models import ResponseTheme, Theme
from feedback_app.themes.services import add_theme, change_theme
from feedback_app.themes.walking import left_to_walk, walk_on
from tests.factories import make_survey
from tests.integration.themes.conftest import Reader, make_comment, read_anew, rows, say, walk


@pytest.fixture
def billing(session: Session, now: datetime) -> int:
    return add_theme(session, "Billing", "invoice*\ncharged twice", user_id=None, now=now)


def reach(session: Session, theme_id: int) -> int | None:
    session.expire_all()
    return session.get_one(Theme, theme_id).applied_up_to


def test_a_new_theme_is_found_in_the_comments_that_are_there(session: Session, billing: int) -> None:
    found = make_comment(session, "Two invoices, and charged twice")
    make_comment(session, "All well")
    walk(session)
    (row,) = session.scalars(select(ResponseTheme))
    assert (row.response_id, row.theme_id, row.source, row.removed) == (found, billing, "rule", False)
    assert row.spans == [[4, 12], [18, 31]]
    assert reach(session, billing) is None


def test_a_theme_has_the_sentiment_of_its_clauses_and_else_the_comments_own(
    session: Session, billing: int
) -> None:
    make_comment(session, "Lovely app. The invoice is bad.")
    make_comment(session, "The invoice is bad")
    reader = Reader()
    walk_on(session, reader)
    assert reader.read == ["The invoice is bad."]
    found = session.scalars(select(ResponseTheme).order_by(ResponseTheme.response_id))
    assert [row.sentiment for row in found] == ["negative", None]


@pytest.mark.only("sqlite")
def test_a_clause_is_not_judged_where_the_comment_was_not(session: Session, billing: int) -> None:
    make_comment(session, "Alles gut. Invoice falsch.", tagger_sentiment=None)
    reader = Reader()
    walk_on(session, reader)
    assert reader.read == []


def test_a_persons_word_survives_every_new_reading(session: Session, billing: int, now: datetime) -> None:
    yes = make_comment(session, "They took money twice")
    no = make_comment(session, "No invoice needed")
    say(session, yes, billing)
    say(session, no, billing, removed=True)
    walk(session)
    read_anew(session, no)
    change_theme(session, billing, patterns="money\ninvoice", user_id=None, now=now)
    walk(session)
    read_anew(session, yes)
    assert rows(session) == [(yes, billing, "person"), (no, billing, "-person")]


@pytest.mark.only("sqlite")
def test_a_changed_rule_takes_back_what_it_found_before(
    session: Session, billing: int, now: datetime
) -> None:
    invoice, receipt = make_comment(session, "An invoice"), make_comment(session, "A receipt")
    walk(session)
    change_theme(session, billing, patterns="receipt", user_id=None, now=now)
    assert rows(session) == [(invoice, billing, "rule")]  # until the walk comes by
    walk(session)
    assert rows(session) == [(receipt, billing, "rule")]


def test_another_comment_in_its_place_drops_the_rows_of_the_rule_and_of_people(
    session: Session, billing: int, now: datetime
) -> None:
    delivery = add_theme(session, "Delivery", "parcel", user_id=None, now=now)
    survey = make_survey(session)
    response = make_comment(session, "An invoice", survey_id=survey.id)
    change_response(session, survey.id, response, {"comment": "The invoice"}, now=now)
    read_anew(session, response)
    say(session, response, delivery)
    change_response(session, survey.id, response, {"comment": "All fine"}, now=now)
    read_anew(session, response)
    assert rows(session) == []


@pytest.mark.only("sqlite")
def test_reading_the_same_comment_again_keeps_what_people_said_though_it_was_changed_once(
    session: Session, billing: int, now: datetime
) -> None:
    survey = make_survey(session)
    response = make_comment(session, "An invoice", survey_id=survey.id)
    change_response(session, survey.id, response, {"comment": "All fine"}, now=now)
    read_anew(session, response)
    say(session, response, billing)
    with transaction(session):
        session.execute(update(Response).values(tagged_at=None))  # as `feedback tag --all` does
    read_anew(session, response)
    assert rows(session) == [(response, billing, "person")]


def test_a_walk_that_was_killed_goes_on_where_it_was(
    session: Session, billing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [make_comment(session, "An invoice") for _ in range(5)]
    walk_on(session, Reader(), limit=2)
    assert reach(session, billing) == ids[1]

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(walking, "_move", die)
        walk_on(session, Reader(), limit=2)
    assert (reach(session, billing), len(rows(session))) == (ids[1], 2)
    walk(session, limit=2)
    assert rows(session) == [(id, billing, "rule") for id in ids]
    assert not left_to_walk(session)


def test_a_walk_of_two_workers_does_each_batch_once(
    session: Session, billing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [make_comment(session, "An invoice") for _ in range(3)]
    inner = walking.theme_rows

    def meanwhile(*given: object) -> object:
        monkeypatch.undo()
        walk_on(session, Reader(), limit=2)  # the other one is quicker
        return inner(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(walking, "theme_rows", meanwhile)
    walk_on(session, Reader(), limit=2)
    assert reach(session, billing) == ids[1]
    walk(session)
    assert rows(session) == [(id, billing, "rule") for id in ids]


@pytest.mark.only("sqlite")
def test_the_theme_that_is_behind_catches_up_and_they_go_on_together(
    session: Session, billing: int, now: datetime
) -> None:
    ids = [make_comment(session, "An invoice in a parcel") for _ in range(4)]
    walk_on(session, Reader(), limit=3)
    delivery = add_theme(session, "Delivery", "parcel", user_id=None, now=now)
    walk_on(session, Reader(), limit=10)
    assert (reach(session, billing), reach(session, delivery)) == (ids[2], ids[2])
    walk_on(session, Reader(), limit=10)
    assert (reach(session, billing), reach(session, delivery)) == (None, None)
    assert len(rows(session)) == 8


def test_a_comment_that_was_changed_while_it_was_read_is_left_to_the_tagging(
    session: Session, billing: int, now: datetime
) -> None:
    survey = make_survey(session)
    response = make_comment(session, "Good. An invoice.", survey_id=survey.id)

    class Slow(Reader):
        def tag_many(self, texts: object) -> list[object]:  # type: ignore[override]
            change_response(session, survey.id, response, {"comment": "All fine"}, now=now)
            return super().tag_many(texts)  # type: ignore[arg-type, return-value]

    walk_on(session, Slow())
    assert rows(session) == []


def test_what_was_found_by_a_rule_that_has_changed_since_is_not_written(
    session: Session, billing: int, now: datetime
) -> None:
    response = make_comment(session, "An invoice")
    found = theme_rows([Read(response, "An invoice", "positive")], Reader())
    change_theme(session, billing, patterns="receipt", user_id=None, now=now)
    with transaction(session):
        write_themes(session, found, [response])
    assert rows(session) == []


@pytest.mark.only("sqlite")
def test_a_theme_that_is_off_is_not_looked_for_and_found_everywhere_when_it_is_on_again(
    session: Session, billing: int, now: datetime
) -> None:
    change_theme(session, billing, active=False, user_id=None, now=now)
    response = make_comment(session, "An invoice")
    walk(session)
    read_anew(session, response)
    assert rows(session) == []
    change_theme(session, billing, active=True, user_id=None, now=now)
    walk(session)
    assert rows(session) == [(response, billing, "rule")]


@pytest.mark.only("sqlite")
def test_a_clause_that_the_tagger_fails_on_costs_its_sentiment_alone(session: Session, billing: int) -> None:
    make_comment(session, "Good. An invoice.")

    class Failing(Reader):
        def tag_many(self, texts: object) -> list[TaggerFailed]:  # type: ignore[override]
            return [TaggerFailed("no answer")]

    assert walk_on(session, Failing())
    assert session.scalars(select(ResponseTheme.sentiment)).all() == [None]


@pytest.mark.only("sqlite")
def test_without_a_tagger_the_walk_waits(session: Session, billing: int) -> None:
    make_comment(session, "Good. An invoice.")

    class Off(Reader):
        def tag_many(self, texts: object) -> list[TaggerFailed]:  # type: ignore[override]
            return [TaggerNotStarted("no process")]

    assert not walk_on(session, Off())
    assert reach(session, billing) == 0
