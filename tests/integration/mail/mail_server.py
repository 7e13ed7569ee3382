"""A real SMTP server in a thread, which can be told to fail in the ways that servers fail."""
# ruff: noqa: N802 - aiosmtpd finds its hooks by these names

import asyncio
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

PASSWORD = "let me in"


@dataclass
class Post:
    """What the server got and how it is to behave. Faults: see `FaultySmtp.smtp_DATA`."""

    recipient_answer: str = "250 2.1.5 OK"
    message_answer: str = "250 2.0.0 queued"
    sender_answer: str = "250 2.1.0 OK"
    fault: str = ""
    faults: dict[str, str] = field(default_factory=dict)  # of single recipients
    pipelining: bool = False
    connections: int = 0
    messages: list[Envelope] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, offers: list[str]
    ):
        session.host_name = name
        return [*offers[:-1], *(["250-PIPELINING"] if self.pipelining else []), offers[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ):
        self.commands.append(" ".join(["MAIL", address, *options]))
        if self.sender_answer.startswith("2"):
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ):
        self.commands.append(f"RCPT {address}")
        if self.recipient_answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope):
        self.commands.append("RSET")
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope):
        if self.message_answer.startswith("2"):
            self.messages.append(envelope)
        return self.message_answer


class FaultySmtp(SMTP):
    """Hangs up or falls silent where its Post says so."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self.transport:  # not again after STARTTLS
            self.event_handler.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        post, recipients = self.event_handler, self.envelope.rcpt_tos
        fault = post.faults.get(recipients[0], post.fault) if recipients else post.fault
        if not fault:
            await super().smtp_DATA(arg)
            return
        if fault == "hang at DATA":
            await asyncio.sleep(30)
        await self.push("354 go ahead")
        read = b""
        while fault != "hang up before the dot" and not read.endswith(b"\r\n.\r\n"):
            read += await self._reader.read(65536)
        if fault == "fall silent after the dot":
            await asyncio.sleep(30)
        elif fault == "talk nonsense after the dot":
            await self.push("what?")
        self.transport.abort()


class MailServer(Controller):
    def __init__(self, post: Post, port: int, **options: Any) -> None:
        super().__init__(post, hostname="127.0.0.1", port=port)
        self.options = options

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of passwords without encryption; this is 127.0.0.1
            return FaultySmtp(self.handler, **self.options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(post: Post, port: int = 0, **options: Any) -> Iterator[int]:
    """The port of a server that runs as long as the block."""
    server = MailServer(post, port or free_port(), **options)
    server.start()
    post.connections -= 1  # the controller tries the door itself
    try:
        yield server.port
    finally:
        server.stop()


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(handled=False, success=data.login == b"feedback" and data.password == PASSWORD.encode())
