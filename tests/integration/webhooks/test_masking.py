"""What endpoints are told of personal data in comments."""

import json

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.responses.services import record_response
from feedback_app.webhooks.models import Shape
from feedback_app.webhooks.telling import tell_batch
from tests.conftest import NOON
from tests.factories import make_invitation, make_person
from tests.integration.webhooks.conftest import Endpoints, deliveries

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


def test_personal_data_in_comments_and_notes_are_masked_unless_the_endpoint_says_otherwise(
    app: Flask, session: Session, endpoints: Endpoints
) -> None:
    endpoints.add()
    endpoints.add(masks_comments=False)
    endpoints.add(shape=Shape.SLACK, url="https://hooks.slack.com/services/T0/B0/x")
    dana = make_person(session, email="dana@example.com", name="Dana Whitfield")
    asked = make_invitation(session, person_id=dana.id)
    record_response(session, asked.id, 3, "Dana here, call +44 20 7946 0123.", locale="en", now=NOON)
    tell_batch(session, app.extensions["feedback_links"], now=NOON)
    masked, full, slack = (json.loads(one.payload) for one in deliveries(session))
    assert masked["event_data"]["comment"] == "[name] here, call [phone]."
    assert masked["event_data"]["person"]["email"] == "dana@example.com"  # who answered is what it tells of
    assert full["event_data"]["comment"] == "Dana here, call +44 20 7946 0123."
    assert "> [name] here, call [phone]." in slack["blocks"][0]["text"]["text"]
