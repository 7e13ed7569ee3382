"""Our own shape and Zendesk's two, and what holds for reading any message: ids, moments, texts, tags."""

import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from feedback_app.invitations.events import EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.generic import Generic
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Unreadable
from feedback_app.webhooks.helpdesks.registry import provider
from feedback_app.webhooks.helpdesks.zendesk import Zendesk
from tests.helpdesks import (
    GENERIC_SECRET,
    SIGNED_AT,
    ZENDESK_SECRET,
    closed_case,
    generic_headers,
    sample,
    zendesk_headers,
)

URL = "https://surveys.example.net/hooks/x/y"


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
