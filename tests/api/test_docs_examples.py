"""Every example that the documentation shows is run, and the answer that it shows is the one that came.

After a wanted change: UPDATE_SNAPSHOTS=1 python -m pytest tests/api/test_docs_examples.py, then look at the difference.
"""

import json
import os
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from time_machine import TimeMachineFixture

from feedback_app.api.v1 import views
from feedback_app.api.v1.endpoints import ENDPOINTS, Endpoint
from feedback_app.api.v1.examples import ANSWERS, example_of, kept_answers, name_of
from tests.api.conftest import Program
from tests.api.sample import seed
from tests.factories import NOON
from tests.pages import new_browser, signed_in

ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")
SECRET = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_.-]*[A-Z])(?=[A-Za-z0-9_.-]*[a-z])[A-Za-z0-9_-]{3,}[A-Za-z0-9_.-]{17,}"
)


def in_order() -> list[Endpoint]:
    """What reads first and what deletes last, the most particular path before the others."""
    assert views.bp  # importing it declares the endpoints
    return sorted(ENDPOINTS, key=lambda one: (ORDER.index(one.method), -len(one.path), one.path))


def answer_of(program: Program, endpoint: Endpoint) -> dict[str, Any]:
    example = example_of(endpoint)
    assert example is not None
    answer = program.call(example.method, example.path, example.body, buffered=True)
    body = answer.json if answer.is_json else answer.text
    return {"status": answer.status_code, "body": body}


def without_chance(kept: dict[str, Any]) -> dict[str, Any]:
    """The answer without what is made by chance: tokens and secrets."""
    return json.loads(SECRET.sub("TOKEN", json.dumps(kept)))


@pytest.mark.parametrize("endpoint", in_order(), ids=name_of)
def test_every_endpoint_has_an_example(endpoint: Endpoint) -> None:
    assert example_of(endpoint) is not None


def test_the_examples_shown_are_the_examples_run(
    app: Flask, session: Session, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    program = seed(app, session)
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    came = {name_of(one): answer_of(program, one) for one in in_order() if example_of(one) is not None}
    refused = {name: one for name, one in came.items() if one["status"] not in (200, 201, 202)}
    assert refused == {}
    told = {name: without_chance(came[name]) for name in sorted(came)}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        ANSWERS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert told == json.loads(ANSWERS.read_text(encoding="utf-8"))


def test_the_page_shows_every_endpoint_to_everybody(app: Flask) -> None:
    page = new_browser(app).get("/docs/api").text
    for one in ENDPOINTS:
        assert f"<strong>{one.method}</strong> /v1{one.path}<" in page, name_of(one)
    assert page.count("curl -u YOUR_KEY:") > len(kept_answers())
    assert "This page can be read by everybody" in page
    assert "<script" not in page


def test_the_page_is_the_same_for_staff(app: Flask) -> None:
    assert signed_in(app).get("/docs/api").text == new_browser(app).get("/docs/api").text
