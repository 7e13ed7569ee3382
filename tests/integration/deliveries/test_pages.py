"""/settings/mail: hooks are added, shown and deleted by administrators; what came to nothing is listed."""

import re
from datetime import timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.deliveries.models import MailHook, MailOutcome
from feedback_app.deliveries.reports import MailReport, Unread
from feedback_app.deliveries.services import receive_reports
from feedback_app.staff.models import AuditEntry, Role
from tests.conftest import NOON
from tests.mail_providers import TOPIC, sendgrid_public_key
from tests.pages import Browser, afresh, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


@pytest.fixture
def admin(app: Flask) -> Browser:
    return signed_in(app, Role.ADMIN)


def add(admin: Browser, kind: str, **fields: str) -> str:
    url = f"/settings/mail/add/{kind}"
    answer = admin.send(url, form_on=url, **fields)
    if answer.status_code == 303:
        return admin.get(answer.location).text
    return answer.text


def only_hook(session: Session) -> MailHook:
    return afresh(session).scalars(select(MailHook)).one()


def secret_of(hook: MailHook) -> str:
    unsealed: str = current_app.extensions["feedback_vault"].unseal(hook.sealed_secret)
    return unsealed


def test_the_empty_page_says_what_to_do(admin: Browser) -> None:
    page = admin.get("/settings/mail/").text
    assert "We do not hear about bounces yet" in page
    for title in ("Amazon SES", "Postmark", "SendGrid", "Mailgun"):
        assert title in page


def test_postmark_s_password_is_shown_once_in_its_address(admin: Browser, session: Session) -> None:
    page = add(admin, "postmark", name="Transactional")
    hook = only_hook(session)
    assert hook.name == "Transactional"
    assert f"http://feedback:{secret_of(hook)}@localhost/hooks/mail/postmark/{hook.key}" in page
    again = admin.get(f"/settings/mail/hooks/{hook.id}").text
    assert secret_of(hook) not in again
    assert f"http://localhost/hooks/mail/postmark/{hook.key}" in again


def test_a_new_password_takes_the_place_of_the_old_one(admin: Browser, session: Session) -> None:
    add(admin, "postmark")
    hook = only_hook(session)
    old, page = secret_of(hook), f"/settings/mail/hooks/{hook.id}"
    answer = admin.send(f"{page}/proof", form_on=page)
    new = secret_of(only_hook(session))
    assert new != old
    assert new in admin.get(answer.location).text
    assert new not in admin.get(answer.location).text


def test_topics_and_keys_are_checked_before_they_are_kept(admin: Browser, session: Session) -> None:
    assert "is no topic ARN, so nothing was saved" in add(admin, "ses", given="my-topic")
    assert "No topic ARN was given" in add(admin, "ses")
    assert "cannot be read" in add(admin, "sendgrid", given="not a key")
    assert afresh(session).scalars(select(MailHook)).all() == []
    assert TOPIC in add(admin, "ses", given=f"{TOPIC}\n{TOPIC}-2")
    assert only_hook(session).settings == {"topics": [TOPIC, f"{TOPIC}-2"]}


def test_a_key_may_follow_and_is_never_shown(admin: Browser, session: Session) -> None:
    add(admin, "sendgrid")
    hook = only_hook(session)
    assert secret_of(hook) == ""
    page = f"/settings/mail/hooks/{hook.id}"
    assert admin.send(f"{page}/proof", form_on=page, given="nonsense").status_code == 422
    assert admin.send(f"{page}/proof", form_on=page, given=sendgrid_public_key()).status_code == 303
    assert secret_of(only_hook(session)) == sendgrid_public_key()
    assert sendgrid_public_key() not in admin.get(page).text


def test_each_change_leaves_an_audit_line_without_the_secret(admin: Browser, session: Session) -> None:
    add(admin, "mailgun", given="a signing key")
    page = f"/settings/mail/hooks/{only_hook(session).id}"
    admin.send(f"{page}/proof", form_on=page, given="another key")
    admin.send(f"{page}/delete", form_on=page)
    entries = afresh(session).scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == [
        "mail_hook.added",
        "mail_hook.proof_set",
        "mail_hook.deleted",
    ]
    assert "key" not in str([entry.detail for entry in entries])


def test_a_deleted_hook_leaves_its_reports(admin: Browser, session: Session) -> None:
    add(admin, "mailgun", name="Old one")
    hook = only_hook(session)
    store(session, hook.id)
    page = f"/settings/mail/hooks/{hook.id}"
    answer = admin.send(f"{page}/delete", form_on=page)
    assert "Old one is deleted" in admin.get(answer.location).text
    assert admin.get(page).status_code == 404
    assert "Could not be read" in admin.get("/settings/mail/").text


def store(session: Session, hook_id: int | None) -> None:
    reports = [
        MailReport(MailOutcome.DELIVERED, f"mailgun:{number}", recipient="dana@example.com")
        for number in range(3)
    ]
    unread = [Unread(b"{}", "Could not be read.")]
    vault = current_app.extensions["feedback_vault"]
    now = NOON - timedelta(hours=3)
    receive_reports(session, "mailgun", hook_id, reports, unread, vault=vault, now=now)


def test_the_list_shows_when_a_hook_last_reported_and_how_much(admin: Browser, session: Session) -> None:
    add(admin, "mailgun")
    store(session, only_hook(session).id)
    page = admin.get("/settings/mail/").text
    assert "3 delivered" in page
    assert "1 unreadable" in page
    assert ">3 h</time>" in page


def test_what_came_to_nothing_is_listed_page_by_page(admin: Browser, session: Session) -> None:
    vault = current_app.extensions["feedback_vault"]
    unread = [Unread(b"%d" % number, f"Problem {number}.") for number in range(60)]
    receive_reports(session, "postmark", None, [], unread, vault=vault, now=NOON)
    first = admin.get("/settings/mail/").text
    older = re.search(r'href="(/settings/mail/\?before=\d+)"', first)
    assert older is not None
    second = admin.get(older[1]).text
    assert ("Problem 59." in first, "Problem 9." in first) == (True, False)
    assert ("Problem 9." in second, "Problem 10." in second) == (True, False)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CSM, Role.LEAD])
def test_only_administrators_see_it(app: Flask, role: Role) -> None:
    browser = signed_in(app, role)
    assert browser.get("/settings/mail/").status_code == 403
    assert browser.send("/settings/mail/add/postmark").status_code == 403


def test_an_unknown_provider_or_hook_is_404(admin: Browser) -> None:
    assert admin.get("/settings/mail/add/pigeon").status_code == 404
    assert admin.get("/settings/mail/hooks/7").status_code == 404
