"""What would become of an event if it came now, trigger by trigger. Nothing is written."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.errors import Invalid
from feedback_app.invitations.asking import people_known, with_invitation
from feedback_app.invitations.events import EventKind, ParsedEvent
from feedback_app.invitations.outcomes import Verdict, Whom, verdict
from feedback_app.invitations.rules import Happened, Rule, rules_of, why_not, wish_of
from feedback_app.invitations.windows import zone_of
from feedback_app.people.addresses import normalised_address
from feedback_app.people.models import Person
from feedback_app.people.queries import suppressions

NOT_MADE = 0  # the number of an invitation that would be made


@dataclass(frozen=True, slots=True)
class Trial:
    """One trigger and the event: why it does not match, or what becomes of it."""

    rule: Rule
    why_not: str  # empty if it matches
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What we make of an event. `is_known` says whether we know the person already."""

    event: ParsedEvent
    whom: Whom
    is_known: bool
    trials: list[Trial]


def try_event(
    session: Session, source_id: int, event: ParsedEvent, *, vault: Vault, zone: ZoneInfo, now: datetime
) -> Tried:
    """Each of the source's triggers with this event, as if it had just come."""
    whom = _whom(session, event, vault=vault, zone=zone)
    is_known = whom.person_id is not None
    happened = Happened(0, event.natural_key or "event 0", now, event)
    reasons = [(rule, _why_not(rule, event, whom)) for rule in rules_of(session, source_id)]
    trials = []
    for rule, why in reasons:
        found = None if why else _judged(rule, whom, happened, now)
        if found and found.due_at:
            whom = with_invitation(whom, rule.survey.survey_id, NOT_MADE, found.due_at)
        trials.append(Trial(rule, why, found))
    return Tried(event, whom, is_known, trials)


def _judged(rule: Rule, whom: Whom, happened: Happened, now: datetime) -> Verdict:
    found = verdict(rule.survey, whom, wish_of(rule, happened, now))
    named = found.reason.replace(f"invitation {NOT_MADE}.", "the invitation of a trigger above.")
    return replace(found, reason=named)


def _why_not(rule: Rule, event: ParsedEvent, whom: Whom) -> str:
    if event.kind is EventKind.IGNORED:
        return "the event is nothing for us"
    return why_not(rule, event, whom.earlier)


def _whom(session: Session, event: ParsedEvent, *, vault: Vault, zone: ZoneInfo) -> Whom:
    """The person as `recognise` would find them; somebody new has nothing against them."""
    contact = event.contact
    if not contact.email:
        return Whom(None, zone, no_address=event.reason or "The event names no address of the contact.")
    try:
        key = normalised_address(contact.email)
    except Invalid:
        return Whom(None, zone, no_address="What the event names is not an e-mail address.")
    address_hash = vault.address_hash(key)
    known = suppressions(session, [address_hash])
    person_id = session.scalar(select(Person.id).where(Person.email_key == key))
    if person_id is None or known.is_erased(address_hash):
        return Whom(None, zone_of(contact.time_zone, zone), address_hash, suppressions=known)
    whom = people_known(session, [person_id], vault=vault, zone=zone)[person_id]
    return replace(
        whom, zone=zone_of(contact.time_zone, whom.zone)
    )  # what the event tells replaces what we knew
