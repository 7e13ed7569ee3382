"""A mail server that takes everything and keeps nothing: the least that an SMTP conversation costs.

`sink()` runs it as a process of its own, which may take its time to answer to a message, as servers far away do. It
counts mails by their final dot, so that a sender cannot forget one.
"""

import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from smtplib import SMTP

from benchmarks.load import HOST, ROOT

OK, GO_AHEAD, BYE = b"250 2.0.0 ok\r\n", b"354 go ahead\r\n", b"221 2.0.0 bye\r\n"
EHLO = b"250-sink\r\n250-8BITMIME\r\n250 SIZE 10000000\r\n"


class Conversation(socketserver.StreamRequestHandler):
    """One connection: commands line by line, a message up to its final dot."""

    server: "Sink"

    def handle(self) -> None:
        self.wfile.write(b"220 sink ESMTP\r\n")
        while line := self.rfile.readline(2000):
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.wfile.write(BYE)
                return
            self.wfile.write(self.reply(verb))

    def reply(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return EHLO
        if verb == b"DATA":
            self.wfile.write(GO_AHEAD)
            while self.rfile.readline() not in (b".\r\n", b""):
                pass
            time.sleep(self.server.seconds)
            with self.server.counting:
                self.server.mails += 1
        if verb == b"VRFY":
            return b"252 %d\r\n" % self.server.mails
        return OK


class Sink(socketserver.ThreadingTCPServer):
    """Counts what it took in `mails`, and answers to each after so many `seconds`."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 100
    mails = 0

    def __init__(self, seconds: float) -> None:
        super().__init__((HOST, 0), Conversation)
        self.seconds = seconds
        self.counting = threading.Lock()


@dataclass(frozen=True)
class RunningSink:
    """Where the sink listens."""

    port: int

    def taken(self) -> int:
        """How many mails it has taken so far."""
        with SMTP(HOST, self.port) as asking:
            return int(asking.verify("mails")[1])


@contextmanager
def sink(*, seconds: float = 0) -> Iterator[RunningSink]:
    """A sink in a process of its own that answers to each message after `seconds`, until the block ends."""
    command = [sys.executable, "-m", "benchmarks.sink", str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield RunningSink(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.communicate(timeout=10)


if __name__ == "__main__":
    with Sink(float(sys.argv[1])) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
