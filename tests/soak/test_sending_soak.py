"""Workers are killed at fifty random moments while they mail and remind a thousand people, on both databases."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.invitations.jobs import sender
from feedback_app.mail.transports import SmtpTransport
from tests.installation import Installation
from tests.integration.mail.mail_server import mail_server
from tests.mail_kills import SlowPost, assert_once_or_listed, make_all_due, send_under_kills

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
COUNT, KILLS = 1_000, 50


def test_fifty_kills_over_a_thousand_mails_double_and_lose_none(
    app: Flask, session: Session, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_all_due(session, COUNT, reminders=COUNT // 3)
    session.rollback()
    post = SlowPost(chance=random.Random(50))
    with mail_server(post) as port:
        url = f"smtp://127.0.0.1:{port}"
        installation = Installation(tmp_path, database, {"FEEDBACK_SMTP_URL": url})
        send_under_kills(installation, post, count=COUNT, kills=KILLS, workers=3)
        monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=1))
        transport = app.extensions["feedback_transport"] = SmtpTransport(url)
        sender().send_due()
        transport.close()
    assert_once_or_listed(session, post, count=COUNT, kills=KILLS)
