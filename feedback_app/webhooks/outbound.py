"""Sending to addresses that others chose, without being led to where only we can go (SSRF).

The name is resolved once, every address that it has must be a public one, and the connection goes to exactly the
address that was checked: a name that changes its mind a moment later (DNS rebinding) is not asked again. TLS is
verified for the name. No redirect is followed, no proxy of the environment is used, and time and size are bounded.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from types import TracebackType
from typing import Any

from feedback_app.webhooks.targets import Address, Reach, Target, check, target_of

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MOST_BYTES = 64 * 1024  # of an answer


class NotReached(Exception):
    """Nobody answered, or not in time; the message says how far we came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, as far as we read it."""

    status: int
    body: bytes
    retry_after: str | None


def resolved(target: Target) -> list[Address]:
    """Every address of the host, asked for once."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached("The host's name is not known.") from error
    return [ip_address(str(one[4][0]).partition("%")[0]) for one in found]


class Sender:
    """Posts to one endpoint, over one connection for as long as it lasts."""

    def __init__(self, url: str, reach: Reach, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self._url, self._reach, self._total = url, reach, total_seconds
        self._connection: _Pinned | None = None

    def __enter__(self) -> "Sender":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send one message and read the answer, whatever its status; raises Refused or NotReached."""
        until = time.monotonic() + self._total
        is_kept = self._connection is not None
        try:
            try:
                return self._post(body, headers, until)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                if not is_kept:
                    raise
                self.close()  # a kept connection had been closed meanwhile; the message has its id, if it arrived
                return self._post(body, headers, until)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NotReached(_in_words(error)) from error
        except BaseException:
            self.close()
            raise

    def _post(self, body: bytes, headers: Mapping[str, str], until: float) -> Reply:
        if self._connection is None:
            self._connection = self._open(until)
        connection = self._connection
        connection.until = until
        connection.request("POST", connection.path, body, dict(headers))
        answer = connection.getresponse()
        read = answer.read(MOST_BYTES)
        if answer.will_close or not answer.isclosed():
            self.close()
        return Reply(answer.status, read, answer.getheader("Retry-After"))

    def _open(self, until: float) -> "_Pinned":
        target = target_of(self._url)
        addresses = resolved(target)
        check(target, addresses, self._reach)
        return _Pinned(target, addresses, until)


class _Pinned(http.client.HTTPConnection):
    """A connection to one of the checked addresses that calls itself by the host's name."""

    def __init__(self, target: Target, addresses: Sequence[Address], until: float) -> None:
        is_usual = target.port == (443 if target.scheme == "https" else 80)
        super().__init__(target.host, target.port)
        if is_usual:
            self.default_port = target.port  # so that the Host header names it without
        self.path, self.until = target.path, until
        self._target, self._addresses = target, addresses

    def connect(self) -> None:
        line = self._dialled()
        with suppress(
            OSError
        ):  # head and body are two writes: without it each message waits 40 ms for the first's ACK
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._target.scheme == "https":
            line.settimeout(_left(self.until))
            line = tls_context().wrap_socket(line, server_hostname=self._target.host.rstrip("."))
        self.sock = _Timed(line, lambda: self.until)

    def _dialled(self) -> socket.socket:
        """The first address that answers, within CONNECT_SECONDS together."""
        until = min(self.until, time.monotonic() + CONNECT_SECONDS)
        for number, address in enumerate(self._addresses, start=1):
            try:
                return socket.create_connection((str(address), self._target.port), _left(until))
            except OSError:
                if number == len(self._addresses):
                    raise
        raise NotReached("The host's name has no address.")


class _Timed:
    """A socket whose every wait ends at one moment, however slowly the other side drips."""

    def __init__(self, line: socket.socket, until: Callable[[], float]) -> None:
        self._line, self._until = line, until

    def sendall(self, data: Any) -> None:
        self._line.settimeout(_left(self._until()))
        self._line.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - http.client asks for "rb" alone
        return io.BufferedReader(_TimedReads(self._line, self._until))

    def close(self) -> None:
        self._line.close()


class _TimedReads(io.RawIOBase):
    def __init__(self, line: socket.socket, until: Callable[[], float]) -> None:
        self._line, self._until = line, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._line.settimeout(_left(self._until()))
        return self._line.recv_into(buffer)


@cache
def tls_context() -> ssl.SSLContext:
    """Certificates are verified, for the name; TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "It did not answer in time."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not valid ({error.verify_message})."
    if isinstance(error, ssl.SSLError):
        return "A safe connection (TLS) could not be made."
    if isinstance(error, ConnectionRefusedError):
        return "The connection was refused."
    if isinstance(error, http.client.HTTPException):
        return f"Its answer was no HTTP ({type(error).__name__})."
    return f"The connection failed ({type(error).__name__})."
