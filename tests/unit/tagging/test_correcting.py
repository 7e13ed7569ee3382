"""A person's word on a tag: at once, kept beside the tagger's, and taken back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.errors import Invalid, NotFound
from feedback_app.happenings import Happening
from feedback_app.responses.adding import change_response
from feedback_app.responses.models import Response
from feedback_app.staff.models import AuditEntry
from feedback_app.tagging.correcting import correct_sentiment, set_theme, undo_sentiment
from feedback_app.tagging.models import Judgement
from feedback_app.themes.models import ResponseTheme
from tests.factories import give_theme, make_response, make_theme, make_user

LATER = timedelta(hours=1)


def tagged(session: Session, now: datetime, **given: object) -> Response:
    """A comment that the tagger called positive, rated 2."""
    read = {
        "comment": "Sure, great.",
        "rating": 2,
        "sentiment": "positive",
        "sentiment_source": "words",
        "tagger_sentiment": "positive",
        "polarity": 0.9,
        "confidence": 0.8,
        "tagger": "words 1",
        "tagged_at": now,
    }
    return make_response(session, **read | given)


def row(session: Session, response_id: int) -> Response:
    session.expire_all()
    return session.get_one(Response, response_id)


def judgements(session: Session) -> list[tuple[str | None, str, str | None, bool]]:
    rows = session.scalars(select(Judgement).order_by(Judgement.id))
    return [(one.tagger_said, one.person_said, one.tagger, one.blind) for one in rows]


def test_a_person_s_word_counts_at_once_and_the_tagger_s_is_kept_beside_it(
    session: Session, now: datetime
) -> None:
    response, mia = tagged(session, now), make_user(session)
    correct_sentiment(session, response.id, "negative", user_id=mia.id, now=now + LATER)
    found = row(session, response.id)
    assert (found.sentiment, found.sentiment_source, found.tagger_sentiment) == (
        "negative",
        "person",
        "positive",
    )
    assert (found.polarity, found.confidence, found.rating) == (0.9, 0.8, 2)
    assert found.updated_at == now + LATER
    assert judgements(session) == [("positive", "negative", "words 1", False)]
    audit = session.scalars(select(AuditEntry).where(AuditEntry.action == "tag.sentiment")).one()
    assert (audit.user_id, audit.detail) == (
        mia.id,
        {"from": "positive", "to": "negative", "source": "person"},
    )


def test_saying_the_same_confirms_it_and_saying_it_twice_is_once(session: Session, now: datetime) -> None:
    response, mia = tagged(session, now), make_user(session)
    for _ in range(2):
        correct_sentiment(session, response.id, "positive", user_id=mia.id, now=now)
    assert row(session, response.id).sentiment_source == "person"
    assert judgements(session) == [("positive", "positive", "words 1", False)]


def test_taken_back_the_tagger_s_word_counts_again(session: Session, now: datetime) -> None:
    response, mia = tagged(session, now), make_user(session)
    correct_sentiment(session, response.id, "negative", user_id=mia.id, now=now)
    undo_sentiment(session, response.id, user_id=mia.id, now=now)
    assert (row(session, response.id).sentiment, row(session, response.id).sentiment_source) == (
        "positive",
        "words",
    )
    undo_sentiment(session, response.id, user_id=mia.id, now=now)  # nothing is left to take back
    assert [said for _, said, _, _ in judgements(session)] == ["negative", "positive"]


def test_taken_back_where_the_language_is_not_read_the_rating_s_word_counts(
    session: Session, now: datetime
) -> None:
    unread = {"tagger_sentiment": None, "polarity": None, "untagged_reason": "language"}
    response = tagged(session, now, sentiment="negative", sentiment_source="rating", **unread)
    mia = make_user(session)
    correct_sentiment(session, response.id, "positive", user_id=mia.id, now=now)
    undo_sentiment(session, response.id, user_id=mia.id, now=now)
    found = row(session, response.id)
    assert (found.sentiment, found.sentiment_source) == ("negative", "rating")


def test_taken_back_where_nothing_was_judged_there_is_no_sentiment(session: Session, now: datetime) -> None:
    response = tagged(
        session, now, sentiment=None, sentiment_source=None, tagger_sentiment=None, untagged_reason="failed"
    )
    mia = make_user(session)
    correct_sentiment(session, response.id, "negative", user_id=mia.id, now=now)
    undo_sentiment(session, response.id, user_id=mia.id, now=now)
    assert (row(session, response.id).sentiment, row(session, response.id).sentiment_source) == (None, None)


def test_another_comment_makes_the_word_void_and_keeps_the_judgement(session: Session, now: datetime) -> None:
    response, mia = tagged(session, now), make_user(session)
    correct_sentiment(session, response.id, "negative", user_id=mia.id, now=now)
    change_response(session, response.survey_id, response.id, {"comment": "All fine now"}, now=now)
    found = row(session, response.id)
    assert (found.sentiment, found.sentiment_source, found.tagged_at) == (None, None, None)
    assert len(judgements(session)) == 1


def test_a_word_that_agrees_with_the_rating_settles_the_second_look(session: Session, now: datetime) -> None:
    mia = make_user(session)
    settled, still_odd = (tagged(session, now, look_twice="words-better") for _ in range(2))
    correct_sentiment(session, settled.id, "negative", user_id=mia.id, now=now)
    correct_sentiment(session, still_odd.id, "positive", user_id=mia.id, now=now)
    assert (row(session, settled.id).looked_at, row(session, still_odd.id).looked_at) == (now, None)


def test_those_who_listen_hear_of_another_sentiment_and_not_of_the_same(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("happenings", "responses.news"):
        monkeypatch.setattr(f"feedback_app.{place}.is_listened_to", lambda *_: True)
    response, mia = tagged(session, now), make_user(session)
    correct_sentiment(session, response.id, "positive", user_id=mia.id, now=now)
    assert session.scalars(select(Happening)).all() == []
    correct_sentiment(session, response.id, "negative", user_id=mia.id, now=now)
    assert [one.response_id for one in session.scalars(select(Happening))] == [response.id]


def test_what_cannot_be_judged_is_refused(session: Session, now: datetime) -> None:
    mia = make_user(session)
    silent = make_response(session, comment="")
    with pytest.raises(Invalid, match="no comment to judge"):
        correct_sentiment(session, silent.id, "negative", user_id=mia.id, now=now)
    with pytest.raises(Invalid, match="negative, neutral or positive"):
        correct_sentiment(session, silent.id, "angry", user_id=mia.id, now=now)
    with pytest.raises(NotFound):
        correct_sentiment(session, 999, "negative", user_id=mia.id, now=now)
    assert judgements(session) == []


def test_a_theme_is_added_and_taken_away_by_a_person(session: Session, now: datetime) -> None:
    response, mia, theme = tagged(session, now), make_user(session), make_theme(session)
    for present in (True, False):
        set_theme(session, response.id, theme.id, present, user_id=mia.id, now=now)
        session.expire_all()
        kept = session.scalars(select(ResponseTheme)).one()
        assert (kept.source, kept.removed, kept.sentiment, kept.spans) == ("person", not present, None, [])
    assert judgements(session) == [("no", "yes", "rules 1", False), ("no", "no", "rules 1", False)]


def test_a_theme_that_the_words_found_keeps_their_places_when_a_person_confirms_it(
    session: Session, now: datetime
) -> None:
    response, mia, theme = tagged(session, now), make_user(session), make_theme(session)
    give_theme(session, response.id, theme.id, sentiment="negative", spans=[[0, 4]])
    for present in (True, True, False):
        set_theme(session, response.id, theme.id, present, user_id=mia.id, now=now)
    session.expire_all()
    kept = session.scalars(select(ResponseTheme)).one()
    assert (kept.source, kept.removed, kept.sentiment, kept.spans) == ("person", True, "negative", [[0, 4]])
    assert [(said, person) for said, person, _, _ in judgements(session)] == [("yes", "yes"), ("yes", "no")]


def test_a_theme_waits_until_the_comment_was_read(session: Session, now: datetime) -> None:
    response = make_response(session, comment="The invoice is wrong.")
    mia, theme = make_user(session), make_theme(session)
    with pytest.raises(Invalid, match="not been read yet"):
        set_theme(session, response.id, theme.id, True, user_id=mia.id, now=now)


def test_a_theme_that_is_switched_off_can_be_taken_away_and_not_added(
    session: Session, now: datetime
) -> None:
    response, mia, theme = tagged(session, now), make_user(session), make_theme(session, active=False)
    with pytest.raises(NotFound):
        set_theme(session, response.id, theme.id, True, user_id=mia.id, now=now)
    set_theme(session, response.id, theme.id, False, user_id=mia.id, now=now)
    assert session.scalars(select(ResponseTheme)).all() == []
