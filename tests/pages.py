"""Browsers for tests of staff pages: signed in or not, with the form token that a page hands out."""

import re
from contextvars import Context
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app.clock import now
from feedback_app.db import db, transaction
from feedback_app.staff.models import Role
from feedback_app.staff.security import SESSION_KEY
from feedback_app.staff.services import begin_session
from tests.factories import make_user


class Browser(FlaskClient):
    """Each request meets the application afresh, as behind a server, whatever context the test has pushed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return Context().run(super().open, *args, **kwargs)

    def send(self, url: str, *, form_on: str = "/settings/profile", **fields: Any) -> TestResponse:
        """POST a form with the token of the page `form_on`."""
        return self.post(url, data={"csrf_token": form_token(self.get(form_on).text), **fields})

    def copy_of_cookie(self) -> str:
        cookie = self.get_cookie("feedback")
        assert cookie is not None
        return cookie.value


def new_browser(app: Flask) -> Browser:
    """A browser that has never been here."""
    return Browser(app, app.response_class)


def signed_in(app: Flask, role: Role = Role.CSM, **given: Any) -> Browser:
    """The browser of a new member of staff with this role."""
    user = make_user(db.session(), role, **given)
    return browser_of(app, user.id)


def browser_of(app: Flask, user_id: int) -> Browser:
    """One more signed-in browser of this member of staff."""
    session = db.session()
    with transaction(session):
        begun = begin_session(session, user_id, now())
        uniquifier = begun.user.fs_uniquifier
    browser = new_browser(app)
    with browser.session_transaction() as cookie:
        cookie.update({"_user_id": uniquifier, "_fresh": True, SESSION_KEY: begun.token})
    return browser


def afresh(session: Session) -> Session:
    """The session without the snapshot that it has read from, so that it sees what the pages have written."""
    session.rollback()
    return session


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found.group(1)
