"""/settings/keys, as an administrator uses it."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.api.keys import create_key, known_key, revoke_key
from feedback_app.api.models import ApiKey
from feedback_app.clock import now
from feedback_app.staff.models import AuditEntry, Role
from tests.factories import make_survey
from tests.pages import Browser, afresh, signed_in

PAGE = "/settings/keys/"


@pytest.fixture
def admin(app: Flask, session: Session) -> Browser:
    make_survey(session, slug="quarterly", name="Quarterly")
    return signed_in(app, Role.ADMIN, email="ines@northlight.example")


def made(admin: Browser, **fields: str) -> str:
    """Makes a key on the page and gives it back as the page showed it."""
    given = {"survey": "quarterly", "scope": "full", "name": "Shop", "per_minute": "", **fields}
    answer = admin.send(PAGE, form_on=PAGE, **given)
    assert (answer.status_code, answer.location) == (303, PAGE)
    return shown_key(admin.get(PAGE).text)


def shown_key(page: str) -> str:
    return re.search(r'id="new-key"[^>]* value="(\w{32})"', page)[1]  # type: ignore[index]


def test_a_key_is_shown_once_with_what_to_change_in_a_program(admin: Browser, session: Session) -> None:
    admin.send(PAGE, form_on=PAGE, survey="quarterly", scope="read", name="Shop", per_minute="600")
    answer = admin.get(PAGE)
    key = shown_key(answer.text)
    assert "delighted.api_base_url = &#34;http://localhost/v1/&#34;" in answer.text or (
        'delighted.api_base_url = "http://localhost/v1/"' in answer.text
    )
    assert '{host: "localhost", port: 80, base: "/v1", scheme: "http"}' in answer.text
    known = known_key(key, now=now())
    assert known is not None
    assert (known.scope, known.per_minute) == ("read", 600)
    later = admin.get(PAGE).text
    assert key not in later
    assert len(afresh(session).scalars(select(ApiKey)).all()) == 1  # loading the page again made none
    assert f"<code>{key[:4]}…</code>" in later
    for told in ("Quarterly", "Read only", "600 a minute", "ines@northlight.example", "never", "In use"):
        assert told in later


def test_a_key_is_replaced_with_an_overlap(admin: Browser, session: Session) -> None:
    old = made(admin, scope="ingest")
    assert admin.send(f"{PAGE}1/replace", form_on=PAGE, hours="1").status_code == 303
    page = admin.get(PAGE).text
    new = shown_key(page)
    assert "The old key is good until" in page
    assert "Good until" in page
    assert new not in admin.get(PAGE).text
    at = now()
    assert known_key(old, now=at + timedelta(minutes=58))
    assert known_key(old, now=at + timedelta(minutes=61)) is None
    known = known_key(new, now=at + timedelta(days=365))
    assert known is not None
    assert known.scope == "ingest"


def test_a_key_is_revoked_by_whoever_says_that_it_is_meant(admin: Browser, session: Session) -> None:
    key = made(admin)
    admin.send(f"{PAGE}1/revoke", form_on=PAGE)
    assert "Nothing was revoked" in admin.get(PAGE).text
    assert known_key(key, now=now())
    assert admin.send(f"{PAGE}1/revoke", form_on=PAGE, sure="y").status_code == 303
    assert known_key(key, now=now()) is None
    page = admin.get(PAGE).text
    assert "1 key no longer in use" in page
    assert "No program has a key yet" in page
    assert admin.send(f"{PAGE}1/revoke", form_on=PAGE, sure="y").status_code == 404


def test_what_was_done_is_on_record(admin: Browser, session: Session) -> None:
    made(admin, scope="ingest")
    admin.send(f"{PAGE}1/replace", form_on=PAGE, hours="24")
    admin.send(f"{PAGE}2/revoke", form_on=PAGE, sure="y")
    entries = afresh(session).scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    told = [(entry.action, entry.subject_id, entry.detail) for entry in entries if entry.user_id]
    assert told == [
        ("key.made", 1, {"scope": "ingest"}),
        ("key.replaced", 1, {}),
        ("key.made", 2, {"scope": "ingest"}),
        ("key.revoked", 2, {}),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"survey": "yearly"}, "Not a valid choice"),
        ({"scope": "all"}, "Not a valid choice"),
        ({"per_minute": "-1"}, "A whole number from 0, which is no limit."),
        ({"per_minute": "99999999999"}, "A whole number from 0, which is no limit."),
        ({"per_minute": "many"}, "Not a valid integer value"),
        ({"name": "x" * 121}, "At most 120 characters."),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    admin: Browser, session: Session, fields: dict[str, str], words: str
) -> None:
    given = {"survey": "quarterly", "scope": "full", "name": "", "per_minute": ""} | fields
    answer = admin.send(PAGE, form_on=PAGE, **given)
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(ApiKey)).all() == []


def test_an_overlap_that_is_not_offered_changes_nothing(admin: Browser) -> None:
    key = made(admin)
    assert admin.send(f"{PAGE}1/replace", form_on=PAGE, hours="99999").status_code == 422
    assert known_key(key, now=now() + timedelta(days=365))


def test_only_admins_open_it(app: Flask, admin: Browser) -> None:
    lead = signed_in(app, Role.LEAD)
    assert lead.get(PAGE).status_code == 403
    assert lead.send(f"{PAGE}1/revoke", sure="y").status_code == 403
    assert PAGE not in lead.get("/inbox").text
    assert PAGE in admin.get("/inbox").text


def test_without_a_survey_there_is_no_form(app: Flask) -> None:
    assert "There is no survey yet" in signed_in(app, Role.ADMIN).get(PAGE).text


def test_names_are_text_and_keys_that_ended_before_are_gone(admin: Browser, session: Session) -> None:
    create_key(session, "quarterly", name="<b>Shop</b>\n", now=now())
    assert "&lt;b&gt;Shop&lt;/b&gt;" in admin.get(PAGE).text
    revoke_key(session, 1, user_id=None, now=now())
    assert admin.send(f"{PAGE}1/replace", form_on=PAGE, hours="24").status_code == 404
