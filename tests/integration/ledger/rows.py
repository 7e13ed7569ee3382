"""Rows that the ledger's tests share."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedback_app.invitations.models import Event, EventState, Invitation, LedgerEntry, Outcome, Source
from tests.factories import NOON, keep, make_invitation, make_source, make_trigger


def make_event(session: Session, number: str = "4711", **given: Any) -> Event:
    """A case of that number was closed, and acted on."""
    if "source_id" not in given:
        given["source_id"] = make_source(session).id
    facts = {
        "interaction_id": number,
        "subject": "Printer on fire",
        "contact": {"email": "dana@harrow.example"},
    }
    defaults = {
        "delivery_id": f"delivery {number}",
        "state": EventState.DONE,
        "received_at": NOON,
        "body": b'{"case": 4711, "from": "dana@harrow.example"}',
        "facts": facts,
    }
    return keep(session, Event(**defaults | given))


def make_entry(session: Session, outcome: Outcome = Outcome.NO_ADDRESS, **given: Any) -> LedgerEntry:
    if "event_id" not in given and "campaign_id" not in given:
        given["event_id"] = make_event(session, received_at=given.get("at", NOON)).id
    return keep(session, LedgerEntry(**{"outcome": outcome, "at": NOON} | given))


def make_invited(
    session: Session, number: str = "4711", *, at: datetime = NOON, source: Source | None = None, **given: Any
) -> Invitation:
    """An invitation with its event, its trigger and its entry."""
    trigger = make_trigger(session, **{"source_id": source.id} if source else {})
    event = make_event(session, number, source_id=trigger.source_id, received_at=at)
    given = {"survey_id": trigger.survey_id, "event_id": event.id, "trigger_id": trigger.id} | given
    invitation = make_invitation(session, **given)
    named = {"survey_id": invitation.survey_id, "person_id": invitation.person_id, "trigger_id": trigger.id}
    make_entry(session, Outcome.INVITED, event_id=event.id, invitation_id=invitation.id, at=at, **named)
    return invitation
