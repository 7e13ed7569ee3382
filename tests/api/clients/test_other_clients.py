"""What the PHP and Ruby clients, Go programs and sync tools put on the wire, by hand, against a server on a port."""

import json
from base64 import b64encode
from http.client import HTTPConnection
from typing import Any

import pytest
from sqlalchemy.orm import Session

from feedback_app.surveys.models import Survey
from tests.api.clients.conftest import Served, answered

FORM = "application/x-www-form-urlencoded"


def asked(
    served: Served, method: str, path: str, body: str | None = None, credentials: str = "", **headers: str
) -> tuple[int, Any, str]:
    """Status, JSON and the Link header of one request, with no header but these."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.putrequest(method, path, skip_accept_encoding=True)
    encoded = b64encode((credentials or f"{served.key}:").encode()).decode()
    connection.putheader("Authorization", f"Basic {encoded}")
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    given = (body or "").encode()
    if body is not None:
        connection.putheader("Content-Length", str(len(given)))
    connection.endheaders(given if body is not None else None)
    answer = connection.getresponse()
    try:
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        return answer.status, json.loads(answer.read()), answer.headers.get("Link", "")
    finally:
        connection.close()


def test_php_sends_nested_forms_and_changes_with_json(served: Served) -> None:
    form = (
        "email=jo%40example.com&name=Jo&send=false&properties%5BPlan+Type%5D=Pro&properties%5Bcountry%5D=USA"
    )
    status, person, _ = asked(served, "POST", "/v1/people", form, Content_Type=FORM)
    assert (status, person["name"], person["survey_scheduled_at"]) == (201, "Jo", None)
    assert person["properties"] == {"Plan Type": "Pro", "country": "USA"}
    form = f"person={person['id']}&score=9&person_properties%5BPlan%5D=Pro"
    status, response, _ = asked(served, "POST", "/v1/survey_responses", form, Content_Type=FORM)
    assert (status, response["score"], response["person_properties"]) == (201, 9, {"Plan": "Pro"})
    changed = json.dumps(response | {"score": 4, "person": {"id": person["id"], "email": "jo@example.com"}})
    path = f"/v1/survey_responses/{response['id']}"
    status, response, _ = asked(served, "PUT", path, changed, Content_Type="application/json")
    assert (status, response["score"], response["person"]) == (200, 4, person["id"])
    status, answer, _ = asked(served, "DELETE", "/v1/people/email%3Ajo%40example.com", "", Content_Type=FORM)
    assert (status, answer) == (202, {"ok": True})


def test_ruby_asks_for_the_person_in_the_body_of_a_change(served: Served) -> None:
    body = json.dumps({"email": "jo@example.com", "send": False})
    _, person, _ = asked(served, "POST", "/v1/people", body, Content_Type="application/json")
    body = json.dumps({"person": person["id"], "score": 9})
    _, response, _ = asked(served, "POST", "/v1/survey_responses", body, Content_Type="application/json")
    body = json.dumps({"person": person["id"], "score": 2, "comment": None, "expand": ["person"]})
    path = f"/v1/survey_responses/{response['id']}"
    status, response, _ = asked(served, "PUT", path, body, Content_Type="application/json")
    assert (status, response["person"]["email"]) == (200, "jo@example.com")


def test_go_sends_forms_without_saying_so_to_paths_with_json_and_a_raw_at_sign(served: Served) -> None:
    status, person, _ = asked(served, "POST", "/v1/people.json", "email=jo%2Bgo%40example.com&delay=60")
    assert (status, person["email"]) == (201, "jo+go@example.com")
    path = "/v1/people/jo+go@example.com/survey_requests/pending.json"
    assert asked(served, "DELETE", path)[:2] == (200, {"ok": True})
    status, people, _ = asked(served, "GET", "/v1/people.json?email=jo%2Bgo%40example.com")
    assert (status, people[0]["next_survey_scheduled_at"]) == (200, None)


@pytest.mark.parametrize("written", ["{key}:", "{key}", "{key}:-"])
def test_the_key_is_found_however_it_is_written(served: Served, written: str) -> None:
    assert asked(served, "GET", "/v1/metrics.json", credentials=written.format(key=served.key))[0] == 200


@pytest.mark.parametrize("written", [":{key}", "nobody:", "{key}x:"])
def test_anything_else_is_not_the_key(served: Served, written: str) -> None:
    status, answer, _ = asked(served, "GET", "/v1/metrics", credentials=written.format(key=served.key))
    assert (status, answer) == (401, {"status": 401, "message": "Unauthorized"})


def test_a_sync_tool_follows_the_link_and_says_its_filters_a_second_time(
    served: Served, session: Session, survey: Survey
) -> None:
    answered(session, survey, 5)
    seen, path = [], "/v1/people.json?per_page=2&since=0"
    while path:
        status, people, link = asked(served, "GET", path)
        assert status == 200
        seen += [one["id"] for one in people]
        url = link.partition(">")[0].removeprefix("<")
        assert "," not in url
        assert ";" not in url
        path = f"/v1/{url.partition('/v1/')[2]}&per_page=2&since=0" if url else ""
    assert len(seen) == len(set(seen)) == 5


def test_only_json_is_spoken_and_the_ending_json_says_so_too(served: Served) -> None:
    status, answer, _ = asked(served, "GET", "/v1/metrics", Accept="text/html")
    assert (status, answer["status"]) == (406, 406)
    assert asked(served, "GET", "/v1/metrics.json", Accept="text/html")[0] == 200
