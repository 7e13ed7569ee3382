"""Mails a second to a server that answers after 50 ms, with 1, 4 and 16 connections: waiting must not add up."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from benchmarks.databases import BOTH
from benchmarks.mail import installed
from benchmarks.place import Place
from benchmarks.report import Goal, Row, ratios, spread
from benchmarks.rows import add_invitations
from benchmarks.sink import RunningSink, sink
from feedback_app.db import db, transaction
from feedback_app.invitations.jobs import sender
from feedback_app.invitations.models import InvitationState

SECONDS = 0.05
CONNECTIONS = (1, 4, 16)
MAILS = {1: 60, 4: 240, 16: 640}  # of one round: a few seconds each
GOALS = {4: 2.5, 16: 6}  # as often as one connection


def measure(place: Place) -> Iterator[Row]:
    """What several connections send, beside what one does."""
    with sink(seconds=SECONDS) as taking:
        for kind in BOTH:
            yield from compared(place, kind, taking)


def compared(place: Place, kind: str, taking: RunningSink) -> Iterator[Row]:
    rates: dict[int, list[float]] = {count: [] for count in CONNECTIONS}
    with installed(place, kind, "connections", taking).app() as app:
        sender()  # the transport and the compiled mails are the process's
        for _ in range(place.rounds):
            for count in CONNECTIONS:
                rates[count].append(rate_of(app, count, taking))
    for count, least in GOALS.items():
        detail = f"{spread(rates[count])}/s with {count}, {spread(rates[1])}/s with one; answers after 50 ms"
        what = f"mail: {count} connections to one, by mails/s"
        yield Row(what, kind, ratios(rates[count], rates[1]), Goal(">=", least, unit="x"), detail)


def rate_of(app: Flask, count: int, taking: RunningSink) -> float:
    """Mails a second from due rows to sent rows, with a thread and a connection each."""
    mails = MAILS[count]
    with transaction(db.session()) as session:
        add_invitations(session, mails, state=InvitationState.SCHEDULED)

    def work(_thread: int) -> None:
        with app.app_context():
            ours = sender()
            ours.send_due(limit=10)  # so that every thread gets its share of so few
            ours.transport.close()

    already, begun = taking.taken(), time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))
    took = time.perf_counter() - begun
    if taking.taken() - already != mails:
        raise RuntimeError(f"{taking.taken() - already} mails arrived, {mails} were due")
    return mails / took
