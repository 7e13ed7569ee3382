"""What every helpdesk is to us: a way to prove a request, a way to read it, and how staff connect it."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from feedback_app.errors import Unauthorized
from feedback_app.invitations.events import ParsedEvent
from feedback_app.webhooks.helpdesks.setup import Setup

REPLAY_GUARD = timedelta(minutes=5)


class BadSignature(Unauthorized):
    """The request does not prove that it comes from the helpdesk; nothing of it was stored."""

    title = "The signature does not fit"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason} Nothing was stored. Check that the signing secret is the one of this hook, that the body is "
            "sent exactly as it was signed, and that the sender's clock is right."
        )


class Unreadable(Exception):
    """The request is genuine and we cannot make an event of it; the message says why, for staff."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One request as it came. Header names are in lower case; `url` is the public one, as the sender knows it."""

    headers: Mapping[str, str]
    body: bytes
    url: str
    received_at: datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)  # what staff chose for the source

    def header(self, name: str) -> str:
        """The header's value; raises BadSignature if it is missing, for those that a signature needs."""
        value = self.headers.get(name.lower(), "")
        if not value:
            raise BadSignature(f"The header {name} is missing.")
        return value


class Provider(ABC):
    """A helpdesk. A new one is a class in a module of this package, with an instance of it in `PROVIDER`."""

    kind: ClassVar[str]  # in the hook's address
    title: ClassVar[str]
    setup: ClassVar[Setup]
    kept_headers: ClassVar[tuple[str, ...]] = ()  # lower case, stored with the event; never a secret

    @property
    def makes_its_own_secret(self) -> bool:
        """Whether staff copy the secret from the helpdesk; else they paste ours there."""
        return self.setup.makes_its_own_secret

    def new_secret(self) -> str:
        """A fresh secret in the form that this helpdesk's scheme wants."""
        return secrets.token_urlsafe(32)

    @abstractmethod
    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        """Raises BadSignature unless the request was signed with the secret, over these bytes, just now."""

    def challenge(self, request: HookRequest) -> dict[str, Any] | None:  # noqa: ARG002  most have none
        """The answer to a request that only tries out whether we are there; None for all others."""
        return None

    def split(self, request: HookRequest) -> list[HookRequest]:
        """The request's messages, each as a request of its own; most helpdesks send one at a time."""
        return [request]

    @abstractmethod
    def delivery_id(self, request: HookRequest) -> str | None:
        """What the sender calls this delivery, the same when it tries again; None if it does not say."""

    @abstractmethod
    def parse(self, request: HookRequest) -> ParsedEvent:
        """One message (see `split`) in our words; raises Unreadable."""


def check_moment(signed_at: datetime, now: datetime) -> None:
    """Raises BadSignature for a request signed more than five minutes ago or ahead: it may be a replayed one."""
    if abs(now - signed_at) > REPLAY_GUARD:
        raise BadSignature("The request was signed more than five minutes away from our clock.")
