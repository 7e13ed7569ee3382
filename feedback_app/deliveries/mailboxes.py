"""The mailbox that bounces come to, for those who send over plain SMTP: IMAP over TLS, or a Maildir on this machine.

A mail is marked as seen only after it was stored; what is read twice is stored once. Nothing is ever deleted.
"""

import imaplib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from feedback_app.deliveries.mail_in import LARGEST_MAIL

TIMEOUT_SECONDS = 20
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PORTS = {"imaps": 993, "imap": 143}


class MailboxTrouble(Exception):
    """The mailbox cannot be read just now; the message says why, without the secret."""


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """Where the mailbox is. For a Maildir only `folder` is used."""

    scheme: str  # "imaps", "imap" (this machine only) or "maildir"
    host: str
    port: int
    user: str
    secret: str
    folder: str


class Mailbox(Protocol):
    """An open mailbox. A mail's name is the mailbox's own, good until it is closed."""

    def waiting(self) -> list[str]:
        """The names of the mails that nobody has seen yet, oldest first."""
        ...

    def read(self, name: str) -> bytes:
        """The mail, or as much of it as we take."""
        ...

    def mark_seen(self, name: str) -> None:
        """Do not show it among the waiting ones again."""
        ...


def mailbox_address(url: str) -> MailboxAddress:
    """What a URL such as imaps://user:secret@host/INBOX or maildir:///path names; raises ValueError."""
    parts = urlsplit(url)
    folder = unquote(parts.path)
    if parts.scheme == "maildir":
        if parts.netloc or not folder.strip("/"):
            raise ValueError("a Maildir is named by its path, with three slashes")
        return MailboxAddress("maildir", "", 0, "", "", folder)
    if parts.scheme not in PORTS or not (parts.hostname and parts.username and parts.password):
        raise ValueError("a mailbox needs a host, a user and a secret")
    if parts.scheme == "imap" and parts.hostname not in LOOPBACK:
        raise ValueError("the secret would cross the network unencrypted")
    if any(ord(sign) < 32 or sign == "\x7f" for sign in unquote(url)):
        raise ValueError("a line break would be read as a command")
    port = parts.port or PORTS[parts.scheme]
    user, secret = unquote(parts.username), unquote(parts.password)
    return MailboxAddress(parts.scheme, parts.hostname, port, user, secret, folder.strip("/") or "INBOX")


def open_mailbox(address: MailboxAddress) -> AbstractContextManager[Mailbox]:
    """The mailbox, open; raises MailboxTrouble, also from within."""
    return _open_maildir(address) if address.scheme == "maildir" else _open_imap(address)


@contextmanager
def _open_imap(address: MailboxAddress) -> Iterator[Mailbox]:
    try:
        connect = imaplib.IMAP4_SSL if address.scheme == "imaps" else imaplib.IMAP4
        connection = connect(address.host, address.port, timeout=TIMEOUT_SECONDS)
        with _closed_at_the_end(connection):
            connection.login(address.user, address.secret)
            quoted = address.folder.replace("\\", "\\\\").replace('"', '\\"')
            _checked(connection.select(f'"{quoted}"'))
            yield Imap(connection)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxTrouble(f"{address.host}: {said(error)}") from error


@contextmanager
def _closed_at_the_end(connection: imaplib.IMAP4) -> Iterator[None]:
    """Log out; imaplib's own `with` leaves the socket open when the server is gone by then."""
    try:
        yield
    finally:
        try:
            connection.logout()
        except (OSError, imaplib.IMAP4.error):
            connection.shutdown()


def said(error: Exception) -> str:
    """What the server or the network said, in one line.

    >>> said(imaplib.IMAP4.error(b"[AUTHENTICATIONFAILED] Invalid credentials"))
    '[AUTHENTICATIONFAILED] Invalid credentials'
    """
    first = error.args[0] if error.args and not isinstance(error, OSError) else str(error)
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    return " ".join(text.split())[:200] or type(error).__name__


class Imap:
    """A folder of an IMAP server. Mails are named by their UID."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def waiting(self) -> list[str]:
        found = _checked(self._connection.uid("SEARCH", "UNSEEN"))
        return [uid.decode() for part in found if isinstance(part, bytes) for uid in part.split()]

    def read(self, name: str) -> bytes:
        # PEEK leaves it unseen until it is stored; of a huge one the beginning holds the report.
        found = _checked(self._connection.uid("FETCH", name, f"(BODY.PEEK[]<0.{LARGEST_MAIL}>)"))
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")

    def mark_seen(self, name: str) -> None:
        _checked(self._connection.uid("STORE", name, "+FLAGS.SILENT", r"(\Seen)"))


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(data[0] if data and data[0] else status)
    return data


@contextmanager
def _open_maildir(address: MailboxAddress) -> Iterator[Mailbox]:
    try:
        yield Maildir(Path(address.folder))
    except OSError as error:
        raise MailboxTrouble(f"{address.folder}: {error.strerror or type(error).__name__}") from error


class Maildir:
    """A Maildir: what is new lies in new/, what was seen in cur/ with an S behind its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def waiting(self) -> list[str]:
        with os.scandir(self._folder / "new") as entries:
            found = [
                (entry.stat().st_mtime, entry.name) for entry in entries if not entry.name.startswith(".")
            ]
        return [name for _, name in sorted(found)]

    def read(self, name: str) -> bytes:
        with (self._folder / "new" / name).open("rb") as file:
            return file.read(LARGEST_MAIL)

    def mark_seen(self, name: str) -> None:
        (self._folder / "new" / name).rename(self._folder / "cur" / f"{name.partition(':')[0]}:2,S")
