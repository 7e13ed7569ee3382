"""A transport that keeps its mail in a list: for tests, and the shortest example of a transport."""

from collections.abc import Callable
from dataclasses import dataclass, field

from feedback_app.mail.message import OutgoingMail, as_bytes
from feedback_app.mail.results import Accepted


@dataclass
class MemoryTransport:
    """`sent` holds every mail, oldest first. `trouble`, if set, is raised in place of the final dot."""

    sent: list[OutgoingMail] = field(default_factory=list)
    trouble: Exception | None = None

    def send(self, mail: OutgoingMail, *, before_final_dot: Callable[[], None]) -> Accepted:
        """Keep the mail; see Transport."""
        as_bytes(mail)  # what cannot be written is refused here as well
        before_final_dot()
        if self.trouble is not None:
            raise self.trouble
        self.sent.append(mail)
        return Accepted("250 kept")

    def close(self) -> None:
        """Nothing is open."""
