"""A clock that stands still until it is moved, and a sender that uses it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.invitations.jobs import sender
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.sending import Sender
from feedback_app.mail.results import Transport
from tests.factories import NOON, make_invitation, make_person, make_survey
from tests.integration.mail.mail_server import Post


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class PickyPost(Post):
    """Answers some recipients in another way than the rest."""

    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802  # the library calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        usual, self.recipient_answer = self.recipient_answer, self.answers.get(address, self.recipient_answer)
        try:
            return await super().handle_RCPT(server, session, envelope, address, options)
        finally:
            self.recipient_answer = usual

    @property
    def got(self) -> list[str]:
        """Who has mail, in the order of arrival."""
        return [envelope.rcpt_tos[0] for envelope in self.messages]


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What time it is for the jobs."""
    stopped = Clock()
    monkeypatch.setattr(clock, "now", stopped)
    return stopped


@pytest.fixture
def sender_over(app: Flask, time: Clock) -> Callable[[Transport], Sender]:
    """A sender with that transport, as the job makes it."""

    def make(transport: Transport) -> Sender:
        app.extensions["feedback_transport"] = transport
        return sender()

    return make


def make_due(session: Session, name: str = "dana", **given: Any) -> Invitation:
    """A scheduled invitation that is due at NOON, of a person and a survey of its own unless given."""
    if "person_id" not in given:
        given["person_id"] = make_person(session, email=f"{name}@harrow.example").id
    if "survey_id" not in given:
        given["survey_id"] = make_survey(session, name="Relationship").id
    defaults = {"sent_at": None, "due_at": NOON, "expires_at": NOON + timedelta(hours=72)}
    return make_invitation(session, **defaults | given)
