"""Answers that are sent while the web server is killed again and again, and what must hold afterwards.

Each writer behaves like a careful client: it repeats a request until it is answered, and notes what was acknowledged.
"""

import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, select

from benchmarks.databases import create_database
from benchmarks.load import Connection, post
from benchmarks.product import Installation, install, invite
from benchmarks.servers import Server
from feedback_app.db import db
from feedback_app.responses.models import Response, ResponseVersion

WRITERS = 8
ACKNOWLEDGED = 303
PASSING = 503  # nothing was stored, try again
RETRY_SECONDS = 0.1
PATIENCE_SECONDS = 90
ANSWERS_PER_KILL = 1_000  # more than eight writers manage between two kills
FLOWING = 20  # answers after a kill, so that the next one meets a server at work however slow the machine is
LONGEST_CALM_SECONDS = 0.6


@dataclass
class Record:
    """What the writers saw: the comment of every acknowledged answer by its number, and everything else."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    repeated: int = 0
    others: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


def installation_of_its_own(database: str, folder: Path) -> Installation:
    """An installation on a database that no other test meets: a running server leaves its queue's tables there."""
    if database.startswith("sqlite"):
        return install(folder, f"sqlite:///{folder / 'killed.db'}")
    return install(folder, create_database(database, f"killed_{secrets.token_hex(4)}"))


def answer_under_kills(installation: Installation, *, kills: int, seed: int) -> tuple[list[int], Record]:
    """Kill the server so often at random moments under load; gives the invitations' ids and what was seen.

    Every second kill ends the whole process group, the others one web process of it.
    """
    tokens = invite(installation, kills * ANSWERS_PER_KILL)
    with installation.app() as app:
        ids = [app.extensions["feedback_links"].read_answer_token(token) for token in tokens]
    record, ended, chance = Record(), threading.Event(), random.Random(seed)
    source = iter(enumerate(tokens))
    with installation.server() as server:
        args = (server.port, source, record, ended)
        writers = [threading.Thread(target=write, args=args) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        for number in range(kills):
            wait_for_answers(record, len(record.acknowledged) + FLOWING)
            time.sleep(chance.uniform(0, LONGEST_CALM_SECONDS))
            end_something(server, number)
        ended.set()
        for writer in writers:
            writer.join(PATIENCE_SECONDS)
    return ids, record


def wait_for_answers(record: Record, wanted: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(record.acknowledged) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)


def end_something(server: Server, number: int) -> None:
    if number % 2:
        server.kill_one_worker()
        return
    server.kill()
    server.start()


def write(port: int, source: Iterator[tuple[int, str]], record: Record, ended: threading.Event) -> None:
    """One writer: the next answer, repeated until it is acknowledged."""
    connection = Connection(port)
    while not ended.is_set():
        with record.lock:
            number, token = next(source, (-1, ""))
        if not token:
            break
        request = post(f"/a/{token}", urlencode({"rating": number % 11, "comment": comment_of(number)}))
        if insist(connection, request.encode(), record):
            record.acknowledged[number] = comment_of(number)
    connection.close()


def insist(connection: Connection, request: bytes, record: Record) -> bool:
    """Send until there is an answer; whether it was the acknowledgement."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            status = connection.exchange(request)
        except OSError:
            record.repeated += 1
            time.sleep(RETRY_SECONDS)
            continue
        if status == ACKNOWLEDGED:
            return True
        if status != PASSING:
            record.others[f"status {status}"] += 1
            return False
        time.sleep(RETRY_SECONDS)
    record.others["gave up"] += 1
    return False


def comment_of(number: int) -> str:
    """A comment that says which answer it belongs to, with letters of more than one byte."""
    return f"Answer {number}: größer, 更快 ✓"


def stored_answers(installation: Installation) -> list[tuple[int, int, str]]:
    """Invitation, rating and comment of every response."""
    with installation.app(), db.engine.connect() as connection:
        rows = connection.execute(select(Response.invitation_id, Response.rating, Response.comment))
        return [tuple(row) for row in rows]  # type: ignore[misc]


def assert_nothing_lost_or_doubled(installation: Installation, ids: list[int], record: Record) -> None:
    """Every acknowledged answer is there once, as it was sent; and every stored one was acknowledged in the end."""
    stored = stored_answers(installation)
    sent = {(ids[number], number % 11, comment) for number, comment in record.acknowledged.items()}
    assert record.others == Counter()
    assert sent - set(stored) == set(), "acknowledged and lost"
    assert set(stored) - sent == set(), "stored in another form than sent"
    assert len(stored) == len(sent), "stored twice"
    assert versions_without_answer(installation) == 0


def versions_without_answer(installation: Installation) -> int:
    """Halves of a transaction: responses without their history."""
    missing = ~select(ResponseVersion.id).where(ResponseVersion.response_id == Response.id).exists()
    with installation.app(), db.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(Response).where(missing)) or 0)
