"""A response and a person as programs get them."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from feedback_app.links import Links
from feedback_app.responses.payload import person_brief, person_item, response_item

AT = datetime(2015, 4, 20, 19, 3, 20, tzinfo=UTC)  # 1429556600
LINKS = Links(("a secret",), "https://survey.northlight.example")


def a_row(**given: Any) -> SimpleNamespace:
    usual = {
        "id": 210554372,
        "person_id": 980285131,
        "rating": 8,
        "comment": "Really nice.",
        "permalink": "ALmUkRpgBNPkvxcniCKw7gCeS9RjnLw8",
        "created_at": AT,
        "updated_at": AT,
        "properties": {"State": "CA"},
        "tags": ["shipping"],
        "additional_answers": [],
        "metric_key": "nps",
        "points": 11,
    }
    return SimpleNamespace(**usual | given)


def a_person(**given: Any) -> SimpleNamespace:
    usual = {"id": 7, "email": "jo@customer.example", "name": "", "created_at": AT, "phone_number": None}
    return SimpleNamespace(**usual | given)


def test_a_response_is_the_object_that_the_clients_know() -> None:
    note = {"id": "1", "text": "Called.", "user_email": "eve@northlight.example", "created_at": 1429556600}
    assert response_item(a_row(), LINKS, notes=[note]) == {
        "id": "210554372",
        "person": "980285131",
        "survey_type": "nps",
        "score": 8,
        "comment": "Really nice.",
        "permalink": "https://survey.northlight.example/r/ALmUkRpgBNPkvxcniCKw7gCeS9RjnLw8",
        "created_at": 1429556600,
        "updated_at": 1429556600,
        "person_properties": {"State": "CA"},
        "notes": [note],
        "tags": ["shipping"],
        "additional_answers": [],
    }


def test_what_is_empty_is_null_and_still_there() -> None:
    item = response_item(a_row(comment="", properties={}, person_id=None, tags=[]), LINKS)
    assert (item["comment"], item["person_properties"], item["person"]) == (None, None, None)
    assert (item["notes"], item["tags"]) == ([], [])


def test_an_expanded_person_stands_where_else_the_id_does() -> None:
    item = response_item(a_row(), LINKS, person=person_brief(a_person()))
    assert item["person"] == {
        "id": "7",
        "email": "jo@customer.example",
        "name": None,
        "created_at": 1429556600,
        "phone_number": None,
    }


def test_a_person_of_the_lists_has_three_times_more() -> None:
    row = a_person(last_sent_at=AT, last_responded_at=None, next_survey_scheduled_at=None)
    times = {"last_sent_at": 1429556600, "last_responded_at": None, "next_survey_scheduled_at": None}
    assert person_item(row) == person_brief(row) | times
