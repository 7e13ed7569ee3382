"""A locked database and a full disk: every page that writes says 503 with Retry-After, and works again by itself."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.invitations.models import Event
from feedback_app.responses.forms import new_nonce
from feedback_app.responses.models import Response
from feedback_app.staff.services import sign_in_link
from tests.factories import make_invitation, make_response, make_source, make_survey, make_user
from tests.helpdesks import GENERIC_SECRET, closed_case, generic_headers
from tests.pages import Browser, afresh, browser_of, form_token, new_browser

pytestmark = pytest.mark.only("sqlite")
PASSWORD = "three plain words"
Ask = Callable[[], TestResponse]


@contextmanager
def pragma(words: str) -> Iterator[None]:
    """Every connection works under this pragma."""

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {words}")

    event.listen(db.engine, "checkout", limit)
    yield
    event.remove(db.engine, "checkout", limit)
    db.session.rollback()
    db.engine.dispose()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Somebody else writes and does not end."""
    with pragma("busy_timeout=20"):
        other = sqlite3.connect(folder / "feedback.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()


def hook(client: Browser, session: Session, **more: Any) -> Ask:
    source = make_source(session, GENERIC_SECRET)
    body = closed_case(at=now(), **more)
    headers = generic_headers(body, at=now())
    return lambda: client.post(f"/hooks/generic/{source.key}", data=body, headers=headers)


def writers(app: Flask, session: Session) -> dict[str, Ask]:
    """Every way of writing over the web, ready to be tried."""
    links = app.extensions["feedback_links"]
    invitation = make_invitation(session, sent_at=now() - timedelta(hours=1)).id
    answer, stop = f"/a/{links.answer_token(invitation)}", f"/u/{links.unsubscribe_token(invitation)}"
    slug, number = make_survey(session).slug, make_response(session).id
    user = make_user(session, password=hash_password(PASSWORD))
    address, user_id = user.email, user.id
    stranger, csm, leaving = new_browser(app), browser_of(app, user_id), browser_of(app, user_id)
    token, new_token = form_token(stranger.get("/login").text), form_token(csm.get("/settings/profile").text)
    link = sign_in_link(session, user_id, now=now()).removeprefix("http://localhost")

    def staff(path: str, **fields: str) -> Ask:
        return lambda: csm.post(path, data={"csrf_token": new_token, **fields})

    leave = form_token(leaving.get("/settings/profile").text)
    password = {"current": PASSWORD, "new": "four quite plain words", "again": "four quite plain words"}
    return {
        "answer": lambda: stranger.post(answer, data={"rating": "9", "comment": "Fine"}),
        "intent": lambda: stranger.post(f"{answer}/intent", json={"rating": 9, "human": True}),
        "machine's intent": lambda: stranger.post(f"{answer}/intent", json={"rating": 8}),
        "hidden link": lambda: stranger.get(f"{answer}/more"),
        "open answer": lambda: stranger.post(f"/t/{slug}", data={"rating": "9", "nonce": new_nonce()}),
        "open intent": lambda: stranger.post(f"/t/{slug}/intent", json={"rating": 9, "nonce": new_nonce()}),
        "unsubscribe": lambda: stranger.post(stop),
        "hook": hook(stranger, session),
        "sign in": lambda: stranger.post(
            "/login", data={"csrf_token": token, "email": address, "password": PASSWORD}
        ),
        "sign in by link": lambda: new_browser(app).send(link, form_on="/login"),
        "profile": staff("/settings/profile", name="Dana", time_zone=""),
        "status": staff(f"/responses/{number}/status", status="open"),
        "assignee": staff(f"/responses/{number}/assignee", assignee=str(user_id)),
        "note": staff(f"/responses/{number}/notes", text="Call back"),
        "sign out": lambda: leaving.post("/logout", data={"csrf_token": leave}),
        "password": staff("/settings/password", **password),
    }


def test_while_the_database_is_locked_every_writer_is_503_and_none_afterwards(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    tried = writers(app, session)
    session.close()
    with locked(tmp_path):
        told = {name: ask() for name, ask in tried.items()}
    assert {name: answer.status_code for name, answer in told.items()} == dict.fromkeys(tried, 503)
    assert {answer.headers["Retry-After"] for answer in told.values()} == {"30"}
    again = {name: ask().status_code for name, ask in tried.items()}
    assert {name: status for name, status in again.items() if status >= 400} == {}


def test_words_that_could_not_be_kept_are_given_back(app: Flask, session: Session, tmp_path: Path) -> None:
    tried = writers(app, session)
    session.close()
    with locked(tmp_path):
        answer, note, password = (tried[name]().text for name in ("answer", "note", "password"))
    assert "Here is what you wrote" in answer
    assert "Fine</textarea>" in answer
    assert "Call back</textarea>" in note
    assert "plain words" not in password


def test_on_a_full_disk_nothing_is_taken_pages_are_shown_and_it_goes_on_by_itself(
    app: Flask, session: Session
) -> None:
    links, browser = app.extensions["feedback_links"], new_browser(app)
    path = f"/a/{links.answer_token(make_invitation(session, sent_at=now() - timedelta(hours=1)).id)}"
    answer = {"rating": "3", "comment": "Slow. " * 1600}
    big_hook = hook(browser, session, note="x" * 100_000)
    session.close()
    with pragma("max_page_count=1"):  # as many as there are: not one more
        for ask in (lambda: browser.post(path, data=answer), big_hook):
            refused = ask()
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert browser.get(path).status_code == 200
    for model in (Response, Event):
        assert afresh(session).scalar(select(func.count()).select_from(model)) == 0
    assert (browser.post(path, data=answer).status_code, big_hook().status_code) == (303, 200)
