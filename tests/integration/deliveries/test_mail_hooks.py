"""POST /hooks/mail/<provider>/<key>: proven, stored, answered; and nothing that was forged gets further."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app import clock
from feedback_app.deliveries import jobs
from feedback_app.deliveries.jobs import apply_reports, confirm_subscriptions
from feedback_app.deliveries.models import MailEvent, MailEventState, MailHook
from feedback_app.errors import DatabaseBusy
from feedback_app.invitations.models import InvitationState
from feedback_app.people.models import Suppression
from feedback_app.queue import JOBS
from feedback_app.webhooks import mail_views
from feedback_app.webhooks.helpdesks.provider import HookRequest
from feedback_app.webhooks.mail_providers import registry
from feedback_app.webhooks.mail_providers.ses import Ses
from tests.factories import make_invitation, make_person
from tests.mail_providers import (
    MAILGUN_KEY,
    SENT_AT,
    TOPIC,
    basic,
    certificate,
    mailgun_signed,
    sample,
    sendgrid_public_key,
    sendgrid_signed,
    sns_signed,
)

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

MakeHook = Callable[..., MailHook]
DANA = "dana.whitfield@example.com"


@pytest.fixture(autouse=True)
def just_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: SENT_AT)


@pytest.fixture
def certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amazon's certificate, without Amazon."""
    monkeypatch.setitem(registry.PROVIDERS, "ses", Ses(lambda _url: certificate()))


def events(session: Session) -> list[MailEvent]:
    session.rollback()
    return list(session.scalars(select(MailEvent).order_by(MailEvent.id)))


def postmark_body(**changes: Any) -> bytes:
    return json.dumps(json.loads(sample("postmark-bounce.json")) | changes).encode()


def post_postmark(
    client: FlaskClient,
    hook: MailHook,
    body: bytes,
    given: str = "a secret",
) -> TestResponse:
    headers = {"Authorization": basic(given)}
    return client.post(f"/hooks/mail/postmark/{hook.key}", data=body, headers=headers)


def post_signed(client: FlaskClient, hook: MailHook, asked: HookRequest) -> TestResponse:
    return client.post(f"/hooks/mail/{hook.kind}/{hook.key}", data=asked.body, headers=dict(asked.headers))


def test_a_bounce_is_stored_answered_and_then_acted_on(
    session: Session, client: FlaskClient, make_hook: MakeHook
) -> None:
    hook = make_hook("postmark")
    invitation = make_invitation(session, person_id=make_person(session, email=DANA).id)
    body = postmark_body(Metadata={"invitation": str(invitation.id)})
    answer = post_postmark(client, hook, body)
    assert (answer.status_code, answer.get_json()) == (200, {"result": "received", "new": 1, "unreadable": 0})
    (event,) = events(session)
    assert (event.provider, event.hook_id, event.dedupe_key) == (
        "postmark",
        hook.id,
        "postmark:4323372036854001234",
    )
    assert json.loads(event.body) == json.loads(body)
    apply_reports.run()
    session.refresh(invitation)
    assert invitation.state == InvitationState.BOUNCED
    assert session.scalars(select(Suppression.reason)).all() == ["bounced"]


def test_a_report_wakes_a_worker_only_after_it_is_committed(
    session: Session, client: FlaskClient, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mail to a dead address stops within a minute: at once, or with the clock if the nudge is lost."""
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(mail_views, "nudge", lambda job: woken.append((job.name, len(events(session)))))
    post_postmark(client, make_hook("postmark"), postmark_body())
    assert woken == [("apply_reports", 1)]
    assert "apply_reports" in JOBS  # what the minute's clock runs


def test_the_same_report_again_is_a_friendly_200(
    session: Session, client: FlaskClient, make_hook: MakeHook
) -> None:
    hook = make_hook("postmark")
    answers = [post_postmark(client, hook, postmark_body()).get_json()["result"] for _ in range(2)]
    assert answers == ["received", "duplicate"]
    assert len(events(session)) == 1


def test_an_array_of_sendgrid_is_stored_report_by_report(
    session: Session, client: FlaskClient, make_hook: MakeHook
) -> None:
    hook = make_hook("sendgrid", sendgrid_public_key())
    body = json.dumps([7, *json.loads(sample("sendgrid-events.json"))]).encode()
    answer = post_signed(client, hook, sendgrid_signed(body))
    assert answer.get_json() == {"result": "received", "new": 9, "unreadable": 1}
    states = [event.state for event in events(session)]
    assert states == [MailEventState.IGNORED, *[MailEventState.RECEIVED] * 7, MailEventState.UNREADABLE]
    assert post_signed(client, hook, sendgrid_signed(body)).get_json()["result"] == "duplicate"


def test_mailgun_s_token_proves_one_report_and_no_other(
    session: Session, client: FlaskClient, make_hook: MakeHook
) -> None:
    """The signature does not cover the event: whoever caught one request could else say anything with it."""
    hook = make_hook("mailgun", MAILGUN_KEY)
    event = json.loads(sample("mailgun-delivered.json"))["event-data"]
    forged = event | {"id": "another", "event": "complained"}
    url = f"/hooks/mail/mailgun/{hook.key}"
    assert client.post(url, data=mailgun_signed(event)).get_json()["result"] == "received"
    assert client.post(url, data=mailgun_signed(forged)).get_json()["result"] == "duplicate"
    assert [one.outcome for one in events(session)] == ["delivered"]
    fresh = mailgun_signed(forged, token="u" * 50)
    assert client.post(url, data=fresh).get_json()["result"] == "received"


@pytest.mark.usefixtures("certificates")
def test_a_topic_on_the_list_is_confirmed_by_a_job(
    session: Session, client: FlaskClient, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(jobs, "fetch", lambda url: asked.append(url) or b"")
    hook = make_hook("ses", settings={"topics": [TOPIC]})
    message = json.loads(sample("ses-sns-subscription-confirmation.json"))
    assert post_signed(client, hook, sns_signed(message)).status_code == 200
    assert asked == []  # not while SNS waits for our answer
    for _ in range(2):
        apply_reports.run()
        confirm_subscriptions.run()
    assert asked == [message["SubscribeURL"]]
    assert [event.state for event in events(session)] == [MailEventState.DONE]


@pytest.mark.usefixtures("certificates")
def test_a_confirmation_that_fails_is_tried_again_and_listed(
    session: Session, client: FlaskClient, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_url: str) -> bytes:
        raise TimeoutError

    monkeypatch.setattr(jobs, "fetch", down)
    hook = make_hook("ses", settings={"topics": [TOPIC]})
    message = json.loads(sample("ses-sns-subscription-confirmation.json"))
    post_signed(client, hook, sns_signed(message))
    confirm_subscriptions.run()
    (event,) = events(session)
    assert event.problem == "Confirming the subscription failed: TimeoutError."
    assert event.try_at is not None
    assert event.try_at > SENT_AT


@pytest.mark.usefixtures("certificates")
def test_a_topic_of_somebody_else_is_refused_and_never_confirmed(
    session: Session, client: FlaskClient, make_hook: MakeHook
) -> None:
    hook = make_hook("ses", settings={"topics": [TOPIC.replace("123456789012", "999999999999")]})
    message = json.loads(sample("ses-sns-subscription-confirmation.json"))
    assert post_signed(client, hook, sns_signed(message)).status_code == 401
    assert events(session) == []


def test_a_certificate_that_cannot_be_fetched_is_503_so_that_sns_tries_again(
    client: FlaskClient, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_url: str) -> bytes:
        raise TimeoutError

    monkeypatch.setitem(registry.PROVIDERS, "ses", Ses(down))
    hook = make_hook("ses", settings={"topics": [TOPIC]})
    answer = post_signed(client, hook, sns_signed(json.loads(sample("ses-sns-bounce.json"))))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("kind", ["ses", "postmark", "sendgrid", "mailgun"])
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 5000, b'{"signature": {"timestamp": 1}}']
)
def test_whatever_proves_nothing_is_401_and_leaves_nothing(
    session: Session, client: FlaskClient, make_hook: MakeHook, kind: str, body: bytes
) -> None:
    hook = make_hook(kind, settings={"topics": [TOPIC]})
    headers = {
        "x-amz-sns-message-type": "Notification",
        "Authorization": "Basic !",
        "X-Twilio-Email-Event-Webhook-Signature": "é",
        "X-Twilio-Email-Event-Webhook-Timestamp": "1",
    }
    answer = client.post(f"/hooks/mail/{kind}/{hook.key}", data=body, headers=headers)
    assert answer.status_code == 401
    assert events(session) == []


def test_many_wrong_passwords_from_one_address_are_429(client: FlaskClient, make_hook: MakeHook) -> None:
    hook = make_hook("postmark", key="key-of-the-429-test")
    statuses = [post_postmark(client, hook, b"{}", "wrong").status_code for _ in range(22)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert post_postmark(client, hook, postmark_body()).status_code == 200  # what is proven is never limited


@pytest.mark.parametrize(("kind", "status"), [("postmark", 422), ("mailgun", 406)])
def test_what_cannot_be_read_is_stored_and_not_asked_for_again(
    session: Session, client: FlaskClient, make_hook: MakeHook, kind: str, status: int
) -> None:
    hook = make_hook(kind, MAILGUN_KEY)
    body = mailgun_signed({"event": None}) if kind == "mailgun" else b'{"RecordType": "Poem"}'
    url, headers = f"/hooks/mail/{kind}/{hook.key}", {"Authorization": basic(MAILGUN_KEY)}
    answer = client.post(url, data=body, headers=headers)
    assert answer.status_code == status
    assert "kept as it came" in answer.get_json()["detail"]
    (event,) = events(session)
    assert (event.state, event.try_at) == (MailEventState.UNREADABLE, None)
    assert client.post(url, data=body, headers=headers).status_code == 200  # known: no more retries
    assert len(events(session)) == 1


@pytest.mark.parametrize("url", ["/hooks/mail/postmark/nobody", "/hooks/mail/pigeon/key-of-postmark"])
def test_an_unknown_hook_or_provider_is_404(client: FlaskClient, make_hook: MakeHook, url: str) -> None:
    make_hook("postmark")
    assert client.post(url, data=b"{}").status_code == 404


def test_a_hook_takes_no_requests_for_another_provider(client: FlaskClient, make_hook: MakeHook) -> None:
    make_hook("postmark")
    assert client.post("/hooks/mail/mailgun/key-of-postmark", data=b"{}").status_code == 404


def test_passing_trouble_is_503_and_never_403(
    client: FlaskClient, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: Any, **_kwargs: Any) -> int:
        raise DatabaseBusy

    hook = make_hook("postmark")
    monkeypatch.setattr(mail_views, "receive_reports", busy)
    answer = post_postmark(client, hook, postmark_body())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_a_get_does_nothing(client: FlaskClient, make_hook: MakeHook) -> None:
    make_hook("postmark")
    assert client.get("/hooks/mail/postmark/key-of-postmark").status_code == 405


def test_more_than_a_megabyte_is_413(client: FlaskClient, make_hook: MakeHook) -> None:
    hook = make_hook("postmark")
    assert post_postmark(client, hook, b" " * 1_000_001).status_code == 413
