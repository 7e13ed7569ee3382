"""Requests made up from the OpenAPI document: no fault of ours, no status and no answer that it does not announce.

A few for each operation here; `make soak` sends many more, and others every time.
"""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.v1 import docs, endpoints
from feedback_app.api.v1.endpoints import READS, Answer, Call, endpoint
from feedback_app.api.v1.openapi import build
from tests.api import fuzzing
from tests.api.conftest import Program
from tests.api.fuzzing import found_by_fuzzing
from tests.api.sample import seed


def test_made_up_requests_find_nothing(app: Flask, session: Session) -> None:
    program = seed(app, session)
    assert found_by_fuzzing(app, program.key, examples=6) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer({"id": 7}), "Response violates schema"),
        (Answer({"id": "7"}, 202), "Undocumented status code"),
    ],
)
def test_they_would_find_an_answer_that_is_not_announced(
    app: Flask, program: Program, monkeypatch: pytest.MonkeyPatch, answer: Answer, words: str
) -> None:
    offered: list[endpoints.Endpoint] = []
    monkeypatch.setattr(endpoints, "ENDPOINTS", offered)
    monkeypatch.setattr(fuzzing, "ENDPOINTS", offered)
    monkeypatch.setattr(docs, "document", lambda: build(offered))
    shape = {"type": "object", "properties": {"id": {"type": "string"}}}

    @endpoint("GET", "/wrong", summary="Wrong", scope=READS, tag="Test", answer=shape)
    def wrong(_call: Call) -> Answer:
        return answer

    [found] = found_by_fuzzing(app, program.key, examples=2)
    assert found.startswith("GET /wrong: ")
    assert words in found
