"""A small IMAP server on loopback: one user, one folder, the commands that we use; and it can break off."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class FakeImap(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mails: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = dict(enumerate(mails, start=101))
        self.seen: set[int] = set()
        self.secret = "open sesame"
        self.breaks_off_after: int | None = None  # this many mails
        self.commands: list[str] = []

    @property
    def url(self) -> str:
        return f"imap://bounces%40example.org:open%20sesame@127.0.0.1:{self.server_address[1]}/Bounces"


class Session(socketserver.StreamRequestHandler):
    server: FakeImap

    def handle(self) -> None:
        self.say(b"* OK ready")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            self.server.commands.append(command)
            if self.answer(command) is False:
                return
            self.say(f"{tag} {self.verdict}".encode())
            if command == "LOGOUT":
                return

    def answer(self, command: str) -> bool | None:
        self.verdict = "OK done"
        server = self.server
        if command.startswith("LOGIN"):
            if server.secret not in command:
                self.verdict = "NO [AUTHENTICATIONFAILED] Invalid credentials"
        elif command == "CAPABILITY":
            self.say(b"* CAPABILITY IMAP4rev1")
        elif command.startswith("SELECT"):
            self.say(f"* {len(server.mails)} EXISTS".encode())
        elif command == "UID SEARCH UNSEEN":
            self.say(" ".join(["* SEARCH", *map(str, sorted(server.mails.keys() - server.seen))]).encode())
        elif found := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            return self.fetch(int(found[1]), int(found[2]))
        elif found := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
            server.seen.add(int(found[1]))
        elif command != "LOGOUT":
            self.verdict = "BAD what?"
        return None

    def fetch(self, uid: int, longest: int) -> bool | None:
        fetched = sum(command.startswith("UID FETCH") for command in self.server.commands)
        if self.server.breaks_off_after is not None and fetched > self.server.breaks_off_after:
            return False
        mail = self.server.mails[uid].replace(b"\n", b"\r\n")[:longest]
        self.say(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(mail)}}}".encode())
        self.wfile.write(mail)
        self.say(b")")
        return None

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def imap_server(*mails: bytes) -> Iterator[Any]:
    """A running server that holds these mails."""
    with FakeImap(list(mails)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
