"""People on slow phones: 80 requests that are half sent and go on dripping must delay nobody else."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from benchmarks.databases import SQLITE
from benchmarks.load import HOST, Connection, get
from benchmarks.place import Place
from benchmarks.product import invite
from benchmarks.report import Goal, Row, spread

HEADERS, BODIES = 40, 40
SECONDS = 15.0
PAUSE_SECONDS = 0.05  # between two people with a quick line
DRIP_SECONDS = 0.5  # between two bytes of a slow one
GOAL = Goal("<=", 1, unit=" s")


def measure(place: Place) -> Iterator[Row]:
    """The longest that a GET took beside 80 half-sent requests, and without them."""
    installation = place.install(SQLITE, "slow")
    tokens = invite(installation, 100)
    with installation.server() as server:
        alone = open_pages(server.port, tokens, SECONDS / 3)
        with half_sent(server.port, tokens[0]) as held:
            beside = open_pages(server.port, tokens, SECONDS)
            still = sum(link.fileno() >= 0 for link in held)
    detail = (
        f"{len(beside)} GETs, the longest took {max(beside):.2f} s, alone {max(alone):.2f} s; "
        f"{still} of {HEADERS + BODIES} half-sent requests were held to the end"
    )
    delay = max(beside) - min(alone)
    yield Row("GET: longest delay by 80 half-sent requests", SQLITE, spread([delay]), GOAL, detail)


def open_pages(port: int, tokens: list[str], seconds: float) -> list[float]:
    """Seconds that each of a row of GETs took, every one over a new connection."""
    took, end = [], time.monotonic() + seconds
    for token in cycle(tokens):
        begun = time.monotonic()
        if begun > end:
            return took
        connection = Connection(port)
        status = connection.exchange(get(f"/a/{token}").encode())
        connection.close()
        if status != 200:
            raise RuntimeError(f"A page answered {status}")
        took.append(time.monotonic() - begun)
        time.sleep(PAUSE_SECONDS)
    raise ValueError("no tokens")


@contextmanager
def half_sent(port: int, token: str) -> Iterator[list[socket.socket]]:
    """80 requests that drip until the block ends: 40 never end their headers, 40 their body."""
    begun = f"GET /a/{token} HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    posted = (
        f"POST /a/{token} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    )
    posted += "Content-Length: 500\r\n\r\ncomment="
    links = [socket.create_connection((HOST, port), timeout=10) for _ in range(HEADERS + BODIES)]
    for number, link in enumerate(links):
        link.sendall((begun if number < HEADERS else posted).encode())
    ended = threading.Event()
    thread = threading.Thread(target=drip, args=(links, ended))
    thread.start()
    time.sleep(1)  # every one of them has its thread now
    try:
        yield links
    finally:
        ended.set()
        thread.join()
        for link in links:
            link.close()


def drip(links: list[socket.socket], ended: threading.Event) -> None:
    """One more byte on each, twice a second; a connection that the server gave up is closed."""
    while not ended.wait(DRIP_SECONDS):
        for link in links:
            if link.fileno() < 0:
                continue
            try:
                link.sendall(b"x")
            except OSError:
                link.close()
