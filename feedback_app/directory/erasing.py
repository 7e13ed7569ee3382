"""Erasing a person: every row of theirs goes, and where others speak of them their address is blacked out.

What remains is the keyed hash of the address on the suppression list, so that no import brings them back and no mail
goes out. Packages that come later in the house are reached by the names of their tables.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, null, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import Base, reading, transaction
from feedback_app.deliveries.models import MailEvent
from feedback_app.directory.mentions import Mentions, Place, blacked_out, fitting, mentions_of
from feedback_app.errors import NotFound
from feedback_app.invitations.models import Event, EventState, Invitation, LedgerEntry
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.responses.histogram import forget_counts
from feedback_app.responses.models import Response
from feedback_app.search.index import purge
from feedback_app.staff.services import record_audit

BATCH = 500  # numbers in one statement


def erase_person(
    session: Session, person_id: int, *, user_id: int | None = None, vault: Vault, now: datetime
) -> None:
    """Erase the person and everything about them, in one transaction. Raises NotFound.

    Sums stay: the ledger keeps its entries, and events that have been acted on, without anybody's name. What the
    histogram counted of their responses is taken back. What is scheduled goes with its row.
    """
    found = _named(person_id)
    places = list(mentions_of(found))  # before anything is locked: this reads whole tables
    with transaction(session):
        person = session.get(Person, person_id, with_for_update=True)
        if person is None:
            raise NotFound("This person is not known any more, so nothing was changed.")
        email_key = person.email_key
        invitations = list(session.scalars(select(Invitation.id).where(Invitation.person_id == person_id)))
        _erase_responses(session, person_id, invitations)
        _empty_events(session, person_id)
        _empty_reports(session, vault.address_hash(email_key) if email_key else None, invitations)
        _empty_deliveries(session, person_id)
        _black_out(session, found, places)
        _nameless_entries(session, person_id, invitations)
        session.execute(delete(Person).where(Person.id == person_id))
        if email_key:
            _forget_address(session, vault.address_hash(email_key), now)
        record_audit(session, user_id, "person.erased", "person", person_id, {}, now)
    purge(session)


def _named(person_id: int) -> Mentions:
    with reading() as connection:
        columns = select(Person.email, Person.email_key, Person.phone_number).where(Person.id == person_id)
        row = connection.execute(columns).one_or_none()
    return Mentions(person_id, tuple(dict.fromkeys(part for part in row or () if part)))


def _erase_responses(session: Session, person_id: int, invitations: Collection[int]) -> None:
    """With their versions, notes and reviews, which go with the rows."""
    own = list(session.scalars(select(Response.id).where(Response.person_id == person_id)))
    for some in _batches(invitations):
        own += session.scalars(select(Response.id).where(Response.invitation_id.in_(some)))
    for some in _batches(sorted(set(own))):
        forget_counts(session, some)
        _execute(session, delete(Response).where(Response.id.in_(some)))


def _empty_events(session: Session, person_id: int) -> None:
    """The rows stay, so that the sums do and the same event is not taken for a new one."""
    emptied: dict[str, Any] = {"body": b"", "headers": {}, "facts": {}, "problem": "", "person_id": None}
    waiting = update(Event).where(Event.person_id == person_id, Event.state == EventState.RECEIVED)
    _execute(session, waiting.values(state=EventState.IGNORED))
    _execute(session, update(Event).where(Event.person_id == person_id).values(**emptied))


def _empty_reports(session: Session, address_hash: str | None, invitations: Collection[int]) -> None:
    """What mail providers reported about mail to the person; a report is known again by its key."""
    emptied: dict[str, Any] = {
        "body": b"",
        "facts": {},
        "problem": "",
        "address_hash": None,
        "invitation_id": None,
        "try_at": None,
    }
    if address_hash is not None:
        _execute(
            session,
            update(MailEvent).where(MailEvent.address_hash == address_hash).values(emptied),
        )
    for some in _batches(invitations):
        _execute(session, update(MailEvent).where(MailEvent.invitation_id.in_(some)).values(emptied))


def _empty_deliveries(session: Session, person_id: int) -> None:
    """What others were told, or were still to be told, about the person."""
    deliveries = _table("webhook_delivery")
    of_person = deliveries.c.person_id == person_id
    waiting = update(deliveries).where(of_person, deliveries.c.state == "waiting")
    session.execute(waiting.values(state="failed", lease_until=None))
    session.execute(update(deliveries).where(of_person).values(payload="", answers=[], person_id=None))


def _black_out(session: Session, found: Mentions, places: Collection[Place]) -> None:
    """Where somebody else's row names the person, their address is blacked out; kept answers of the API are dropped."""
    for place in places:
        table = place.table
        if place.is_dropped:
            session.execute(delete(table).where(*place.is_row))
            continue
        row = session.execute(select(*place.columns).where(*place.is_row)).one_or_none()
        changed = {
            column.name: fitting(column, black)
            for column, value in zip(place.columns, row or (), strict=False)
            if (black := blacked_out(value, found)) != value
        }
        if changed:
            session.execute(update(table).where(*place.is_row).values(changed))


def _nameless_entries(session: Session, person_id: int, invitations: Collection[int]) -> None:
    """The ledger's entries keep their outcome; a campaign's are told apart by the person, who is nobody now."""
    _execute(
        session,
        update(LedgerEntry)
        .where(LedgerEntry.person_id == person_id)
        .values(person_id=null(), invitation_id=null()),
    )
    for some in _batches(invitations):
        _execute(session, delete(Invitation).where(Invitation.id.in_(some)))


def _forget_address(session: Session, address_hash: str, now: datetime) -> None:
    """Nothing is known of the address but that its person asked to be forgotten."""
    _execute(session, delete(Suppression).where(Suppression.address_hash == address_hash))
    suppress(session, address_hash, SuppressionReason.ERASED, now=now)


def _execute(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def _batches(ids: Collection[int]) -> Iterator[list[int]]:
    rows = list(ids)
    for begin in range(0, len(rows), BATCH):
        yield rows[begin : begin + BATCH]


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
