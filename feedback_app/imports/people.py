"""People out of a file: read row by row, stored in batches, each batch whole or not at all.

A file is read twice: once to see which addresses come again further down (the last one counts), then to store. A
second import of the same file changes nothing.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.bulk import AccountRow, upsert_accounts
from feedback_app.crypto import Vault
from feedback_app.db import insert_into
from feedback_app.imports.columns import Field, Plan, Sample
from feedback_app.imports.files import OpenFile, Row, Shape, rows_of
from feedback_app.imports.rows import ReadRow, RowReader
from feedback_app.imports.values import RowRejected
from feedback_app.people.bulk import upsert_people
from feedback_app.people.lists import add_addresses_to_list, ensure_list
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.queries import erased_among
from feedback_app.staff.models import StaffUser

BATCH_ROWS = 1_000
SAMPLE_ROWS = 2_000
BUCKETS = 256
ERASED = "This person was erased, so nothing was stored and the row is left out here."


class Reject(NamedTuple):
    """A row that did not fit: the line it begins on, why, and its cells."""

    line: int
    reason: str
    cells: list[str]


@dataclass
class Tally:
    """What became of rows. Each row is in exactly one of the counts, but for `unsubscribed`, a part of those stored."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0  # the same address comes again further down, which is the row that counts
    erased: int = 0
    rejected: int = 0
    unsubscribed: int = 0

    def __iadd__(self, other: "Tally") -> "Tally":
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        return self

    @property
    def stored(self) -> int:
        return self.added + self.changed + self.unchanged


@dataclass
class Batch:
    """Rows that were read together, by their normalised address, and what did not fit."""

    wanted: dict[str, tuple[int, ReadRow]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


class Repeats:
    """Which of a file's addresses come more than once, in eight bytes for each."""

    def __init__(self, addresses: Iterable[str]) -> None:
        buckets = [array("q") for _ in range(BUCKETS)]
        for address in addresses:
            number = hash(address)
            buckets[number % BUCKETS].append(number)
        self._left: dict[int, int] = {}
        for bucket in buckets:
            self._left |= {number: count for number, count in Counter(bucket).items() if count > 1}

    def is_last(self, address: str) -> bool:
        """Whether the row is the last one with this address. Ask once for each row, from the first on."""
        number = hash(address)
        left = self._left.get(number)
        if left is None:
            return True
        self._left[number] = left - 1
        return left == 1


@dataclass
class PeopleFile:
    """A file of people with all that is known before it is stored: its shape, its plan, who owns accounts."""

    open: OpenFile
    shape: Shape
    plan: Plan
    reader: RowReader
    rows: int
    repeats: Repeats

    @classmethod
    def scanned(cls, session: Session, open_file: OpenFile, shape: Shape, plan: Plan) -> "PeopleFile":
        """The file read to its end once, so that its rows are counted; raises FileProblem where it cannot be read."""
        reader = RowReader(shape.columns, plan, owners(session))
        count = 0

        def addresses() -> Iterator[str]:
            nonlocal count
            for _, cells in rows_of(open_file, shape):
                count += 1
                yield reader.address(cells)

        repeats = Repeats(addresses())
        return cls(open_file, shape, plan, reader, count, repeats)

    def batches(self, rows_done: int = 0) -> Iterator[Batch]:
        """The rows behind those that are done, read and checked; nothing is stored."""
        rows = rows_of(self.open, self.shape)
        for _, cells in islice(rows, rows_done):
            self.repeats.is_last(self.reader.address(cells))
        while batch := list(islice(rows, BATCH_ROWS)):
            yield self._read(batch)

    def _read(self, rows: Sequence[Row]) -> Batch:
        batch = Batch(tally=Tally(rows=len(rows)))
        for line, cells in rows:
            address = self.reader.address(cells)
            if not self.repeats.is_last(address) and address:
                batch.tally.repeated += 1
                continue
            try:
                read = self.reader.read(cells)
            except RowRejected as error:
                batch.rejects.append(Reject(line, str(error), cells))
                continue
            batch.tally.repeated += read.email_key in batch.wanted  # two spellings of one address
            batch.wanted[read.email_key] = (line, read)
        batch.tally.rejected = len(batch.rejects)
        return batch


def sample_of(open_file: OpenFile, shape: Shape) -> Sample:
    """The file's first rows, by which columns are matched."""
    return Sample(shape.columns, [cells for _, cells in islice(rows_of(open_file, shape), SAMPLE_ROWS)])


def owners(session: Session) -> dict[str, int]:
    """The id of each active colleague by address."""
    rows = session.execute(select(StaffUser.email, StaffUser.id).where(StaffUser.active.is_(True)))
    return {email.lower(): user_id for email, user_id in rows}


def unknown_owners(sample: Sample, plan: Plan, known: Iterable[str]) -> list[str]:
    """Who owns accounts by the file's first rows and is no colleague of ours."""
    named = {value.lower() for value in sample.values(plan.column_of(Field.OWNER))}
    return sorted(named - set(known))


def store(session: Session, batch: Batch, plan: Plan, *, vault: Vault, now: datetime) -> Tally:
    """Store a batch within the caller's transaction; what became of its rows.

    Whoever was erased stays so: their rows are counted and forgotten. Nobody is taken off the suppression list.
    """
    wanted = _without_erased(session, batch, vault)
    ids = upsert_accounts(session, list(_accounts(wanted)), now=now) if wanted else {}
    people = [read.person(ids[read.account_key] if read.account_key else None) for read in wanted.values()]
    if people:
        counts = upsert_people(session, people, now=now)
        batch.tally.added, batch.tally.changed, batch.tally.unchanged = counts
    _unsubscribe(session, [key for key, read in wanted.items() if read.is_unsubscribed], batch, vault, now)
    if plan.list_name and wanted:
        add_addresses_to_list(session, ensure_list(session, plan.list_name, now=now), list(wanted))
    return batch.tally


def _without_erased(session: Session, batch: Batch, vault: Vault) -> dict[str, ReadRow]:
    hashes = {key: vault.address_hash(key) for key in batch.wanted}
    erased = erased_among(session, hashes.values())
    wanted: dict[str, ReadRow] = {}
    for key, (line, read) in batch.wanted.items():
        if hashes[key] in erased:
            batch.tally.erased += 1
            batch.rejects.append(Reject(line, ERASED, []))  # and none of what the file says about them
        else:
            wanted[key] = read
    return wanted


def _accounts(wanted: dict[str, ReadRow]) -> Iterable[AccountRow]:
    """The accounts of these rows, each thing that is said of one once, in the order in which it was said last."""
    said: dict[int, AccountRow] = {}
    for read in wanted.values():
        if read.account is not None:
            said.pop(id(read.account), None)
            said[id(read.account)] = read.account
    return said.values()


def _unsubscribe(session: Session, keys: list[str], batch: Batch, vault: Vault, now: datetime) -> None:
    if not keys:
        return
    rows = session.execute(select(Person.email_key, Person.id).where(Person.email_key.in_(keys)))
    ids = {key: person_id for key, person_id in rows}  # noqa: C416 (rows are no pairs to mypy)
    reason = {
        "reason": SuppressionReason.UNSUBSCRIBED,
        "survey_id": None,
        "detail": "said by an imported file",
    }
    session.connection().execute(
        insert_into(session, Suppression).on_conflict_do_nothing(),
        [
            {"address_hash": vault.address_hash(key), "person_id": ids.get(key), "created_at": now, **reason}
            for key in keys
        ],
    )
    batch.tally.unsubscribed = len(keys)
