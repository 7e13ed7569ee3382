"""The answer page beside the floor: GET, POST with everything that it does, and what the page weighs."""

import gzip
import re
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.databases import BOTH
from benchmarks.floor.running import floor_server, prepare
from benchmarks.load import HOST, get, post
from benchmarks.place import Place
from benchmarks.product import invite
from benchmarks.report import Goal, Row, spread
from benchmarks.rounds import Side, alternate
from benchmarks.servers import Server

COMMENT = "Support was quick and friendly, but the export still fails with large files."
POSTS_IN_A_ROUND = 3_000
PAGES = 50  # opened again and again by GET
WARM_UP = 400

# What makes a browser fetch something else.
FETCHES = re.compile(rb"""<(?:link[^>]+href|script[^>]+src|img[^>]+src)|url\((?!["']?data:)|@import""", re.I)


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
        yield gets(place, kind, (server, ours[:PAGES]), (floor, theirs[:PAGES]))
        yield from posts(place, kind, (server, ours[PAGES:]), (floor, theirs[PAGES:]))
        yield weight(kind, server, ours[0])


def gets(place: Place, kind: str, ours: tuple[Server, list[str]], theirs: tuple[Server, list[str]]) -> Row:
    sides = [
        Side(server, [get(f"/a/{token}") for token in tokens], expect=200, repeat=True)
        for server, tokens in (ours, theirs)
    ]
    ratio = alternate(*sides, rounds=place.rounds, seconds=place.seconds)
    return Row(
        "answer page, GET: requests/s to the floor's", kind, ratio, Goal(">=", 0.6, 0.8, "x"), behind(*sides)
    )


def posts(
    place: Place, kind: str, ours: tuple[Server, list[str]], theirs: tuple[Server, list[str]]
) -> Iterator[Row]:
    sides = [
        Side(
            server,
            [answer(token, number) for number, token in zip(count(), tokens, strict=False)],
            expect=303,
        )
        for server, tokens in (ours, theirs)
    ]
    ratio = alternate(*sides, rounds=place.rounds, seconds=place.seconds, most=POSTS_IN_A_ROUND)
    yield Row(
        "answer, POST: requests/s to the floor's", kind, ratio, Goal(">=", 0.5, 1.0, "x"), behind(*sides)
    )
    yield Row("answer, POST: errors", kind, spread([sides[0].failed]), Goal("<=", 0))


def answer(token: str, number: int) -> str:
    """The POST of one person's answer: a rating and, from every person, a comment."""
    return post(f"/a/{token}", urlencode({"rating": number % 11, "comment": COMMENT}))


def behind(ours: Side, floor: Side) -> str:
    return f"product {ours}; floor {floor}"


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
