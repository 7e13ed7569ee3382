"""Mail that goes out while its workers are killed again and again, and what must hold afterwards."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.invitations.models import Invitation, Reminder
from feedback_app.invitations.models import InvitationState as State
from feedback_app.people.models import Person
from tests.factories import make_survey
from tests.installation import Installation, wait_for
from tests.integration.mail.mail_server import Post

CLAIMS = 4  # a worker's batch: what a kill leaves claimed is out of play until its lease ends
MOMENTS = 0.03  # seconds that the server takes before and after it has a message, for kills to fall into
WORKER = f"""
import time
from feedback_app.app import create_app
from feedback_app.invitations.jobs import sender
with create_app().app_context():
    while True:
        sender().send_due(limit={CLAIMS})
        time.sleep(0.05)
"""


@dataclass
class SlowPost(Post):
    """Takes its time around the moment when it has a message."""

    chance: random.Random = field(default_factory=random.Random)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.chance.uniform(0, MOMENTS))
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.chance.uniform(0, MOMENTS))
        return str(answer)

    @property
    def got(self) -> Counter[str]:
        """How many mails each address has."""
        return Counter(envelope.rcpt_tos[0] for envelope in self.messages)


@dataclass
class Workers:
    """Some worker processes of an installation, one of which is killed now and then and replaced."""

    installation: Installation
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        log = (self.installation.folder / "workers.log").open("ab")
        environment = self.installation.environment
        self.running.append(subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stderr=log))
        log.close()

    def kill_one(self, chance: random.Random) -> None:
        victim = self.running.pop(chance.randrange(len(self.running)))
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()

    def stop(self) -> None:
        for worker in self.running:
            worker.kill()
            worker.wait()
        self.running.clear()


def make_all_due(session: Session, count: int, *, reminders: int = 0) -> None:
    """That many people, each with a mail that is due: the last ones with a reminder, the others with an invitation."""
    survey = make_survey(session, reminder_days=5)
    now = datetime.now(UTC)
    addresses = [f"p{number}@harrow.example" for number in range(count)]
    people = [
        {"email": one, "email_key": one, "name": "", "properties": {}, "created_at": now, "updated_at": now}
        for one in addresses
    ]
    due = {
        "survey_id": survey.id,
        "state": State.SCHEDULED,
        "created_at": now,
        "changed_at": now,
        "due_at": now,
        "expires_at": now + timedelta(hours=72),
    }
    asked = due | {"state": State.SENT, "sent_at": now - timedelta(days=6)}
    with transaction(session):
        ids = list(session.scalars(insert(Person).returning(Person.id), people))
        rows = [
            {"person_id": one, **(due | {"sent_at": None} if place < count - reminders else asked)}
            for place, one in enumerate(ids)
        ]
        made = list(
            session.scalars(insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True), rows)
        )
        repeated = list(zip(made, ids, strict=True))[count - reminders :]
        if repeated:
            rows = [{"invitation_id": one, "person_id": person, **due} for one, person in repeated]
            session.execute(insert(Reminder), rows)


def send_under_kills(
    installation: Installation, post: SlowPost, *, count: int, kills: int, workers: int
) -> None:
    """Let workers send; as mails arrive, kill one of them at a random moment and start another."""
    crew = Workers(installation)
    try:
        for _ in range(workers):
            crew.start()
        for number in range(1, kills + 1):
            wanted = count * number // (kills + 2)
            wait_for(lambda wanted=wanted: len(post.messages) >= wanted, seconds=90, what=f"{wanted} mails")  # type: ignore[misc]
            time.sleep(post.chance.uniform(0, 2 * MOMENTS))
            crew.kill_one(post.chance)
            crew.start()
        settle(post)
    finally:
        crew.stop()


def settle(post: SlowPost) -> None:
    """Wait until no mail has come for two seconds."""
    before, quiet_since = -1, time.monotonic()
    while time.monotonic() - quiet_since < 2:
        if len(post.messages) != before:
            before, quiet_since = len(post.messages), time.monotonic()
        time.sleep(0.1)


def assert_once_or_listed(session: Session, post: SlowPost, *, count: int, kills: int) -> None:
    """Nobody has two mails; everybody has one, or is listed as uncertain, of which there is one a kill at most."""
    session.rollback()
    rows = session.execute(
        select(Person.email, func.coalesce(Reminder.state, Invitation.state).label("state"))
        .join(Invitation, Invitation.person_id == Person.id)
        .outerjoin(Reminder, Reminder.invitation_id == Invitation.id)
    )
    states = {row.email: row.state for row in rows}
    got = post.got
    assert len(states) == count
    assert set(states.values()) <= {State.SENT, State.UNCERTAIN}
    assert {email: times for email, times in got.items() if times > 1} == {}
    assert {email for email, state in states.items() if state == State.SENT} - set(got) == set()
    assert Counter(states.values())[State.UNCERTAIN] <= kills
