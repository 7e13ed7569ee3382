"""From a mail that we sent to a person who is not written to again: over a provider's hook, and over bounced mail."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.deliveries.jobs import apply_reports
from feedback_app.deliveries.models import MailHook
from feedback_app.invitations.jobs import read_events, send_due_invitations
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry, Outcome
from feedback_app.mail.memory import MemoryTransport
from feedback_app.mail.message import OutgoingMail
from feedback_app.people.models import Suppression
from tests.conftest import SECRET
from tests.factories import make_source, make_trigger
from tests.helpdesks import GENERIC_SECRET, SIGNED_AT, closed_case, generic_headers
from tests.installation import Installation
from tests.mail_providers import basic, sample

DANA = "dana@harrow.example"


class Company:
    """A helpdesk that closes Dana's cases, and the mails that follow from it."""

    def __init__(self, app: Flask, session: Session, client: FlaskClient) -> None:
        self.session, self.client = session, client
        self.transport = app.extensions["feedback_transport"] = MemoryTransport()
        self.source = make_source(session, GENERIC_SECRET)
        make_trigger(session, source_id=self.source.id, delay_seconds=0)

    def close_case(self, number: str, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)
        body = closed_case(number, at=at, email=DANA)
        headers = generic_headers(body, message_id=f"msg_{number}", at=at)
        answer = self.client.post(f"/hooks/generic/{self.source.key}", data=body, headers=headers)
        assert answer.status_code == 200
        read_events.run()
        send_due_invitations.run()
        self.session.rollback()

    @property
    def mail(self) -> OutgoingMail:
        (mail,) = self.transport.sent
        return mail

    @property
    def outcomes(self) -> list[str]:
        self.session.rollback()
        return list(self.session.scalars(select(LedgerEntry.outcome).order_by(LedgerEntry.id)))


def test_a_bounce_at_the_provider_stops_the_next_survey(
    app: Flask,
    session: Session,
    client: FlaskClient,
    make_hook: Callable[..., MailHook],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company, hook = Company(app, session, client), make_hook("postmark")
    company.close_case("1", SIGNED_AT, monkeypatch)
    sent_for = dict(company.mail.headers)["X-Survey-Invitation"]
    bounce = json.loads(sample("postmark-bounce.json")) | {
        "Email": DANA,
        "Metadata": {"invitation": sent_for},
    }
    headers = {"Authorization": basic("a secret")}
    answer = client.post(f"/hooks/mail/postmark/{hook.key}", data=json.dumps(bounce), headers=headers)
    assert answer.status_code == 200
    apply_reports.run()
    session.rollback()
    assert session.scalars(select(Invitation.state)).all() == [InvitationState.BOUNCED]
    assert session.scalars(select(Suppression.reason)).all() == ["bounced"]
    company.close_case("2", SIGNED_AT + timedelta(days=60), monkeypatch)
    assert company.outcomes == [Outcome.INVITED, Outcome.BOUNCED_ADDRESS]
    assert len(company.transport.sent) == 1


def test_a_bounce_through_the_pipe_stops_it_too(
    app: Flask,
    session: Session,
    client: FlaskClient,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command as a mail server calls it, with the bounce address that stood in the envelope of our mail."""
    settings = replace(app.extensions["feedback_settings"], bounce_domain="bounces.northlight.example")
    app.extensions["feedback_settings"] = settings
    company = Company(app, session, client)
    company.close_case("1", SIGNED_AT, monkeypatch)
    assert company.mail.envelope_from.startswith("bounce+1.")
    installation = Installation(tmp_path, database, {"FEEDBACK_SECRET_KEY": SECRET})
    bounce = sample("dsn-failed.eml").decode()
    done = installation.feedback("mail", "receive", "--recipient", company.mail.envelope_from, stdin=bounce)
    assert (done.returncode, done.stdout, done.stderr) == (0, "received\n", "")
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=1))
    apply_reports.run()
    company.close_case("2", SIGNED_AT + timedelta(days=60), monkeypatch)
    assert company.outcomes == [Outcome.INVITED, Outcome.BOUNCED_ADDRESS]
