"""Comments are tagged in batches; what fails or changes on the way costs nobody else anything."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from feedback_app.db import db, transaction
from feedback_app.responses.adding import NewResponse, add_response, change_response
from feedback_app.responses.models import Response
from feedback_app.sentiment import Evidence, Reason, Tag
from feedback_app.sentiment.guard import TaggerFailed, TaggerNotStarted
from feedback_app.tagging import batches, jobs
from feedback_app.tagging.batches import LEASE, PAUSES, tag_again, tag_batch, untagged_count
from feedback_app.tagging.correcting import set_theme
from feedback_app.themes.queries import themes_of
from tests.factories import make_response, make_survey, make_theme, make_user

GOOD = Tag(
    tagger="words",
    version="1",
    label="positive",
    polarity=0.5,
    subjectivity=0.6,
    confidence=0.8,
    language="en",
    evidence=(Evidence(0, 4, "Fast", 0.5),),
)
GERMAN = Tag(tagger="words", version="1", language="de", reason=Reason.LANGUAGE)
# What a tagger says of it in JSON; in the database it is no verdict.
EMPTY = Tag(
    tagger="words", version="1", label="neutral", polarity=0.0, confidence=1.0, reason=Reason.NO_CONTENT
)
Answer = Tag | TaggerFailed


class Reader:
    """A tagger that knows a few comments by heart, notes what it read, and may be disturbed while it reads."""

    def __init__(
        self, answers: dict[str, Answer] | None = None, meanwhile: Callable[[], object] | None = None
    ):
        self.answers = answers or {}
        self.meanwhile = meanwhile
        self.read: list[str] = []

    def tag_many(self, texts: Sequence[str]) -> list[Answer]:
        self.read += texts
        if self.meanwhile:
            self.meanwhile()
        return [self.answers.get(text, GOOD) for text in texts]


def comment(session: Session, words: str, **given: object) -> int:
    return make_response(session, comment=words, **given).id


def row(session: Session, response_id: int) -> Response:
    session.expire_all()
    return session.get_one(Response, response_id)


def test_a_comment_gets_its_verdict_its_evidence_and_its_maker(session: Session, now: datetime) -> None:
    response_id = comment(session, "Fast")
    assert tag_batch(session, reader=Reader(), now=now) == 1
    tagged = row(session, response_id)
    assert (tagged.sentiment, tagged.polarity, tagged.subjectivity) == ("positive", 0.5, 0.6)
    assert (tagged.sentiment_source, tagged.tagger_sentiment) == ("words", "positive")
    assert tagged.confidence == 0.8
    assert (tagged.comment_language, tagged.untagged_reason, tagged.tagged_at) == ("en", None, now)
    assert tagged.evidence == [{"start": 0, "end": 4, "word": "Fast", "weight": 0.5}]
    assert tagged.tagger == "words 1"


def test_the_placeholders_of_what_was_redacted_are_not_read(session: Session, now: datetime) -> None:
    kept = comment(session, "Fast, says [name]")
    make_theme(session, name="Names", patterns="name")
    tag_batch(session, reader=(reader := Reader()), now=now)
    assert reader.read == ["Fast, says       "]
    assert row(session, kept).comment == "Fast, says [name]"
    assert row(session, kept).evidence == [{"start": 0, "end": 4, "word": "Fast", "weight": 0.5}]
    assert themes_of(session.connection(), [kept]) == {}


def test_a_comment_that_cannot_be_read_gets_its_reason_and_no_sentiment(
    session: Session, now: datetime
) -> None:
    response_id = comment(session, "n/a")
    tag_batch(session, reader=Reader({"n/a": EMPTY}), now=now)
    tagged = row(session, response_id)
    assert (tagged.untagged_reason, tagged.tagger_sentiment) == ("no-content", None)
    assert (tagged.sentiment, tagged.sentiment_source) == (None, None)
    assert (tagged.polarity, tagged.confidence, tagged.evidence) == (None, None, [])


@pytest.mark.parametrize(
    ("metric_key", "rating", "label"),
    [("nps", 6, "negative"), ("nps", 7, "neutral"), ("nps", 9, "positive"), ("csat", 2, "negative")],
)
def test_a_comment_in_a_foreign_language_is_tagged_from_its_rating(
    session: Session, now: datetime, metric_key: str, rating: int, label: str
) -> None:
    survey = make_survey(session, metric_key=metric_key)
    response_id = comment(session, "Schnell", survey_id=survey.id, rating=rating)
    tag_batch(session, reader=Reader({"Schnell": GERMAN}), now=now)
    tagged = row(session, response_id)
    assert (tagged.sentiment, tagged.sentiment_source) == (label, "rating")
    assert (tagged.untagged_reason, tagged.comment_language) == ("language", "de")
    assert (tagged.tagger_sentiment, tagged.polarity, tagged.look_twice) == (None, None, None)


def test_a_tag_from_the_rating_follows_the_rating(session: Session, now: datetime) -> None:
    response = make_response(session, comment="Schnell", rating=9)
    reader = Reader({"Schnell": GERMAN})
    tag_batch(session, reader=reader, now=now)
    change_response(session, response.survey_id, response.id, {"rating": 2}, now=now)
    assert tag_batch(session, reader=reader, now=now) == 1
    assert row(session, response.id).sentiment == "negative"


def test_the_rating_is_taken_as_it_stands_when_the_tag_is_written(session: Session, now: datetime) -> None:
    response_id = comment(session, "Schnell", rating=9)

    def rate_anew() -> None:
        with transaction(session):
            session.execute(update(Response).values(rating=0))

    tag_batch(session, reader=Reader({"Schnell": GERMAN}, meanwhile=rate_anew), now=now)
    assert row(session, response_id).sentiment == "negative"


def test_answers_without_a_comment_and_tagged_ones_are_left_alone(session: Session, now: datetime) -> None:
    comment(session, "")
    comment(session, "Fast", tagged_at=now)
    assert untagged_count(session) == 0
    assert tag_batch(session, reader=Reader(), now=now) == 0


def test_batches_take_the_oldest_first_until_none_is_left(session: Session, now: datetime) -> None:
    for words in ("one", "two", "three"):
        comment(session, words)
    reader = Reader()
    counts = [tag_batch(session, 2, reader=reader, now=now) for _ in range(3)]
    assert (counts, reader.read) == ([2, 1, 0], ["one", "two", "three"])
    assert untagged_count(session) == 0


def test_one_that_fails_costs_its_neighbours_nothing(session: Session, now: datetime) -> None:
    ids = [comment(session, words) for words in ("one", "bad", "three")]
    tag_batch(session, reader=Reader({"bad": TaggerFailed("it raised")}), now=now)
    assert [row(session, id).sentiment for id in ids] == ["positive", None, "positive"]
    assert (row(session, ids[1]).tagged_at, row(session, ids[1]).tag_attempts) == (None, 1)


def test_a_failure_is_tried_again_after_a_pause_and_given_up_after_the_third(
    session: Session, now: datetime
) -> None:
    response_id = comment(session, "bad")
    reader = Reader({"bad": TaggerFailed("no answer within 10 s")})
    assert tag_batch(session, reader=reader, now=now) == 1
    assert tag_batch(session, reader=reader, now=now + PAUSES[0] - timedelta(seconds=1)) == 0
    second = now + PAUSES[0]
    assert tag_batch(session, reader=reader, now=second) == 1
    third = second + PAUSES[1]
    assert tag_batch(session, reader=reader, now=third) == 1
    listed = row(session, response_id)
    assert (listed.untagged_reason, listed.tagged_at, listed.tag_attempts) == ("failed", third, 3)
    assert tag_batch(session, reader=reader, now=third + timedelta(days=1)) == 0


def test_a_later_success_makes_up_for_a_failure(session: Session, now: datetime) -> None:
    response_id = comment(session, "bad")
    tag_batch(session, reader=Reader({"bad": TaggerFailed("it raised")}), now=now)
    tag_batch(session, reader=Reader(), now=now + PAUSES[0])
    tagged = row(session, response_id)
    assert (tagged.sentiment, tagged.untagged_reason, tagged.tag_attempts) == ("positive", None, 0)


def test_a_tagger_that_does_not_start_counts_against_no_comment(session: Session, now: datetime) -> None:
    response_id = comment(session, "Fast")
    for attempt in range(4):
        later = now + attempt * PAUSES[0]
        reader = Reader({"Fast": TaggerNotStarted("the tagger did not start: exit code 1")})
        assert tag_batch(session, reader=reader, now=later) == 0
        assert reader.read == ["Fast"]
    assert row(session, response_id).tag_attempts == 0
    assert untagged_count(session) == 1


def test_a_comment_edited_while_it_was_read_is_due_again_at_once(session: Session, now: datetime) -> None:
    response_id = comment(session, "Fast")

    def edit() -> None:
        with transaction(session):
            session.execute(update(Response).values(comment="Slow after all"))

    tag_batch(session, reader=Reader(meanwhile=edit), now=now)
    assert (row(session, response_id).tagged_at, row(session, response_id).sentiment) == (None, None)
    reader = Reader()
    assert tag_batch(session, reader=reader, now=now) == 1
    assert reader.read == ["Slow after all"]


def test_a_comment_erased_while_it_was_read_stays_erased(session: Session, now: datetime) -> None:
    response_id = comment(session, "Fast")

    def erase() -> None:
        with transaction(session):
            session.delete(session.get_one(Response, response_id))

    assert tag_batch(session, reader=Reader(meanwhile=erase), now=now) == 1
    assert session.get(Response, response_id) is None


def test_a_worker_leaves_alone_what_another_has_claimed(session: Session, now: datetime) -> None:
    comment(session, "Fast")
    inner = Reader()
    counts: list[int] = []
    outer = Reader(meanwhile=lambda: counts.append(tag_batch(session, reader=inner, now=now)))
    assert tag_batch(session, reader=outer, now=now) == 1
    assert (counts, inner.read) == ([0], [])


def test_the_claim_of_a_worker_that_died_ends_with_its_lease(session: Session, now: datetime) -> None:
    comment(session, "Fast")

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tag_batch(session, reader=Reader(meanwhile=die), now=now)
    assert tag_batch(session, reader=Reader(), now=now + LEASE - timedelta(seconds=1)) == 0
    assert tag_batch(session, reader=Reader(), now=now + LEASE) == 1


def test_nothing_is_locked_while_the_tagger_reads(app: Flask, session: Session, now: datetime) -> None:
    response_id = comment(session, "Fast")

    def write_from_elsewhere() -> None:
        with Session(db.engine) as other, transaction(other):
            other.execute(update(Response).where(Response.id == response_id).values(rating=3))

    tag_batch(session, reader=Reader(meanwhile=write_from_elsewhere), now=now)
    assert (row(session, response_id).rating, row(session, response_id).sentiment) == (3, "positive")


def test_tagging_again_makes_every_comment_due_and_keeps_its_tag_until_then(
    session: Session, now: datetime
) -> None:
    ids = [comment(session, words) for words in ("one", "two", "three")]
    comment(session, "")
    failing = Reader({"three": TaggerFailed("it raised")})
    for at in (now, now + PAUSES[0], now + PAUSES[0] + PAUSES[1]):
        tag_batch(session, reader=failing, now=at)
    assert tag_again(session, batch=2) == 3
    assert untagged_count(session) == 3
    assert [row(session, id).sentiment for id in ids] == ["positive", "positive", None]
    assert tag_batch(session, reader=Reader({"one": EMPTY}), now=now) == 3
    assert [row(session, id).sentiment for id in ids] == [None, "positive", "positive"]


def test_a_person_s_word_stays_beside_what_a_new_version_makes_of_the_comment(
    session: Session, now: datetime
) -> None:
    response_id = comment(session, "Fast", sentiment="negative", sentiment_source="person")
    tag_batch(session, reader=Reader(), now=now)
    tag_again(session)
    newer = GOOD._replace(version="2", label="neutral", polarity=0.1)
    tag_batch(session, reader=Reader({"Fast": newer}), now=now)
    tagged = row(session, response_id)
    assert (tagged.sentiment, tagged.sentiment_source) == ("negative", "person")
    assert (tagged.tagger_sentiment, tagged.polarity, tagged.tagger) == ("neutral", 0.1, "words 2")


@pytest.mark.parametrize("answer", [GERMAN, EMPTY, TaggerFailed("it raised")])
def test_a_person_s_word_stays_where_the_tagger_has_none(
    session: Session, now: datetime, answer: Answer
) -> None:
    response_id = comment(session, "Hm", sentiment="negative", sentiment_source="person")
    for at in (now, now + PAUSES[0], now + PAUSES[0] + PAUSES[1]):
        tag_batch(session, reader=Reader({"Hm": answer}), now=at)
    tagged = row(session, response_id)
    assert (tagged.sentiment, tagged.sentiment_source) == ("negative", "person")
    assert tagged.tagged_at is not None


def test_a_comment_that_contradicts_its_rating_is_marked_and_its_rating_left(
    session: Session, now: datetime
) -> None:
    happy = GOOD._replace(polarity=0.97)
    ids = [comment(session, "Fast", rating=rating) for rating in (0, 7, 9)]
    tag_batch(session, reader=Reader({"Fast": happy}), now=now)
    assert [row(session, id).look_twice for id in ids] == ["words-better", None, None]
    assert [row(session, id).rating for id in ids] == [0, 7, 9]


def test_a_person_who_agrees_with_the_rating_ends_the_contradiction(session: Session, now: datetime) -> None:
    happy = GOOD._replace(polarity=0.97)
    agreed = comment(session, "Fast", rating=0, sentiment="negative", sentiment_source="person")
    confirmed = comment(session, "Fast", rating=0, sentiment="positive", sentiment_source="person")
    tag_batch(session, reader=Reader({"Fast": happy}), now=now)
    assert [row(session, id).look_twice for id in (agreed, confirmed)] == [None, "words-better"]


def test_themes_are_found_with_the_sentiment_and_a_person_s_stay_until_the_comment_changes(
    session: Session, now: datetime
) -> None:
    found, added = (
        make_theme(session, "Speed", patterns="fast"),
        make_theme(session, "Support", patterns="agent"),
    )
    survey, mia = make_survey(session).id, make_user(session).id
    response_id = add_response(session, survey, NewResponse(None, rating=9, comment="Fast"), now=now)

    def themes() -> list[str]:
        tag_batch(session, reader=Reader(), now=now)
        return [theme.name for theme in themes_of(session.connection(), [response_id]).get(response_id, [])]

    assert themes() == ["Speed"]
    set_theme(session, response_id, added.id, True, user_id=mia, now=now)
    set_theme(session, response_id, found.id, False, user_id=mia, now=now)
    tag_again(session)
    assert themes() == ["Support"]
    change_response(session, survey, response_id, {"comment": "So fast"}, now=now)
    assert themes() == ["Speed"]


@pytest.mark.only("sqlite")
def test_due_comments_are_found_by_their_index(session: Session) -> None:
    query = select(Response.id).where(batches.IS_UNTAGGED).order_by(Response.id).limit(10)
    shown = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [step[3] for step in session.execute(text(f"EXPLAIN QUERY PLAN {shown}"))]
    assert len(plan) == 1
    assert "ix_response_to_tag" in plan[0]


def test_the_job_tags_with_the_settings_own_tagger_in_a_process_of_its_own(session: Session) -> None:
    response_id = comment(session, "The support team was excellent and very helpful.")
    foreign = comment(session, "Die Antwort kam leider viel zu spät und half uns gar nicht weiter.")
    try:
        jobs.tag_new_comments.run()
    finally:
        batches.shared_tagger().close()
    assert (row(session, response_id).sentiment_source, row(session, foreign).sentiment_source) == (
        "words",
        "rating",
    )
    assert row(session, foreign).comment_language == "de"
    assert row(session, foreign).untagged_reason == "language"
