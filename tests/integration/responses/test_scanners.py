"""Whatever opens links - mail scanners, previews, prefetchers - answers nothing; tampered links do nothing at all."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from feedback_app.errors import LinkUnknown
from feedback_app.invitations.models import Invitation, LinkVisit
from feedback_app.links import Links
from feedback_app.people.models import Suppression
from feedback_app.responses.models import Response, ResponseVersion
from tests.conftest import SECRET
from tests.factories import make_survey
from tests.integration.responses.conftest import Link


def stored(session: Session) -> dict[str, int]:
    session.rollback()
    tables = (Response, ResponseVersion, Suppression)
    return {
        table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }


NOTHING = {"response": 0, "response_version": 0, "suppression": 0}


def test_opening_every_link_in_every_way_answers_nothing(
    client: FlaskClient, session: Session, links: Links, link: Link, invitation: Invitation
) -> None:
    open_path = f"/t/{make_survey(session).slug}"
    paths = [f"{base}?rating={rating}" for base in (link.path, open_path) for rating in range(11)]
    paths += [f"{link.path}/thanks", f"{link.path}/more", f"{link.path}/intent", f"{open_path}/thanks"]
    paths += [f"/u/{links.unsubscribe_token(invitation.id)}", f"{open_path}/intent"]
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = client.open(path, method=method, headers={"Purpose": "prefetch", "X-Moz": "prefetch"})
            assert answer.status_code in (200, 303, 405)
    assert stored(session) == NOTHING
    session.refresh(invitation)
    assert (invitation.state, invitation.answered_at) == ("sent", None)
    assert session.scalar(select(func.count()).select_from(LinkVisit)) == 2
    client.post(link.path, data={"rating": "9"})
    assert stored(session)["response"] == 1


def tampered(token: str) -> Iterator[str]:
    number, _, signature = token.partition(".")
    for other in ("1", "2", "0", "-1", f"0{number}", "ffffffffffffffff", ""):
        if other != number:
            yield f"{other}.{signature}"
    for place in range(len(signature) - 1):  # the last character has bits that are not signed
        yield f"{number}.{signature[:place]}{'A' if signature[place] != 'A' else 'B'}{signature[place + 1 :]}"
    yield from (number, f"{number}.", f".{signature}", token + "A", token[:-4], token.upper(), token * 3)
    yield from (f"{token}%00", f"{token}%0a", "%2e%2e", "é" * 20, "a" * 5_000)


def test_a_tampered_link_is_unknown_and_stores_nothing(
    client: FlaskClient, session: Session, links: Links, link: Link, invitation: Invitation
) -> None:
    for token in tampered(link.path.removeprefix("/a/")):
        path = f"/a/{token}"
        assert client.get(path).status_code == 404, token
        assert client.post(path, data={"rating": "9"}).status_code == 404
        assert client.post(f"{path}/intent", json={"rating": 9, "human": True}).status_code == 404
        assert client.get(f"{path}/more").status_code == 404
    for token in tampered(links.unsubscribe_token(invitation.id)):
        assert client.post(f"/u/{token}", data={"scope": "all"}).status_code == 404
    assert stored(session) == NOTHING


def test_a_link_serves_one_purpose(
    client: FlaskClient, session: Session, links: Links, link: Link, invitation: Invitation
) -> None:
    answering, unsubscribing = links.answer_token(invitation.id), links.unsubscribe_token(invitation.id)
    assert client.post(f"/u/{answering}").status_code == 404
    assert client.post(f"/a/{unsubscribing}", data={"rating": "9"}).status_code == 404
    assert stored(session) == NOTHING


@given(st.text(max_size=100))
def test_no_text_happens_to_be_a_link(text: str) -> None:
    links = Links((SECRET,), "http://localhost")
    with pytest.raises(LinkUnknown):
        links.read_answer_token(text)


def test_half_a_request_is_no_request(app: Flask, session: Session, link: Link) -> None:
    """A phone that loses its signal in the middle of a comment must not store half of it."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        whole = b"rating=9&comment=" + b"a" * 1_000
        for body in (whole[:500], whole[:8], b""):
            head = (
                f"POST {link.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(whole)}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
            )
            with socket.create_connection(server.server_address[:2], timeout=10) as connection:
                connection.sendall(head.encode() + body)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.makefile("rb").readline()
            assert b" 400 " in answer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert stored(session) == NOTHING


def test_half_a_request_gets_a_kind_page(client: FlaskClient, session: Session, link: Link) -> None:
    cut: dict[str, Any] = {
        "data": b"rating=9&comment=Half",
        "content_type": "application/x-www-form-urlencoded",
    }
    page = client.post(
        link.path, **cut, headers={"Accept-Language": "de"}, environ_overrides={"CONTENT_LENGTH": "900"}
    )
    assert (page.status_code, "nur ein Teil angekommen" in page.text) == (400, True)
    assert stored(session) == NOTHING
