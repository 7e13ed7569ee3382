"""Messages that go out: to a real receiver, again and again, and never in each other's way."""

import json
import time
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from feedback_app import clock
from feedback_app.config import Settings
from feedback_app.crypto import Vault
from feedback_app.happenings import Kind, Listener
from feedback_app.webhooks.breaker import FAILURES
from feedback_app.webhooks.delivering import SEALED_ELSEWHERE, take_turn
from feedback_app.webhooks.endpoints import rotate_secret, send_again, send_test, set_active
from feedback_app.webhooks.jobs import deliver_webhooks, forget_old, reach_of, tell_others
from feedback_app.webhooks.models import DeliveryState, Endpoint, WebhookDelivery
from feedback_app.webhooks.signing import delighted_signature
from feedback_app.webhooks.targets import Reach
from feedback_app.webhooks.turns import _DUE_ENDPOINTS, LEASE, claim, due_endpoints, give_up, next_due
from tests.conftest import NOON
from tests.factories import keep, make_invitation, make_person, make_user
from tests.integration.webhooks.conftest import SECRET, Endpoints, deliveries
from tests.receivers import Receiver, receiving

MINUTE = timedelta(minutes=1)


class Post:
    """Sends what is due at a moment, as the job does for one endpoint."""

    def __init__(self, session: Session, vault: Vault, reach: Reach) -> None:
        self.session, self.vault, self.reach = session, vault, reach

    def __call__(self, endpoint: Endpoint, at: datetime = NOON) -> str:
        turn = claim(self.session, endpoint.id, now=at)
        if turn is None:
            return "nothing"
        return take_turn(self.session, turn, reach=self.reach, vault=self.vault, clock=lambda: at)


@pytest.fixture
def post(session: Session, vault: Vault, reach: Reach) -> Post:
    return Post(session, vault, reach)


def a_delivery(session: Session, endpoint: Endpoint, number: int = 1, **given: Any) -> WebhookDelivery:
    defaults = {
        "event_id": f"{number:064x}",
        "kind": Kind.RESPONSE_CREATED,
        "payload": json.dumps({"event_type": "ping", "number": number, "name": "Zoë"}, ensure_ascii=False),
        "created_at": NOON,
        "next_attempt_at": NOON,
    }
    return keep(session, WebhookDelivery(endpoint_id=endpoint.id, **defaults | given))


def states(session: Session) -> list[str]:
    return [one.state for one in deliveries(session)]


def state_of(session: Session, endpoint: Endpoint) -> Endpoint:
    session.rollback()
    session.refresh(endpoint)
    return endpoint


def test_a_message_arrives_byte_for_byte_and_is_proven_both_ways(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    delivery = a_delivery(session, endpoint)
    moment = clock.now()  # the library compares with its own clock
    post(endpoint, moment)
    (came,) = receiver.came
    assert came.body == delivery.payload.encode()
    assert came.headers["content-type"] == "application/json"
    assert came.headers["x-delighted-webhook-signature"] == delighted_signature(SECRET, came.body)
    assert came.headers["webhook-id"] == delivery.event_id
    assert Webhook(SECRET.encode()).verify(came.body, came.headers)["name"] == "Zoë"
    (kept,) = deliveries(session)
    assert (kept.state, kept.attempts, kept.lease_until) == (DeliveryState.DELIVERED, 1, None)
    assert [(one["status"], one["body"], one["error"]) for one in kept.answers] == [(200, "ok", "")]


def test_a_failed_message_comes_again_under_the_same_id(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    a_delivery(session, endpoint)
    receiver.answer(500, 200)
    post(endpoint)
    (kept,) = deliveries(session)
    assert kept.state == DeliveryState.WAITING
    assert timedelta(seconds=4) < kept.next_attempt_at - NOON < timedelta(seconds=6)
    assert post(endpoint, NOON + timedelta(seconds=3)) == "nothing"
    post(endpoint, NOON + timedelta(seconds=6))
    first, second = receiver.came
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert (first.body, second.body) == (second.body, first.body)
    (kept,) = deliveries(session)
    assert (kept.state, [one["status"] for one in kept.answers]) == (DeliveryState.DELIVERED, [500, 200])
    assert state_of(session, endpoint).failures == 0


def test_one_turn_sends_what_is_due_over_one_connection(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    for number in range(5):
        a_delivery(session, endpoint, number)
    a_delivery(session, endpoint, 5, next_attempt_at=NOON + MINUTE)
    post(endpoint)
    assert states(session) == [DeliveryState.DELIVERED] * 5 + [DeliveryState.WAITING]
    assert [json.loads(one.body)["number"] for one in receiver.came] == [0, 1, 2, 3, 4]
    assert receiver.connections == 1


def test_a_turn_ends_with_the_first_failure_and_lets_the_rest_go(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    for number in range(3):
        a_delivery(session, endpoint, number)
    receiver.answer(200, 500)
    post(endpoint)
    assert len(receiver.came) == 2
    assert [(one.attempts, one.lease_until) for one in deliveries(session)] == [
        (1, None),
        (1, None),
        (0, None),
    ]
    assert due_endpoints(NOON) == [endpoint.id]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500])
def test_what_is_not_2xx_has_failed(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post, status: int
) -> None:
    with receiving() as elsewhere:
        receiver.answer(status, Location=elsewhere.url)
        endpoint = endpoints.add(receiver.url)
        a_delivery(session, endpoint)
        post(endpoint)
        assert (states(session), elsewhere.came) == ([DeliveryState.WAITING], [])


def test_the_endpoint_that_is_gone_is_stopped(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    for number in range(2):
        a_delivery(session, endpoint, number)
    receiver.answer(410)
    assert "410 Gone" in post(endpoint)
    assert states(session) == [DeliveryState.FAILED, DeliveryState.WAITING]
    assert not state_of(session, endpoint).active
    assert session.scalars(select(Listener)).all() == []
    assert due_endpoints(NOON + MINUTE) == []
    set_active(session, endpoint.id, active=True, user_id=None, now=NOON)
    assert due_endpoints(NOON + MINUTE) == [endpoint.id]


def test_who_asks_for_time_is_left_alone_as_long(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    for number in range(2):
        a_delivery(session, endpoint, number)
    receiver.answer(429, Retry_After="600")
    post(endpoint)
    assert due_endpoints(NOON + 9 * MINUTE) == []
    assert due_endpoints(NOON + 11 * MINUTE) == [endpoint.id]


def test_the_circuit_opens_after_failures_in_a_row_and_closes_with_a_success(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    for number in range(FAILURES + 1):
        a_delivery(session, endpoint, number)
    receiver.answer(500)
    told = [post(endpoint) for _ in range(FAILURES)]
    assert told == [""] * (FAILURES - 1) + ["It answered 500."]  # told once, when it opens
    assert state_of(session, endpoint).paused_until == NOON + MINUTE
    assert due_endpoints(NOON) == []
    assert deliveries(session)[-1].attempts == 0  # what waits meanwhile loses no attempt
    assert post(endpoint, NOON + MINUTE) == ""
    assert state_of(session, endpoint).paused_until == NOON + 6 * MINUTE
    receiver.answer(200)
    post(endpoint, NOON + 6 * MINUTE)
    endpoint = state_of(session, endpoint)
    assert (endpoint.failures, endpoint.paused_until, endpoint.stopped_because) == (0, None, "")


def test_administrators_are_told_by_mail(
    app: Flask, settings: Settings, session: Session, endpoints: Endpoints, receiver: Receiver
) -> None:
    from feedback_app.staff.models import Role

    make_user(session, Role.ADMIN, email="ada@northlight.example")
    make_user(session, Role.LEAD)
    endpoint = endpoints.add(receiver.url, name="Data warehouse")
    a_delivery(session, endpoint)
    receiver.answer(410)
    deliver_webhooks.run()
    (mail,) = [path.read_text() for path in settings.outbox.rglob("*.eml")]
    assert "To: Some admin <ada@northlight.example>" in mail
    assert "Subject: Messages to Data warehouse stand still" in mail
    assert f"http://localhost/settings/webhooks/{endpoint.id}" in mail


def test_a_private_address_is_refused_when_it_is_sent_to(
    session: Session, endpoints: Endpoints, receiver: Receiver, vault: Vault
) -> None:
    endpoint = endpoints.add(receiver.url)
    a_delivery(session, endpoint)
    Post(session, vault, Reach())(endpoint)
    (kept,) = deliveries(session)
    assert (kept.state, receiver.came) == (DeliveryState.WAITING, [])
    assert "private network" in kept.answers[0]["error"]


def test_an_endpoint_sealed_with_another_key_says_so(
    session: Session, endpoints: Endpoints, receiver: Receiver, reach: Reach
) -> None:
    endpoint = endpoints.add(receiver.url)
    a_delivery(session, endpoint)
    Post(session, Vault(["another key, which is also long enough"]), reach)(endpoint)
    assert deliveries(session)[0].answers[0]["error"] == SEALED_ELSEWHERE


def test_two_workers_do_not_send_to_one_endpoint_at_once(
    session: Session, endpoints: Endpoints, receiver: Receiver
) -> None:
    endpoint = endpoints.add(receiver.url)
    a_delivery(session, endpoint)
    assert claim(session, endpoint.id, now=NOON) is not None
    a_delivery(session, endpoint, 2)
    assert due_endpoints(NOON) == []
    assert claim(session, endpoint.id, now=NOON) is None
    again = claim(session, endpoint.id, now=NOON + LEASE)  # the first worker has died
    assert again is not None
    assert len(again.claimed) == 2


def test_a_worker_whose_lease_ended_overwrites_nothing(
    session: Session, endpoints: Endpoints, receiver: Receiver, reach: Reach, vault: Vault, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    a_delivery(session, endpoint)
    late = claim(session, endpoint.id, now=NOON)
    assert late is not None
    post(endpoint, NOON + LEASE)
    receiver.answer(500)
    take_turn(session, late, reach=reach, vault=vault, clock=lambda: NOON)
    assert states(session) == [DeliveryState.DELIVERED]


def test_an_erased_person_s_message_is_not_sent(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    person = make_person(session)
    scrubbed = a_delivery(session, endpoint, payload="", person_id=person.id)
    assert (post(endpoint), receiver.came) == ("nothing", [])
    assert send_again(session, endpoint.id, scrubbed.id, user_id=None, now=NOON) == 0
    give_up(session, now=NOON + timedelta(days=3))
    assert states(session) == [DeliveryState.FAILED]


def test_what_waited_for_three_days_is_given_up(session: Session, endpoints: Endpoints) -> None:
    endpoint = endpoints.add()
    a_delivery(session, endpoint, 1, next_attempt_at=NOON - timedelta(days=3))
    a_delivery(session, endpoint, 2, next_attempt_at=NOON - timedelta(days=2))
    give_up(session, now=NOON)
    assert states(session) == [DeliveryState.FAILED, DeliveryState.WAITING]


def test_what_failed_is_sent_again_under_its_old_id(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    for number in range(3):
        a_delivery(session, endpoint, number, state=DeliveryState.FAILED, attempts=10)
    done = a_delivery(session, endpoint, 3, state=DeliveryState.DELIVERED, attempts=1)
    assert send_again(session, endpoint.id, user_id=None, now=NOON) == 3
    assert send_again(session, endpoint.id, done.id, user_id=None, now=NOON) == 1
    post(endpoint)
    assert [one.headers["webhook-id"] for one in receiver.came] == [f"{number:064x}" for number in range(4)]
    assert states(session) == [DeliveryState.DELIVERED] * 4


def test_both_secrets_sign_for_a_day(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post, vault: Vault
) -> None:
    endpoint = endpoints.add(receiver.url)
    moment = clock.now()
    new = rotate_secret(session, endpoint.id, vault=vault, user_id=None, now=moment)
    a_delivery(session, endpoint)
    post(endpoint, moment)
    (came,) = receiver.came
    assert Webhook(new).verify(came.body, came.headers)
    assert Webhook(SECRET.encode()).verify(came.body, came.headers)


def test_a_test_message_goes_through_the_same_door(
    session: Session, endpoints: Endpoints, receiver: Receiver, post: Post
) -> None:
    endpoint = endpoints.add(receiver.url)
    send_test(session, endpoint.id, user_id=None, now=NOON)
    post(endpoint)
    assert json.loads(receiver.came[0].body)["event_type"] == "ping"


def test_a_dead_endpoint_delays_no_other(
    app: Flask, session: Session, endpoints: Endpoints, receiver: Receiver
) -> None:
    """The healthy one gets what becomes due while the dead one hangs, by the same run of the job."""
    with receiving() as dead:
        dead.hangs.set()
        hanging, healthy = endpoints.add(dead.url), endpoints.add(receiver.url)
        a_delivery(session, hanging, 1)
        a_delivery(session, hanging, 2)
        job = Thread(target=in_app, args=(app, deliver_webhooks.run))
        job.start()
        until(lambda: len(dead.came) == 1)
        begun = time.monotonic()
        a_delivery(session, healthy, 3)
        until(lambda: len(receiver.came) == 1)
        assert time.monotonic() - begun < 5
        assert len(dead.came) == 1  # one at a time
        dead.hangs.clear()
        job.join(10)
    assert not job.is_alive()
    assert states(session) == [DeliveryState.DELIVERED] * 3


def in_app(app: Flask, run: Any) -> None:
    with app.app_context():
        run()


def until(holds: Any, seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.02)


def test_from_an_answer_to_the_receiver(
    app: Flask, session: Session, endpoints: Endpoints, receiver: Receiver
) -> None:
    from feedback_app.responses.services import record_response

    endpoints.add(receiver.url)
    moment = clock.now()
    asked = make_invitation(session, sent_at=moment - timedelta(hours=1))
    record_response(session, asked.id, 9, "Quick.", locale="en", now=moment)
    tell_others.run()
    deliver_webhooks.run()
    (came,) = receiver.came
    assert json.loads(came.body)["event_data"]["comment"] == "Quick."


def test_the_next_run_is_when_something_is_due(session: Session, endpoints: Endpoints) -> None:
    endpoint = endpoints.add()
    a_delivery(session, endpoint, next_attempt_at=NOON + timedelta(seconds=5))
    assert next_due(NOON, MINUTE) == NOON + timedelta(seconds=5)
    session.execute(update(Endpoint).values(active=False))
    session.commit()
    assert next_due(NOON, MINUTE) is None


@pytest.mark.only("sqlite")
def test_what_is_due_is_found_by_indexes_however_long_the_log_is(session: Session) -> None:
    asked = str(_DUE_ENDPOINTS.compile(session.get_bind(), compile_kwargs={"literal_binds": False}))
    plan = session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {asked}", (NOON.isoformat(),) * asked.count("?")
    )
    steps = " ".join(row[3] for row in plan)
    assert "ix_webhook_delivery_leased" in steps
    assert steps.count("ix_webhook_delivery_endpoint_due") == 2
    assert "SCAN webhook_delivery" not in steps


def test_what_is_done_with_goes_after_thirty_days(session: Session, endpoints: Endpoints) -> None:
    endpoint = endpoints.add()
    old = NOON - timedelta(days=31)
    for number, (state, at) in enumerate(
        [
            (DeliveryState.DELIVERED, old),
            (DeliveryState.FAILED, old),
            (DeliveryState.WAITING, old),
            (DeliveryState.DELIVERED, NOON - timedelta(days=29)),
        ]
    ):
        a_delivery(session, endpoint, number, state=state, created_at=at)
    assert forget_old(session, NOON) == 2
    assert states(session) == [DeliveryState.WAITING, DeliveryState.DELIVERED]


def test_plain_http_is_for_an_installation_on_one_machine(settings: Settings) -> None:
    from dataclasses import replace

    assert reach_of(settings).plain_http
    assert not reach_of(replace(settings, base_url="https://feedback.example.org")).plain_http
