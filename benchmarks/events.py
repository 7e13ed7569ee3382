"""Events of helpdesks beside the floor: each is signed, none comes twice, and 200 means that it is stored."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.answer import compared
from benchmarks.databases import BOTH
from benchmarks.floor.running import floor_server, prepare
from benchmarks.load import post_with
from benchmarks.place import Place
from benchmarks.product import Installation
from benchmarks.report import Goal, Row, spread
from benchmarks.rounds import Side, alternate
from feedback_app.db import db
from feedback_app.invitations.services import add_source_with_trigger

KEY = b"the key of a benchmark, 32 bytes"
EVENTS_IN_A_ROUND = 4_000
WARM_UP = 400


def measure(place: Place) -> Iterator[Row]:
    """Events accepted per second, on both databases."""
    for kind in BOTH:
        yield from measure_on(place, kind)


def measure_on(place: Place, kind: str) -> Iterator[Row]:
    installation = place.install(kind, "events")
    path = make_hook(installation)
    url = place.floor_url(kind, "events")
    prepare(url, 1)
    with installation.server() as server, floor_server(installation.folder, url) as floor:
        needed = EVENTS_IN_A_ROUND * place.rounds + WARM_UP
        sides = [Side(server, events(path, needed), 200), Side(floor, events("/events", needed), 200)]
        alternate(*sides, rounds=place.rounds, seconds=place.seconds, most=EVENTS_IN_A_ROUND)
    yield from compared("events in", kind, *sides, goal=None)
    yield Row("events in: errors", kind, spread([sides[0].failed]), Goal("<=", 0))


def make_hook(installation: Installation) -> str:
    """The path of a new hook that one trigger listens to."""
    with installation.app() as app:
        made = add_source_with_trigger(
            db.session(),
            "generic",
            "nps",
            name="Helpdesk",
            secret="whsec_" + base64.b64encode(KEY).decode(),
            delay=timedelta(days=1),
            vault=app.extensions["feedback_vault"],
            now=datetime.now(UTC),
        )
    return f"/hooks/generic/{made.key}"


def events(path: str, count: int) -> list[str]:
    """That many closed cases, signed now: a signature is taken for five minutes."""
    now = datetime.now(UTC)
    return [event(path, number, now) for number in range(count)]


def event(path: str, number: int, now: datetime) -> str:
    """The POST of one closed case, signed as the Standard Webhooks specification says."""
    data = {
        "interaction_id": str(number),
        "subject": "Invoice shows the wrong seat count",
        "channel": "email",
        "contact": {
            "email": f"person{number}@example.org",
            "name": "Dana Whitfield",
            "company": "Harrow Finch",
        },
        "agent": {"id": "7", "name": "Priya Raman", "team": "Billing support"},
        "tags": ["billing", "invoices"],
    }
    body = json.dumps({"type": "support.interaction.closed", "timestamp": now.isoformat(), "data": data})
    message_id, stamp = f"msg_{number}", str(int(now.timestamp()))
    code = hmac.digest(KEY, f"{message_id}.{stamp}.{body}".encode(), "sha256")
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(code).decode(),
    }
    return post_with(path, body, headers)
