"""A whole move: several files, first who must not be written to, then people, then responses.

What a worker has done is a number of steps, so that a move that was interrupted goes on behind its last batch.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.errors import Invalid
from feedback_app.imports.addresses import address_key
from feedback_app.imports.columns import Field, heading_key
from feedback_app.imports.delighted.answers import AnswerReader
from feedback_app.imports.delighted.notebook import Notebook, Noted
from feedback_app.imports.delighted.people import PersonReader, keep_from_writing, store_people
from feedback_app.imports.delighted.storing import (
    AnswerBatch,
    Target,
    known_refs,
    read_answers,
    store_answers,
)
from feedback_app.imports.delighted.tables import Row, Table
from feedback_app.imports.people import Reject, Tally, owners
from feedback_app.imports.values import RowRejected
from feedback_app.invitations.throttle import OVERALL_FACT
from feedback_app.people.models import SuppressionReason
from feedback_app.scoring.metrics import metric
from feedback_app.surveys.models import Survey
from feedback_app.surveys.types import survey_type
from feedback_app.workspace import fact, keep_fact

BATCH_ROWS = 500
UNKNOWN_PERSON = (
    "Only the id {ref} says who answered, and it is in none of these files. Give the file of people too."
)


class Stage(StrEnum):
    """In this order, whatever the order of the files."""

    STOPPED = "who must not be written to"
    PEOPLE = "people"
    RESPONSES = "responses"


@dataclass
class Done:
    """How far a move is, and what became of the rows."""

    steps: int = 0
    people: Tally = field(default_factory=Tally)
    responses: Tally = field(default_factory=Tally)
    people_of_responses: int = 0
    unsubscribed: int = 0
    bounced: int = 0

    @property
    def rejected(self) -> int:
        return self.people.rejected + self.responses.rejected

    @property
    def rows(self) -> int:
        return self.people.rows + self.responses.rows

    @property
    def fitting(self) -> int:
        return self.people.stored + self.responses.stored

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Done":
        """What `kept` kept."""
        parts = {"people": Tally(**kept["people"]), "responses": Tally(**kept["responses"])} if kept else {}
        return cls(**kept | parts)


@dataclass
class Step:
    """Rows of one table at one stage. `rejects` is filled by `store`."""

    stage: Stage
    table: Table
    rows: list[Row]
    rejects: list[Reject] = field(default_factory=list)


class Move:
    """Files that were read once to their end, and how their rows are stored."""

    def __init__(
        self, session: Session, survey: Survey, tables: Sequence[Table], zone: Any, now: datetime
    ) -> None:
        self.metric = metric(survey.metric_key, survey.points)
        self.target = Target(survey.id, self.metric.scale, zone)
        self.tables = tables
        self.notebook = Notebook()
        known = owners(session)
        self._people = {
            id(table): PersonReader(table, known, zone, now=now) for table in tables if table.is_of_people
        }
        self._answers = {
            id(table): AnswerReader(table, self.metric.scale, zone, now=now)
            for table in tables
            if not table.is_of_people
        }
        require_same_type(survey, tables)
        self._note_everything(session)

    @property
    def steps(self) -> int:
        """How many rows are passed in all stages."""
        return sum(table.rows for _, table in self._stages())

    def batches(self, steps_done: int = 0) -> Iterator[Step]:
        """What is still to do behind the steps that are done."""
        left = steps_done
        for stage, table in self._stages():
            if left >= table.rows:
                left -= table.rows
                continue
            rows = islice(table.read(), left, None)
            left = 0
            while batch := list(islice(rows, BATCH_ROWS)):
                yield Step(stage, table, batch)

    def store(self, session: Session, step: Step, done: Done, *, vault: Vault, now: datetime) -> None:
        """Store a step's rows within the caller's transaction, and count them."""
        done.steps += len(step.rows)
        if step.stage == Stage.STOPPED:
            self._stop(session, step, done, vault)
        elif step.stage == Stage.PEOPLE:
            reader = self._people[id(step.table)]
            people = reader.batch(step.rows)
            store_people(session, people, reader, self.target.survey_id, vault=vault, now=now)
            done.people += people.tally
            step.rejects = people.rejects
        else:
            answers = self._read_answers(session, step)
            store_answers(session, answers, self.target, self.notebook, vault=vault, now=now)
            done.responses += answers.tally
            done.people_of_responses += answers.people_added
            step.rejects = answers.rejects

    def check(self, session: Session, step: Step, done: Done) -> None:
        """Read a step's rows and count those that do not fit, but store nothing."""
        done.steps += len(step.rows)
        if step.stage == Stage.PEOPLE:
            people = self._people[id(step.table)].batch(step.rows)
            done.people += people.tally
            step.rejects = people.rejects
        elif step.stage == Stage.RESPONSES:
            answers = self._read_answers(session, step)
            done.responses += answers.tally
            step.rejects = answers.rejects

    def _stop(self, session: Session, step: Step, done: Done, vault: Vault) -> None:
        reader = self._people[id(step.table)]
        stopped = [one for row in step.rows for one in reader.stopped(row)]
        keep_from_writing(session, stopped, vault=vault)
        done.unsubscribed += sum(one.reason == SuppressionReason.UNSUBSCRIBED for one in stopped)
        done.bounced += sum(one.reason == SuppressionReason.BOUNCED for one in stopped)

    def _read_answers(self, session: Session, step: Step) -> AnswerBatch:
        unknown = self._unknown(session, step.table, step.rows)
        known = [row for place, row in enumerate(step.rows) if place not in unknown]
        batch = read_answers(self._answers[id(step.table)], known)
        for place, ref in unknown.items():
            row = step.rows[place]
            batch.rejects.append(Reject(row.line, UNKNOWN_PERSON.format(ref=ref[:80]), row.cells))
        batch.tally.rows += len(unknown)
        batch.tally.rejected += len(unknown)
        return batch

    def _stages(self) -> Iterator[tuple[Stage, Table]]:
        people = [table for table in self.tables if table.is_of_people]
        yield from ((Stage.STOPPED, table) for table in people)
        yield from ((Stage.PEOPLE, table) for table in people)
        yield from ((Stage.RESPONSES, table) for table in self.tables if not table.is_of_people)

    def _note_everything(self, session: Session) -> None:
        for table in self.tables:
            if table.is_of_people:
                reader = self._people[id(table)]
                for row in table.read():
                    ref, email, number, name = reader.who(row)
                    if ref:
                        self.notebook.note_person(ref, email, number, name)
        for table in self.tables:
            if not table.is_of_people:
                self._note_answers(session, table)

    def _note_answers(self, session: Session, table: Table) -> None:
        rows = table.read()
        reader = self._answers[id(table)]
        before = 0
        while batch := list(islice(rows, BATCH_ROWS)):
            unknown = self._unknown(session, table, batch)
            for place, row in enumerate(batch):
                noted = self._noted(reader, row, is_known=place not in unknown)
                # What cannot be stored has no id of its own.
                own = f"{table.source.name}:{before + place}" if noted.why else noted.external_id
                self.notebook.note_answer(noted._replace(external_id=own))
            before += len(batch)

    def _noted(self, reader: AnswerReader, row: Row, *, is_known: bool) -> Noted:
        try:
            read = reader.read(row)
        except RowRejected as error:
            return self._noted_reject(reader, row, str(error))
        key = read.email_key or self._address(read.person_ref)
        month = f"{read.created_at.astimezone(self.target.zone):%Y-%m}"
        return Noted(read.external_id, month, read.rating, "" if is_known else UNKNOWN_PERSON, key)

    def _noted_reject(self, reader: AnswerReader, row: Row, why: str) -> Noted:
        """A row that cannot be stored; what can be read of it still counts as what the file says."""
        month: str | None = None
        rating: int | None = None
        if not row.trouble:
            with suppress(RowRejected):
                month = f"{reader.created_at(row.cells).astimezone(self.target.zone):%Y-%m}"
            with suppress(RowRejected):
                rating = reader.rating(row.cells)
        return Noted("", month, rating, why, "")

    def _address(self, ref: str) -> str:
        found = self.notebook.people([ref]).get(ref) if ref else None
        with suppress(RowRejected):
            return address_key(found[0]) if found and found[0] else ""
        return ""

    def _unknown(self, session: Session, table: Table, rows: Sequence[Row]) -> dict[int, str]:
        """By their place, the rows whose person is an id that nobody has told us of.

        A table with addresses names its people; a row without one is then the answer of somebody nameless.
        """
        column = table.column_of(Field.PERSON_ID)
        if column is None or table.column_of(Field.EMAIL):
            return {}
        at = table.columns.index(column)
        refs = {place: row.cells[at].strip() for place, row in enumerate(rows) if not row.trouble}
        told = set(self.notebook.people(set(refs.values()))) | known_refs(session, set(refs.values()))
        return {place: ref for place, ref in refs.items() if ref and ref not in told}


def require_same_type(survey: Survey, tables: Sequence[Table]) -> None:
    """Raise Invalid if the files say that their answers are to another kind of survey."""
    ours = survey_type(survey)
    for table in tables:
        named = {
            value
            for column in table.columns
            if heading_key(column) == "surveytype"
            for value in table.sample.values(column)
        }
        if named - {ours}:
            other = sorted(named - {ours})[0]
            raise Invalid(
                f"{table.source.name} has answers to a survey of the type {other}, and “{survey.name}” is {ours}. "
                "Nothing was imported; choose or add a survey of that type."
            )


def lift_overall_limit(session: Session) -> bool:
    """Within the caller's transaction: no limit between surveys, as Delighted had none, unless staff chose one.

    Whether there is none now.
    """
    if fact(session, OVERALL_FACT) is None:
        keep_fact(session, OVERALL_FACT, 0)
    return fact(session, OVERALL_FACT) == 0
