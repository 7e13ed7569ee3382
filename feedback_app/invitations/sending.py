"""Sending what is due, each message once: claim a batch, then for each a marker before the final dot and its result."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.errors import Unavailable
from feedback_app.invitations.attempts import Attempt, ClaimLost, postpone, release
from feedback_app.invitations.checks import House
from feedback_app.invitations.claims import LEASE, Batch, claim, recover, renew
from feedback_app.invitations.due import Due
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.mailing import Mailing
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.pausing import pause, pause_of
from feedback_app.logs import what_failed
from feedback_app.mail.message import UnsafeHeader
from feedback_app.mail.rates import Rates
from feedback_app.mail.results import MailTrouble, Refused, SenderTrouble, Transport, TryLater

BATCH = 50
RENEW_BEFORE = LEASE / 2

log = structlog.get_logger(__name__)


@dataclass
class Sender:
    """One worker thread's sending. `clock` says what time it is, `is_stopping` whether to leave off.

    `more_is_due` is called when there is work for another thread, too.
    """

    session: Session
    transport: Transport
    mailing: Mailing
    vault: Vault
    zone: ZoneInfo
    clock: Callable[[], datetime]
    rates: Rates = field(default_factory=Rates)
    is_stopping: Callable[[], bool] = lambda: False
    more_is_due: Callable[[], None] = lambda: None
    _after_pause: bool = field(default=False, init=False)

    def send_due(self, limit: int = BATCH) -> None:
        """Send until nothing is due, or nothing can be sent to anybody."""
        for kind in Kind:
            recover(self.session, kind, now=self.clock())
            while not self.is_stopping() and self.may_send() and self.send_batch(kind, limit):
                pass

    def may_send(self) -> bool:
        """Whether no pause is in the way."""
        self.session.rollback()
        kept = pause_of(self.session)
        self._after_pause = kept is not None
        return kept is None or kept.until <= self.clock()

    def send_batch(self, kind: Kind, limit: int) -> bool:
        """Whether there was anything due, and it could be sent or settled."""
        house = House(self.vault.address_hash, self.zone)
        batch = claim(self.session, kind, limit, house=house, now=self.clock())
        found = batch.found
        if found == limit:
            self.more_is_due()
        while batch.claimed:
            if batch.lease - self.clock() < RENEW_BEFORE:
                batch = renew(self.session, batch, house=house, now=self.clock())
                continue
            if self.is_stopping() or not self.send_next(batch):
                release(self.session, batch.claimed, batch.lease, now=self.clock())
                return False
        return found > 0

    def send_next(self, batch: Batch) -> bool:
        """Take the next message from the batch and send it; False if the others would fare alike."""
        due = batch.claimed[0]
        if not self.rates.allow(due.domain):
            self.hold_back(batch, due.domain)
            return True
        return self.send(Attempt(self.session, batch.claimed.pop(0), batch.lease, self.clock))

    def hold_back(self, batch: Batch, domain: str) -> None:
        """The batch's mails to a domain that takes no more just now go out a little later."""
        held = [due for due in batch.claimed if due.domain == domain]
        batch.claimed[:] = [due for due in batch.claimed if due.domain != domain]
        now = self.clock()
        turns = self.rates.turns(domain, len(held), now)
        reason = self.rates.reason(domain)
        postpone(self.session, list(zip(held, turns, strict=True)), batch.lease, reason, now=now)

    def send(self, attempt: Attempt) -> bool:
        """Send one message and commit what became of it; False if the others would fare alike."""
        due = attempt.due
        try:
            mail = self.mailing.mail(due, self.clock())
            accepted = self.transport.send(mail, before_final_dot=attempt.mark)
        except ClaimLost:
            log.info("claim lost", invitation_id=due.invitation_id, kind=due.kind)
        except MailTrouble as trouble:
            return self.settle(attempt, trouble)
        except Unavailable:
            raise  # the database's trouble, not the mail's; when the lease ends, the marker says what to do
        except UnsafeHeader as error:
            attempt.ended(State.FAILED, str(error))  # no later attempt would differ
        except Exception as error:
            self.surprised(attempt, error)
        else:
            attempt.sent(accepted.remote_id, after_pause=self._after_pause)
            self._after_pause = False
        return True

    def settle(self, attempt: Attempt, trouble: MailTrouble) -> bool:
        """Commit what the trouble means for the message; False if the others would fare alike."""
        reason = str(trouble)
        if isinstance(trouble, Refused):
            attempt.bounced(reason, self._hash_of_bad_address(attempt.due, trouble))
            return True
        if isinstance(trouble, TryLater):
            attempt.later(reason)
            if trouble.is_server_down:
                self.pause(reason)
            return not trouble.is_server_down
        if isinstance(trouble, SenderTrouble):
            attempt.released()
            self.pause(reason)
            return False
        attempt.ended(State.UNCERTAIN, reason)
        return True

    def surprised(self, attempt: Attempt, error: Exception) -> None:
        """Commit the safe reading of a fault of ours: a survey that cannot be rendered may be mended within the day."""
        log.error("mail cannot be sent", invitation_id=attempt.due.invitation_id, **what_failed(error))
        reason = f"The mail could not be sent ({type(error).__name__})."
        if attempt.is_marked:
            attempt.ended(State.UNCERTAIN, reason)
        else:
            attempt.later(reason)

    def pause(self, reason: str) -> None:
        """Stop sending for a while: staff see why, and the log says it."""
        made = pause(self.session, reason, now=self.clock())
        log.error("sending is paused", reason=reason, until=made.until.isoformat(), times=made.times)

    def _hash_of_bad_address(self, due: Due, refusal: Refused) -> str | None:
        """What goes on the suppression list; None if the refusal was about something else."""
        if not refusal.is_address_bad or due.email_key is None:
            return None
        return self.vault.address_hash(due.email_key)
