"""Rows of people, of those who unsubscribed and of bounces: read and stored in batches."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import insert_into
from feedback_app.imports.addresses import address_key
from feedback_app.imports.columns import Field, plan_for
from feedback_app.imports.delighted.answers import FROM_DELIGHTED
from feedback_app.imports.delighted.moments import happened, past_moment
from feedback_app.imports.delighted.tables import Kind, Row, Table
from feedback_app.imports.faults import Faults
from feedback_app.imports.people import Batch, Reject, Tally, store
from feedback_app.imports.rows import ReadRow, RowReader
from feedback_app.imports.values import DateOrder, RowRejected, date_order
from feedback_app.invitations.models import EarlierAsk, SurveyPerson
from feedback_app.people.models import Person, Suppression, SuppressionReason

PHONE_NUMBER = re.compile(r"\+[1-9]\d{6,14}\Z")
PHONE_PROPERTY = "Phone number"
NAMELESS = (
    "It has neither an address nor a number, so they cannot be asked. Their answers are kept without a name."
)


@dataclass(slots=True)
class PersonRead:
    """What Delighted's files say beside what any file of people does."""

    row: ReadRow
    ref: str = ""
    phone_number: str = ""
    created_at: datetime | None = None
    last_sent_at: datetime | None = None


@dataclass(slots=True)
class Stopped:
    """Why an address gets no mail, and since when."""

    email_key: str
    reason: SuppressionReason
    since: datetime


@dataclass
class PeopleBatch:
    """Rows that were read together, by address or number, and what did not fit."""

    wanted: dict[str, tuple[int, PersonRead]] = field(default_factory=dict)
    by_number: dict[str, PersonRead] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


class PersonReader:
    """Reads the rows of one table of people."""

    def __init__(self, table: Table, owners: Mapping[str, int], zone: tzinfo, *, now: datetime) -> None:
        self._zone, self._now, self._kind = zone, now, table.kind
        places = {column: place for place, column in enumerate(table.columns)}
        self._place = {means: places[column] for column, means in table.meaning.items()}
        self._column = {means: column for column, means in table.meaning.items()}
        plan = plan_for(table.sample, dict(table.meaning))
        self._rows = RowReader(table.columns, plan, owners) if Field.EMAIL in self._place else None
        self.plan = plan
        self._dates: DateOrder | None = date_order(
            value.split()[0]
            for means in (Field.CREATED_AT, Field.LAST_SENT_AT)
            for value in table.sample.values(table.column_of(means))
        )

    def batch(self, rows: Sequence[Row]) -> PeopleBatch:
        """The rows read and checked; of two for one person the later one counts."""
        batch = PeopleBatch(tally=Tally(rows=len(rows)))
        for row in rows:
            try:
                read = self.read(row)
            except RowRejected as error:
                batch.rejects.append(Reject(row.line, str(error), row.cells))
                continue
            if key := read.row.email_key:
                batch.tally.repeated += key in batch.wanted
                batch.wanted[key] = (row.line, read)
            else:
                batch.tally.repeated += read.phone_number in batch.by_number
                batch.by_number[read.phone_number] = read
        batch.tally.rejected = len(batch.rejects)
        return batch

    def read(self, row: Row) -> PersonRead:
        """What the row says; raises RowRejected with everything that is wrong with it."""
        if row.trouble:
            raise RowRejected(row.trouble)
        faults = Faults()
        number, unread = self._number(row.cells)
        read = PersonRead(ReadRow("", "", name=" ".join(self._cell(row.cells, Field.NAME).split())[:254]))
        if self._cell(row.cells, Field.EMAIL) and self._rows:
            read.row = faults.read(None, self._rows.read, list(row.cells)) or read.row
        elif not number:
            faults.add(None, NAMELESS)
        if unread:
            read.row.properties[PHONE_PROPERTY] = unread
        read.phone_number = number
        read.ref = self._cell(row.cells, Field.PERSON_ID)[:150]
        read.created_at = self._past(faults, row.cells, Field.CREATED_AT)
        read.last_sent_at = self._past(faults, row.cells, Field.LAST_SENT_AT)
        faults.reject_any()
        return read

    def who(self, row: Row) -> tuple[str, str, str, str]:
        """Id, address, number and name, as far as the row has them."""
        if row.trouble:
            return "", "", "", ""
        number, _ = self._number(row.cells)
        ref, name = self._cell(row.cells, Field.PERSON_ID), self._cell(row.cells, Field.NAME)
        return ref[:150], self._cell(row.cells, Field.EMAIL), number, " ".join(name.split())[:254]

    def stopped(self, row: Row) -> list[Stopped]:
        """Why the row's address gets no mail; nothing if it may."""
        email = "" if row.trouble else self._cell(row.cells, Field.EMAIL)
        if not email:
            return []
        try:
            key = address_key(email)
        except RowRejected:
            return []
        found = {
            SuppressionReason.UNSUBSCRIBED: self._since(row, Field.UNSUBSCRIBED_AT, Kind.UNSUBSCRIBES),
            SuppressionReason.BOUNCED: self._since(row, Field.BOUNCED_AT, Kind.BOUNCES),
        }
        if Field.SUBSCRIBED in self._place and self._cell(row.cells, Field.SUBSCRIBED):
            is_no = happened(self._cell(row.cells, Field.SUBSCRIBED), self._zone, None, now=self._now) is None
            found[SuppressionReason.UNSUBSCRIBED] = (
                self._now if is_no else found[SuppressionReason.UNSUBSCRIBED]
            )
        return [Stopped(key, reason, since) for reason, since in found.items() if since]

    def _since(self, row: Row, means: Field, kind: Kind) -> datetime | None:
        """When it happened; in a file of nothing else every row means it, whatever its cell holds."""
        since = happened(self._cell(row.cells, means), self._zone, self._dates, now=self._now)
        return since or (self._now if self._kind == kind else None)

    def _cell(self, cells: Sequence[str], means: Field) -> str:
        place = self._place.get(means)
        return "" if place is None else cells[place].strip()

    def _past(self, faults: Faults, cells: Sequence[str], means: Field) -> datetime | None:
        text = self._cell(cells, means)
        if not text:
            return None
        moment = partial(past_moment, text, self._zone, self._dates, now=self._now)
        return faults.read(self._column.get(means), moment)

    def _number(self, cells: Sequence[str]) -> tuple[str, str]:
        """The number in its international form, or what else stands there."""
        written = self._cell(cells, Field.PHONE_NUMBER)
        number = re.sub(r"[\s().\-/]", "", written)
        return (number, "") if PHONE_NUMBER.match(number) else ("", written)


def keep_from_writing(session: Session, stopped: Sequence[Stopped], *, vault: Vault) -> None:
    """Put the addresses on the list of those that get no mail; who is on it stays as they are."""
    rows = [
        {
            "address_hash": vault.address_hash(one.email_key),
            "reason": one.reason,
            "survey_id": None,
            "person_id": None,
            "detail": "said by a file from Delighted",
            "created_at": one.since,
        }
        for one in stopped
    ]
    if rows:
        session.connection().execute(insert_into(session, Suppression).on_conflict_do_nothing(), rows)


def store_people(
    session: Session, batch: PeopleBatch, reader: PersonReader, survey_id: int, *, vault: Vault, now: datetime
) -> PeopleBatch:
    """Store a batch within the caller's transaction; who was erased stays so."""
    rows = Batch(
        wanted={key: (line, read.row) for key, (line, read) in batch.wanted.items()},
        rejects=batch.rejects,
        tally=batch.tally,
    )
    store(session, rows, reader.plan, vault=vault, now=now)
    ids = ids_of(session, list(batch.wanted))
    known = {ids[key]: read for key, (_, read) in batch.wanted.items() if key in ids}
    _add_numbers(session, known)
    by_number = _people_by_number(session, batch, now)
    everybody = known | by_number
    for person_id, read in everybody.items():
        _add_past(session, person_id, read)
    see(session, survey_id, list(everybody), now=now)
    count_earlier(session, survey_id, {one: r.last_sent_at for one, r in everybody.items() if r.last_sent_at})
    own_suppressions(session, {vault.address_hash(key): ids[key] for key in batch.wanted if key in ids})
    return batch


def ids_of(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """The id of each person by address, of those whom we know."""
    rows = session.execute(select(Person.email_key, Person.id).where(Person.email_key.in_(keys)))
    return {str(key): person_id for key, person_id in rows}


def _people_by_number(session: Session, batch: PeopleBatch, now: datetime) -> dict[int, PersonRead]:
    """Those of whom only a number is known, made known; counted in the batch's tally."""
    if not batch.by_number:
        return {}
    numbers = list(batch.by_number)
    before = ids_by_number(session, numbers)
    new = [batch.by_number[number] for number in numbers if number not in before]
    if new:
        rows = [
            {
                "phone_number": read.phone_number,
                "name": read.row.name,
                "properties": read.row.properties,
                "created_at": now,
                "updated_at": now,
            }
            for read in new
        ]
        session.connection().execute(insert_into(session, Person).on_conflict_do_nothing(), rows)
    batch.tally.added += len(new)
    batch.tally.unchanged += len(before)
    return {
        person_id: batch.by_number[number] for number, person_id in ids_by_number(session, numbers).items()
    }


def ids_by_number(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    rows = session.execute(select(Person.phone_number, Person.id).where(Person.phone_number.in_(numbers)))
    return {str(number): person_id for number, person_id in rows}


def _add_numbers(session: Session, known: Mapping[int, PersonRead]) -> None:
    """Give people their numbers, where they have none and nobody else has it."""
    wanted = {read.phone_number: person_id for person_id, read in known.items() if read.phone_number}
    if not wanted:
        return
    taken = ids_by_number(session, list(wanted))
    for number, person_id in wanted.items():
        if number not in taken:
            statement = update(Person).where(Person.id == person_id, Person.phone_number.is_(None))
            session.execute(
                statement.values(phone_number=number).execution_options(synchronize_session=False)
            )


def _add_past(session: Session, person_id: int, read: PersonRead) -> None:
    """Since when they are known, and Delighted's id of them unless they have another one."""
    if read.created_at:
        earlier = update(Person).where(Person.id == person_id, Person.created_at > read.created_at)
        session.execute(
            earlier.values(created_at=read.created_at).execution_options(synchronize_session=False)
        )
    if read.ref:
        nameless = update(Person).where(Person.id == person_id, Person.external_id.is_(None))
        named = nameless.values(external_id=f"{FROM_DELIGHTED}{read.ref}")
        session.execute(named.execution_options(synchronize_session=False))


def see(session: Session, survey_id: int, people: Sequence[int], *, now: datetime) -> None:
    """Let the survey's keys see these people."""
    rows = [{"survey_id": survey_id, "person_id": person_id, "added_at": now} for person_id in people]
    if rows:
        session.connection().execute(insert_into(session, SurveyPerson).on_conflict_do_nothing(), rows)


def count_earlier(session: Session, survey_id: int, sent: Mapping[int, datetime]) -> None:
    """Remember when the survey last went to them, so that limits count it; the later of two moments stays."""
    if not sent:
        return
    keeping: Any = insert_into(session, EarlierAsk)
    earlier, later = EarlierAsk.sent_at, keeping.excluded.sent_at
    keeping = keeping.on_conflict_do_update(
        index_elements=[EarlierAsk.person_id, EarlierAsk.survey_id],
        set_={"sent_at": later},
        where=later > func.coalesce(earlier, later),
    )
    rows = [{"person_id": one, "survey_id": survey_id, "sent_at": at} for one, at in sent.items()]
    session.connection().execute(keeping, rows)


def own_suppressions(session: Session, ids: Mapping[str, int]) -> None:
    """What was kept of addresses before we knew whose they are now names the people, so that lists can show it."""
    nameless = select(Suppression.address_hash).where(
        Suppression.address_hash.in_(ids), Suppression.person_id.is_(None)
    )
    for address_hash in set(session.scalars(nameless)):
        owning = update(Suppression).where(
            Suppression.address_hash == address_hash,
            Suppression.person_id.is_(None),
            Suppression.reason != SuppressionReason.ERASED,
        )
        owning = owning.values(person_id=ids[address_hash])
        session.execute(owning.execution_options(synchronize_session=False))
