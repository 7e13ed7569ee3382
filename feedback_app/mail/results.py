"""What can become of a message: accepted, or one of four troubles that ask for different things."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from feedback_app.mail.message import OutgoingMail

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
# What servers call a message that they took: Postfix and SendGrid, Exim, sendmail, SES.
_NAMED = (
    re.compile(r"\bqueued as <?(?P<id>[\w.@=+-]{4,200})"),
    re.compile(r"\bid=(?P<id>[\w.@=+-]{4,200})"),
    re.compile(r"\b(?P<id>[\w.-]{8,200}) message accepted for delivery", re.IGNORECASE),
    re.compile(r"250 (?:2\.\d\.\d )?ok:? <?(?P<id>[0-9a-z]{8,40}-[0-9a-z-]{20,150})>?", re.IGNORECASE),
)
_BAD_ADDRESS = re.compile(r"5\.1\.\d+")
SENDER_STATUSES = frozenset({"5.1.7", "5.1.8"})  # RFC 3463: about the sender's address, though also 5.1.x


@dataclass(frozen=True, slots=True)
class Accepted:
    """Somebody else is answerable for the message now; `reply` is what they said."""

    reply: str

    @property
    def remote_id(self) -> str | None:
        """What they call the message, which their reports name; None if they did not clearly say.

        >>> Accepted("250 2.0.0 Ok: queued as 4F3D1A").remote_id
        '4F3D1A'
        """
        found = next((match for match in (known.search(self.reply) for known in _NAMED) if match), None)
        return found["id"].rstrip(".") if found else None


class MailTrouble(Exception):
    """A message was not accepted. `code`, `enhanced` and `text` are the server's, where there was an answer.

    The text is an attribute and not in the message, because servers like to repeat addresses in it.
    """

    def __init__(self, what: str, *, code: int | None = None, text: str = "") -> None:
        status = _ENHANCED.match(text)
        self.code = code
        self.enhanced = status.group() if status else ""
        self.text = text
        said = f" (the server said {code} {self.enhanced}".rstrip() + ")" if code is not None else ""
        super().__init__(f"{what}{said}.")


class Refused(MailTrouble):
    """This message to this person was refused for good; nothing was delivered."""

    @property
    def is_address_bad(self) -> bool:
        """Whether the refusal says that the address does not exist, so that nothing should be sent to it again."""
        return _BAD_ADDRESS.fullmatch(self.enhanced) is not None and self.enhanced not in SENDER_STATUSES


class TryLater(MailTrouble):
    """Nothing was delivered, and a later attempt may succeed, even if `before_final_dot` was called.

    With `is_server_down` it was no matter of this message: the others will fare alike.
    """

    def __init__(
        self, what: str, *, code: int | None = None, text: str = "", is_server_down: bool = False
    ) -> None:
        super().__init__(what, code=code, text=text)
        self.is_server_down = is_server_down


class SenderTrouble(MailTrouble):
    """Nothing was delivered and nothing will be for anybody until an operator mends the settings: pause the sender."""


class Unknown(MailTrouble):
    """The message went out whole and no answer came back: it may have been delivered."""


class Transport(Protocol):
    """Somebody who takes our mail."""

    def send(self, mail: OutgoingMail, *, before_final_dot: Callable[[], None]) -> Accepted:
        """Hand over one message, or raise Refused, TryLater, SenderTrouble, Unknown or UnsafeHeader.

        `before_final_dot` is called once everything is handed over but the last byte: until it returns, nothing
        can have been delivered, and if it raises, nothing will be. Safe to call from several threads.
        """

    def close(self) -> None:
        """Let go of what this thread keeps open; the next `send` opens it again."""
