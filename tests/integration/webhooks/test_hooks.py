"""POST /hooks/<kind>/<key>: proven, stored, answered; and the same event never acted on twice."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app import clock
from feedback_app.errors import DatabaseBusy
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import Event, EventState, Invitation, LedgerEntry, Outcome, Source
from feedback_app.people.models import Person
from feedback_app.webhooks import views
from feedback_app.webhooks.helpdesks.registry import provider
from feedback_app.webhooks.helpdesks.zendesk import Zendesk
from tests.factories import make_source, make_trigger
from tests.helpdesks import (
    SECRETS,
    SETTINGS,
    SIGNED_AT,
    VECTORS,
    closed_case,
    generic_headers,
    sample,
    vector_of,
    zendesk_headers,
)

NATURAL_KEYS = {
    "intercom": "215470084213 2026-11-20T15:42:07Z",
    "front": "cnv_84213 2026-11-20T15:42:07Z",
    "freshdesk": "84213 resolved 2991982",  # ten minutes each since 1970
}
SINGLE = [vector for vector in VECTORS if vector["provider"] != "hubspot"]
each_single = pytest.mark.parametrize("vector", SINGLE, ids=[vector["file"] for vector in SINGLE])


@pytest.fixture(autouse=True)
def at_the_time_of_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: SIGNED_AT)


def source_of(session: Session, kind: str = "generic") -> Source:
    """A helpdesk with one trigger."""
    source = make_source(session, SECRETS[kind], kind=kind, settings=SETTINGS.get(kind, {}))
    make_trigger(session, source_id=source.id)
    return source


def post(client: FlaskClient, source: Source, body: bytes, headers: Any = None) -> TestResponse:
    given = generic_headers(body) if headers is None else headers
    return client.post(f"/hooks/{source.kind}/{source.key}", data=body, headers=given)


def stored(session: Session) -> list[Event]:
    session.rollback()
    return list(session.scalars(select(Event).order_by(Event.id)))


def count(session: Session, model: Any) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


@each_single
def test_each_sample_is_stored_as_it_came(
    vector: dict[str, Any], session: Session, client: FlaskClient
) -> None:
    source = source_of(session, vector["provider"])
    answer = post(client, source, sample(vector["file"]), vector["headers"])
    assert (answer.status_code, answer.get_json()["result"]) == (200, "received")
    [event] = stored(session)
    assert event.body == sample(vector["file"])
    assert (event.state, event.received_at) == (EventState.RECEIVED, SIGNED_AT)
    assert event.natural_key == NATURAL_KEYS.get(vector["provider"], "84213 2026-11-20T15:42:07Z")
    assert event.id == answer.get_json()["event"]


@each_single
def test_no_signature_is_stored(vector: dict[str, Any], session: Session, client: FlaskClient) -> None:
    headers = vector["headers"] | {"Cookie": "a=b", "X-Api-Key": "s"}
    post(client, source_of(session, vector["provider"]), sample(vector["file"]), headers)
    [event] = stored(session)
    helpdesk = provider(vector["provider"])
    assert set(event.headers) <= {"content-type", "user-agent", *helpdesk.kept_headers}
    assert vector["secret"] not in str(event.headers)


def test_a_support_case_becomes_an_invitation_a_day_later(session: Session, client: FlaskClient) -> None:
    post(client, source_of(session), sample("generic.json"), vector_of("generic.json")["headers"])
    read_events.run()
    [invitation] = session.scalars(select(Invitation))
    person = session.get_one(Person, invitation.person_id)
    assert invitation.due_at == SIGNED_AT + timedelta(hours=24)
    assert (person.email, person.name, person.locale) == (
        "dana.whitfield@example.com",
        "Dana Whitfield",
        "en-GB",
    )
    assert invitation.context["agent"] == "Priya Raman"


def test_an_unknown_key_and_an_unknown_kind_are_told_in_json(session: Session, client: FlaskClient) -> None:
    source = source_of(session)
    for path in (
        f"/hooks/generic/{source.key}x",
        f"/hooks/zendesk/{source.key}",
        f"/hooks/desk/{source.key}",
    ):
        answer = client.post(path, data=b"{}")
        assert answer.status_code == 404
        assert "nothing was stored" in answer.get_json()["detail"]
    assert stored(session) == []


def test_a_hook_takes_posts_only(session: Session, client: FlaskClient) -> None:
    source = source_of(session)
    assert client.get(f"/hooks/{source.kind}/{source.key}").status_code == 405


def test_a_hook_says_that_it_exists_and_nothing_more(session: Session, client: FlaskClient) -> None:
    source = source_of(session, "intercom")
    answer = client.head(f"/hooks/intercom/{source.key}")
    assert (answer.status_code, answer.data) == (200, b"")
    assert [client.head(f"/hooks/{path}").status_code for path in ("intercom/x", "desk/x")] == [404, 404]
    assert stored(session) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": "garbage"},
        {"webhook-signature": "v1,é"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "nan"},
        {"webhook-signature": ""},
    ],
)
def test_a_bad_signature_is_401_and_stores_nothing(
    changed: dict[str, str], session: Session, client: FlaskClient
) -> None:
    body = closed_case()
    answer = post(client, source_of(session), body, generic_headers(body) | changed)
    assert answer.status_code == 401
    assert "Nothing was stored" in answer.get_json()["detail"]
    assert stored(session) == []


def test_a_replayed_request_is_401_after_five_minutes(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, body = source_of(session), closed_case()
    monkeypatch.setattr(clock, "now", lambda: SIGNED_AT + timedelta(minutes=6))
    assert post(client, source, body).status_code == 401


def test_many_bad_signatures_are_429_while_good_ones_still_pass(
    session: Session, client: FlaskClient
) -> None:
    source, other = source_of(session), source_of(session)
    body = closed_case()
    bad = generic_headers(body) | {"webhook-signature": "v1,AAAA"}
    statuses = Counter(post(client, source, body, bad).status_code for _ in range(25))
    assert statuses == {401: 20, 429: 5}
    limited = post(client, source, body, bad)
    assert int(limited.headers["Retry-After"]) > 0
    assert post(client, source, body).status_code == 200
    assert post(client, other, body, bad).status_code == 401  # another hook's failures are its own


def test_what_cannot_be_read_is_kept_and_told(session: Session, client: FlaskClient) -> None:
    body = b'{"event":"ticket.solved","ticket_id":"7","ticket_subject":"Says "no""}'
    answer = post(client, source_of(session, "zendesk"), body, zendesk_headers(body))
    assert answer.status_code == 422
    assert "unescaped quote" in answer.get_json()["detail"]
    [event] = stored(session)
    assert (event.state, event.body, event.natural_key, event.kind) == (
        EventState.UNREADABLE,
        body,
        None,
        None,
    )
    assert "unescaped quote" in event.problem
    read_events.run()
    assert count(session, LedgerEntry) == 0


def test_a_fault_of_our_own_parser_is_kept_and_told_too(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Zendesk, _asked: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Zendesk, "parse", broken)
    body = sample("zendesk.json")
    answer = post(client, source_of(session, "zendesk"), body, zendesk_headers(body))
    assert (answer.status_code, stored(session)[0].problem) == (
        422,
        "We could not read this (ZeroDivisionError).",
    )


def test_another_status_is_stored_as_ignored(session: Session, client: FlaskClient) -> None:
    body = json.dumps({"event": "ticket.created", "ticket_id": "7"}).encode()
    answer = post(client, source_of(session, "zendesk"), body, zendesk_headers(body))
    assert (answer.status_code, answer.get_json()["result"]) == (200, "ignored")
    assert stored(session)[0].state == EventState.IGNORED
    read_events.run()
    assert count(session, Invitation) == count(session, LedgerEntry) == 0


def test_a_repeated_delivery_is_a_duplicate(session: Session, client: FlaskClient) -> None:
    source = source_of(session)
    post(client, source, closed_case("1"))
    answer = post(client, source, closed_case("2"))  # another body under the same webhook-id
    assert (answer.status_code, answer.get_json()["result"]) == (200, "duplicate")
    assert len(stored(session)) == 1


def test_twenty_deliveries_of_one_closing_make_one_invitation(session: Session, client: FlaskClient) -> None:
    source, body = source_of(session), closed_case()
    for number in range(20):
        assert post(client, source, body, generic_headers(body, message_id=f"m{number}")).status_code == 200
    read_events.run()
    assert Counter(session.scalars(select(LedgerEntry.outcome))) == {
        Outcome.INVITED: 1,
        Outcome.DUPLICATE: 19,
    }
    assert count(session, Invitation) == 1


def test_one_closing_replayed_ninety_days_later_makes_no_second(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, body = source_of(session), closed_case()
    post(client, source, body)
    read_events.run()
    later = SIGNED_AT + timedelta(days=90)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = post(client, source, body, generic_headers(body, message_id="new", at=later))
    assert answer.get_json()["result"] == "duplicate"
    read_events.run()
    assert count(session, Invitation) == 1


def test_two_sources_may_use_the_same_ids(session: Session, client: FlaskClient) -> None:
    body = closed_case()
    answers = [post(client, source_of(session), body).get_json()["result"] for _ in range(2)]
    assert answers == ["received", "received"]


def test_fifty_posts_of_one_event_at_once_make_one_invitation(app: Flask, session: Session) -> None:
    source, body = source_of(session), closed_case()
    headers, path = generic_headers(body), f"/hooks/generic/{source.key}"
    session.rollback()

    def send(_number: int) -> tuple[int, str]:
        answer = app.test_client().post(path, data=body, headers=headers)
        return answer.status_code, answer.get_json()["result"]

    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(send, range(50)))
    assert answers == {(200, "received"): 1, (200, "duplicate"): 49}
    read_events.run()
    assert (len(stored(session)), count(session, Invitation), count(session, LedgerEntry)) == (1, 1, 1)


def test_the_database_s_trouble_is_503_with_retry_after(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: object, **_more: object) -> None:
        raise DatabaseBusy

    source = source_of(session)
    monkeypatch.setattr(views, "receive_event", busy)
    answer = post(client, source, closed_case())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_a_secret_that_another_key_sealed_is_503_and_not_the_sender_s_fault(
    session: Session, client: FlaskClient
) -> None:
    source = make_source(session, sealed_secret="gAAAAA")
    assert post(client, source, closed_case()).status_code == 503


def test_a_body_that_is_too_large_is_413_before_anything_else(session: Session, client: FlaskClient) -> None:
    body = closed_case(subject="x" * 1_000_001)
    answer = post(client, source_of(session), body)
    assert (answer.status_code, stored(session)) == (413, [])


def test_an_id_of_any_length_tells_deliveries_apart(session: Session, client: FlaskClient) -> None:
    source = source_of(session)
    results = []
    for number, ending in enumerate("aab"):
        body = closed_case(str(number))
        answer = post(client, source, body, generic_headers(body, message_id="m" * 300 + ending))
        results.append(answer.get_json()["result"])
    assert results == ["received", "duplicate", "received"]


def test_hostile_text_is_stored_and_nothing_breaks(session: Session, client: FlaskClient) -> None:
    hostile = "'; DROP TABLE person; -- {{7*7}} <script> \x00 \ud83d ‮ =cmd()"
    body = closed_case(subject=hostile, contact={"name": hostile, "company": hostile})
    assert post(client, source_of(session), body).status_code == 200
    read_events.run()
    person = session.scalar(select(Person))
    assert person is not None
    assert person.name == "'; DROP TABLE person; -- {{7*7}} <script>  ? ‮ =cmd()"
    assert count(session, Invitation) == 1


def test_a_case_without_an_address_has_its_outcome(session: Session, client: FlaskClient) -> None:
    body = sample("zendesk-event.json")
    post(client, source_of(session, "zendesk"), body, zendesk_headers(body))
    read_events.run()
    assert session.scalar(select(LedgerEntry.outcome)) == Outcome.NO_ADDRESS


def test_the_hook_answers_within_a_second(session: Session, client: FlaskClient) -> None:
    source = source_of(session)
    began = datetime.now().timestamp()  # noqa: DTZ005
    for number in range(20):
        body = closed_case(str(number))
        assert post(client, source, body, generic_headers(body, message_id=str(number))).status_code == 200
    assert datetime.now().timestamp() - began < 5  # noqa: DTZ005


def test_contacts_of_any_length_are_cut_and_invited(session: Session, client: FlaskClient) -> None:
    source = source_of(session)
    names = ("name", "external_id", "locale", "time_zone", "company", "company_id")
    body = closed_case(contact=dict.fromkeys(names, "9" * 600))
    assert post(client, source, body).get_json()["result"] == "received"
    read_events.run()
    session.rollback()
    assert session.scalars(select(LedgerEntry.outcome)).all() == [Outcome.INVITED]
