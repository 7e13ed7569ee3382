"""Bounces that come back by mail: over IMAP, from a Maildir, through a pipe; stored before anything else, and once."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.config import SettingError, read_settings
from feedback_app.deliveries import jobs
from feedback_app.deliveries.jobs import MAILBOX_FACT, apply_reports, fetch_reports, mail_keys
from feedback_app.deliveries.mail_in import receive_mail
from feedback_app.deliveries.mailboxes import mailbox_address
from feedback_app.deliveries.models import MailEvent, MailEventState
from feedback_app.errors import DatabaseBusy
from feedback_app.invitations.models import Invitation, InvitationState
from feedback_app.mail.tracing import bounce_address
from feedback_app.people.models import Suppression
from feedback_app.workspace import fact
from tests.conftest import NOON, SECRET
from tests.factories import make_invitation
from tests.integration.deliveries.imap_server import imap_server
from tests.mail_providers import sample

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

THEIRS = b"bounce+inv_01KAM3VB9T4W6Y8A0C2E4G6J8M.9f31c2d0@bounces.surveys.example.net"


def bounce_of(invitation: Invitation, name: str = "dsn-failed.eml") -> bytes:
    """The sample, about this invitation and with an id of its own."""
    ours = bounce_address(invitation.id, "bounces.example.net", SECRET).encode()
    return sample(name).replace(THEIRS, ours).replace(b"Message-ID: <", b"Message-ID: <%d." % invitation.id)


def reads(url: str) -> None:
    """Have the installation read this mailbox."""
    extensions = current_app.extensions
    extensions["feedback_settings"] = replace(extensions["feedback_settings"], imap_url=url)


def states(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(MailEvent.state).order_by(MailEvent.id)))


def trouble(session: Session) -> str:
    session.rollback()
    kept = fact(session, MAILBOX_FACT)
    return str(kept["trouble"])


def receive(session: Session, raw: bytes, *recipients: str) -> MailEventState | None:
    return receive_mail(session, raw, recipients, keys=mail_keys(), now=NOON)


def test_a_bounce_that_proves_itself_stops_mail(session: Session) -> None:
    invitation = make_invitation(session)
    assert receive(session, bounce_of(invitation)) is MailEventState.RECEIVED
    apply_reports.run()
    session.refresh(invitation)
    assert invitation.state == InvitationState.BOUNCED
    # The address that we wrote to, although the bounce names the one that it was forwarded to.
    assert session.scalars(select(Suppression.person_id)).all() == [invitation.person_id]


def test_a_complaint_by_mail_counts_as_one(session: Session) -> None:
    invitation = make_invitation(session)
    receive(session, bounce_of(invitation, "arf-complaint.eml"))
    apply_reports.run()
    session.refresh(invitation)
    assert invitation.state == InvitationState.COMPLAINED


def test_a_mail_that_proves_nothing_is_kept_and_changes_nothing(session: Session) -> None:
    invitation = make_invitation(session)
    forged = sample("dsn-failed.eml").replace(b"inv_01KAM3VB9T4W6Y8A0C2E4G6J8M", b"%d" % invitation.id)
    assert receive(session, forged) is MailEventState.UNMATCHED
    apply_reports.run()
    event = session.scalars(select(MailEvent)).one()
    assert (event.invitation_id, event.try_at, event.body) == (None, None, forged)
    assert "signed by us" in event.problem
    session.refresh(invitation)
    assert invitation.state == InvitationState.SENT


def test_who_sends_something_under_the_id_of_a_bounce_does_not_keep_the_bounce_out(session: Session) -> None:
    genuine = bounce_of(make_invitation(session))
    forged = genuine.replace(b"bounce+", b"bounced+")
    assert [receive(session, raw) for raw in (forged, genuine, genuine)] == [
        MailEventState.UNMATCHED,
        MailEventState.RECEIVED,
        None,
    ]


def test_an_answer_that_a_program_wrote_is_neither_kept_nor_an_answer(session: Session) -> None:
    assert receive(session, sample("auto-reply.eml")) is MailEventState.IGNORED
    event = session.scalars(select(MailEvent)).one()
    assert (event.outcome, event.body, event.try_at) == ("auto_reply_ignored", b"", None)


def test_a_mail_that_we_choke_on_is_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def choke(*_args: object) -> None:
        raise RecursionError

    monkeypatch.setattr("feedback_app.deliveries.mail_in.read_mail", choke)
    assert receive(session, b"\xff\0") is MailEventState.UNREADABLE
    assert session.scalars(select(MailEvent.body)).all() == [b"\xff\0"]


def test_imap_stores_what_is_new_and_marks_it(session: Session) -> None:
    invitations = [make_invitation(session) for _ in range(2)]
    mails = [bounce_of(invitation) for invitation in invitations]
    with imap_server(*mails, sample("auto-reply.eml")) as server:
        reads(server.url)
        for _ in range(2):
            fetch_reports.run()
    assert states(session) == ["received", "received", "ignored"]
    assert server.seen == {101, 102, 103}
    assert sum(command.startswith("UID FETCH") for command in server.commands) == 3
    assert 'SELECT "Bounces"' in server.commands
    assert trouble(session) == ""
    apply_reports.run()
    session.rollback()
    assert {one.state for one in session.scalars(select(Invitation))} == {InvitationState.BOUNCED}


def test_a_connection_that_breaks_off_loses_nothing_and_doubles_nothing(session: Session) -> None:
    mails = [bounce_of(make_invitation(session)) for _ in range(3)]
    with imap_server(*mails) as server:
        reads(server.url)
        server.breaks_off_after = 1
        fetch_reports.run()
        assert states(session) == ["received"]
        assert trouble(session).startswith("127.0.0.1: ")
        server.breaks_off_after = None
        fetch_reports.run()
    assert states(session) == ["received"] * 3
    assert trouble(session) == ""


def test_a_mail_is_marked_only_after_it_is_stored(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: object, **_kwargs: object) -> None:
        raise DatabaseBusy

    with imap_server(bounce_of(make_invitation(session))) as server:
        reads(server.url)
        with monkeypatch.context() as patched:
            patched.setattr(jobs, "receive_mail", busy)
            with pytest.raises(DatabaseBusy):
                fetch_reports.run()
        assert server.seen == set()
        # Stored, and then killed before the mark: the next run finds it again.
        receive(session, server.mails[101])
        fetch_reports.run()
    assert (states(session), server.seen) == (["received"], {101})


def test_a_wrong_secret_is_shown_and_not_told(session: Session) -> None:
    with imap_server() as server:
        server.secret = "another"
        reads(server.url)
        fetch_reports.run()
    assert trouble(session) == "127.0.0.1: [AUTHENTICATIONFAILED] Invalid credentials"


def test_a_server_that_is_not_there_stops_no_job(session: Session) -> None:
    with imap_server() as server:
        reads(server.url)
    fetch_reports.run()
    assert "refused" in trouble(session)


def test_a_maildir_is_read_oldest_first_and_its_mails_are_moved(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "Maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1795189502.M1.host").write_bytes(bounce_of(make_invitation(session)))
    (folder / "new" / ".nfs0001").write_bytes(b"")
    reads(f"maildir://{folder}")
    for _ in range(2):
        fetch_reports.run()
    assert states(session) == ["received"]
    assert [path.name for path in (folder / "cur").iterdir()] == ["1795189502.M1.host:2,S"]
    assert [path.name for path in (folder / "new").iterdir()] == [".nfs0001"]


def test_a_maildir_that_is_not_there_is_said(session: Session, tmp_path: Path) -> None:
    reads(f"maildir://{tmp_path}/nowhere")
    fetch_reports.run()
    assert trouble(session) == f"{tmp_path}/nowhere: No such file or directory"


def test_without_a_mailbox_nothing_is_read(app: Flask, session: Session) -> None:
    assert app.extensions["feedback_settings"].imap_url == ""
    fetch_reports.run()
    assert fact(session, MAILBOX_FACT) is None


def test_an_address_of_a_mailbox_is_taken_apart() -> None:
    address = mailbox_address("imaps://bounces%40example.org:a%3Ab@mail.example.org:1993/INBOX/Bounces")
    assert (address.user, address.secret, address.port, address.folder) == (
        "bounces@example.org",
        "a:b",
        1993,
        "INBOX/Bounces",
    )
    assert mailbox_address("imaps://u:s@mail.example.org").folder == "INBOX"
    assert mailbox_address("imaps://u:s@mail.example.org").port == 993


@pytest.mark.parametrize(
    "url",
    [
        "imap://user:secret@mail.example.org/INBOX",
        "imaps://mail.example.org/INBOX",
        "imaps://user@mail.example.org/INBOX",
        "imaps://user:secret@mail.example.org:many/INBOX",
        "imaps://user:secret@mail.example.org/IN%0D%0ABOX",
        "maildir://folder",
        "maildir:///",
        "pop3://user:secret@mail.example.org",
    ],
)
def test_a_bad_mailbox_stops_the_start_without_telling_the_secret(url: str, tmp_path: Path) -> None:
    environ = {"FEEDBACK_IMAP_URL": url, "FEEDBACK_INSTANCE": str(tmp_path)}
    with pytest.raises(
        SettingError, match=r"FEEDBACK_IMAP_URL is .*; a good value looks like imaps://"
    ) as error:
        read_settings(environ)
    assert "secret@mail.example.org:many" not in str(error.value)
