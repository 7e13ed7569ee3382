"""The benchmark's events are what the product takes."""

import base64
from datetime import UTC, datetime

from benchmarks.events import KEY, event, events
from feedback_app.webhooks.helpdesks.generic import Generic
from feedback_app.webhooks.helpdesks.provider import HookRequest

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_an_event_is_signed_and_read() -> None:
    head, _, body = event("/hooks/generic/k", 7, NOW).partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    asked = HookRequest(headers, body.encode(), "")
    Generic().verify(asked, "whsec_" + base64.b64encode(KEY).decode(), NOW)
    found = Generic().parse(asked)
    assert (first, headers["content-length"]) == ("POST /hooks/generic/k HTTP/1.1", str(len(body)))
    assert (found.interaction_id, found.contact.email) == ("7", "person7@example.org")


def test_no_event_comes_twice() -> None:
    assert len(set(events("/hooks/generic/k", 50))) == 50
