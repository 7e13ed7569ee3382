"""A secret that waits for one page of one browser, and for one look at it."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from flask import Flask, session

from feedback_app import clock
from feedback_app.crypto import Vault
from feedback_app.shown_once import KEY, WAITS_FOR, show_once, shown_once
from tests.conftest import NOON


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def test_a_secret_is_shown_once_and_on_its_own_page_alone(app: Flask) -> None:
    with app.test_request_context():
        show_once("source 7", "whsec_1")
        assert [shown_once(page) for page in ("source 8", "source 7", "source 7")] == ["", "whsec_1", ""]


def test_the_cookie_does_not_say_the_secret(app: Flask) -> None:
    with app.test_request_context():
        show_once("source 7", "whsec_1")
        sealed = session[KEY]
        assert "whsec_1" not in json.dumps(dict(session))
        assert b"whsec_1" not in urlsafe_b64decode(sealed)


def test_a_secret_that_was_not_fetched_soon_is_not_shown(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.test_request_context():
        show_once("source 7", "whsec_1")
        monkeypatch.setattr(clock, "now", lambda: NOON + WAITS_FOR + timedelta(seconds=1))
        assert shown_once("source 7") == ""


def test_a_secret_that_another_key_sealed_is_not_shown(app: Flask) -> None:
    with app.test_request_context():
        show_once("source 7", "whsec_1")
        app.extensions["feedback_vault"] = Vault(["another key of this installation"])
        assert shown_once("source 7") == ""
