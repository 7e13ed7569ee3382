"""Proving and reading what helpdesks send: the samples, and what is wrong with them."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.invitations.events import EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Provider, Unreadable
from feedback_app.webhooks.helpdesks.registry import UnknownKind, provider, providers
from feedback_app.webhooks.helpdesks.zendesk import Zendesk
from tests.helpdesks import (
    DATA,
    SETTINGS,
    SIGNED_AT,
    VECTORS,
    sample,
)

EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text())["events"]
URL = "https://surveys.example.net/hooks/x/y"
SIGNATURES = {
    "generic": "webhook-signature",
    "zendesk": "x-zendesk-webhook-signature",
    "intercom": "x-hub-signature",
    "freshdesk": "x-survey-token",
    "hubspot": "x-hubspot-signature-v3",
    "chatwoot": "x-chatwoot-signature",
    "zammad": "x-hub-signature",
    "helpscout": "x-helpscout-signature",
    "front": "x-front-signature",
}
STAMPS = {  # the other schemes hold no time
    "generic": "webhook-timestamp",
    "zendesk": "x-zendesk-webhook-signature-timestamp",
    "hubspot": "x-hubspot-request-timestamp",
    "chatwoot": "x-chatwoot-timestamp",
    "front": "x-front-request-timestamp",
}
MOVED = {  # by a second
    "generic": "1795189331",
    "zendesk": "2026-11-20T15:42:11Z",
    "hubspot": "1795189331000",
    "chatwoot": "1795189331",
    "front": "1795189331000",
}
NAMES = [
    "type",
    "data",
    "event",
    "detail",
    "interaction_id",
    "ticket_id",
    "id",
    "contact",
    "current",
    "tags",
    "closed_at",
    "time",
    "ticket",
    "number",
    "conversation",
    "item",
    "source",
    "topic",
    "meta",
    "status",
    "labels",
    "updated_at",
    "objectId",
    "freshdesk_webhook",
]
WORDS = (  # that make each parser go on reading
    "support.interaction.closed",
    "ticket.solved",
    "zen:event-type:ticket.status_changed",
    "conversation.admin.closed",
    "ticket.propertyChange",
    "hs_pipeline_stage",
    "conversation_status_changed",
    "resolved",
    "closed",
    "archive",
    "4",
)
MESSAGES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)
SIGNED = [vector for vector in VECTORS if vector["provider"] != "freshdesk"]
STAMPED = [vector for vector in VECTORS if vector["provider"] in STAMPS]


def each(vectors: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[vector["file"] for vector in vectors])


each_vector, each_signed, each_stamped = each(VECTORS), each(SIGNED), each(STAMPED)


def request_of(vector: dict[str, Any], **changed: str) -> HookRequest:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    return HookRequest(
        headers | changed,
        sample(vector["file"]),
        vector["url"],
        SIGNED_AT,
        SETTINGS.get(vector["provider"], {}),
    )


def events_of(vector: dict[str, Any]) -> dict[str, ParsedEvent]:
    """The sample's events under their names in the expected data."""
    helpdesk, asked = provider(vector["provider"]), request_of(vector)
    file, events = vector["file"], [helpdesk.parse(one) for one in helpdesk.split(asked)]
    return {file if file in EXPECTED else f"{file}[{place}]": event for place, event in enumerate(events)}


def facts_of(event: ParsedEvent, source: str) -> dict[str, Any]:
    """The event in the form of the expected data."""
    if event.kind is EventKind.IGNORED:
        names = ("interaction_id", "reason")
        return {"source": source, "kind": "ignored"} | {name: getattr(event, name) for name in names}
    return {
        "source": source,
        "kind": str(event.kind),
        "interaction_id": event.interaction_id,
        "occurred_at": event.occurred_at and f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}",
        "channel": event.channel,
        "subject": event.subject,
        "contact": {name: getattr(event.contact, name) for name in ("email", "name", "external_id")},
        "agent": {name: getattr(event.agent, name) for name in ("id", "name", "email")},
        "needs_lookup": list(event.needs_lookup),
    }


def test_every_sample_has_a_vector_and_an_expected_event() -> None:
    named = {name.partition("[")[0] for name in EXPECTED}
    files = {path.name for path in DATA.glob("*.json")} - {"vectors.json", "expected.json"}
    assert {vector["file"] for vector in VECTORS} == named == files
    assert {vector["provider"] for vector in VECTORS} == set(providers()) == set(SIGNATURES)


@each_vector
def test_the_vector_verifies_at_its_time(vector: dict[str, Any]) -> None:
    provider(vector["provider"]).verify(request_of(vector), vector["secret"], SIGNED_AT)


@each_signed
def test_a_changed_body_is_refused(vector: dict[str, Any]) -> None:
    asked = request_of(vector)
    changed = replace(asked, body=asked.body.replace(b"84213", b"84214", 1))
    with pytest.raises(BadSignature, match="does not fit"):
        provider(vector["provider"]).verify(changed, vector["secret"], SIGNED_AT)


@each_signed
def test_the_same_json_written_anew_is_refused(vector: dict[str, Any]) -> None:
    asked = request_of(vector)
    again = replace(asked, body=json.dumps(json.loads(asked.body)).encode())
    with pytest.raises(BadSignature, match="does not fit"):
        provider(vector["provider"]).verify(again, vector["secret"], SIGNED_AT)


@each_vector
def test_another_secret_is_refused(vector: dict[str, Any]) -> None:
    other = "whsec_" + b64encode(b"another key of thirty-two bytes!").decode()
    with pytest.raises(BadSignature, match="does not fit"):
        provider(vector["provider"]).verify(request_of(vector), other, SIGNED_AT)


@each_stamped
@pytest.mark.parametrize("minutes", [-5.1, 5.1])
def test_a_request_of_another_time_is_refused(vector: dict[str, Any], minutes: float) -> None:
    now = SIGNED_AT + timedelta(minutes=minutes)
    with pytest.raises(BadSignature, match="five minutes"):
        provider(vector["provider"]).verify(request_of(vector), vector["secret"], now)


@each_stamped
def test_a_moved_timestamp_is_refused(vector: dict[str, Any]) -> None:
    asked = request_of(vector, **{STAMPS[vector["provider"]]: MOVED[vector["provider"]]})
    with pytest.raises(BadSignature, match="does not fit"):
        provider(vector["provider"]).verify(asked, vector["secret"], SIGNED_AT)


@each_vector
def test_a_missing_signature_is_named(vector: dict[str, Any]) -> None:
    missing = SIGNATURES[vector["provider"]]
    with pytest.raises(BadSignature, match=f"(?i){missing} is missing"):
        provider(vector["provider"]).verify(request_of(vector, **{missing: ""}), vector["secret"], SIGNED_AT)


@each_stamped
@pytest.mark.parametrize(
    "garbage", ["", "soon", "nan", "9" * 400, "9" * 5000, "-1", "1e9", "\xb2", "2026-13-01"]
)
def test_a_timestamp_that_is_none_is_refused(vector: dict[str, Any], garbage: str) -> None:
    asked = request_of(vector, **{STAMPS[vector["provider"]]: garbage})
    with pytest.raises(BadSignature):
        provider(vector["provider"]).verify(asked, vector["secret"], SIGNED_AT)


@each_vector
@given(garbage=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255)))
def test_no_garbage_passes_for_a_signature(vector: dict[str, Any], garbage: str) -> None:
    asked = request_of(vector, **{SIGNATURES[vector["provider"]]: garbage})
    with pytest.raises(BadSignature):
        provider(vector["provider"]).verify(asked, vector["secret"], SIGNED_AT)


@each_vector
def test_each_sample_gives_its_expected_events(vector: dict[str, Any]) -> None:
    found = {name: facts_of(event, vector["provider"]) for name, event in events_of(vector).items()}
    assert found == {name: EXPECTED[name] for name in EXPECTED if name.startswith(vector["file"])}


def test_an_event_survives_being_kept_as_json() -> None:
    for vector in VECTORS:
        for event in events_of(vector).values():
            assert ParsedEvent.of_facts(json.loads(json.dumps(event.facts()))) == event


@given(MESSAGES)
def test_whatever_comes_is_an_event_or_unreadable_and_nothing_else(message: object) -> None:
    check_every_parser(json.dumps(message).encode())


@given(st.binary())
def test_no_bytes_break_a_parser(body: bytes) -> None:
    check_every_parser(body)


@each_vector
@given(place=st.integers(0, 5000), value=MESSAGES)
def test_no_sample_with_another_value_in_it_breaks_its_parser(
    vector: dict[str, Any], place: int, value: object
) -> None:
    message = json.loads(sample(vector["file"]))
    replace_one(message, place, value)
    check_parser(provider(vector["provider"]), replace(request_of(vector), body=json.dumps(message).encode()))


def replace_one(message: Any, place: int, value: object) -> None:
    """Put the value where the place-th value of the message was, counted round and round."""
    spots: list[tuple[Any, Any]] = []

    def walk(part: Any) -> None:
        for key, inner in list(part.items() if isinstance(part, dict) else enumerate(part)):
            spots.append((part, key))
            if isinstance(inner, dict | list):
                walk(inner)

    walk(message)
    holder, key = spots[place % len(spots)]
    holder[key] = value


def check_every_parser(body: bytes) -> None:
    for kind, helpdesk in providers().items():
        headers = {"x-helpscout-event": "convo.status", "webhook-id": "m1"}
        check_parser(helpdesk, HookRequest(headers, body, URL, SIGNED_AT, SETTINGS.get(kind, {})))


def check_parser(helpdesk: Provider, asked: HookRequest) -> None:
    """Nothing but an event that can be kept, or Unreadable."""
    helpdesk.challenge(asked)
    for one in helpdesk.split(asked):
        delivery_id = helpdesk.delivery_id(one)
        assert delivery_id is None or isinstance(delivery_id, str)
        try:
            event = helpdesk.parse(one)
        except Unreadable:
            continue
        assert len(event.interaction_id) <= 200
        assert len(event.natural_key or "") <= 300
        json.dumps(event.facts(), allow_nan=False)


def test_delivery_ids_tell_each_message_apart() -> None:
    ids = {}
    for vector in VECTORS:
        helpdesk, asked = provider(vector["provider"]), request_of(vector)
        ids[vector["file"]] = [helpdesk.delivery_id(one) for one in helpdesk.split(asked)]
    assert ids == {
        "zendesk.json": ["01KAM3V7A8QH6W0VX1S9J2N4PD"],
        "zendesk-event.json": ["01KAM3V6ZQ6M9D4X2R7W8T5YHC"],
        "intercom.json": ["notif_6b0f3c52-3a6e-4d5e-9a0f-0a4c7f6d2b11"],
        "freshdesk.json": [None],
        "hubspot.json": [
            "3181526809 20184213077 1795189327318",
            "1022417755 20184200961 1795189330002",
        ],
        "chatwoot.json": ["6f7e8a54-0a53-4c0e-8d0a-0b3f4f7b9d11"],
        "zammad.json": ["b0c7b1d4-0a6e-4a6a-9a55-3f5a2d8f7c10"],
        "helpscout.json": [None],
        "front.json": ["evt_2k84213"],
        "generic.json": ["msg_01KAM3V7QK2T8X4Z6B9D0F2H4J"],
    }
    assert Zendesk().delivery_id(HookRequest({}, b"{}", URL)) is None


def test_no_helpdesk_keeps_a_signature() -> None:
    kept = {name for helpdesk in providers().values() for name in helpdesk.kept_headers}
    assert kept & {*SIGNATURES.values(), "authorization", "cookie"} == set()


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(
        UnknownKind,
        match="chatwoot, freshdesk, front, generic, helpscout",
    ):
        provider("zendsk")
