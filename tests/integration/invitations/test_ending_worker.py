"""SIGTERM: the worker finishes the mail at hand, lets go of the others and ends with exit code 0."""

import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Invitation
from feedback_app.invitations.models import InvitationState as State
from tests.installation import Installation, wait_for
from tests.integration.mail.mail_server import mail_server
from tests.mail_kills import SlowPost, make_all_due


@pytest.mark.only("sqlite")
def test_a_worker_that_is_told_to_end_leaves_no_mail_half_sent(
    session: Session, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.mail_kills.MOMENTS", 0.4)
    make_all_due(session, 200)
    session.rollback()
    post = SlowPost()
    with mail_server(post) as port:
        installation = Installation(tmp_path, database, {"FEEDBACK_SMTP_URL": f"smtp://127.0.0.1:{port}"})
        worker = installation.start("worker")
        try:
            wait_for(lambda: len(post.messages) >= 3, seconds=30, what="the first mails")
            until = time.monotonic() + 10
            while (
                worker.poll() is None and time.monotonic() < until
            ):  # systemd and the parent tell it, again and again
                worker.send_signal(signal.SIGTERM)
                time.sleep(0.01)
            assert worker.poll() == 0
        finally:
            installation.stop()
    session.rollback()
    states = Counter(session.scalars(select(Invitation.state)))
    assert states == {State.SENT: len(post.messages), State.SCHEDULED: 200 - len(post.messages)}
    assert len(post.messages) < 100
    assert "Traceback" not in installation.log("worker")
