"""What is particular to one helpdesk: its signature's traps, and the odd shapes of its messages."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from feedback_app.invitations.events import EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.freshdesk import basic_password
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Unreadable
from feedback_app.webhooks.helpdesks.reading import epoch
from feedback_app.webhooks.helpdesks.registry import provider
from tests.helpdesks import SECRETS, SETTINGS, SIGNED_AT, sample, vector_of

AT = datetime(2026, 11, 20, 15, 42, 7, tzinfo=UTC)


def recorded(file: str, **changed: str | None) -> HookRequest:
    """The recorded request with other headers; None leaves one out."""
    vector = vector_of(file)
    headers = {name.lower(): value for name, value in vector["headers"].items()} | changed
    kept = {name: value for name, value in headers.items() if value is not None}
    return HookRequest(kept, sample(file), vector["url"], SIGNED_AT, SETTINGS.get(vector["provider"], {}))


def verify(kind: str, request: HookRequest) -> None:
    provider(kind).verify(request, SECRETS[kind], SIGNED_AT)


def parsed(file: str, *path: str | int, value: Any, **settings: Any) -> ParsedEvent:
    """The sample's event with another value at the path; `...` takes it away."""
    message = json.loads(sample(file))
    *way, last = path
    holder = message
    for step in way:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    asked = recorded(file)
    settings = settings or dict(asked.settings)
    body = json.dumps(message).encode()
    return provider(vector_of(file)["provider"]).parse(replace(asked, body=body, settings=settings))


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# HubSpot


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_hubspots_older_signatures_are_refused_and_named(version: str) -> None:
    older = {"x-hubspot-signature": "ab", "x-hubspot-signature-version": version}
    with pytest.raises(BadSignature, match=f"version {version} .* only version 3 is taken"):
        verify("hubspot", recorded("hubspot.json", **{"x-hubspot-signature-v3": None}, **older))


def test_hubspots_third_version_counts_beside_an_older_one() -> None:
    verify("hubspot", recorded("hubspot.json", **{"x-hubspot-signature": "ab"}))


@pytest.mark.parametrize(
    "url",
    [
        "http://surveys.example.net/hooks/hubspot/src_hs",
        "https://inner/hooks/hubspot/src_hs",
        "https://surveys.example.net/hooks/hubspot/src_hs?a=1",
    ],
)
def test_hubspot_signs_the_whole_public_address(url: str) -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        verify("hubspot", replace(recorded("hubspot.json"), url=url))


def one_change(**more: Any) -> ParsedEvent:
    first, _ = json.loads(sample("hubspot.json"))
    asked = replace(recorded("hubspot.json"), body=json.dumps(first | more).encode())
    return provider("hubspot").parse(asked)


@pytest.mark.parametrize(
    ("change", "closed_by_itself"),
    [("CRM_UI", False), ("AUTOMATION_PLATFORM", True), ("SOMETHING_NEW", None)],
)
def test_hubspot_says_what_moved_the_ticket(change: str, closed_by_itself: bool | None) -> None:
    assert one_change(changeSource=change).is_auto_closed is closed_by_itself


def test_hubspots_mover_is_an_agent_only_if_a_user() -> None:
    assert one_change(sourceId="enrollmentId:90021").agent.id is None
    assert one_change(sourceId="userId:7").agent.id == "7"


@pytest.mark.parametrize(
    "more", [{"propertyName": "subject"}, {"subscriptionType": "ticket.creation"}, {"subscriptionType": None}]
)
def test_hubspots_other_changes_are_ignored(more: Mapping[str, Any]) -> None:
    assert one_change(**more).kind is EventKind.IGNORED


@pytest.mark.parametrize(
    "settings", [{}, {"closed_stages": []}, {"closed_stages": [" "]}, {"closed_stages": 4}]
)
def test_hubspot_needs_its_closed_stages(settings: Mapping[str, Any]) -> None:
    [first, _] = provider("hubspot").split(recorded("hubspot.json"))
    with pytest.raises(Unreadable, match="set closed_stages"):
        provider("hubspot").parse(replace(first, settings=settings))


# Intercom


def test_intercoms_ping_is_told_from_an_event() -> None:
    asked = recorded("intercom.json")
    assert provider("intercom").challenge(asked) is None
    assert provider("intercom").challenge(replace(asked, body=b'{"topic":"ping"}')) == {"result": "pong"}


def test_intercoms_agent_is_no_customer_even_where_the_team_wrote_first() -> None:
    author = {"type": "admin", "email": "priya.raman@northlight.example"}
    event = parsed("intercom.json", "data", "item", "source", "author", value=author)
    assert (event.contact.email, event.contact.external_id) == (None, "cus_20931")


def test_an_older_intercom_calls_the_customer_user() -> None:
    message = json.loads(sample("intercom.json"))
    item = message["data"]["item"]
    del item["source"]["author"]
    item["contacts"] = None
    item["user"] = {"email": "dana@harrow.example", "name": "Dana", "user_id": "u1"}
    event = provider("intercom").parse(replace(recorded("intercom.json"), body=json.dumps(message).encode()))
    found = event.contact
    assert (found.email, found.name, found.external_id) == ("dana@harrow.example", "Dana", "u1")


def test_without_a_closing_part_the_assignee_and_the_statistics_stand_in() -> None:
    event = parsed("intercom.json", "data", "item", "conversation_parts", value=None)
    assert (event.agent.id, event.agent.email) == ("7420311", "priya.raman@northlight.example")
    assert (event.occurred_at, event.is_auto_closed) == (AT, None)


def test_a_bot_that_closes_is_not_the_agent() -> None:
    where = ("data", "item", "conversation_parts", "conversation_parts", 0, "author")
    event = parsed("intercom.json", *where, value={"type": "bot", "id": "1", "name": "Fin"})
    assert (event.is_auto_closed, event.agent.id, event.agent.name) == (True, "7420311", "Priya Raman")


@pytest.mark.parametrize(
    ("topic", "kind"), [("ticket.closed", "interaction_closed"), ("conversation.read", "ignored")]
)
def test_intercoms_topics(topic: str, kind: str) -> None:
    assert parsed("intercom.json", "topic", value=topic).kind == kind


# Freshdesk


def test_freshdesks_secret_may_be_the_password_of_http_basic() -> None:
    given = {"x-survey-token": None, "authorization": basic("anybody", SECRETS["freshdesk"])}
    verify("freshdesk", recorded("freshdesk.json", **given))


@pytest.mark.parametrize(
    "authorization",
    [
        basic(SECRETS["freshdesk"], ""),
        basic("anybody", "another"),
        "Basic " + SECRETS["freshdesk"],
        "Basic /w==",
        "Bearer " + SECRETS["freshdesk"],
        "Basic",
        "",
    ],
)
def test_nothing_else_passes_for_freshdesks_secret(authorization: str) -> None:
    with pytest.raises(BadSignature):
        verify(
            "freshdesk",
            recorded("freshdesk.json", **{"x-survey-token": None, "authorization": authorization}),
        )


def test_a_password_may_hold_a_colon() -> None:
    assert basic_password(basic("user", "a:b")) == "a:b"


def test_an_older_freshdesk_calls_the_contact_requester() -> None:
    ticket = json.loads(sample("freshdesk.json"))["freshdesk_webhook"]
    ticket = {name: value for name, value in ticket.items() if "contact" not in name}
    ticket |= {"requester_email": "dana@harrow.example", "requester_name": "Dana"}
    for message in ({"freshdesk_webhook": ticket}, ticket):
        event = provider("freshdesk").parse(
            replace(recorded("freshdesk.json"), body=json.dumps(message).encode())
        )
        assert (event.contact.email, event.contact.name) == ("dana@harrow.example", "Dana")


@pytest.mark.parametrize(
    ("status", "settings", "kind"),
    [
        ("resolved", {}, "interaction_closed"),
        ("Closed", {}, "interaction_closed"),
        ("Open", {}, "ignored"),
        ("Resolved", {"closed_statuses": ["Erledigt"]}, "ignored"),
        ("erledigt", {"closed_statuses": ["Erledigt"]}, "interaction_closed"),
    ],
)
def test_freshdesks_closed_statuses(status: str, settings: Mapping[str, Any], kind: str) -> None:
    event = parsed("freshdesk.json", "freshdesk_webhook", "ticket_status", value=status, **settings)
    assert event.kind == kind
    if kind == "ignored":
        assert "not one of the closed statuses (here: " in event.reason


def test_freshdesks_key_is_the_ten_minutes_of_the_receipt() -> None:
    asked = recorded("freshdesk.json")
    stamps = ("15:40:00", "15:49:59", "15:50:00")
    moments = [datetime.fromisoformat(f"2026-11-20T{stamp}+00:00") for stamp in stamps]
    keys = [provider("freshdesk").parse(replace(asked, received_at=at)).natural_key for at in moments]
    assert keys == ["84213 resolved 2991982", "84213 resolved 2991982", "84213 resolved 2991983"]
    assert provider("freshdesk").parse(replace(asked, received_at=None)).natural_key is None


# Chatwoot


def test_a_chatwoot_that_does_not_sign_is_refused_with_the_reason() -> None:
    with pytest.raises(BadSignature, match="Older versions of Chatwoot do not sign"):
        verify("chatwoot", recorded("chatwoot.json", **{"x-chatwoot-signature": None}))


@pytest.mark.parametrize(
    ("channel", "ours"), [("Channel::WebWidget", "chat"), ("Channel::Whatsapp", "whatsapp"), (None, None)]
)
def test_chatwoots_channels(channel: str | None, ours: str | None) -> None:
    assert parsed("chatwoot.json", "channel", value=channel).channel == ours


@pytest.mark.parametrize(("name", "value"), [("status", "pending"), ("event", "conversation_updated")])
def test_chatwoots_other_events_are_ignored(name: str, value: str) -> None:
    assert parsed("chatwoot.json", name, value=value).kind is EventKind.IGNORED


def test_chatwoots_agent_has_no_address_and_may_be_missing() -> None:
    assert parsed("chatwoot.json", "meta", "assignee", value=None).agent.name is None


# Zammad


def test_zammads_signature_may_lack_its_prefix() -> None:
    bare = vector_of("zammad.json")["headers"]["X-Hub-Signature"].removeprefix("sha1=")
    verify("zammad", recorded("zammad.json", **{"x-hub-signature": bare}))


@pytest.mark.parametrize("nobody", [{"id": 1, "login": "-"}, {"id": 9, "login": "-"}, {"id": 1}])
def test_zammads_nobody_is_no_agent(nobody: dict[str, Any]) -> None:
    event = parsed("zammad.json", "ticket", "owner", value=nobody | {"firstname": "-"})
    assert (event.agent.id, event.agent.name, event.agent.team) == (None, None, "Billing support")


def test_a_ticket_of_zammad_that_was_opened_again_has_a_new_closing() -> None:
    event = parsed("zammad.json", "ticket", "last_close_at", value="2026-11-25T09:00:00.000Z")
    assert event.natural_key == "84213 2026-11-25T09:00:00Z"


@pytest.mark.parametrize("name", ["last_close_at", "close_at", "updated_at"])
def test_any_of_zammads_moments_will_do(name: str) -> None:
    message = json.loads(sample("zammad.json"))
    for other in {"last_close_at", "close_at", "updated_at"} - {name}:
        del message["ticket"][other]
    asked = replace(recorded("zammad.json"), body=json.dumps(message).encode())
    assert provider("zammad").parse(asked).occurred_at == AT


@pytest.mark.parametrize(("closer", "closed_by_itself"), [(1, True), (5, False), (None, None)])
def test_zammads_system_user_is_nobody(closer: int | None, closed_by_itself: bool | None) -> None:
    event = parsed("zammad.json", "ticket", "updated_by_id", value=closer)
    assert event.is_auto_closed is closed_by_itself


def test_zammads_other_states_and_payloads() -> None:
    assert parsed("zammad.json", "ticket", "state", value="open").kind is EventKind.IGNORED
    with pytest.raises(Unreadable, match="custom payload"):
        parsed("zammad.json", "ticket", value="{{ticket}}")


# Help Scout


def test_help_scout_s_event_is_in_its_header() -> None:
    asked = recorded("helpscout.json", **{"x-helpscout-event": "convo.assigned"})
    assert provider("helpscout").parse(asked).kind is EventKind.IGNORED
    with pytest.raises(Unreadable, match="X-HelpScout-Event is missing"):
        provider("helpscout").parse(recorded("helpscout.json", **{"x-helpscout-event": None}))


def test_help_scout_falls_back_to_the_assignee_and_the_last_change() -> None:
    message = json.loads(sample("helpscout.json"))
    message |= {"closedByUser": None, "closedAt": None}
    message["assignee"]["first"] = "Per"
    event = provider("helpscout").parse(
        replace(recorded("helpscout.json"), body=json.dumps(message).encode())
    )
    assert (event.agent.name, event.occurred_at, event.is_auto_closed) == ("Per Raman", AT, None)


# Front


def test_a_rule_of_front_signs_the_body_alone() -> None:
    body = sample("front.json")
    code = hmac.digest(SECRETS["front"].encode(), body, "sha1")
    signed = {"x-front-request-timestamp": None, "x-front-signature": base64.b64encode(code).decode()}
    verify("front", recorded("front.json", **signed))
    with pytest.raises(BadSignature, match="does not fit"):
        verify("front", recorded("front.json", **signed | {"x-front-request-timestamp": "1795189330000"}))


def test_an_app_of_front_cannot_leave_out_its_time() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        verify("front", recorded("front.json", **{"x-front-request-timestamp": None}))


def test_fronts_challenge_is_a_header() -> None:
    asked = recorded("front.json", **{"x-front-challenge": "abc"})
    assert provider("front").challenge(asked) == {"challenge": "abc"}
    assert provider("front").challenge(recorded("front.json")) is None


@pytest.mark.parametrize(
    ("source", "closed_by_itself", "agent"),
    [("teammate", False, "tea_1"), ("rule", True, "tea_40yq"), ("recipient", None, "tea_40yq")],
)
def test_who_archived_at_front(source: str, closed_by_itself: bool | None, agent: str) -> None:
    event = parsed("front.json", "source", value={"_meta": {"type": source}, "data": {"id": "tea_1"}})
    assert (event.is_auto_closed, event.agent.id) == (closed_by_itself, agent)


def test_fronts_other_events_are_ignored_and_tags_have_names() -> None:
    assert parsed("front.json", "type", value="reopen").kind is EventKind.IGNORED
    tagged = parsed("front.json", "conversation", "tags", value=[{"name": "auto-closed"}, {"id": 1}, 7])
    assert (tagged.tags, tagged.is_auto_closed) == (("auto-closed",), True)


# All of them


@pytest.mark.parametrize(
    ("value", "per_second", "read"),
    [
        (1795189327, 1, AT),
        (1795189327.0, 1, AT),
        (1795189327000, 1000, AT),
        (0, 1, None),
        (-5, 1, None),
        (True, 1, None),
        ("1795189327", 1, None),
        (None, 1, None),
        (10**400, 1, None),
        (float("inf"), 1, None),
        (10**17, 1, None),
    ],
)
def test_moments_counted_from_1970(value: object, per_second: int, read: datetime | None) -> None:
    assert epoch(value, per_second=per_second) == read


@pytest.mark.parametrize("tag", ["closed_by_merge", "Auto-Closed", "autoclosed"])
def test_a_tag_may_say_that_nobody_closed_the_case(tag: str) -> None:
    assert parsed("zendesk.json", "ticket_tags", value=f"billing {tag}").is_auto_closed is True
    assert parsed("zendesk.json", "ticket_tags", value="billing").is_auto_closed is None


def test_our_own_shape_says_outright_whether_a_person_closed_it() -> None:
    assert parsed("generic.json", "data", "auto_closed", value=True).is_auto_closed is True
    assert parsed("generic.json", "data", "auto_closed", value=False).is_auto_closed is False
    assert parsed("generic.json", "data", "auto_closed", value="yes").is_auto_closed is None


def test_another_type_of_ours_is_an_event_of_that_type() -> None:
    event = parsed("generic.json", "type", value="order.shipped")
    assert (event.kind, event.type, event.interaction_id) == (EventKind.CUSTOM, "order.shipped", "84213")
    assert (event.occurred_at, event.contact.email) == (AT, "dana.whitfield@example.com")


def test_the_webhook_id_serves_where_another_type_has_no_id_of_its_own() -> None:
    asked = replace(recorded("generic.json"), body=b'{"type": "signed_up"}')
    event = provider("generic").parse(asked)
    assert event.interaction_id == "msg_01KAM3V7QK2T8X4Z6B9D0F2H4J"
    assert (event.occurred_at, event.natural_key) == (None, None)  # the delivery's id tells repeats


def test_a_type_has_at_most_sixty_characters() -> None:
    assert parsed("generic.json", "type", value="x" * 60).type == "x" * 60
    with pytest.raises(Unreadable, match="longer than 60"):
        parsed("generic.json", "type", value="x" * 61)
