"""A real HTTP server on loopback that takes webhooks: it keeps what came and answers as told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

LOOPBACK = "127.0.0.0/8"


@dataclass(frozen=True)
class Came:
    """One request, as it came."""

    path: str
    headers: dict[str, str]  # by lower-case name
    body: bytes
    at: float


@dataclass
class Receiver:
    """What it got, and what it answers with: (status, headers, body), one after the other; the last one stays."""

    port: int
    came: list[Came] = field(default_factory=list)
    connections: int = 0
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, b"ok")])
    hangs: Event = field(default_factory=Event)  # while set nothing is answered

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=feedback"

    def answer(self, *statuses: int, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers = [(status, named, body) for status in statuses]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    receiver: Receiver


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.receiver.connections += 1

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.came.append(Came(self.path, headers, body, time.monotonic()))
        while receiver.hangs.is_set():
            time.sleep(0.02)
        status, more, said = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that takes requests until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.receiver = Receiver(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.receiver
    finally:
        server.receiver.hangs.clear()
        server.shutdown()
        server.server_close()
        thread.join()
