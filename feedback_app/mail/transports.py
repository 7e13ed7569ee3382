"""Who takes our mail: the transports there are, and the one that the settings name."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
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
    "register_transport",
    "transport_from",
]

Maker: TypeAlias = Callable[[str], Transport]

_MAKERS: dict[str, Maker] = {"smtp": SmtpTransport, "smtps": SmtpTransport}


def register_transport(scheme: str, maker: Maker) -> None:
    """From now on, a URL that begins with `scheme://` is given to the maker. A scheme has one maker."""
    if scheme in _MAKERS:
        raise ValueError(f"Mail for {scheme}:// already has a transport.")
    _MAKERS[scheme] = maker


def transport_from(url: str | None, folder: Path) -> Transport:
    """The transport of the URL; without one, the built-in catcher with its folder. Raises ValueError."""
    if not url:
        return CatcherTransport(folder)
    maker = _MAKERS.get(urlsplit(url).scheme)
    if maker is None:
        known = ", ".join(f"{scheme}://" for scheme in sorted(_MAKERS))
        raise ValueError(f"The URL of the mail server must begin with one of {known}.")
    return maker(url)
