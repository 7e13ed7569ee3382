"""Endpoints that stand still are named where everybody looks, with a link for those who can open it."""

from dataclasses import astuple
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.cli.doctor_webhooks import check_webhooks
from feedback_app.config import Settings
from feedback_app.ledger import attention
from feedback_app.ledger.attention import standing_endpoints
from feedback_app.staff.models import Role
from feedback_app.webhooks import breaker
from feedback_app.webhooks.models import Endpoint
from tests.conftest import NOON
from tests.integration.webhooks.conftest import Endpoints
from tests.pages import signed_in

GONE = "It answered 410 Gone: nobody wants these messages any more."


def paused(session: Session, endpoints: Endpoints, name: str = "Warehouse") -> Endpoint:
    """An endpoint that the circuit breaker leaves alone."""
    endpoint = endpoints.add(name=name)
    endpoint.failures, endpoint.paused_until = breaker.FAILURES, NOON + timedelta(minutes=1)
    endpoint.stopped_because = "It answered 500."
    session.commit()
    return endpoint


def stopped(session: Session, endpoints: Endpoints) -> Endpoint:
    endpoint = endpoints.add(name="Old CRM")
    endpoint.active, endpoint.failures, endpoint.stopped_because = False, 1, GONE
    session.commit()
    return endpoint


def test_an_endpoint_stands_still_by_its_failures_or_its_answer_and_not_by_our_will(
    session: Session, endpoints: Endpoints
) -> None:
    endpoints.add(name="Well")
    by_staff, asked_to_wait = endpoints.add(name="By staff"), endpoints.add(name="Asked to wait")
    by_staff.active = False
    asked_to_wait.failures, asked_to_wait.stopped_because = 1, "It answered 429."
    session.commit()
    first, second = paused(session, endpoints).id, stopped(session, endpoints).id
    assert [astuple(one) for one in standing_endpoints(session)] == [
        (first, "Warehouse", False, "It answered 500."),
        (second, "Old CRM", True, GONE),
    ]


def test_it_is_paused_for_the_ledger_when_it_is_for_the_breaker() -> None:
    assert attention.PAUSING_FAILURES == breaker.FAILURES


@pytest.mark.only("sqlite")
def test_the_home_page_names_it_with_a_link_for_those_who_can_open_it(
    app: Flask, session: Session, endpoints: Endpoints
) -> None:
    endpoint = paused(session, endpoints, name="<Warehouse>")
    link = f'<a href="/settings/webhooks/{endpoint.id}">&lt;Warehouse&gt;</a> is paused'
    for path in ("/", "/ledger"):
        assert link in signed_in(app, Role.ADMIN, email=f"a{len(path)}@northlight.example").get(path).text
    page = signed_in(app, Role.VIEWER).get("/").text
    assert "<b>&lt;Warehouse&gt;</b> is paused" in page
    assert "It answered 500." in page
    assert "/settings/webhooks" not in page


@pytest.mark.only("sqlite")
def test_of_many_the_first_five_are_named(app: Flask, session: Session, endpoints: Endpoints) -> None:
    for number in range(7):
        paused(session, endpoints, name=f"Endpoint {number}")
    page = signed_in(app, Role.ADMIN).get("/").text
    assert "Endpoint 4" in page
    assert "Endpoint 5" not in page
    assert '<a href="/settings/webhooks/">2 more webhooks</a> stand still.' in page


@pytest.mark.only("sqlite")
def test_the_doctor_names_it_with_its_page(
    session: Session, endpoints: Endpoints, settings: Settings
) -> None:
    assert list(check_webhooks(settings)) == []
    first, second = paused(session, endpoints).id, stopped(session, endpoints).id
    told = [
        (finding.mark, finding.what, finding.says, finding.advice) for finding in check_webhooks(settings)
    ]
    page = "http://localhost/settings/webhooks"
    assert told == [
        (
            "look",
            "Webhook 'Warehouse'",
            "is paused after several failures: It answered 500.",
            f"It is tried again by itself; see {page}/{first}",
        ),
        (
            "look",
            "Webhook 'Old CRM'",
            f"is stopped: {GONE}",
            f"It gets nothing until somebody lets it go on: {page}/{second}",
        ),
    ]
