"""The load generator against a server whose every answer is known."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.load import Connection, Outcome, Plan, carry_out, get, is_whole, post, run_load


class Echo(BaseHTTPRequestHandler):
    """303 to the first POST of a path, 409 to later ones; a page to a GET; cuts /broken off."""

    protocol_version = "HTTP/1.1"
    seen: set[tuple[str, bytes]]

    def do_GET(self) -> None:
        if self.path == "/broken":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.close_connection = True
            return
        self.answer(200, b"x" * 200_000)

    def do_POST(self) -> None:
        said = self.path, self.rfile.read(int(self.headers["Content-Length"]))
        is_new = said not in self.seen
        self.seen.add(said)  # before the answer: who has it may look at once
        self.answer(303 if is_new else 409, b"")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Echo.seen = set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_each_request_of_a_plan_is_sent_once(port):
    requests = [post(f"/a/{number}", "rating=9&comment=größer") for number in range(50)]
    outcome = carry_out(Plan(port, requests, expect=303, seconds=20))
    assert (outcome.answered, outcome.errors) == (50, {})
    assert Echo.seen == {(f"/a/{number}", "rating=9&comment=größer".encode()) for number in range(50)}


def test_an_unexpected_status_is_an_error_and_not_an_answer(port):
    outcome = carry_out(Plan(port, [post("/a", "x")] * 3, expect=303, seconds=20, connections=1))
    assert (outcome.answered, outcome.errors, outcome.failed) == (1, {"status 409": 2}, 2)


def test_a_repeating_plan_ends_with_its_time(port):
    outcome = carry_out(Plan(port, [get("/a")], expect=200, seconds=0.3, repeat=True))
    assert outcome.answered > 8
    assert 0.3 <= outcome.seconds < 5


def test_half_an_answer_is_an_error_and_the_connection_is_opened_anew(port):
    plan = Plan(port, [get("/broken"), get("/a")], expect=200, seconds=20, connections=1)
    outcome = carry_out(plan)
    assert (outcome.answered, outcome.errors) == (1, {"ConnectionError": 1})


def test_a_server_that_is_gone_is_an_error():
    with pytest.raises(OSError, match="refused"):
        Connection(1).exchange(b"GET / HTTP/1.1\r\n\r\n")


def test_the_load_runs_in_a_process_of_its_own(port):
    outcome = run_load(Plan(port, [get("/a")] * 20, expect=200, seconds=20))
    assert (outcome.answered, outcome.errors) == (20, {})
    assert outcome.per_second == pytest.approx(20 / outcome.seconds)


def test_percentiles_count_from_the_quickest():
    outcome = Outcome(seconds=1, latencies_ms=[float(ms) for ms in range(100, 0, -1)])
    assert (outcome.percentile(50), outcome.percentile(99)) == (51.0, 100.0)


@pytest.mark.parametrize(
    ("head", "body", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4", b"abc", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nServer: x", b"abcd", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", b"3\r\nabc\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content", b"", True),
    ],
)
def test_an_answer_is_whole_when_its_announced_body_is_here(head, body, whole):
    assert is_whole(head, body) is whole
