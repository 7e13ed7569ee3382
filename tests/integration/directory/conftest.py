"""Staff who look at people and accounts."""

import pytest
from flask import Flask

from feedback_app.staff.models import Role
from tests.pages import Browser, signed_in


@pytest.fixture
def viewer(app: Flask) -> Browser:
    return signed_in(app, Role.VIEWER)


@pytest.fixture
def csm(app: Flask) -> Browser:
    return signed_in(app)


@pytest.fixture
def lead(app: Flask) -> Browser:
    return signed_in(app, Role.LEAD)
