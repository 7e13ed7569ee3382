"""What is particular to one helpdesk, over HTTP: batches, trial requests, addresses, and secrets that are none."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app import clock
from feedback_app.errors import Invalid
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import Event, EventState, LedgerEntry, Outcome, Source
from feedback_app.invitations.services import add_source_with_trigger
from feedback_app.webhooks.helpdesks.registry import providers
from tests.factories import make_source, make_survey, make_trigger
from tests.helpdesks import (
    SECRETS,
    SETTINGS,
    SIGNED_AT,
    generic_headers,
    hubspot_headers,
    sample,
    signed_headers,
)

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

EVERY_KIND = sorted(SECRETS)
ANYWHERE = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Host": "inner:8000"}


@pytest.fixture(autouse=True)
def at_the_time_of_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: SIGNED_AT)


def source_of(session: Session, kind: str, **given: Any) -> Source:
    source = make_source(session, SECRETS[kind], **{"kind": kind, "settings": SETTINGS.get(kind, {})} | given)
    make_trigger(session, source_id=source.id)
    return source


def post(client: FlaskClient, source: Source, body: bytes, headers: Mapping[str, str]) -> TestResponse:
    return client.post(f"/hooks/{source.kind}/{source.key}", data=body, headers=dict(headers))


def send(client: FlaskClient, source: Source, message: object, **more: str) -> TestResponse:
    """The message as its helpdesk would sign it."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    if source.kind == "hubspot":
        return post(
            client, source, body, hubspot_headers(f"http://localhost/hooks/hubspot/{source.key}", body)
        )
    return post(client, source, body, {**signed_headers(source.kind, body), **more})


def stored(session: Session) -> list[Event]:
    session.rollback()
    return list(session.scalars(select(Event).order_by(Event.id)))


def test_a_batch_is_stored_element_by_element(session: Session, client: FlaskClient) -> None:
    answer = send(client, source_of(session, "hubspot"), sample("hubspot.json"))
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"received": 1, "duplicate": 0, "ignored": 1, "unreadable": 0},
    )
    first, second = stored(session)
    assert (first.state, first.natural_key) == (EventState.RECEIVED, "20184213077 2026-11-20T15:42:07Z")
    assert (second.state, second.problem) == (
        EventState.IGNORED,
        "propertyValue is not one of the configured closed stages (here: 4)",
    )
    assert [json.loads(event.body)["objectId"] for event in (first, second)] == [20184213077, 20184200961]


def test_a_bad_element_does_not_lose_its_neighbours(session: Session, client: FlaskClient) -> None:
    first, second = json.loads(sample("hubspot.json"))
    source = source_of(session, "hubspot")
    answer = send(client, source, [first, "nonsense", {"eventId": 7}, second])
    assert answer.get_json() == {"received": 1, "duplicate": 0, "ignored": 1, "unreadable": 2}
    assert [event.state for event in stored(session)] == ["received", "unreadable", "unreadable", "ignored"]


def test_a_batch_sent_again_is_all_duplicates(session: Session, client: FlaskClient) -> None:
    source = source_of(session, "hubspot")
    send(client, source, sample("hubspot.json"))
    answer = send(client, source, sample("hubspot.json"))
    assert answer.get_json() == {"received": 0, "duplicate": 2, "ignored": 0, "unreadable": 0}
    assert len(stored(session)) == 2


def test_the_same_event_id_of_another_ticket_is_another_event(session: Session, client: FlaskClient) -> None:
    first, _ = json.loads(sample("hubspot.json"))
    answer = send(client, source_of(session, "hubspot"), [first, first | {"objectId": 8}])
    assert answer.get_json()["received"] == 2


@pytest.mark.parametrize("message", [[], [[]], b"[", "text", 7, None])
def test_a_batch_that_is_none_is_kept_and_422(message: object, session: Session, client: FlaskClient) -> None:
    answer = send(client, source_of(session, "hubspot"), message)
    assert (answer.status_code, [event.state for event in stored(session)]) == (422, ["unreadable"])


def test_hubspot_without_closed_stages_says_what_to_set(session: Session, client: FlaskClient) -> None:
    answer = send(client, source_of(session, "hubspot", settings={}), sample("hubspot.json"))
    assert answer.status_code == 422
    assert "set closed_stages to the ids" in answer.get_json()["detail"]
    assert {event.state for event in stored(session)} == {EventState.UNREADABLE}


def test_hubspots_address_is_the_public_one_whatever_the_request_says(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    source, body = source_of(session, "hubspot"), sample("hubspot.json")
    path = f"/hooks/hubspot/{source.key}"
    for base, status in (
        ("https://evil.example", 401),
        ("http://inner:8000", 401),
        ("http://localhost", 200),
    ):
        headers = {**hubspot_headers(base + path, body), **ANYWHERE}
        assert post(client, source, body, headers).status_code == status


@pytest.mark.parametrize(
    ("kind", "file", "advice"),
    [
        ("hubspot", "hubspot.json", "Have a HubSpot workflow send our own shape instead"),
        ("zendesk", "zendesk-event.json", "Use a trigger's webhook with our JSON body instead"),
    ],
)
def test_events_of_ids_alone_say_in_the_ledger_what_to_do(
    kind: str, file: str, advice: str, session: Session, client: FlaskClient
) -> None:
    send(client, source_of(session, kind), sample(file))
    read_events.run()
    [entry] = session.scalars(select(LedgerEntry))
    assert entry.outcome == Outcome.NO_ADDRESS
    assert advice in entry.reason


@pytest.mark.parametrize("secret", ["", " \t"])
def test_no_hook_is_made_without_a_secret(secret: str, app: Flask, session: Session) -> None:
    with pytest.raises(Invalid, match="would believe anybody"):
        add_source_with_trigger(
            session,
            "freshdesk",
            make_survey(session).slug,
            name="Freshdesk",
            secret=secret,
            delay=timedelta(hours=24),
            vault=app.extensions["feedback_vault"],
            now=SIGNED_AT,
        )
    assert session.scalar(select(Source)) is None


def test_intercoms_ping_is_answered_and_creates_nothing(session: Session, client: FlaskClient) -> None:
    source, ping = source_of(session, "intercom"), {"type": "notification_event", "topic": "ping", "id": "n1"}
    answer = send(client, source, ping)
    assert (answer.status_code, answer.get_json(), stored(session)) == (200, {"result": "pong"}, [])
    assert send(client, source, ping, **{"X-Hub-Signature": "sha1=00"}).status_code == 401


def test_fronts_challenge_is_given_back_and_creates_nothing(session: Session, client: FlaskClient) -> None:
    source, challenge = source_of(session, "front"), {"X-Front-Challenge": "c4ll <b>me</b>"}
    answer = send(client, source, sample("front.json"), **challenge)
    assert (answer.status_code, answer.get_json()) == (200, {"challenge": "c4ll <b>me</b>"})
    assert answer.content_type == "application/json"
    assert stored(session) == []
    refused = send(client, source, sample("front.json"), **challenge, **{"X-Front-Signature": "AAAA"})
    assert (refused.status_code, "c4ll" in refused.get_data(as_text=True)) == (401, False)


def test_freshdesks_repeat_within_ten_minutes_is_a_duplicate(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(session, "freshdesk")
    results = []
    for minutes in (0, 5, 10):  # SIGNED_AT is 2:10 into its ten minutes
        monkeypatch.setattr(clock, "now", lambda at=SIGNED_AT + timedelta(minutes=minutes): at)
        results.append(send(client, source, sample("freshdesk.json")).get_json()["result"])
    assert results == ["received", "duplicate", "received"]


def test_a_ticket_resolved_and_then_closed_is_two_closings(session: Session, client: FlaskClient) -> None:
    source = source_of(session, "freshdesk")
    for status in (b"Resolved", b"Closed"):
        body = sample("freshdesk.json").replace(b"Resolved", status)
        assert send(client, source, body).get_json()["result"] == "received"


def test_help_scout_s_repeat_is_known_by_conversation_and_moment(
    session: Session, client: FlaskClient
) -> None:
    source, body = source_of(session, "helpscout"), sample("helpscout.json")
    later = body.replace(b'"closedAt": "2026-11-20T15:42:07Z"', b'"closedAt": "2026-11-20T15:52:07Z"')
    results = [send(client, source, one).get_json()["result"] for one in (body, body, later)]
    assert results == ["received", "duplicate", "received"]


def test_another_type_of_ours_is_received_and_kept_apart(session: Session, client: FlaskClient) -> None:
    source = source_of(session, "generic")
    message = {"timestamp": "2026-11-20T15:42:07Z", "data": {"interaction_id": "7"}}
    results = []
    for number, kind in enumerate(("order.shipped", "order.delivered", "order.shipped")):
        body = json.dumps(message | {"type": kind}).encode()
        headers = generic_headers(body, message_id=f"m{number}")
        results.append(post(client, source, body, headers).get_json()["result"])
    assert results == ["received", "received", "duplicate"]
    assert [event.facts["type"] for event in stored(session)][:2] == ["order.shipped", "order.delivered"]


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("sealed", ["", "  "])
def test_a_hook_without_a_secret_takes_nothing(
    kind: str, sealed: str, session: Session, client: FlaskClient
) -> None:
    source = make_source(session, sealed, kind=kind)
    for headers in ({}, {"X-Survey-Token": ""}, {"Authorization": "Basic Og=="}):
        answer = post(client, source, b"{}", headers)
        assert answer.status_code == 401
        assert "No signing secret is kept" in answer.get_json()["detail"]
    assert stored(session) == []


def test_every_kind_begins_with_a_secret_that_nobody_can_guess() -> None:
    made = {providers()[kind].new_secret() for kind in EVERY_KIND for _ in range(2)}
    assert len(made) == 2 * len(EVERY_KIND)
    assert all(len(secret) >= 43 for secret in made)  # 256 bits in base64


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_garbage_in_any_header_is_401_and_never_500(kind: str, session: Session, client: FlaskClient) -> None:
    body = sample(f"{kind}.json")
    for garbage in (
        "",
        "garbage",
        "sha1=é",
        "v1,é",
        "=====",
        "\x7f\xff",
        "9" * 5000,
        "-1",
        "a  b",
        "Basic %%",
    ):
        source = source_of(session, kind)
        for name in SIGNING_HEADERS:
            headers = {**headers_of(source, body), name: garbage.encode().decode("latin-1")}
            status = post(client, source, body, headers).status_code
            assert status == (401 if name in headers_of(source, body) else 200), (name, garbage)


SIGNING_HEADERS = (
    "X-Zendesk-Webhook-Signature",
    "X-Zendesk-Webhook-Signature-Timestamp",
    "X-Hub-Signature",
    "X-Survey-Token",
    "Authorization",
    "X-HubSpot-Signature-v3",
    "X-HubSpot-Request-Timestamp",
    "X-Chatwoot-Signature",
    "X-Chatwoot-Timestamp",
    "X-HelpScout-Signature",
    "X-Front-Signature",
    "X-Front-Request-Timestamp",
    "webhook-signature",
    "webhook-timestamp",
)


def headers_of(source: Source, body: bytes) -> dict[str, str]:
    if source.kind == "hubspot":
        return dict(hubspot_headers(f"http://localhost/hooks/hubspot/{source.key}", body))
    return dict(signed_headers(source.kind, body))
