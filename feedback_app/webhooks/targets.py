"""Where messages to others may go: read an address as every reader would, and refuse what leads to us (SSRF)."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

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
