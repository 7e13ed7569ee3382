"""Due invitations drained by two worker processes as they are shipped: messages a second, and none twice."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import func, select

from benchmarks.databases import BOTH
from benchmarks.mail import installed
from benchmarks.place import Place
from benchmarks.product import Installation
from benchmarks.report import Row, spread
from benchmarks.rows import add_invitations
from benchmarks.sink import RunningSink, sink
from feedback_app.db import db, transaction
from feedback_app.invitations.models import Invitation, InvitationState

WORKERS = 2
PATIENCE_SECONDS = 60  # without a single mail


def measure(place: Place) -> Iterator[Row]:
    """How fast `--rows` due invitations go out."""
    for kind in BOTH:
        with sink() as taking:
            yield drained(place, kind, taking)


def drained(place: Place, kind: str, taking: RunningSink) -> Row:
    installation = installed(place, kind, "drain", taking)
    with installation.app(), transaction(db.session()) as session:
        add_invitations(session, place.rows, state=InvitationState.SCHEDULED)
    with ExitStack() as stack:
        for number in range(WORKERS):
            stack.enter_context(worker(installation, number))
        took = seconds_to_take(taking, place.rows)
    with installation.app():
        sent = select(func.count()).where(Invitation.state == InvitationState.SENT)
        if (counted := db.session().scalar(sent)) != place.rows or taking.taken() != place.rows:
            raise RuntimeError(f"{taking.taken()} mails arrived, {counted} of {place.rows} count as sent")
    detail = f"{place.rows:,} invitations in {took:.0f} s, {WORKERS} worker processes, one run"
    return Row("mail: due invitations drained, mails/s", kind, spread([place.rows / took]), None, detail)


@contextmanager
def worker(installation: Installation, number: int) -> Iterator[None]:
    """`feedback worker` as it is shipped, until the block ends."""
    with (installation.folder / f"worker-{number}.log").open("wb") as log:
        command = [sys.executable, "-m", "feedback_app.cli", "worker"]
        process = subprocess.Popen(command, env=os.environ | installation.environ, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def seconds_to_take(taking: RunningSink, count: int) -> float:
    """From the first mail to the last."""
    begun = last = time.monotonic()
    before = 0
    while (now_taken := taking.taken()) < count:
        if now_taken > before:
            last = time.monotonic()
            begun = begun if before else last
            before = now_taken
        if time.monotonic() - last > PATIENCE_SECONDS:
            raise RuntimeError(f"no mail for {PATIENCE_SECONDS} s; {now_taken} of {count} arrived")
        time.sleep(0.1)
    return time.monotonic() - begun
