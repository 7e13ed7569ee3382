"""What the tests of /v1 share: a key, and a client that shows it."""

import base64
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app.api.keys import create_key
from feedback_app.api.models import Scope
from feedback_app.surveys.models import Survey
from tests.factories import NOON, make_survey
from tests.pages import Browser, new_browser


class Program:
    """A program with a key: what it sends, as a client library would."""

    def __init__(self, app: Flask, key: str) -> None:
        self._browser: Browser = new_browser(app)
        self.key = key

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        headers = {"Authorization": basic(f"{self.key}:"), **more.pop("headers", {})}
        given = {"json": body} if body is not None else {}
        return self._browser.open(f"/v1{path}", method=method, headers=headers, **given, **more)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.call("GET", path, query_string=query)

    def post(self, path: str, **body: Any) -> TestResponse:
        return self.call("POST", path, body)

    def put(self, path: str, **body: Any) -> TestResponse:
        return self.call("PUT", path, body)

    def delete(self, path: str, **body: Any) -> TestResponse:
        return self.call("DELETE", path, body or None)


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def program_of(app: Flask, session: Session, survey: Survey, scope: Scope = Scope.FULL) -> Program:
    """A program with a new key of the survey; without a limit of requests."""
    return Program(app, create_key(session, survey.slug, scope=scope, per_minute=0, now=NOON))


@pytest.fixture
def survey(session: Session) -> Survey:
    return make_survey(session)


@pytest.fixture
def program(app: Flask, session: Session, survey: Survey) -> Program:
    return program_of(app, session, survey)
