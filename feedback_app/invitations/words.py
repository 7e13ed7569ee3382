"""Outcomes and states in words, the same on every page, in the CSV and in docs/reference/ledger.md."""

from dataclasses import dataclass
from typing import Literal

from feedback_app.invitations.models import EventState, InvitationState, Outcome

Tone = Literal["good", "", "bad"]


@dataclass(frozen=True, slots=True)
class Words:
    """What staff read; `tone` is the colour of the chip, which is never the only sign."""

    text: str
    tone: Tone = ""


OUTCOMES: dict[str, Words] = {
    Outcome.INVITED: Words("Invited", "good"),
    Outcome.THROTTLED: Words("Throttled"),
    Outcome.UNSUBSCRIBED: Words("Unsubscribed"),
    Outcome.BOUNCED_ADDRESS: Words("Bounced address", "bad"),
    Outcome.COMPLAINED: Words("Complained", "bad"),
    Outcome.ERASED: Words("Erased"),
    Outcome.SAMPLED_OUT: Words("Sampled out"),
    Outcome.NO_ADDRESS: Words("No address"),
    Outcome.DUPLICATE: Words("Duplicate"),
    Outcome.STALE: Words("Too old"),
    Outcome.SURVEY_PAUSED: Words("Survey paused"),
    Outcome.SURVEY_CLOSED: Words("Survey closed"),
    Outcome.NO_TRIGGER: Words("No trigger matched"),
    Outcome.CANCELLED: Words("Cancelled"),
}

STATES: dict[str, Words] = {
    InvitationState.SCHEDULED: Words("Scheduled"),
    InvitationState.SENDING: Words("Sending"),
    InvitationState.SENT: Words("Sent", "good"),
    InvitationState.DELIVERED: Words("Delivered", "good"),
    InvitationState.ANSWERED: Words("Answered", "good"),
    InvitationState.UNCERTAIN: Words("Uncertain", "bad"),
    InvitationState.BOUNCED: Words("Bounced", "bad"),
    InvitationState.COMPLAINED: Words("Complained", "bad"),
    InvitationState.FAILED: Words("Failed", "bad"),
    InvitationState.CANCELLED: Words("Cancelled"),
    InvitationState.EXPIRED: Words("Expired", "bad"),
}

EVENT_STATES: dict[str, Words] = {
    EventState.DONE: Words("Acted on", "good"),
    EventState.IGNORED: Words("Ignored"),
    EventState.UNREADABLE: Words("Unreadable", "bad"),
    EventState.RECEIVED: Words("Waiting"),
}
