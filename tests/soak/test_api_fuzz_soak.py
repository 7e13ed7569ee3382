"""The long form of tests/api/test_schemathesis.py: other requests every time, and many more of them."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.api.fuzzing import found_by_fuzzing
from tests.api.sample import seed


@pytest.mark.soak
def test_many_made_up_requests_find_nothing(app: Flask, session: Session) -> None:
    program = seed(app, session)
    assert found_by_fuzzing(app, program.key, examples=300, is_same_every_time=False) == []
