"""What every helpdesk is to us: a way to prove a request, and a way to read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from feedback_app.errors import Unauthorized
from feedback_app.invitations.events import ParsedEvent

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

    def header(self, name: str) -> str:
        """The header's value; raises BadSignature if it is missing, for those that a signature needs."""
        value = self.headers.get(name.lower(), "")
        if not value:
            raise BadSignature(f"The header {name} is missing.")
        return value


class Provider(Protocol):
    """A helpdesk. A new one is a class in a module of this package, with an instance of it in `PROVIDER`."""

    kind: ClassVar[str]  # in the hook's address
    title: ClassVar[str]
    makes_its_own_secret: ClassVar[bool]  # then staff copy it from there, else we make it
    kept_headers: ClassVar[
        tuple[str, ...]
    ]  # lower case, stored with the event; never a signature or a secret

    def new_secret(self) -> str:
        """A fresh secret in the form that this helpdesk's scheme wants."""
        ...

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        """Raises BadSignature unless the request was signed with the secret, over these bytes, just now."""
        ...

    def delivery_id(self, request: HookRequest) -> str | None:
        """What the sender calls this delivery, the same when it tries again; None if it does not say."""
        ...

    def parse(self, request: HookRequest) -> ParsedEvent:
        """The event in our words; raises Unreadable."""
        ...


def check_moment(signed_at: datetime, now: datetime) -> None:
    """Raises BadSignature for a request signed more than five minutes ago or ahead: it may be a replayed one."""
    if abs(now - signed_at) > REPLAY_GUARD:
        raise BadSignature("The request was signed more than five minutes away from our clock.")
