"""Sending to addresses that others chose, without being led to where only we can go (SSRF).

The name is resolved once, every address that it has must be a public one, and the connection goes to exactly the
address that was checked: a name that changes its mind a moment later (DNS rebinding) is not asked again. TLS is
verified for the name. No redirect is followed, no proxy of the environment is used, and time and size are bounded.
"""

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import TracebackType
from typing import Any
from urllib.parse import SplitResult, urlsplit

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MOST_BYTES = 64 * 1024  # of an answer
LONGEST_URL = 2000
WEB_PORTS = frozenset({80, 443, *range(8000, 10_000)})

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
_UNICAST = ip_network(
    "2000::/3"
)  # of IPv6: the rest is local, or IPv4 in disguise (::ffff:0:0/96, 64:ff9b::/96)
# What `is_global` lets pass, or did in some release of Python: protocol assignments (the metadata of one cloud is among
# them), relays of IPv4 in IPv6 (Teredo, 6to4), and documentation.
_NOT_PUBLIC = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20"))
)


class Refused(Exception):
    """We do not send there; the message says why, without the address."""


class NotReached(Exception):
    """Nobody answered, or not in time; the message says how far we came."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where this installation may send: to public addresses by https, and to what its operator has opened."""

    opened: tuple[Network, ...] = ()
    plain_http: bool = False  # also to public addresses; for an installation that lives on one machine

    def is_open(self, address: Address) -> bool:
        return any(address.version == one.version and address in one for one in self.opened)

    def allows(self, address: Address) -> bool:
        return self.is_open(address) or is_public(address)


@dataclass(frozen=True, slots=True)
class Target:
    """An address of the web, read and found to be harmless as far as it can be without looking its name up."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, as far as we read it."""

    status: int
    body: bytes
    retry_after: str | None


def networks_from(value: str) -> tuple[Network, ...]:
    """The networks of FEEDBACK_WEBHOOKS_MAY_REACH; raises ValueError.

    >>> networks_from("127.0.0.0/8, ::1")
    (IPv4Network('127.0.0.0/8'), IPv6Network('::1/128'))
    """
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


def is_public(address: Address) -> bool:
    """Whether everybody can reach this address, so that reaching it from here gives nobody more."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 6 and address not in _UNICAST:
        return False
    return not any(address.version == one.version and address in one for one in _NOT_PUBLIC)


def target_of(url: str) -> Target:
    """The parts of an address; raises Refused for one that could mean another place to another reader."""
    if len(url) > LONGEST_URL or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused(
            "The address has spaces or signs that do not belong in one; write other letters as xn--."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("This is no address of the web.") from error
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Refused("The address must begin with https://")
    if "@" in parts.netloc:
        raise Refused("The address must not hold a user name or a password.")
    port = port if port is not None else 443 if parts.scheme == "https" else 80
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _host_of(parts), port, path)


def _host_of(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if ":" in host:
        return str(_literal(host))
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise Refused("The host's name has signs that do not belong in one.")
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        return str(_literal(host))  # 127.1, 0177.0.0.1 and 2130706433 are all the same place to some reader
    return host


def _literal(host: str) -> Address:
    try:
        if "%" in host:  # an interface of this machine
            raise ValueError
        return ip_address(host)
    except ValueError as error:
        raise Refused("Write a numeric address in its usual form, for example 203.0.113.7.") from error


def checked_target(url: str, reach: Reach) -> Target:
    """The target, refused if its form alone says that we do not send there; for forms, which look nothing up."""
    target = target_of(url)
    with suppress(ValueError):
        check(target, [ip_address(target.host)], reach)
    if target.scheme == "http" and not reach.plain_http and not reach.opened:
        raise Refused("The address must begin with https://")
    return target


def check(target: Target, addresses: Sequence[Address], reach: Reach) -> None:
    """Raises Refused unless we may send to every one of the addresses that the name has."""
    if not addresses or not all(map(reach.allows, addresses)):
        raise Refused(
            "The address leads into a private network. Whoever runs this installation can open one with "
            "FEEDBACK_WEBHOOKS_MAY_REACH."
        )
    if all(map(reach.is_open, addresses)):
        return
    if target.port not in WEB_PORTS:
        raise Refused(f"Port {target.port} is not one that web servers use (80, 443, 8000 to 9999).")
    if target.scheme == "http" and not reach.plain_http:
        raise Refused("The address must begin with https://")


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
