"""The floor does honestly what it claims to: otherwise a ratio to it means nothing."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from benchmarks.floor import app as floor
from benchmarks.floor.tables import daily, event, fill, invitation, kept_elsewhere, response


@pytest.fixture
def url(database: str, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'floor.db'}" if database.startswith("sqlite") else database


@pytest.fixture
def filled(url: str):
    engine = floor.open_engine(url)
    for table in (daily, event, kept_elsewhere, response, invitation):
        table.drop(engine, checkfirst=True)
    yield engine, fill(engine, 3)
    for table in (daily, event, kept_elsewhere, response, invitation):
        table.drop(engine)
    engine.dispose()


@pytest.fixture
def client(filled):
    return floor.create_app(filled[0]).test_client()


def test_the_page_is_as_heavy_as_a_survey_page(filled, client):
    page = client.get(f"/a/{filled[1][0]}")
    assert page.status_code == 200
    assert 5_500 < len(page.data) < 6_500
    assert page.text.count('type="radio"') == 11


def test_an_answer_is_a_response_a_mark_and_a_count(filled, client):
    engine, tokens = filled
    for token in tokens[:2]:
        assert client.post(f"/a/{token}", data={"rating": "9", "comment": "Gut"}).status_code == 303
    with engine.connect() as connection:
        stored = connection.execute(
            select(response.c.invitation_id, response.c.rating, response.c.comment)
        ).all()
        marked = connection.scalars(select(invitation.c.id).where(invitation.c.answered_at.is_not(None)))
        counts = connection.execute(select(daily)).all()
        assert sorted(stored) == [(1, 9, "Gut"), (2, 9, "Gut")]
        assert sorted(marked) == [1, 2]
        assert counts == [(datetime.now(UTC).date(), 9, 2)]


@pytest.mark.parametrize("rating", ["11", "-1", "", "nine"])
def test_a_rating_off_the_scale_is_refused(filled, client, rating):
    assert client.post(f"/a/{filled[1][0]}", data={"rating": rating}).status_code == 422


def test_an_unknown_link_is_not_found(client):
    assert client.get("/a/unknown").status_code == 404
    assert client.post("/a/unknown", data={"rating": "3"}).status_code == 404


def test_an_event_is_stored_as_it_came(filled, client):
    headers = {"webhook-id": "m1"}
    assert client.post("/events", json={"type": "closed"}, headers=headers).status_code == 200
    assert client.post("/events", json=[], headers={"webhook-id": "m2"}).status_code == 422
    with filled[0].connect() as connection:
        [stored] = connection.execute(select(event.c.delivery_id, event.c.body))
    assert (stored.delivery_id, json.loads(stored.body)) == ("m1", {"type": "closed"})


@pytest.mark.only("sqlite")
def test_a_commit_on_sqlite_is_durable(filled):
    with filled[0].connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_the_api_keeps_a_response_and_lists_it(filled, client):
    key = filled[1][0]
    with filled[0].begin() as connection:
        connection.execute(
            update(invitation).where(invitation.c.id == 1).values(token=sha256(key.encode()).hexdigest()[:40])
        )
    body = {"person": "2", "score": 9, "comment": "Gut", "person_properties": {"plan": "pro"}}
    added = client.post("/v1/survey_responses", json=body, auth=(key, ""))
    assert (added.status_code, added.json["id"], added.json["person"], added.json["score"]) == (
        201,
        "1",
        "2",
        9,
    )
    assert client.get("/v1/survey_responses", auth=(key, "")).json == [added.json]
    assert client.get("/v1/survey_responses").status_code == 401
    assert client.post("/v1/survey_responses", json=body | {"score": 11}, auth=(key, "")).status_code == 422
    assert client.post("/v1/survey_responses", json=body | {"person": 99}, auth=(key, "")).status_code == 422
