"""Every route says who may call it, and no reading method writes."""

from pathlib import Path

import pytest
from flask import Flask

from feedback_app.access import OF_LIBRARIES, access_of
from feedback_app.app import create_app
from tests.conftest import make_settings


@pytest.fixture(scope="module")
def joined_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(make_settings(tmp_path_factory.mktemp("routes")))


def test_every_route_declares_who_may_call_it(joined_app: Flask) -> None:
    silent = {
        rule.rule for rule in joined_app.url_map.iter_rules() if access_of(joined_app, rule.endpoint) is None
    }
    # Flask-Security brings these along; the guard refuses whatever declares nothing.
    assert silent <= {"/logout", "/login", "/verify", "/fs-static/<filename>"}


def test_no_declaration_is_left_over_from_a_route_that_is_gone(joined_app: Flask) -> None:
    assert set(OF_LIBRARIES) <= {rule.endpoint for rule in joined_app.url_map.iter_rules()}


def test_an_open_route_gives_its_reason(joined_app: Flask) -> None:
    for rule in joined_app.url_map.iter_rules():
        access = access_of(joined_app, rule.endpoint)
        if access and access.role is None:
            assert len(access.why.split()) > 3, rule.rule


def test_links_are_never_built_from_the_host_header() -> None:
    package = Path(__file__).resolve().parents[3] / "feedback_app"
    offenders = [
        path.name
        for path in package.rglob("*.py")
        if any(word in path.read_text() for word in ("_external=True", "request.host", "request.url_root"))
    ]
    assert offenders == []
