"""A million answered invitations: the inbox costs the same on every page, and no page of the staff is slow."""

import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from benchmarks.inbox import FAR, ORDERS, fill, page_start, pages
from benchmarks.product import Installation, open_survey
from benchmarks.report import ratios
from feedback_app.db import db
from feedback_app.responses.histogram import rating_counts
from feedback_app.surveys.models import Survey
from tests.pages import Browser, signed_in

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3000)]
ROWS = 1_000_000
PAGE_SECONDS = 2.0  # on any machine; a page that reads every row takes longer


@pytest.fixture
def app(database: str, tmp_path: Path):
    installation = Installation(tmp_path, database)
    open_survey(installation)
    fill(installation, ROWS, invited=True)
    with installation.app() as app:
        yield app


def test_a_million_responses_are_read_as_quickly_as_a_few(app: Flask):
    for order in ORDERS:
        first, far = pages(order, rounds=5)
        assert ratios(far, first).middle <= 2, f"inbox, {order} first"
    browser = signed_in(app)
    took = {path: seconds_of(browser, path) for path in staff_pages()}
    assert {path: seconds for path, seconds in took.items() if seconds > PAGE_SECONDS} == {}
    survey_id = db.session().scalars(select(Survey.id)).one()
    assert sum(rating_counts(db.session(), survey_id, since=None, until=None).values()) == ROWS


def staff_pages() -> list[str]:
    """The home page, the ends and the depth of the inbox, and one response."""
    deep = [f"/inbox?order={order}&after={page_start(order, FAR)}" for order in ORDERS]
    return [
        "/",
        "/inbox",
        "/inbox?order=worst",
        *deep,
        "/inbox?band=bad&sentiment=negative",
        "/responses/500000",
    ]


def seconds_of(browser: Browser, path: str) -> float:
    """The second visit's time: the first one warms the database's cache up."""
    for _ in range(2):
        begun = time.perf_counter()
        assert browser.get(path).status_code == 200
        took = time.perf_counter() - begun
    return took
