"""What the web server itself writes: no token of a link, however broken the request."""

import socket
from pathlib import Path

import pytest

from tests.installation import Installation


@pytest.mark.only("sqlite")
def test_a_broken_request_leaves_no_token_in_the_log(database: str, tmp_path: Path) -> None:
    installation = Installation(tmp_path, database)
    installation.serve("--no-worker", "--workers", "1")
    try:
        for line in (b"GET /a/3f.S1gnature", b"GET /u/3f.S1gnature HTTP/9.9"):
            with socket.create_connection(("127.0.0.1", installation.port), timeout=5) as client:
                client.sendall(line + b"\r\nHost: x\r\n\r\n")
                assert b" 400 " in client.recv(1000)
    finally:
        installation.stop()
    assert "Invalid" in installation.log("serve")
    assert "S1gnature" not in installation.log("serve")
