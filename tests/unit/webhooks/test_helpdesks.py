"""Proving and reading what helpdesks send: the samples, and what is wrong with them."""

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.invitations.events import EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.generic import Generic
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Provider, Unreadable
from feedback_app.webhooks.helpdesks.registry import UnknownKind, provider, providers
from feedback_app.webhooks.helpdesks.zendesk import Zendesk
from tests.helpdesks import (
    DATA,
    GENERIC_SECRET,
    SETTINGS,
    SIGNED_AT,
    VECTORS,
    ZENDESK_SECRET,
    closed_case,
    generic_headers,
    sample,
    zendesk_headers,
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


def request(body: bytes, headers: Any = None) -> HookRequest:
    return HookRequest({name.lower(): value for name, value in (headers or {}).items()}, body, URL)


def parsed(kind: str, **message: Any) -> ParsedEvent:
    return provider(kind).parse(request(json.dumps(message).encode()))


def solved(**more: Any) -> ParsedEvent:
    return parsed(
        "zendesk", **{"event": "ticket.solved", "ticket_id": "7", "updated_at": "2026-11-20T15:42:07Z"} | more
    )


def closed(**more: Any) -> ParsedEvent:
    return Generic().parse(request(closed_case(**more)))


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


@pytest.mark.parametrize("secret", ["whsec_", "????", "a secret", "whsec_QUJD"])
def test_a_secret_that_is_none_lets_nobody_in(secret: str) -> None:
    body = closed_case()
    headers = generic_headers(body)
    key = b64decode(secret.removeprefix("whsec_") + "==")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    headers["webhook-signature"] = "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
    with pytest.raises(BadSignature, match="set it anew"):
        Generic().verify(request(body, headers), secret, SIGNED_AT)


def test_a_second_signature_counts_while_the_secret_is_replaced() -> None:
    body = closed_case()
    headers = generic_headers(body)
    headers["webhook-signature"] = "v1,AAAA  v2,xyz " + headers["webhook-signature"]
    Generic().verify(request(body, headers), GENERIC_SECRET, SIGNED_AT)


def test_a_body_that_is_not_utf8_is_verified_over_its_bytes() -> None:
    body = b"\xff\xfe"
    stamp = "2026-11-20T15:42:10Z"
    Zendesk().verify(request(body, zendesk_headers(body, stamp=stamp)), ZENDESK_SECRET, SIGNED_AT)
    with pytest.raises(Unreadable, match="not UTF-8"):
        Zendesk().parse(request(body))


def test_zendesks_timestamp_may_lack_its_seconds() -> None:
    body = sample("zendesk.json")
    headers = zendesk_headers(body, stamp="2026-11-20T15:42Z")
    Zendesk().verify(request(body, headers), ZENDESK_SECRET, SIGNED_AT)


def test_a_new_secret_verifies_what_is_signed_with_it() -> None:
    from standardwebhooks import Webhook

    secret = Generic().new_secret()
    headers = generic_headers(b"{}") | {"webhook-signature": Webhook(secret).sign("msg_1", SIGNED_AT, "{}")}
    Generic().verify(request(b"{}", headers), secret, SIGNED_AT)
    assert secret != Generic().new_secret()
    assert Zendesk().new_secret() != Zendesk().new_secret()


@each_vector
def test_each_sample_gives_its_expected_events(vector: dict[str, Any]) -> None:
    found = {name: facts_of(event, vector["provider"]) for name, event in events_of(vector).items()}
    assert found == {name: EXPECTED[name] for name in EXPECTED if name.startswith(vector["file"])}


def test_the_generic_sample_tells_everything_that_it_holds() -> None:
    event = Generic().parse(request(sample("generic.json")))
    assert (event.contact.company, event.contact.locale) == ("Harrow Finch GmbH", "en-GB")
    assert (event.agent.team, event.tags) == ("Billing support", ("billing", "invoices"))
    assert (event.url, event.properties) == (
        "https://desk.northlight.example/t/84213",
        {"plan": "team", "seats": 40},
    )


def test_zendesks_sample_tells_organisation_group_and_tags() -> None:
    event = Zendesk().parse(request(sample("zendesk.json")))
    assert (event.contact.company, event.agent.team) == ("Harrow Finch GmbH", "Billing support")
    assert event.tags == ("billing", "invoices")


def test_both_shapes_of_zendesk_name_the_same_closing() -> None:
    keys = {
        Zendesk().parse(request(sample(name))).natural_key for name in ("zendesk.json", "zendesk-event.json")
    }
    assert keys == {"84213 2026-11-20T15:42:07Z"}


def test_an_event_survives_being_kept_as_json() -> None:
    for vector in VECTORS:
        for event in events_of(vector).values():
            assert ParsedEvent.of_facts(json.loads(json.dumps(event.facts()))) == event


@pytest.mark.parametrize(
    ("kind", "message", "reason"),
    [
        ("zendesk", {"event": "ticket.created", "ticket_id": "1"}, "not ticket.solved"),
        (
            "zendesk",
            {
                "type": "zen:event-type:ticket.status_changed",
                "detail": {"id": "1"},
                "event": {"current": "PENDING"},
            },
            "to PENDING",
        ),
        (
            "zendesk",
            {"type": "zen:event-type:ticket.created", "detail": {"id": "1"}, "event": {}},
            "to nothing",
        ),
    ],
)
def test_another_event_is_ignored_with_its_reason(kind: str, message: dict[str, Any], reason: str) -> None:
    event = parsed(kind, **message)
    assert event.kind is EventKind.IGNORED
    assert reason in event.reason
    assert event.natural_key is None


def test_the_status_of_an_event_webhook_counts_in_any_case() -> None:
    body = sample("zendesk-event.json").replace(b'"SOLVED"', b'"solved"')
    assert Zendesk().parse(request(body)).kind is EventKind.INTERACTION_CLOSED


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        ("zendesk", b'{"event": "ticket.solved", "ticket_subject": "He said "no""}', "unescaped quote"),
        ("zendesk", b"", "not JSON"),
        ("zendesk", b"[]", "not an object"),
        ("zendesk", b"{}", "neither the field event"),
        ("zendesk", b'{"event": "ticket.solved"}', "ticket_id is missing"),
        ("zendesk", b'{"event": "ticket.solved", "ticket_id": ""}', "ticket_id is missing"),
        ("zendesk", b'{"event": "ticket.solved", "ticket_id": "7"}', "when it was closed"),
        (
            "zendesk",
            b'{"event": "ticket.solved", "ticket_id": "7", "updated_at": "yesterday"}',
            "when it was closed",
        ),
        ("generic", b"{}", "type is missing"),
        ("generic", b'{"type": "support.interaction.closed"}', "interaction_id is missing"),
        ("generic", b'{"type": "support.interaction.closed", "data": []}', "interaction_id is missing"),
        ("generic", b'{"type": "x", "data": {"n": NaN}}', "not JSON"),
        ("generic", b"[" * 100_000, "not JSON"),
        ("generic", b'{"n": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_what_cannot_be_read_says_why(kind: str, body: bytes, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        provider(kind).parse(request(body))


def test_an_id_that_is_too_long_to_be_one_cannot_be_read() -> None:
    assert closed(interaction_id="7" * 200).interaction_id == "7" * 200
    with pytest.raises(Unreadable, match="longer than 200"):
        closed(interaction_id="7" * 201)


def test_a_number_will_do_for_an_id_but_not_true() -> None:
    assert solved(ticket_id=7).interaction_id == "7"
    with pytest.raises(Unreadable, match="ticket_id"):
        solved(ticket_id=True)


@pytest.mark.parametrize(
    ("stamp", "read"),
    [
        ("2026-11-20T15:42Z", datetime(2026, 11, 20, 15, 42, tzinfo=UTC)),
        ("2026-11-20T16:42:07+01:00", datetime(2026, 11, 20, 15, 42, 7, tzinfo=UTC)),
        ("2026-11-20T15:42:07.318529604Z", datetime(2026, 11, 20, 15, 42, 7, tzinfo=UTC)),
        (" 2026-11-20T15:42:07 ", datetime(2026, 11, 20, 15, 42, 7, tzinfo=UTC)),
    ],
)
def test_moments_are_read_to_the_second_in_utc(stamp: str, read: datetime) -> None:
    assert solved(updated_at=stamp).occurred_at == read


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z", 7, None, ""])
def test_what_is_no_moment_is_not_guessed(stamp: object) -> None:
    with pytest.raises(Unreadable, match="when it was closed"):
        solved(updated_at=stamp)


def test_the_message_s_own_time_stands_in_for_the_closing() -> None:
    assert closed(closed_at=None).occurred_at == SIGNED_AT


def test_text_loses_what_databases_refuse_and_is_cut() -> None:
    event = closed(subject="A\x00B\ud83d \x1bC" + "x" * 600)
    assert event.subject is not None
    assert event.subject.startswith("AB? Cxxx")
    assert len(event.subject) == 500


def test_only_plain_properties_are_kept() -> None:
    given_ones = {"plan": "te\x00am", "seats": 40, "paid": True, "none": None, "deep": {"a": 1}, "list": [1]}
    assert closed(properties=given_ones).properties == {
        "plan": "team",
        "seats": 40,
        "paid": True,
        "none": None,
    }
    assert len(closed(properties={f"p{n}": n for n in range(80)}).properties) == 50


@pytest.mark.parametrize("tags", ["billing", None, {"a": 1}])
def test_tags_that_are_no_list_are_no_tags(tags: object) -> None:
    assert closed(tags=tags).tags == ()


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
    assert Zendesk().delivery_id(request(b"{}")) is None


def test_no_helpdesk_keeps_a_signature() -> None:
    kept = {name for helpdesk in providers().values() for name in helpdesk.kept_headers}
    assert kept & {*SIGNATURES.values(), "authorization", "cookie"} == set()


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(
        UnknownKind,
        match="chatwoot, freshdesk, front, generic, helpscout",
    ):
        provider("zendsk")
