"""Bodies that end too early, at the real web server: gunicorn hands on what it has."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.clock import now
from feedback_app.links import Links
from feedback_app.responses.models import Response
from tests.factories import make_invitation
from tests.installation import SECRET, Installation

WHOLE = b"rating=9&comment=" + b"a" * 1000
FORM = "Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close"


def answer_to(port: int, request: bytes) -> bytes:
    """The first line of what the server says to a request after which nothing more comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").readline()


@pytest.mark.only("sqlite")
def test_half_a_body_is_refused_however_its_length_was_announced(
    session: Session, database: str, tmp_path: Path
) -> None:
    number = make_invitation(session, sent_at=now() - timedelta(hours=1)).id
    session.rollback()
    installation = Installation(tmp_path, database)
    path = f"/a/{Links((SECRET,), '').answer_token(number)}"
    counted = f"POST {path} HTTP/1.1\r\n{FORM}\r\nContent-Length: {len(WHOLE)}\r\n\r\n".encode()
    chunked = f"POST {path} HTTP/1.1\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    sent = b"%x\r\n%b\r\n" % (len(WHOLE), WHOLE)
    installation.serve("--no-worker", "--workers", "1")
    try:
        for request in (
            counted + WHOLE[:500],
            counted + WHOLE[:8],
            counted,
            chunked + sent[:500],  # in the middle of a chunk
            chunked + sent,  # without the chunk that says that it was all
            chunked,
        ):
            line = answer_to(installation.port, request)
            assert not line or b" 400 " in line, line
            assert session.scalar(select(func.count()).select_from(Response)) == 0
            session.rollback()
        assert b" 303 " in answer_to(installation.port, chunked + sent + b"0\r\n\r\n")
    finally:
        installation.stop()
