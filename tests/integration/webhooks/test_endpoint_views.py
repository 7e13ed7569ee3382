"""/settings/webhooks as an administrator meets it."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app.crypto import Vault
from feedback_app.happenings import Kind, Listener
from feedback_app.staff.models import AuditEntry, Role
from feedback_app.webhooks.jobs import deliver_webhooks
from feedback_app.webhooks.models import DeliveryState, Endpoint, WebhookDelivery
from feedback_app.webhooks.signing import Secret
from tests.conftest import NOON
from tests.factories import keep
from tests.integration.webhooks.conftest import SECRET, Endpoints, deliveries
from tests.pages import Browser, afresh, form_token, signed_in
from tests.receivers import Receiver

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

FORM = {
    "name": "Data warehouse",
    "shape": "event",
    "url": "https://hooks.example.com/T0/secret-path",
    "kinds": ["survey_response.created", "score.fell"],
    "survey": "all",
}


@pytest.fixture
def admin(app: Flask) -> Browser:
    return signed_in(app, Role.ADMIN)


def entered(admin: Browser, path: str, fields: Mapping[str, object]) -> TestResponse:
    """The form, sent with these fields (one of them is called `url`, as the browser's own argument is)."""
    token = form_token(admin.get("/settings/profile").text)
    return admin.post(path, data={"csrf_token": token, **fields})


def audited(session: Session) -> list[str]:
    entries = select(AuditEntry.action).where(AuditEntry.subject_kind == "endpoint").order_by(AuditEntry.id)
    return list(afresh(session).scalars(entries))


def test_it_is_for_administrators(app: Flask) -> None:
    assert signed_in(app, Role.LEAD).get("/settings/webhooks/").status_code == 403


def test_without_an_endpoint_the_page_says_what_one_is_for(admin: Browser) -> None:
    page = admin.get("/settings/webhooks/").text
    assert "Nobody hears of what happens here yet" in page


def test_an_endpoint_is_added_and_its_secret_shown_once(
    admin: Browser, session: Session, vault: Vault
) -> None:
    page = admin.get(entered(admin, "/settings/webhooks/add", FORM).location).text
    shown = re.search(r"whsec_[A-Za-z0-9+/=]{44}", page)
    assert shown is not None
    endpoint = afresh(session).scalars(select(Endpoint)).one()
    assert Secret.read(vault.unseal(endpoint.sealed_secret)).current == shown[0]
    again = admin.get(f"/settings/webhooks/{endpoint.id}").text
    assert "whsec_" not in again
    assert "secret-path" not in again  # the address may be a secret in itself
    assert "hooks.example.com" in again
    assert sorted(session.scalars(select(Listener.kind))) == ["score.fell", "survey_response.created"]
    assert audited(session) == ["endpoint.added"]


def test_an_old_api_key_can_be_the_secret(admin: Browser, session: Session, vault: Vault) -> None:
    entered(admin, "/settings/webhooks/add", FORM | {"secret": SECRET})
    endpoint = afresh(session).scalars(select(Endpoint)).one()
    assert Secret.read(vault.unseal(endpoint.sealed_secret)).current == SECRET


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": "https://127.1/"}, "usual form"),
        ({"url": "https://10.0.0.1/"}, "private network"),
        ({"url": "ftp://example.com/"}, "must begin with https://"),
        ({"url": ""}, "must begin with https://"),
        ({"kinds": []}, "Choose at least one thing"),
        ({"name": "   "}, "A name has 1 to 120"),
        ({"secret": "short"}, "plain characters"),
        ({"survey": "7"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_saved(
    admin: Browser, session: Session, wrong: dict[str, object], says: str
) -> None:
    answer = entered(admin, "/settings/webhooks/add", FORM | wrong)
    assert answer.status_code == 422
    assert says in answer.text
    assert "nothing was saved" in answer.text.lower()
    assert afresh(session).scalars(select(Endpoint)).all() == []


def test_an_endpoint_is_changed_and_keeps_its_address(
    admin: Browser, session: Session, endpoints: Endpoints, vault: Vault
) -> None:
    endpoint = endpoints.add("https://hooks.example.com/in")
    page = admin.get(f"/settings/webhooks/{endpoint.id}/edit").text
    assert 'value="Ours"' in page
    changed = FORM | {"url": "", "kinds": ["bounce.created"], "bands": ["bad"], "themes": "billing, , export"}
    assert entered(admin, f"/settings/webhooks/{endpoint.id}/edit", changed).status_code == 303
    afresh(session).refresh(endpoint)
    assert (endpoint.name, endpoint.kinds) == ("Data warehouse", ["bounce.created"])
    assert endpoint.filter == {"bands": ["bad"], "themes": ["billing", "export"]}
    assert vault.unseal(endpoint.sealed_url) == "https://hooks.example.com/in"
    assert list(session.scalars(select(Listener.kind))) == ["bounce.created"]


def test_pausing_ends_the_listening_and_going_on_begins_it_again(
    admin: Browser, session: Session, endpoints: Endpoints
) -> None:
    endpoint = endpoints.add()
    admin.send(f"/settings/webhooks/{endpoint.id}/pause")
    assert list(afresh(session).scalars(select(Listener.kind))) == []
    assert "Paused" in admin.get("/settings/webhooks/").text
    admin.send(f"/settings/webhooks/{endpoint.id}/resume")
    assert len(list(afresh(session).scalars(select(Listener.kind)))) == len(Kind)
    assert audited(session) == ["endpoint.added", "endpoint.paused", "endpoint.resumed"]


def test_a_test_shows_the_answer_in_the_log(
    admin: Browser, session: Session, endpoints: Endpoints, receiver: Receiver
) -> None:
    endpoint = endpoints.add(receiver.url)
    receiver.answer(200, body=b"thank <you>")
    admin.send(f"/settings/webhooks/{endpoint.id}/test")
    deliver_webhooks.run()
    page = admin.get(f"/settings/webhooks/{endpoint.id}").text
    assert "thank &lt;you&gt;" in page
    assert "answered 200" in page


def test_what_failed_is_sent_again_by_a_button(
    admin: Browser, session: Session, endpoints: Endpoints
) -> None:
    endpoint = endpoints.add()
    ids = [a_failure(session, endpoint, number).id for number in range(2)]
    page = admin.get(f"/settings/webhooks/{endpoint.id}").text
    assert "Send all that failed again" in page
    admin.send(f"/settings/webhooks/{endpoint.id}/deliveries/{ids[0]}/again")
    assert [one.state for one in deliveries(session)] == [DeliveryState.WAITING, DeliveryState.FAILED]
    admin.send(f"/settings/webhooks/{endpoint.id}/again")
    assert [one.state for one in deliveries(session)] == [DeliveryState.WAITING] * 2
    assert [one.event_id for one in deliveries(session)] == [f"{number:064x}" for number in range(2)]


def test_one_endpoint_s_page_does_not_send_another_one_s_messages(
    admin: Browser, session: Session, endpoints: Endpoints
) -> None:
    mine, other = endpoints.add(), endpoints.add(name="Other")
    failure = a_failure(session, other, 1)
    admin.send(f"/settings/webhooks/{mine.id}/deliveries/{failure.id}/again")
    assert [one.state for one in deliveries(session)] == [DeliveryState.FAILED]


def a_failure(session: Session, endpoint: Endpoint, number: int) -> WebhookDelivery:
    return keep(
        session,
        WebhookDelivery(
            endpoint_id=endpoint.id,
            event_id=f"{number:064x}",
            kind=Kind.BOUNCED,
            payload="{}",
            state=DeliveryState.FAILED,
            attempts=10,
            created_at=NOON,
            next_attempt_at=NOON,
        ),
    )


def test_a_new_secret_is_shown_once_and_the_old_one_kept_for_the_overlap(
    admin: Browser, session: Session, endpoints: Endpoints, vault: Vault
) -> None:
    endpoint = endpoints.add()
    page = admin.get(admin.send(f"/settings/webhooks/{endpoint.id}/secret", secret="").location).text
    afresh(session).refresh(endpoint)
    kept = Secret.read(vault.unseal(endpoint.sealed_secret))
    assert kept.current in page.replace("&#43;", "+")
    assert kept.earlier == SECRET
    refused = admin.send(f"/settings/webhooks/{endpoint.id}/secret", secret="short")
    assert refused.status_code == 422


def test_deleting_takes_the_log_along(admin: Browser, session: Session, endpoints: Endpoints) -> None:
    endpoint = endpoints.add()
    page = f"/settings/webhooks/{endpoint.id}"
    a_failure(session, endpoint, 1)
    admin.send(f"{page}/delete")
    assert deliveries(session) == []
    assert session.scalars(select(Listener)).all() == []
    assert admin.get(page).status_code == 404
    assert audited(session) == ["endpoint.added", "endpoint.deleted"]


def test_the_breaker_s_reason_is_shown(admin: Browser, session: Session, endpoints: Endpoints) -> None:
    endpoint = endpoints.add()
    endpoint.active, endpoint.stopped_because = (
        False,
        "It answered 410 Gone: nobody wants these messages any more.",
    )
    session.commit()
    for page in ("/settings/webhooks/", f"/settings/webhooks/{endpoint.id}"):
        assert "410 Gone" in admin.get(page).text


@pytest.mark.parametrize("path", ["", "/edit"])
def test_an_endpoint_that_is_not_there_is_said_to_be(admin: Browser, path: str) -> None:
    assert admin.get(f"/settings/webhooks/999{path}").status_code == 404


def test_whether_comments_go_out_in_full_is_chosen_shown_and_noted(admin: Browser, session: Session) -> None:
    entered(admin, "/settings/webhooks/add", FORM)
    endpoint = afresh(session).scalars(select(Endpoint)).one()
    assert endpoint.masks_comments
    assert "Personal data in them masked" in admin.get(f"/settings/webhooks/{endpoint.id}").text
    entered(admin, f"/settings/webhooks/{endpoint.id}/edit", FORM | {"url": "", "in_full": "y"})
    assert "In full, with personal data" in admin.get(f"/settings/webhooks/{endpoint.id}").text
    chosen = select(AuditEntry.detail).where(AuditEntry.subject_kind == "endpoint").order_by(AuditEntry.id)
    assert [detail["masks_comments"] for detail in afresh(session).scalars(chosen)] == [True, False]
