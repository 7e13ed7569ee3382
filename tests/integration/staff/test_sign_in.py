"""Signing in and out, as a browser sees it."""

import re

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from feedback_app.app import create_app
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.staff import services
from feedback_app.staff.models import Role, SignInLink, StaffSession
from tests.conftest import close, make_settings
from tests.factories import make_user
from tests.pages import Browser, new_browser, signed_in

PASSWORD = "three plain words"


@pytest.fixture
def browser(app: Flask) -> Browser:
    return new_browser(app)


def link_for(session: Session) -> str:
    url = services.sign_in_link(session, make_user(session).id, now=now())
    return url.removeprefix("http://localhost")


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/settings/profile").status_code == 200


def with_password(session: Session) -> str:
    return str(make_user(session, password=hash_password(PASSWORD)).email)


def test_a_staff_page_sends_a_stranger_to_the_sign_in_page_and_back(
    browser: Browser, session: Session
) -> None:
    sent = browser.get("/settings/profile?from=mail")
    assert (sent.status_code, sent.location) == (302, "/login?next=/settings/profile?from%3Dmail")
    page = browser.get(sent.location).text
    assert 'name="next" value="/settings/profile?from=mail"' in page
    back = browser.send(
        "/login",
        form_on="/login",
        email=with_password(session),
        password=PASSWORD,
        next="/settings/profile?from=mail",
    )
    assert (back.status_code, back.location) == (303, "/settings/profile?from=mail")
    assert is_signed_in(browser)


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(
    browser: Browser, session: Session
) -> None:
    known = with_password(session)
    pages = [
        browser.send("/login", form_on="/login", email=email, password="not the password")
        for email in (known, known.replace("csm.", "xsm."))
    ]
    assert [page.status_code for page in pages] == [422, 422]
    first, second = (
        re.sub(r'value="[^"]*"', "", page.text) for page in pages
    )  # but for the address typed and the token
    assert first == second
    assert "do not belong together" in first


def test_opening_a_sign_in_link_signs_nobody_in(browser: Browser, session: Session) -> None:
    link = link_for(session)
    for _ in range(3):
        assert "Press the button" in browser.get(link).text
    assert browser.head(link).status_code == 200
    assert not is_signed_in(browser)
    assert session.scalars(select(StaffSession)).all() == []
    assert session.scalars(select(SignInLink)).one().used_at is None


def test_the_button_of_a_sign_in_link_signs_in_once(app: Flask, browser: Browser, session: Session) -> None:
    link = link_for(session)
    pressed = browser.send(link, form_on=link)
    assert (pressed.status_code, pressed.location) == (303, "/")
    assert is_signed_in(browser)
    second = new_browser(app)
    assert second.get(link).status_code == 410
    assert second.send(link, form_on="/login").status_code == 410
    assert not is_signed_in(second)


def test_a_link_that_was_never_made_says_what_to_do(browser: Browser) -> None:
    page = browser.get("/login/not-a-token")
    assert page.status_code == 410
    assert "Ask for a new one on the sign-in page" in page.text


@pytest.mark.parametrize("url", ["/login", "/logout", "/settings/profile", "/settings/password"])
def test_a_form_without_its_token_is_refused(app: Flask, url: str) -> None:
    browser = signed_in(app)
    refused = browser.post(url, data={"name": "Mallory", "email": "a@b.example", "password": "x"})
    assert refused.status_code == 400
    assert is_signed_in(browser)
    assert "Mallory" not in browser.get("/settings/profile").text


def test_the_button_of_a_link_needs_its_token_too(browser: Browser, session: Session) -> None:
    link = link_for(session)
    assert browser.post(link).status_code == 400
    assert session.scalars(select(SignInLink)).one().used_at is None


def test_a_cookie_copied_before_signing_out_is_worth_nothing_afterwards(app: Flask) -> None:
    browser = signed_in(app)
    copied = browser.copy_of_cookie()
    left = browser.send("/logout")
    assert (left.status_code, left.location) == (303, "/login")
    thief = new_browser(app)
    thief.set_cookie("feedback", copied)
    assert not is_signed_in(thief)


def test_signing_out_cannot_be_done_by_a_link(app: Flask) -> None:
    browser = signed_in(app)
    assert browser.get("/logout").status_code == 405
    assert is_signed_in(browser)


def test_signing_in_drops_whatever_the_browser_held_before(browser: Browser, session: Session) -> None:
    with browser.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    browser.send("/login", form_on="/login", email=with_password(session), password=PASSWORD)
    with browser.session_transaction() as cookie:
        assert "planted" not in cookie
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "/ /evil.example",
        "http:/evil.example",
    ],
)
def test_signing_in_leads_to_no_other_site(browser: Browser, session: Session, target: str) -> None:
    sent = browser.send(
        "/login", form_on="/login", email=with_password(session), password=PASSWORD, next=target
    )
    assert (sent.status_code, sent.location) == (303, "/")


def test_guessing_at_one_account_ends_after_ten_tries(browser: Browser, session: Session) -> None:
    email = with_password(session)
    tries = [
        browser.send("/login", form_on="/login", email=email, password=f"guess {n}").status_code
        for n in range(11)
    ]
    assert tries == [422] * 10 + [429]
    other = browser.send("/login", form_on="/login", email=with_password(session), password=PASSWORD)
    assert other.status_code == 303


def test_guessing_from_one_address_ends_after_thirty_tries(browser: Browser) -> None:
    token = {"form_on": "/login"}
    tries = [
        browser.send("/login", **token, email=f"{n}@northlight.example", password="").status_code
        for n in range(31)
    ]
    assert tries == [422] * 30 + [429]


def test_good_sign_ins_are_not_counted(browser: Browser, session: Session, app: Flask) -> None:
    email = with_password(session)
    answers = {
        new_browser(app).send("/login", form_on="/login", email=email, password=PASSWORD).status_code
        for _ in range(12)
    }
    assert answers == {303}


@pytest.mark.only("sqlite")
def test_the_sign_in_page_of_the_demo_says_where_its_link_is(tmp_path: object, database: str) -> None:
    app = create_app(make_settings(tmp_path, database, demo=True))  # type: ignore[arg-type]
    with app.app_context():
        assert "printed by <code>feedback demo</code>" in new_browser(app).get("/login").text
    close(app)


def test_public_pages_ask_the_database_for_no_user(app: Flask) -> None:
    browser = signed_in(app, Role.ADMIN)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    browser.get("/healthz")
    browser.get("/a/not-a-token")
    browser.get("/u/not-a-token")
    browser.post("/hooks/generic/not-a-key", data=b"{}")
    assert [statement for statement in asked if "staff_" in statement] == []
    browser.get("/settings/profile")
    assert [statement for statement in asked if "staff_session" in statement]
