"""What the tests of /v1 share: a key, and a client that shows it."""

import base64
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app.api.keys import create_key
from feedback_app.api.models import Scope
from feedback_app.api.v1 import endpoints
from feedback_app.api.v1.endpoints import CHANGES, READS, Answer, Call, endpoint
from feedback_app.api.v1.fields import Field, integer, words
from feedback_app.mail.memory import MemoryTransport
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


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Offers GET, POST and PUT /echo, which answer with what came; the list holds what the POSTs did."""
    effects: list[dict[str, Any]] = []
    monkeypatch.setattr(endpoints, "ENDPOINTS", list(endpoints.ENDPOINTS))
    fields = (
        Field("number", integer(0, 10), {"type": "integer"}, "A number.", where="body"),
        Field("tags", words(), {"type": "array", "items": {"type": "string"}}, "Words.", where="body"),
    )

    @endpoint("GET", "/echo", summary="What came", scope=READS, tag="Test", fields=fields)
    @endpoint("GET", "/echo/{name}", summary="What came", scope=READS, tag="Test", fields=fields)
    @endpoint("PUT", "/echo", summary="What came", scope=CHANGES, tag="Test", fields=fields)
    def echo(call: Call) -> dict[str, Any]:
        return {"given": dict(call.given), "number": call["number"], "tags": call["tags"]}

    @endpoint("POST", "/echo", summary="Do it", scope=CHANGES, tag="Test", fields=fields, statuses=(201,))
    def do(call: Call) -> Answer:
        effects.append(dict(call.given))
        return Answer({"done": len(effects)}, 201)

    return effects


@pytest.fixture
def noon(time_machine: Any) -> Any:
    """It is noon until a test moves it."""
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def post(app: Flask) -> MemoryTransport:
    """Where the mail goes."""
    made = app.extensions["feedback_transport"] = MemoryTransport()
    return made


def errors_of(answer: TestResponse) -> dict[str, list[str]]:
    """What a refusal with 422 says of each parameter."""
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert answer.json["message"] == "Unprocessable Entity"
    found: dict[str, list[str]] = answer.json["errors"]
    return found
