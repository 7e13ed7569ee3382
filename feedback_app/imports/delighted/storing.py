"""Rows of responses, read and stored in batches within the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from feedback_app.accounts.bulk import AccountRow, upsert_accounts
from feedback_app.crypto import Vault
from feedback_app.db import insert_into
from feedback_app.imports.addresses import address_key
from feedback_app.imports.delighted.answers import FROM_DELIGHTED, AnswerRead, AnswerReader
from feedback_app.imports.delighted.notebook import Notebook
from feedback_app.imports.delighted.people import PHONE_NUMBER, ids_by_number, ids_of, see
from feedback_app.imports.delighted.tables import Row
from feedback_app.imports.people import ERASED, Reject, Tally, owners
from feedback_app.imports.values import RowRejected
from feedback_app.people.bulk import PersonRow, upsert_people
from feedback_app.people.models import Person
from feedback_app.people.queries import erased_among
from feedback_app.responses.bulk import DEFAULT_LOCALE, PastResponse, keep_past_responses
from feedback_app.reviews.models import Note, Review, ReviewStatus
from feedback_app.scales import Scale

OLD = timedelta(
    days=30
)  # an answer that is older comes in as done with, or the inbox would be full of the past


@dataclass(frozen=True)
class Target:
    """The survey that answers are stored for, its scale, and the zone that days are counted in.

    `origin` stands before the other tool's ids of people.
    """

    survey_id: int
    scale: Scale
    zone: tzinfo
    origin: str = FROM_DELIGHTED


@dataclass
class AnswerBatch:
    """Rows that were read together, by external id, and what did not fit."""

    wanted: dict[str, tuple[int, AnswerRead]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    people_added: int = 0


def read_answers(reader: AnswerReader, rows: Sequence[Row]) -> AnswerBatch:
    """The rows read and checked; of two for one answer the later one counts."""
    batch = AnswerBatch(tally=Tally(rows=len(rows)))
    for row in rows:
        try:
            read = reader.read(row)
        except RowRejected as error:
            batch.rejects.append(Reject(row.line, str(error), row.cells))
            continue
        batch.tally.repeated += read.external_id in batch.wanted
        batch.wanted[read.external_id] = (row.line, read)
    batch.tally.rejected = len(batch.rejects)
    return batch


def store_answers(
    session: Session, batch: AnswerBatch, target: Target, notebook: Notebook, *, vault: Vault, now: datetime
) -> AnswerBatch:
    """Store a batch; who was erased stays so, and their answers with them."""
    _name_people(batch, notebook)
    wanted = _without_erased(session, batch, vault)
    people = _people(session, wanted, batch, target, now)
    rows = [
        PastResponse(
            read.external_id,
            people[read.external_id],
            read.rating,
            read.created_at,
            read.updated_at,
            read.comment,
            read.properties,
            read.tags,
            read.additional_answers,
            read.locale or DEFAULT_LOCALE,
        )
        for read in wanted
    ]
    kept = keep_past_responses(session, target.survey_id, rows, scale=target.scale, zone=target.zone)
    batch.tally.added, batch.tally.changed = len(kept.added), len(kept.changed)
    batch.tally.unchanged = kept.unchanged
    see(session, target.survey_id, sorted({one for one in people.values() if one}), now=now)
    by_id = {read.external_id: read for read in wanted}
    _keep_notes(session, {**kept.added, **kept.changed}, by_id)
    _close_old(session, {kept.added[key]: by_id[key].created_at for key in kept.added}, now)
    return batch


def _name_people(batch: AnswerBatch, notebook: Notebook) -> None:
    """Fill in addresses that only a file of people has."""
    nameless = [read for _, read in batch.wanted.values() if not read.email_key and read.person_ref]
    found = notebook.people({read.person_ref for read in nameless})
    for read in nameless:
        if read.person_ref in found:
            read.email, number, name = found[read.person_ref]
            with suppress(RowRejected):
                read.email_key = address_key(read.email)
            read.phone_number = read.phone_number or number
            read.name = read.name or name


def _without_erased(session: Session, batch: AnswerBatch, vault: Vault) -> list[AnswerRead]:
    hashes = {read.email_key: vault.address_hash(read.email_key) for _, read in batch.wanted.values()}
    erased = erased_among(session, hashes.values())
    wanted = []
    for line, read in batch.wanted.values():
        if read.email_key and hashes[read.email_key] in erased:
            batch.tally.erased += 1
            batch.rejects.append(Reject(line, ERASED, []))
        else:
            wanted.append(read)
    return wanted


def _people(
    session: Session, wanted: Sequence[AnswerRead], batch: AnswerBatch, target: Target, now: datetime
) -> dict[str, int | None]:
    """Who gave each answer, by its external id; people whom we do not know are made known."""
    ids = _ids_by_address(session, wanted, batch, target, now)
    numbers = _ids_by_number(session, wanted, now)
    refs = {read.person_ref for read in wanted if read.person_ref and not read.email_key}
    by_ref = _ids_by_ref(session, refs, target.origin)
    return {
        read.external_id: ids.get(read.email_key)
        or by_ref.get(read.person_ref)
        or numbers.get(read.phone_number)
        for read in wanted
    }


def _ids_by_address(
    session: Session, wanted: Sequence[AnswerRead], batch: AnswerBatch, target: Target, now: datetime
) -> dict[str, int]:
    by_key = {read.email_key: read for read in wanted if read.email_key}
    known = ids_of(session, list(by_key))
    new = [read for key, read in by_key.items() if key not in known]
    if not new:
        return known
    accounts = {
        read.email_key: AccountRow(read.company, read.company_id or None) for read in new if read.company
    }
    account_ids = upsert_accounts(session, list(accounts.values()), now=now) if accounts else {}
    rows = [
        PersonRow(
            read.email,
            read.email_key,
            read.name,
            f"{target.origin}{read.person_ref}" if read.person_ref else None,
            locale=read.locale or None,
            account_id=account_ids[accounts[read.email_key].key] if read.email_key in accounts else None,
        )
        for read in new
    ]
    batch.people_added += upsert_people(session, rows, now=now).added
    return ids_of(session, list(by_key))


def _ids_by_number(session: Session, wanted: Sequence[AnswerRead], now: datetime) -> dict[str, int]:
    by_number = {
        read.phone_number: read
        for read in wanted
        if not read.email_key and PHONE_NUMBER.match(read.phone_number)
    }
    if not by_number:
        return {}
    rows = [
        {"phone_number": number, "name": read.name, "properties": {}, "created_at": now, "updated_at": now}
        for number, read in by_number.items()
    ]
    session.connection().execute(insert_into(session, Person).on_conflict_do_nothing(), rows)
    return ids_by_number(session, list(by_number))


def _ids_by_ref(session: Session, refs: Collection[str], origin: str = FROM_DELIGHTED) -> dict[str, int]:
    """People whom an earlier import brought, by the other tool's id."""
    if not refs:
        return {}
    rows = session.execute(
        select(Person.external_id, Person.id).where(
            Person.external_id.in_([f"{origin}{ref}" for ref in refs])
        )
    )
    return {str(external_id).removeprefix(origin): person_id for external_id, person_id in rows}


def known_refs(session: Session, refs: Collection[str]) -> set[str]:
    """Which of Delighted's ids an earlier import brought."""
    return set(_ids_by_ref(session, refs))


def _keep_notes(session: Session, ids: Mapping[str, int], by_id: Mapping[str, AnswerRead]) -> None:
    """Keep the notes that are not there yet; the text names an author who is no colleague here."""
    noted = [
        (response_id, note) for key, response_id in ids.items() for note in by_id[key].notes if note.text
    ]
    if not noted:
        return
    colleagues = owners(session)
    known = select(Note.response_id, Note.created_at).where(Note.response_id.in_(ids.values()))
    there = {(row.response_id, row.created_at) for row in session.execute(known)}
    rows: list[dict[str, Any]] = []
    for response_id, note in noted:
        if (response_id, note.at) not in there:
            author_id = colleagues.get(note.author.lower())
            text = note.text if author_id or not note.author else f"{note.author}: {note.text}"
            rows.append(
                {"response_id": response_id, "author_id": author_id, "text": text, "created_at": note.at}
            )
    if rows:
        session.connection().execute(insert(Note), rows)


def _close_old(session: Session, answered: Mapping[int, datetime], now: datetime) -> None:
    rows = [
        {"response_id": one, "status": ReviewStatus.CLOSED, "updated_at": at, "closed_at": at}
        for one, at in answered.items()
        if at < now - OLD
    ]
    if rows:
        session.connection().execute(insert_into(session, Review).on_conflict_do_nothing(), rows)
