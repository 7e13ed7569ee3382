"""Webhook deliveries a second beside a naive loop that posts with a new connection each and keeps nothing."""

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import requests
from sqlalchemy import func, insert, select

from benchmarks.databases import BOTH
from benchmarks.load import HOST
from benchmarks.place import Place
from benchmarks.report import Goal, Row, ratios, spread
from feedback_app.db import db, transaction
from feedback_app.happenings import Kind
from feedback_app.webhooks.endpoints import EndpointDraft, add_endpoint
from feedback_app.webhooks.jobs import deliver_webhooks, reach_of
from feedback_app.webhooks.models import DeliveryState, Shape, WebhookDelivery

DELIVERIES = 400  # of one side in one round
SECRET = "a key of old, as Delighted made them"
BODY = '{"event_type":"survey_response.created","event_id":"%064x","event_data":{"score":9,"comment":"%s"}}'


def measure(place: Place) -> Iterator[Row]:
    """From due rows to delivered rows, one endpoint; the naive loop signs and posts, and writes nothing down."""
    for kind in BOTH:
        yield measure_on(place, kind)


def measure_on(place: Place, kind: str) -> Row:
    rates: tuple[list[float], list[float]] = ([], [])
    installation = place.install(kind, "webhooks")
    with receiver() as (port, taken), installation.app() as app:
        settings = replace(app.extensions["feedback_settings"], webhooks_may_reach=f"{HOST}/32")
        app.extensions["feedback_settings"] = settings
        url = f"http://{HOST}:{port}/"
        endpoint_id = make_endpoint(app, url)
        for number in range(place.rounds + 1):
            make_due(endpoint_id, number)
            for side, run in zip(rates, (deliver_webhooks.run, lambda: post_naively(url)), strict=True):
                already, begun = len(taken), time.perf_counter()
                run()
                took = time.perf_counter() - begun
                if len(taken) - already != DELIVERIES:
                    raise RuntimeError(f"{len(taken) - already} messages arrived, {DELIVERIES} were sent")
                if number:  # one round does not count
                    side.append(DELIVERIES / took)
        sent = select(func.count()).where(WebhookDelivery.state == DeliveryState.DELIVERED)
        if db.session().scalar(sent) != DELIVERIES * (place.rounds + 1):
            raise RuntimeError("not every delivery is kept as delivered")
    what = "webhooks: whole path with its commits: messages/s to a naive loop's"
    behind = f"product {spread(rates[0])}/s, naive {spread(rates[1])}/s, one endpoint"
    return Row(what, kind, ratios(*rates), Goal(">=", 1, unit="x"), behind)


def make_endpoint(app: Any, url: str) -> int:
    settings = app.extensions["feedback_settings"]
    made, _ = add_endpoint(
        db.session(),
        EndpointDraft("Sink", url, Shape.EVENT, [Kind.RESPONSE_CREATED]),
        SECRET,
        reach=reach_of(settings),
        vault=app.extensions["feedback_vault"],
        user_id=None,
        now=datetime.now(UTC),
    )
    return made


def make_due(endpoint_id: int, round_number: int) -> None:
    now = datetime.now(UTC)
    rows = [
        {
            "endpoint_id": endpoint_id,
            "event_id": f"{round_number * DELIVERIES + number:064x}",
            "kind": Kind.RESPONSE_CREATED,
            "payload": BODY % (number, "Quick. " * 20),
            "created_at": now,
            "next_attempt_at": now,
        }
        for number in range(DELIVERIES)
    ]
    with transaction(db.session()) as session:
        session.execute(insert(WebhookDelivery), rows)


def post_naively(url: str) -> None:
    """What a first version of such a sender does."""
    for number in range(DELIVERIES):
        body = (BODY % (number, "Quick. " * 20)).encode()
        signature = "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()
        headers = {"Content-Type": "application/json", "X-Delighted-Webhook-Signature": signature}
        requests.post(url, data=body, headers=headers, timeout=15).raise_for_status()


class _Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    taken: list[int]

    def do_POST(self) -> None:
        self.taken.append(len(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response_only(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def receiver() -> Iterator[tuple[int, list[int]]]:
    """A server that takes everything: its port, and the sizes of what it took."""
    taken: list[int] = []
    server = ThreadingHTTPServer((HOST, 0), type("Sink", (_Sink,), {"taken": taken}))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, taken
    finally:
        server.shutdown()
        server.server_close()
