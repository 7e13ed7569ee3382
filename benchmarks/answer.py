"""The answer page beside the floor: GET, POST with everything that it does, and what the page weighs."""

import gzip
import re
from collections.abc import Iterator
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.databases import BOTH
from benchmarks.floor.running import floor_server, prepare
from benchmarks.load import HOST, get, post
from benchmarks.place import Place
from benchmarks.product import invite
from benchmarks.report import Goal, Row, ratios, spread
from benchmarks.rounds import Side, alternate
from benchmarks.servers import Server

COMMENT = "Support was quick and friendly, but the export still fails with large files."
POSTS_IN_A_ROUND = 3_000
PAGES = 50  # opened again and again by GET
WARM_UP = 400

Served = tuple[Server, list[str]]  # a server and the tokens of its invitations

# What makes a browser fetch something else.
FETCHES = re.compile(
    rb"""<(?:link|script|img|iframe)\b[^>]*\b(?:href|src)=(?!["']?data:)|url\((?!["']?data:)|@import""", re.I
)


def measure(place: Place) -> Iterator[Row]:
    """GET, POST and the page's weight, on both databases."""
    for kind in BOTH:
        yield from measure_on(place, kind)


def measure_on(place: Place, kind: str) -> Iterator[Row]:
    needed = POSTS_IN_A_ROUND * place.rounds + WARM_UP + PAGES
    installation = place.install(kind, "answer")
    ours = invite(installation, needed)
    url = place.floor_url(kind, "answer")
    theirs = prepare(url, needed)
    with installation.server() as server, floor_server(installation.folder, url) as floor:
        yield from gets(place, kind, (server, ours[:PAGES]), (floor, theirs[:PAGES]))
        yield from posts(place, kind, (server, ours[PAGES:]), (floor, theirs[PAGES:]))
        yield weight(kind, server, ours[0])


def gets(place: Place, kind: str, ours: Served, theirs: Served) -> Iterator[Row]:
    """The page opened again and again."""
    sides = [
        Side(server, [get(f"/a/{token}") for token in tokens], 200, repeat=True)
        for server, tokens in (ours, theirs)
    ]
    alternate(*sides, rounds=place.rounds, seconds=place.seconds)
    yield from compared("answer page, GET", kind, *sides, goal=Goal(">=", 0.6, 0.8, "x"))


def posts(place: Place, kind: str, ours: Served, theirs: Served) -> Iterator[Row]:
    """Answers with a comment, each to an invitation of its own."""
    sides = [
        Side(server, [answer(token, number) for number, token in enumerate(tokens)], 303)
        for server, tokens in (ours, theirs)
    ]
    alternate(*sides, rounds=place.rounds, seconds=place.seconds, most=POSTS_IN_A_ROUND)
    yield from compared("answer, POST", kind, *sides, goal=Goal(">=", 0.5, 1.0, "x"))
    yield Row("answer, POST: errors", kind, spread([sides[0].failed]), Goal("<=", 0))


def compared(what: str, kind: str, ours: Side, floor: Side, goal: Goal | None) -> Iterator[Row]:
    """Requests per second, and for comparison the processor time, which drifts less."""
    rates = f"product {spread(ours.rates)}/s, floor {spread(floor.rates)}/s"
    times = f"product {spread(ours.cpu_ms)} ms, floor {spread(floor.cpu_ms)} ms a request"
    yield Row(f"{what}: requests/s to the floor's", kind, ratios(ours.rates, floor.rates), goal, rates)
    yield Row(f"{what}: floor's CPU time to ours", kind, ratios(floor.cpu_ms, ours.cpu_ms), None, times)


def answer(token: str, number: int) -> str:
    """The POST of one person's answer: a rating and, from every person, a comment."""
    return post(f"/a/{token}", urlencode({"rating": number % 11, "comment": COMMENT}))


def weight(kind: str, server: Server, token: str) -> Row:
    """The page's bytes as they would travel, and whether a browser fetches anything else for it."""
    with urlopen(f"http://{HOST}:{server.port}/a/{token}?rating=9", timeout=10) as reply:
        page = reply.read()
    more = len(FETCHES.findall(page))
    kilobytes = len(gzip.compress(page)) / 1000
    return Row(
        "answer page: gzipped bytes",
        kind,
        spread([kilobytes]),
        Goal("<=", 10, unit=" KB"),
        f"{1 + more} request{'s' if more else ''}, {len(page) / 1000:.1f} KB before gzip",
    )
