"""What is learned from: the rating's band, people's corrections first, nothing without words."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.tagging import learning_data
from feedback_app.tagging.learning_data import is_held_out, own_pairs, standing
from feedback_app.tagging.pairs import Pair, Standing
from tests.factories import NOON, make_person, make_response, make_survey


def test_the_band_of_a_rating_is_its_label_whatever_the_scale(session: Session) -> None:
    nps, ces = make_survey(session).id, make_survey(session, metric_key="ces").id
    for survey, rating, words in [
        (nps, 6, "Six of ten"),
        (nps, 8, "Eight of ten"),
        (ces, 7, "Seven of seven"),
    ]:
        make_response(session, survey_id=survey, rating=rating, comment=words)
    found = {pair.text: pair.label for pair in own_pairs(session)}
    assert found == {"Six of ten": "negative", "Eight of ten": "neutral", "Seven of seven": "positive"}


def test_a_persons_word_is_the_label_and_weighs_twice(session: Session) -> None:
    make_response(
        session, rating=10, comment="Oh, great, again", sentiment="negative", sentiment_source="person"
    )
    make_response(session, rating=10, comment="Great", sentiment="negative", sentiment_source="words")
    found = {pair.text: (pair.label, pair.weight) for pair in own_pairs(session)}
    assert found == {"Oh, great, again": ("negative", 2.0), "Great": ("positive", 1.0)}
    assert standing(session) == Standing({"negative": 1, "neutral": 0, "positive": 1}, corrected=1)


def test_nothing_is_learned_from_what_is_unconfirmed_empty_or_says_nothing(session: Session) -> None:
    make_response(session, comment="Nice", state="unconfirmed")
    make_response(session, comment="")
    make_response(session, comment="...", untagged_reason="no-content")
    assert standing(session).total == 0
    make_response(session, comment="n/a")  # nobody has read it yet
    assert own_pairs(session) == []


def test_a_comment_in_a_language_nobody_can_read_is_learned_from(session: Session) -> None:
    make_response(session, rating=2, comment="Zu langsam", untagged_reason="language")
    assert [pair.text for pair in own_pairs(session)] == ["Zu langsam"]


@pytest.mark.only("sqlite")
def test_of_many_the_newest_are_taken(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_data, "MOST", 2)
    for days, words in enumerate(["newest", "newer", "old"]):
        make_response(session, comment=words, created_at=NOON - timedelta(days=days))
    assert [pair.text for pair in own_pairs(session)] == ["newest", "newer"]
    assert standing(session).total == 2


@pytest.mark.only("sqlite")
def test_the_author_goes_along_to_be_masked(session: Session) -> None:
    person = make_person(session, name="Ada Lind")
    response = make_response(session, comment="Ada Lind was here", person_id=person.id)
    assert own_pairs(session) == [
        Pair("Ada Lind was here", "positive", 1.0, is_held_out(response.id), ("Ada Lind",))
    ]


def test_a_fifth_is_held_out_and_always_the_same() -> None:
    held = [number for number in range(1, 5001) if is_held_out(number)]
    assert 900 <= len(held) <= 1100
    assert held[:5] == [2, 5, 8, 9, 20]


def test_what_is_missing_is_counted_in_all_and_of_each_label() -> None:
    few = Standing({"negative": 10, "neutral": 29, "positive": 100}, corrected=0)
    assert (few.missing, few.missing_of, few.is_enough) == (61, {"negative": 20, "neutral": 1}, False)
    lopsided = Standing({"negative": 29, "neutral": 30, "positive": 900}, corrected=0)
    assert (lopsided.missing, lopsided.missing_of, lopsided.is_enough) == (0, {"negative": 1}, False)
    enough = Standing({"negative": 30, "neutral": 30, "positive": 140}, corrected=0)
    assert (enough.missing, enough.missing_of, enough.is_enough) == (0, {}, True)
