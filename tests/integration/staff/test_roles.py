"""Every staff route, tried by everybody who may not."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from feedback_app.access import access_of
from feedback_app.staff.models import Role
from tests.factories import make_response
from tests.pages import form_token, new_browser, signed_in

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
VALUES = {"permalink": "x" * 32, "key": "0" * 32}  # what is not named is the number of a row


def routes(app: Flask) -> list[tuple[Rule, Role]]:
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if access is not None and access.role is not None:
            found.append((rule, access.role))
    return found


def path_of(app: Flask, rule: Rule) -> str:
    with app.test_request_context():
        built = rule.build({name: VALUES.get(name, 1) for name in rule.arguments})
    assert built is not None
    return built[1]


@pytest.mark.only("sqlite")
def test_strangers_and_lower_roles_get_nothing_from_any_staff_route(app: Flask, session: Session) -> None:
    make_response(session)
    browsers = {role: signed_in(app, role) for role in Role}
    tokens = {role: form_token(browsers[role].get("/settings/profile").text) for role in Role}
    stranger = new_browser(app)
    token = form_token(stranger.get("/login").text)
    assert len(routes(app)) > 10
    for rule, needed in routes(app):
        path = path_of(app, rule)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            sent = stranger.open(
                path, method=method, data={"csrf_token": token} if method in WRITES else None
            )
            assert (sent.status_code, sent.location.partition("?")[0]) == (302, "/login"), (method, path)
            for role in Role:
                if role < needed:
                    data = {"csrf_token": tokens[role]} if method in WRITES else None
                    answer = browsers[role].open(path, method=method, data=data)
                    assert answer.status_code == 403, (method, path, role)


@pytest.mark.only("sqlite")
def test_whatever_staff_write_wants_the_token_of_a_form(app: Flask, session: Session) -> None:
    make_response(session)
    admin = signed_in(app, Role.ADMIN)
    for rule, _ in routes(app):
        for method in (rule.methods or set()) & WRITES:
            assert admin.open(path_of(app, rule), method=method).status_code == 400, (method, rule.rule)


@pytest.mark.only("sqlite")
def test_a_viewer_may_write_nothing_but_about_themselves(app: Flask) -> None:
    open_to_viewers = {
        rule.rule for rule, role in routes(app) if WRITES & (rule.methods or set()) and role < Role.CSM
    }
    assert open_to_viewers == {"/logout", "/settings/profile", "/settings/password"}
