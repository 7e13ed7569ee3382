"""Acting on received events: the person, the account, and for every trigger one entry in the ledger."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from feedback_app.accounts.services import ensure_account
from feedback_app.crypto import Vault
from feedback_app.db import reading, transaction
from feedback_app.errors import Invalid
from feedback_app.invitations.asking import Invited, invite, people_known, with_invitation
from feedback_app.invitations.events import Contact, ParsedEvent
from feedback_app.invitations.models import Event, EventState, LedgerEntry, Outcome
from feedback_app.invitations.outcomes import Verdict, Whom, verdict
from feedback_app.invitations.rules import Happened, Rule, rules_of, told_together, why_not, wish_of
from feedback_app.people.addresses import normalised_address
from feedback_app.people.queries import suppressions
from feedback_app.people.services import ensure_person

_WAITING = (
    select(Event.id)
    .where(Event.state == EventState.RECEIVED, Event.id > bindparam("after"))
    .order_by(Event.id)
    .limit(bindparam("limit"))
)
# The state is looked at again under the lock: two workers with the same list share it, and neither waits.
_ONE = (
    select(Event.id, Event.source_id, Event.natural_key, Event.received_at, Event.facts)
    .where(Event.id == bindparam("event_id"), Event.state == EventState.RECEIVED)
    .with_for_update(skip_locked=True)
)
_DUPLICATES = select(LedgerEntry.event_id).where(LedgerEntry.duplicate_of_id == bindparam("event_id"))
_UNREADABLE = (
    update(Event)
    .where(Event.id == bindparam("event_id"), Event.state == EventState.RECEIVED)
    .values(state=EventState.UNREADABLE, problem=bindparam("why"))
)


def waiting_events(after: int, limit: int) -> list[int]:
    """The ids of received events that nobody has acted on, oldest first."""
    with reading() as connection:
        return list(connection.scalars(_WAITING, {"after": after, "limit": limit}))


def read_event(
    session: Session, event_id: int, *, vault: Vault, zone: ZoneInfo, now: datetime
) -> list[datetime]:
    """Act on one event in one transaction; return when its invitations are due.

    Nothing happens if somebody else has read it or is just doing so. `zone` is the clock of people without their own.
    """
    with transaction(session):
        row = session.execute(_ONE, {"event_id": event_id}).one_or_none()
        if row is None:
            return []
        event = ParsedEvent.of_facts(row.facts)
        happened = Happened(event_id, row.natural_key or f"event {event_id}", row.received_at, event)
        whom = recognise(session, event.contact, why_none=event.reason, vault=vault, zone=zone, now=now)
        reasons = [(rule, why_not(rule, event, whom.earlier)) for rule in rules_of(session, row.source_id)]
        matching = [rule for rule, why in reasons if not why]
        if not matching:
            none = Verdict(Outcome.NO_TRIGGER, told_together(reasons))
            note(session, happened, None, whom, none, None, now)
        due = []
        for rule in matching:
            found = verdict(rule.survey, whom, wish_of(rule, happened, now))
            invitation_id = apply(session, happened, rule, whom, found, now)
            whom = with_invitation(whom, rule.survey.survey_id, invitation_id, found.due_at)
            due.append(found.due_at)
        finish(session, happened, whom)
    return [moment for moment in due if moment is not None]


def give_up(session: Session, event_id: int, why: str) -> None:
    """Put an event aside that we choke on, listed with the reason, so that it holds up no other."""
    with transaction(session):
        session.execute(_UNREADABLE, {"event_id": event_id, "why": why[:300]})


def recognise(
    session: Session, contact: Contact, *, why_none: str = "", vault: Vault, zone: ZoneInfo, now: datetime
) -> Whom:
    """The person that the event is about, made known with the account if new; not if erased or without address.

    `why_none` is what the helpdesk's parser says about a missing address.
    """
    if not contact.email:
        return Whom(None, zone, no_address=why_none or "The event names no address of the contact.")
    try:
        address_hash = vault.address_hash(normalised_address(contact.email))
    except Invalid:
        return Whom(None, zone, no_address="What the event names is not an e-mail address.")
    known = suppressions(session, [address_hash])
    if known.is_erased(address_hash):
        return Whom(None, zone, address_hash, suppressions=known)
    account_id = (
        ensure_account(session, contact.company, external_id=contact.company_id, now=now)
        if contact.company
        else None
    )
    # PostgreSQL keeps the person locked from here on: whoever asks them at the same time waits for our answer.
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
    return people_known(session, [person_id], vault=vault, zone=zone)[person_id]


def apply(
    session: Session, happened: Happened, rule: Rule, whom: Whom, found: Verdict, now: datetime
) -> int | None:
    """Invite or note why not; return the invitation's id, None if there is none."""
    invitation_id = None
    if found.outcome is Outcome.INVITED:
        assert whom.person_id is not None
        invited = Invited(
            rule.survey.survey_id,
            whom.person_id,
            rule.window,
            context_of(happened.event),
            happened.event_id,
            rule.trigger_id,
        )
        invitation_id = invite(session, invited, found, now)
    note(session, happened, rule, whom, found, invitation_id, now)
    return invitation_id


def note(
    session: Session,
    happened: Happened,
    rule: Rule | None,
    whom: Whom,
    found: Verdict,
    invitation_id: int | None,
    now: datetime,
) -> None:
    """The one ledger entry of the event and the rule."""
    row = {
        "event_id": happened.event_id,
        "trigger_id": rule and rule.trigger_id,
        "survey_id": rule and rule.survey.survey_id,
        "person_id": whom.person_id,
        "outcome": found.outcome,
        "reason": found.reason[:300],
        "invitation_id": invitation_id,
        "at": now,
    }
    session.execute(insert(LedgerEntry), row)


def finish(session: Session, happened: Happened, whom: Whom) -> None:
    """Mark the event as acted on; its duplicates that came meanwhile are about the same person.

    What they say of a person who was erased is forgotten here too.
    """
    duplicates = list(session.scalars(_DUPLICATES, {"event_id": happened.event_id}))
    events: dict[str, Any] = {"state": EventState.DONE, "person_id": whom.person_id}
    if whom.suppressions.is_erased(whom.address_hash):
        events |= {"body": b"", "facts": replace(happened.event, contact=Contact(), subject=None).facts()}
    session.execute(update(Event).where(Event.id.in_([happened.event_id, *duplicates])).values(events))
    if duplicates:
        of_duplicates = update(LedgerEntry).where(LedgerEntry.event_id.in_(duplicates))
        session.execute(of_duplicates.values(person_id=whom.person_id))


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
