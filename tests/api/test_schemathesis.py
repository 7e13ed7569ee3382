"""Requests made up from the OpenAPI document: no fault of ours, no status and no answer that it does not announce.

A few for each operation here; `make soak` sends many more, and others every time.
"""

from flask import Flask
from sqlalchemy.orm import Session

from tests.api.fuzzing import found_by_fuzzing
from tests.api.sample import seed


def test_made_up_requests_find_nothing(app: Flask, session: Session) -> None:
    program = seed(app, session)
    assert found_by_fuzzing(app, program.key, examples=6) == []
