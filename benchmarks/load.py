"""A load generator of one process: kept-alive connections, each sending its next request when it has its answer.

`run_load` starts it as a process of its own, so that its work is not counted as the server's. It is bounded in
requests and in seconds and speaks to this machine alone.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
ANSWER_SECONDS = 30  # a request without an answer for this long is an error


@dataclass(frozen=True)
class Plan:
    """Which requests to send and for how long. `repeat`: begin again with the first one when all were sent."""

    port: int
    requests: list[str]
    expect: int
    seconds: float
    connections: int = 8
    repeat: bool = False


@dataclass
class Outcome:
    """What came of a plan: the latency of every expected answer, and what else happened, counted."""

    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        return len(self.latencies_ms)

    @property
    def failed(self) -> int:
        return sum(self.errors.values())

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    def percentile(self, percent: float) -> float:
        """The latency in ms that this percentage of the requests did not exceed."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(percent / 100 * len(ordered)))]


def get(path: str) -> str:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n"


def post(path: str, body: str) -> str:
    """A form's POST as it goes over the wire."""
    return post_with(path, body, {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"})


def post_with(path: str, body: str, headers: Mapping[str, str]) -> str:
    """A POST with these headers as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    )


def run_load(plan: Plan) -> Outcome:
    """Carry the plan out in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        timeout=plan.seconds + 2 * ANSWER_SECONDS,
        check=True,
    )
    return Outcome(**json.loads(done.stdout))


class Connection:
    """One kept-alive connection; it is opened anew after the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def exchange(self, request: bytes) -> int:
        """Send a request, wait for the whole answer, give its status; raises OSError if there is none."""
        try:
            link = self._opened()
            link.sendall(request)
            head = self._receive(link)
        except OSError:
            self.close()
            raise
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return int(head[9:12])

    def _opened(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), timeout=ANSWER_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    @staticmethod
    def _receive(link: socket.socket) -> bytes:
        """The answer's headers, once its body is here too."""
        received = b""
        while True:
            data = link.recv(65536)
            if not data:
                raise ConnectionError("closed before the answer was whole")
            received += data
            head, found, body = received.partition(b"\r\n\r\n")
            if found and is_whole(head, body):
                return head

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def is_whole(head: bytes, body: bytes) -> bool:
    """Whether the body has arrived, by its announced length or its last chunk."""
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        return body.endswith(b"0\r\n\r\n")
    length = lower.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return len(body) >= int(length or 0)


def carry_out(plan: Plan) -> Outcome:
    """Send the plan's requests from this process, a thread to a connection."""
    source = iter(cycle(plan.requests) if plan.repeat else plan.requests)
    outcome, errors, lock = Outcome(), Counter[str](), threading.Lock()
    start = time.perf_counter()
    threads = [
        threading.Thread(target=keep_asking, args=(plan, source, start + plan.seconds, outcome, errors, lock))
        for _ in range(plan.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - start
    outcome.errors = dict(errors)
    return outcome


def keep_asking(
    plan: Plan,
    source: Iterator[str],
    end: float,
    outcome: Outcome,
    errors: Counter[str],
    lock: threading.Lock,
) -> None:
    """One connection's work: the next request, its answer, its latency, until the end."""
    connection = Connection(plan.port)
    while time.perf_counter() < end:
        with lock:
            request = next(source, None)
        if request is None:
            break
        data = request.encode()
        begun = time.perf_counter()
        try:
            status = connection.exchange(data)
        except OSError as error:
            errors[type(error).__name__] += 1
            continue
        if status == plan.expect:
            outcome.latencies_ms.append((time.perf_counter() - begun) * 1000)
        else:
            errors[f"status {status}"] += 1
    connection.close()


def main() -> None:
    """Read a plan as JSON, carry it out, write its outcome as JSON."""
    outcome = carry_out(Plan(**json.load(sys.stdin)))
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
