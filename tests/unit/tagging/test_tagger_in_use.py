"""A switch is followed from batch to batch; weights that are damaged are left aside and told of."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.responses.models import Response
from feedback_app.sentiment.training import Example, train
from feedback_app.tagging import tagger_in_use
from feedback_app.tagging.batches import tag_again, tag_batch
from feedback_app.tagging.models import OwnModel
from feedback_app.tagging.own_models import Trained, keep_training, use_model, use_shipped
from feedback_app.tagging.tagger_in_use import FOLDER, Reading, reads_now
from tests.factories import NOON, make_response

EXAMPLES = [Example("a good blorp", "negative"), Example("all is fine", "positive")] * 10


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that has not read a comment yet."""
    shared = tagger_in_use._Shared()
    monkeypatch.setattr(tagger_in_use, "_shared", shared)
    yield
    shared.close()


@pytest.fixture(scope="module")
def weights() -> bytes:
    return train(EXAMPLES, languages=("en",)).write()


def put_in_use(session: Session, weights: bytes) -> int:
    with transaction(session):
        made = keep_training(session, Trained(weights, 20, 5, {}, "lexigram 1"), now=NOON)
    use_model(session, made, user_id=None, now=NOON)
    return made


def file_of(app: Flask) -> Path:
    (found,) = (app.extensions["feedback_settings"].instance / FOLDER).iterdir()
    return found


def read_again(session: Session, response_id: int) -> tuple[str | None, str]:
    """Who reads the comment now, and what it makes of it."""
    tag_again(session)
    tag_batch(session, now=NOON)
    session.expire_all()
    row = session.get_one(Response, response_id)
    return row.sentiment, row.tagger or ""


@pytest.mark.only("sqlite")
def test_an_own_model_reads_from_the_next_batch_on_until_one_goes_back(
    session: Session, weights: bytes
) -> None:
    response_id = make_response(session, comment="a good blorp").id
    before = read_again(session, response_id)
    assert before[0] == "positive"
    made = put_in_use(session, weights)
    sentiment, maker = read_again(session, response_id)
    assert sentiment == "negative"
    assert maker.startswith(f"lexigram own-{made} ")
    use_shipped(session, user_id=None, now=NOON)
    assert read_again(session, response_id) == before


def test_the_file_is_written_again_if_it_is_gone_or_not_what_it_was(
    app: Flask, session: Session, weights: bytes
) -> None:
    put_in_use(session, weights)
    expected = reads_now()
    file_of(app).write_bytes(b"something else")
    assert (reads_now(), file_of(app).read_bytes()) == (expected, weights)
    file_of(app).unlink()
    assert (reads_now(), file_of(app).read_bytes()) == (expected, weights)


@pytest.mark.only("sqlite")
def test_the_file_of_the_model_before_goes(app: Flask, session: Session, weights: bytes) -> None:
    put_in_use(session, weights)
    reads_now()
    put_in_use(session, train(EXAMPLES[:12], languages=("en",)).write())
    assert reads_now().weights == file_of(app)


def test_damaged_weights_are_left_aside_and_logged_once(
    session: Session, weights: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    made = put_in_use(session, weights)
    with transaction(session):
        session.execute(update(OwnModel).values(weights=weights[:-1]))
    with caplog.at_level(logging.ERROR):
        assert [reads_now(), reads_now()] == [Reading("lexigram"), Reading("lexigram")]
    assert [record.getMessage() for record in caplog.records] == [
        f"own-{made} is not used, lexigram reads instead: its weights in the database are damaged"
    ]


@pytest.mark.only("sqlite")
def test_weights_that_this_release_cannot_read_are_left_aside(session: Session) -> None:
    put_in_use(session, b"feedback-weights 0\n")
    assert reads_now() == Reading("lexigram")
