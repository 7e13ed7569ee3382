"""Acting on received events: the person, the account, and for every trigger one entry in the ledger."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from feedback_app.accounts.services import ensure_account
from feedback_app.crypto import Vault
from feedback_app.db import reading, transaction
from feedback_app.errors import Invalid
from feedback_app.invitations.events import Contact, ParsedEvent
from feedback_app.invitations.models import (
    Event,
    EventState,
    Invitation,
    InvitationState,
    LedgerEntry,
    Outcome,
    Trigger,
)
from feedback_app.invitations.outcomes import Circumstances, Rule, Verdict, due_at, verdict
from feedback_app.invitations.states import PENDING, REACHED
from feedback_app.invitations.throttle import Throttle, asked, overall_days, throttle
from feedback_app.people.addresses import normalised_address
from feedback_app.people.models import SuppressionReason
from feedback_app.people.queries import Suppressions, suppressions
from feedback_app.people.services import ensure_person
from feedback_app.surveys.models import Survey

SEND_WITHIN = timedelta(hours=72)  # of being due; a survey about last week's case is not sent

_WAITING = (
    select(Event.id)
    .where(Event.state == EventState.RECEIVED, Event.id > bindparam("after"))
    .order_by(Event.id)
    .limit(bindparam("limit"))
)
# The state is looked at again under the lock: two workers with the same list share it, and neither waits.
_ONE = (
    select(Event.id, Event.source_id, Event.natural_key, Event.occurred_at, Event.received_at, Event.facts)
    .where(Event.id == bindparam("event_id"), Event.state == EventState.RECEIVED)
    .with_for_update(skip_locked=True)
)
_RULES = (
    select(
        Trigger.id,
        Trigger.survey_id,
        Trigger.delay_seconds,
        Trigger.sample_percent,
        Survey.state,
        Survey.throttle_days,
    )
    .join(Survey, Trigger.survey_id == Survey.id)
    .where(Trigger.source_id == bindparam("source_id"), Trigger.active)
    .order_by(Trigger.id)
)
_UNREADABLE = (
    update(Event)
    .where(Event.id == bindparam("event_id"), Event.state == EventState.RECEIVED)
    .values(state=EventState.UNREADABLE, problem=bindparam("why"))
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who the event is about. Without a person there is a reason, and nobody to write to."""

    person_id: int | None
    address_hash: str
    no_address: str
    suppressions: Suppressions

    def suppression(self, survey_id: int) -> SuppressionReason | None:
        return self.suppressions.reason(self.address_hash, survey_id)

    @property
    def is_erased(self) -> bool:
        return self.suppressions.is_erased(self.address_hash)


def waiting_events(after: int, limit: int) -> list[int]:
    """The ids of received events that nobody has acted on, oldest first."""
    with reading() as connection:
        return list(connection.scalars(_WAITING, {"after": after, "limit": limit}))


def read_event(session: Session, event_id: int, *, vault: Vault, now: datetime) -> list[datetime]:
    """Act on one event in one transaction; return when its invitations are due.

    Nothing happens if somebody else has read it or is just doing so.
    """
    with transaction(session):
        row = session.execute(_ONE, {"event_id": event_id}).one_or_none()
        if row is None:
            return []
        event = ParsedEvent.of_facts(row.facts)
        who = recognise(session, event.contact, vault=vault, now=now)
        rules = [Rule(*rule) for rule in session.execute(_RULES, {"source_id": row.source_id})]
        known = Circumstances(
            row.natural_key or f"event {event_id}", row.occurred_at, row.received_at, who.no_address
        )
        due = [apply(session, event_id, event, known, who, rule, now) for rule in rules]
        if not rules:
            note(
                session, event_id, None, Verdict(Outcome.NO_TRIGGER, "The source has no trigger."), None, now
            )
        finish(session, event_id, event, who)
    return [moment for moment in due if moment is not None]


def give_up(session: Session, event_id: int, why: str) -> None:
    """Put an event aside that we choke on, listed with the reason, so that it holds up no other."""
    with transaction(session):
        session.execute(_UNREADABLE, {"event_id": event_id, "why": why[:300]})


def recognise(session: Session, contact: Contact, *, vault: Vault, now: datetime) -> Recognised:
    """The person that the event is about, made known with the account if new; not if erased or without address."""
    nobody = suppressions(session, ())
    if not contact.email:
        return Recognised(None, "", "The event names no address of the contact.", nobody)
    try:
        address_hash = vault.address_hash(normalised_address(contact.email))
    except Invalid:
        return Recognised(None, "", "What the event names is not an e-mail address.", nobody)
    known = suppressions(session, [address_hash])
    if known.is_erased(address_hash):
        return Recognised(None, address_hash, "", known)
    account_id = (
        ensure_account(session, contact.company, external_id=contact.company_id, now=now)
        if contact.company
        else None
    )
    person_id = ensure_person(
        session,
        contact.email,
        name=contact.name or "",
        locale=contact.locale,
        time_zone=contact.time_zone,
        external_id=contact.external_id,
        account_id=account_id,
        now=now,
    )
    return Recognised(person_id, address_hash, "", known)


def apply(
    session: Session,
    event_id: int,
    event: ParsedEvent,
    known: Circumstances,
    who: Recognised,
    rule: Rule,
    now: datetime,
) -> datetime | None:
    """Invite or note why not; return when the invitation is due, None if there is none."""

    def limit(rule: Rule, at: datetime) -> Throttle | None:
        assert who.person_id is not None
        earlier = asked(session, [who.person_id], (*PENDING, *REACHED))[who.person_id]
        return throttle(
            earlier,
            rule.survey_id,
            at=at,
            survey_days=rule.throttle_days,
            overall_days=overall_days(session),
        )

    found = verdict(rule, known, who.suppression, limit)
    if found.outcome is not Outcome.INVITED:
        note(session, event_id, rule, found, None, now)
        return None
    assert who.person_id is not None
    due = due_at(rule, known)
    invitation_id = invite(session, event_id, event, who.person_id, rule, due, now)
    note(session, event_id, rule, found, invitation_id, now)
    return due


def invite(
    session: Session,
    event_id: int,
    event: ParsedEvent,
    person_id: int,
    rule: Rule,
    due: datetime,
    now: datetime,
) -> int:
    """Schedule the invitation; return its id."""
    row = {
        "survey_id": rule.survey_id,
        "person_id": person_id,
        "event_id": event_id,
        "trigger_id": rule.trigger_id,
        "channel": "email",
        "state": InvitationState.SCHEDULED,
        "reason": "",
        "context": context_of(event),
        "created_at": now,
        "changed_at": now,
        "due_at": due,
        "expires_at": due + SEND_WITHIN,
        "attempts": 0,
    }
    return int(session.scalars(insert(Invitation).returning(Invitation.id), row).one())


def note(
    session: Session,
    event_id: int,
    rule: Rule | None,
    found: Verdict,
    invitation_id: int | None,
    now: datetime,
) -> None:
    """The one ledger entry of the event and the rule."""
    row = {
        "event_id": event_id,
        "trigger_id": rule and rule.trigger_id,
        "survey_id": rule and rule.survey_id,
        "outcome": found.outcome,
        "reason": found.reason,
        "invitation_id": invitation_id,
        "at": now,
    }
    session.execute(insert(LedgerEntry), row)


def finish(session: Session, event_id: int, event: ParsedEvent, who: Recognised) -> None:
    """Mark the event as acted on; what it says of a person who was erased is forgotten here too."""
    values: dict[str, Any] = {"state": EventState.DONE, "person_id": who.person_id}
    if who.is_erased:
        values |= {"body": b"", "facts": replace(event, contact=Contact(), subject=None).facts()}
    session.execute(update(Event).where(Event.id == event_id).values(values))


def context_of(event: ParsedEvent) -> dict[str, str]:
    """What the wording of the mail and the page may mention."""
    context = {
        "interaction_id": event.interaction_id,
        "topic": event.subject,
        "agent": event.agent.name,
        "team": event.agent.team,
        "company": event.contact.company,
        "channel": event.channel,
        "url": event.url,
    }
    return {name: value for name, value in context.items() if value}
