"""Page 10,000 of the inbox beside page 1: a list that counts its way forward would take hundreds of times as long."""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from sqlalchemy import select

from benchmarks.databases import BOTH
from benchmarks.place import Place
from benchmarks.product import Installation
from benchmarks.report import Goal, Row, ratios, spread
from benchmarks.rows import add_responses
from feedback_app.db import db, reading, transaction
from feedback_app.responses.models import Response
from feedback_app.reviews.cursor import Cursor
from feedback_app.reviews.filters import InboxFilters, Order
from feedback_app.reviews.queries import PAGE_SIZE, inbox_page
from feedback_app.surveys.models import Survey

FAR = 10_000  # the page that is compared with the first
RESPONSES = FAR * PAGE_SIZE + 10_000
CALLS = 15  # of each page in a round
ORDERS: tuple[Order, ...] = ("newest", "worst")
GOAL = Goal("<=", 2, unit="x")


def measure(place: Place) -> Iterator[Row]:
    """Both orders of the inbox on both databases."""
    for kind in BOTH:
        installation = place.install(kind, "inbox")
        fill(installation, RESPONSES)
        with installation.app():
            for order in ORDERS:
                first, far = pages(order, place.rounds)
                detail = f"page 1 {spread(first).middle:.1f} ms, page {FAR:,} {spread(far).middle:.1f} ms"
                what = f"inbox, {order} first: page {FAR:,} to page 1"
                detail += f" of {RESPONSES:,} responses, {PAGE_SIZE} a page"
                yield Row(what, kind, ratios(far, first), GOAL, detail)


def fill(installation: Installation, count: int, *, invited: bool = False) -> None:
    """Add responses and let the database count them."""
    with installation.app():
        with transaction(db.session()) as session:
            add_responses(session, count, invited=invited)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def pages(order: Order, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the first page and of the far one, taken in turn, the median of each round."""
    surveys = {survey.id: survey for survey in db.session().scalars(select(Survey))}
    filters, start = InboxFilters(reader_id=0, order=order), page_start(order, FAR)
    first, far = [], []
    for number in range(rounds + 1):
        times = [(timed(surveys, filters, None), timed(surveys, filters, start)) for _ in range(CALLS)]
        if number:  # the round before the first warms caches up
            first.append(median(pair[0] for pair in times))
            far.append(median(pair[1] for pair in times))
    return first, far


def page_start(order: Order, page: int) -> Cursor:
    """Where the page begins, found by counting."""
    newest = (Response.created_at.desc(), Response.id.desc())
    by = newest if order == "newest" else (Response.position, *newest)
    place = select(Response.position, Response.created_at, Response.id).where(Response.state == "confirmed")
    with reading() as connection:
        found = connection.execute(place.order_by(*by).offset((page - 1) * PAGE_SIZE - 1).limit(1)).one()
    return Cursor(*found)


def timed(surveys: dict[int, Survey], filters: Any, start: Cursor | None) -> float:
    """Milliseconds of one page, which must be full."""
    begun = time.perf_counter()
    with reading() as connection:
        page = inbox_page(connection, surveys, filters, after=start)
    took = (time.perf_counter() - begun) * 1000
    if len(page.rows) != PAGE_SIZE:
        raise RuntimeError(f"a page of {len(page.rows)} rows")
    return took
