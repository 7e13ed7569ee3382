"""Whatever comes over the wire is an answer below 500: hostile input is boring."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from feedback_app.staff.models import Role
from tests.factories import make_response, make_survey
from tests.pages import new_browser, signed_in

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
PATHS = (
    "/t/%00",
    "/t/{slug}%00/thanks",
    "/t/{slug}/intent%00",
    "/t/" + "x" * 3000,
    "/t/%ed%a0%80",
    "/a/%00",
    "/u/%00",
    "/a/1.AAAA%00/intent",
    "/r/%00",
    "/login/%00",
    "/hooks/generic/%00",
    "/hooks/%00/%00",
    "/responses/%00",
    "/responses/99999999999999999999",
    "/inbox?q=%00&survey=%00&since=%00&state=%00",
    "/inbox?after=%00",
    "/outbox?before=%00",
    "/outbox/%00",
    "/static/%00",
)


@pytest.mark.parametrize("method", METHODS)
def test_no_address_and_no_method_is_a_fault_of_ours(app: Flask, session: Session, method: str) -> None:
    slug = make_survey(session).slug
    for browser in (new_browser(app), signed_in(app, Role.ADMIN)):
        for path in PATHS:
            answer = browser.open(path.format(slug=slug), method=method)
            assert answer.status_code < 500, (method, path)


def test_nul_in_a_form_of_staff_is_left_out(app: Flask, session: Session) -> None:
    number = make_response(session).id
    stranger, csm = new_browser(app), signed_in(app)
    refused = stranger.send("/login", form_on="/login", email="a\0b@northlight.example", password="\0" * 12)
    assert refused.status_code == 422
    assert csm.send("/settings/profile", name="Da\0na\r\nX", time_zone="").status_code == 303
    assert 'value="Dana X"' in csm.get("/settings/profile").text
    assert csm.send(f"/responses/{number}/notes", text="call\0 back").status_code == 303
    assert "call back" in csm.get(f"/responses/{number}").text
    assert csm.send(f"/responses/{number}/notes", text="\0").status_code == 422


def test_two_slashes_lead_to_no_other_host(client: FlaskClient) -> None:
    answer = client.get("/login//link", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.location) == (404, None)


def test_no_free_connection_is_told_as_passing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_free(*_: object, **__: object) -> None:
        raise PoolTimeout("QueuePool limit reached")

    monkeypatch.setattr("feedback_app.staff.security.user_of_session", none_free)
    answer = signed_in(app).get("/inbox")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
