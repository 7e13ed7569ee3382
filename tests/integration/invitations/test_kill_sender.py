"""kill -9 of workers while they send: the short form of tests/soak/test_sending_soak.py."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from feedback_app.invitations.sending import Sender
from feedback_app.mail.results import Transport
from feedback_app.mail.transports import SmtpTransport
from tests.installation import Installation
from tests.integration.invitations.conftest import Clock
from tests.integration.mail.mail_server import mail_server
from tests.mail_kills import SlowPost, assert_once_or_listed, make_all_due, send_under_kills

COUNT, KILLS = 60, 3


def test_killed_workers_send_nothing_twice_and_lose_nothing(
    session: Session,
    database: str,
    tmp_path: Path,
    time: Clock,
    sender_over: Callable[[Transport], Sender],
) -> None:
    make_all_due(session, COUNT, reminders=COUNT // 3)
    session.rollback()
    post = SlowPost(chance=random.Random(7))
    with mail_server(post) as port:
        installation = Installation(tmp_path, database, {"FEEDBACK_SMTP_URL": f"smtp://127.0.0.1:{port}"})
        send_under_kills(installation, post, count=COUNT, kills=KILLS, workers=2)
        time.now = datetime.now(UTC) + timedelta(hours=1)  # every lease has ended
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}")
        sender_over(transport).send_due()
        transport.close()
    assert_once_or_listed(session, post, count=COUNT, kills=KILLS)
