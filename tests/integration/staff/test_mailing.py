"""Sign-in links by e-mail."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.app import create_app
from feedback_app.db import db
from feedback_app.mail.transports import MemoryTransport
from feedback_app.staff import mailing, views
from feedback_app.staff.models import SignInLink
from feedback_app.staff.services import SignInLinkGone, sign_in_by_link
from tests.conftest import close, make_settings
from tests.factories import make_user
from tests.pages import Browser, new_browser

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

SENDER = "surveys@northlight.example"


def test_the_mail_holds_a_link_for_an_hour(session: Session, now: datetime) -> None:
    user, transport = make_user(session, email="mia@northlight.example", name="Mia"), MemoryTransport()
    assert mailing.send_link(session, " MIA@northlight.example", transport=transport, sender=SENDER, now=now)
    mail = transport.sent[0]
    assert (mail.to.address, mail.envelope_from) == ("mia@northlight.example", SENDER)
    assert ("Auto-Submitted", "auto-generated") in mail.headers
    assert "until 13:00 UTC" in mail.text
    token = mail.text.split("http://localhost/login/")[1].split()[0]
    assert f"http://localhost/login/{token}" in (mail.html or "")
    with pytest.raises(SignInLinkGone):
        sign_in_by_link(session, token, now=now + timedelta(hours=1))
    assert sign_in_by_link(session, token, now=now + timedelta(minutes=59)).user.id == user.id


@pytest.mark.parametrize("given", [{"active": False}, {"email": "other@northlight.example"}])
def test_who_has_no_open_account_gets_no_mail(
    session: Session, now: datetime, given: dict[str, object]
) -> None:
    make_user(session, **{"email": "mia@northlight.example"} | given)
    transport = MemoryTransport()
    assert not mailing.send_link(
        session, "mia@northlight.example", transport=transport, sender=SENDER, now=now
    )
    assert transport.sent == []
    assert session.scalars(select(SignInLink)).all() == []


@pytest.fixture
def app_with_smtp(tmp_path: Path, database: str) -> Iterator[Flask]:
    app = create_app(make_settings(tmp_path, database, smtp_url="smtp://127.0.0.1:9"))
    with app.app_context():
        yield app
    close(app)


@pytest.fixture
def browser(app_with_smtp: Flask) -> Browser:
    return new_browser(app_with_smtp)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a mail was begun for."""
    begun: list[str] = []
    monkeypatch.setattr(views, "mail_link_soon", lambda _app, email: begun.append(email))
    return begun


def test_known_and_unknown_addresses_get_the_same_page(browser: Browser, asked: list[str]) -> None:
    known = make_user(db.session()).email
    pages = [
        browser.send("/login/link", form_on="/login/link", email=email)
        for email in (known, "no@body.example")
    ]
    assert pages[0].status_code == pages[1].status_code == 200
    assert pages[0].text == pages[1].text
    assert "If somebody here has this address" in pages[0].text
    assert asked == [known, "no@body.example"]


def test_a_mailbox_cannot_be_flooded(browser: Browser, asked: list[str]) -> None:
    answers = [
        browser.send("/login/link", form_on="/login/link", email="Mia@northlight.example").status_code
        for _ in range(6)
    ]
    assert answers == [200] * 5 + [429]
    assert len(asked) == 5


def test_a_mail_server_that_is_down_costs_no_error(
    app_with_smtp: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    email = make_user(db.session()).email
    mailing.mail_link_soon(app_with_smtp, email).join(timeout=20)
    assert "sign-in link not mailed: TryLater" in caplog.text
    assert email not in caplog.text


def test_without_a_mail_server_no_link_lands_where_others_read_it(app: Flask) -> None:
    browser = new_browser(app)
    page = browser.get("/login/link").text
    assert "feedback users add EMAIL --role ROLE" in page
    sent = browser.send("/login/link", form_on="/login", email=make_user(db.session()).email)
    assert sent.status_code == 422
    assert not app.extensions["feedback_settings"].outbox.exists()
