"""Who takes our mail: the transports there are, and the one that the settings name."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from feedback_app.mail.catcher import CatcherTransport
from feedback_app.mail.memory import MemoryTransport
from feedback_app.mail.results import (
    Accepted,
    MailTrouble,
    Refused,
    SenderTrouble,
    Transport,
    TryLater,
    Unknown,
)
from feedback_app.mail.smtp import SmtpTransport

__all__ = [
    "TRANSPORTS",
    "Accepted",
    "CatcherTransport",
    "MailTrouble",
    "MemoryTransport",
    "Refused",
    "SenderTrouble",
    "SmtpTransport",
    "Transport",
    "TryLater",
    "Unknown",
    "transport_from",
]

# By the first word of FEEDBACK_SMTP_URL; each is given the whole URL and raises ValueError if it cannot be right.
TRANSPORTS: dict[str, Callable[[str], Transport]] = {"smtp": SmtpTransport, "smtps": SmtpTransport}


def transport_from(url: str | None, folder: Path) -> Transport:
    """The transport of the URL; without one, the built-in catcher with its folder. Raises ValueError."""
    if not url:
        return CatcherTransport(folder)
    maker = TRANSPORTS.get(urlsplit(url).scheme)
    if maker is None:
        known = ", ".join(f"{scheme}://" for scheme in sorted(TRANSPORTS))
        raise ValueError(f"The URL of the mail server must begin with one of {known}.")
    return maker(url)
