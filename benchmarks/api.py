"""/v1/survey_responses beside the floor: added one by one, listed a hundred at a time, and far into the list."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from benchmarks.answer import COMMENT, compared
from benchmarks.databases import BOTH
from benchmarks.floor.app import open_engine
from benchmarks.floor.running import floor_server, prepare
from benchmarks.floor.tables import invitation, kept_elsewhere
from benchmarks.inbox import fill
from benchmarks.load import post_with
from benchmarks.place import Place
from benchmarks.product import Installation, invite
from benchmarks.report import Goal, Row, ratios, spread
from benchmarks.rounds import Side, alternate
from feedback_app.api.keys import create_key
from feedback_app.api.v1.paging import PER_PAGE, cursor_of
from feedback_app.api.v1.survey_responses import EPOCH
from feedback_app.db import db, reading
from feedback_app.responses.models import Response

PATH = "/v1/survey_responses"
PEOPLE = 200
LISTED = 2_000  # responses that are there when the first page is asked for
WORKERS = (1, 2)
FAR = 10_000  # the page that is compared with the first
FAR_RESPONSES = FAR * PER_PAGE + 1_000
CALLS = 15  # of each page in a round


def measure(place: Place) -> Iterator[Row]:
    """Both databases: responses in and out with one and with two processes, then the far page."""
    for kind in BOTH:
        for workers in WORKERS:
            yield from measure_on(place, kind, workers)
        yield from far_page(place, kind)


def measure_on(place: Place, kind: str, workers: int) -> Iterator[Row]:
    name = f"api{workers}"
    installation = place.install(kind, name)
    key = make_key(installation)
    invite(installation, PEOPLE)
    fill(installation, LISTED)
    url = place.floor_url(kind, name)
    prepare(url, PEOPLE)
    prepare_floor(url, key)
    with installation.server(workers) as server, floor_server(installation.folder, url, workers) as floor:
        for what, requests, expect in (
            ("POST /v1/survey_responses", [added(key, number) for number in range(PEOPLE)], 201),
            ("GET /v1/survey_responses, 100", [listed(key)], 200),
        ):
            sides = [Side(one, requests, expect, repeat=True) for one in (server, floor)]
            alternate(*sides, rounds=place.rounds, seconds=place.seconds)
            told = f"{what}, {workers} process{'es' if workers > 1 else ''}"
            yield from compared(told, kind, *sides, goal=None)
            yield Row(f"{told}: errors", kind, spread([sides[0].failed]), Goal("<=", 0))


def make_key(installation: Installation) -> str:
    with installation.app():
        return create_key(db.session(), "nps", per_minute=0, now=datetime.now(UTC))


def prepare_floor(url: str, key: str) -> None:
    """Let the floor know the key, and as many responses as the product has."""
    engine, now = open_engine(url), datetime.now(UTC)
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    one = {"person_id": 1, "rating": 9, "comment": COMMENT, "properties": {}}
    rows = [one | {"created_at": now - timedelta(minutes=number)} for number in range(LISTED)]
    with engine.begin() as connection:
        connection.execute(update(invitation).where(invitation.c.id == 1).values(token=digest))
        connection.execute(insert(kept_elsewhere), rows)
    engine.dispose()


def authorization(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def added(key: str, number: int) -> str:
    """The POST of one response with a comment and two properties."""
    body = {
        "person": str(number % PEOPLE + 1),
        "score": number % 11,
        "comment": COMMENT,
        "person_properties": {"plan": "pro", "country": "DE"},
    }
    headers = {
        "Authorization": authorization(key),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    return post_with(PATH, json.dumps(body), headers)


def listed(key: str) -> str:
    """The GET of a hundred responses."""
    head = f"Host: localhost\r\nAccept: application/json\r\nAuthorization: {authorization(key)}"
    return f"GET {PATH}?per_page=100 HTTP/1.1\r\n{head}\r\n\r\n"


def far_page(place: Place, kind: str) -> Iterator[Row]:
    """The whole request for the 10,000th page by its cursor beside that for the first."""
    installation = place.install(kind, f"far{secrets.token_hex(2)}")
    key = make_key(installation)
    fill(installation, FAR_RESPONSES)
    with installation.app() as app:
        client, cursor = app.test_client(), far_cursor()
        first, far = [], []
        for number in range(place.rounds + 1):
            times = [
                (timed(client, key, ""), timed(client, key, f"?page_info={cursor}")) for _ in range(CALLS)
            ]
            if number:  # the round before the first warms caches up
                first.append(median(pair[0] for pair in times))
                far.append(median(pair[1] for pair in times))
    detail = f"page 1 {spread(first).middle:.1f} ms, page {FAR:,} {spread(far).middle:.1f} ms"
    detail += f" of {FAR_RESPONSES:,} responses, {PER_PAGE} a page"
    what = f"GET /v1/survey_responses: page {FAR:,} by cursor to page 1"
    yield Row(what, kind, ratios(far, first), Goal("<=", 2, unit="x"), detail)


def far_cursor() -> str:
    """The cursor of the page, found by counting."""
    rows = select(Response.created_at, Response.id).order_by(Response.created_at, Response.id)
    with reading() as connection:
        at, response_id = connection.execute(rows.offset((FAR - 1) * PER_PAGE - 1).limit(1)).one()
    return cursor_of("created", (at - EPOCH) // timedelta(microseconds=1), response_id)


def timed(client: FlaskClient, key: str, query: str) -> float:
    """Milliseconds of one page, which must be full."""
    begun = time.perf_counter()
    answer = client.get(PATH + query, headers={"Authorization": authorization(key)})
    took = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200 or len(answer.get_json()) != PER_PAGE:
        raise RuntimeError(f"not a full page: {answer.status_code}")
    return took
