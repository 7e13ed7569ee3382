"""One row of responses: what it says, or why it does not fit."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any, TypeVar

from feedback_app.imports.addresses import address_key
from feedback_app.imports.columns import Field
from feedback_app.imports.delighted.meaning import property_name
from feedback_app.imports.delighted.moments import past_moment
from feedback_app.imports.delighted.tables import Row, Table
from feedback_app.imports.faults import Faults
from feedback_app.imports.rows import LONGEST_ID, LONGEST_NAME, short
from feedback_app.imports.values import DateOrder, RowRejected, date_order
from feedback_app.scales import RatingOffScale, Scale

T = TypeVar("T")

FROM_DELIGHTED = "delighted:"
LONGEST_COMMENT = 10_000
ANSWER_TYPES = ("free_response", "scale", "select_one", "select_many")
_NUMBER = re.compile(r"\d{1,2}(?:\.0+)?\Z")


@dataclass(slots=True)
class NoteRead:
    """A note as it was written: by whom, when, what."""

    text: str
    author: str
    at: datetime


@dataclass(slots=True)
class AnswerRead:
    """What one row says. `person_ref` is the other tool's id of the person, empty if the row has none."""

    external_id: str
    rating: int
    created_at: datetime
    updated_at: datetime
    email: str = ""
    email_key: str = ""
    person_ref: str = ""
    phone_number: str = ""
    name: str = ""
    company: str = ""
    company_id: str = ""
    comment: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: list[NoteRead] = field(default_factory=list)
    additional_answers: list[dict[str, Any]] = field(default_factory=list)
    locale: str = ""
    permalink: str = ""  # of a response that was exported from an installation of ours


class AnswerReader:
    """Reads the rows of one table of responses."""

    PROPERTIES: tuple[Field, ...] = (Field.PROPERTY, Field.COMPANY, Field.COMPANY_ID)

    def __init__(self, table: Table, scale: Scale, zone: tzinfo, *, now: datetime) -> None:
        self._scale, self._zone, self._now = scale, zone, now
        places = {column: place for place, column in enumerate(table.columns)}
        self._place = {means: places[column] for column, means in table.meaning.items()}
        self._column = {means: column for column, means in table.meaning.items()}
        self._properties = [
            (property_name(column), places[column])
            for column, means in table.meaning.items()
            if means in self.PROPERTIES
        ]
        self._questions = [
            Question.of(column, table.sample.values(column), places[column])
            for column, means in table.meaning.items()
            if means == Field.ANSWER
        ]
        self.dates: DateOrder | None = date_order(
            value.split()[0] for value in table.sample.values(table.column_of(Field.CREATED_AT))
        )

    def read(self, row: Row) -> AnswerRead:
        """What the row says; raises RowRejected with everything that is wrong with it."""
        if row.trouble:
            raise RowRejected(row.trouble)
        faults = Faults()
        read = self._read_all(faults, row.cells)
        faults.reject_any()
        return read

    def _read_all(self, faults: Faults, cells: Sequence[str]) -> AnswerRead:
        rating = self._read(faults, Field.SCORE, self.rating, cells)
        created_at = self._read(faults, Field.CREATED_AT, self.created_at, cells) or self._now
        updated_at = self._read(faults, Field.UPDATED_AT, self._moment, cells, Field.UPDATED_AT) or created_at
        read = AnswerRead("", rating or 0, created_at, max(updated_at, created_at))
        self._read_person(faults, read, cells)
        read.external_id = self._external_id(faults, read, cells)
        read.comment = self._read(faults, Field.COMMENT, self._comment, cells) or ""
        read.properties = {name: cell for name, place in self._properties if (cell := cells[place].strip())}
        read.tags = tags_of(self._cell(cells, Field.TAGS))
        read.notes = (
            self._read(faults, Field.NOTES, self._notes, self._cell(cells, Field.NOTES), created_at) or []
        )
        read.additional_answers = self._answers(faults, cells)
        return read

    def rating(self, cells: Sequence[str]) -> int:
        text = self._cell(cells, Field.SCORE)
        if not _NUMBER.match(text):
            raise RowRejected(f"“{text[:40]}” is not a score." if text else "It has no score.")
        try:
            return self._scale.check(int(float(text)))
        except RatingOffScale:
            low, high = self._scale.low, self._scale.high
            raise RowRejected(f"The score {text} is not between {low} and {high}.") from None

    def created_at(self, cells: Sequence[str]) -> datetime:
        moment = self._moment(cells, Field.CREATED_AT)
        if moment is None:
            raise RowRejected("It does not say when it was answered.")
        return moment

    def _moment(self, cells: Sequence[str], means: Field) -> datetime | None:
        text = self._cell(cells, means)
        return past_moment(text, self._zone, self.dates, now=self._now) if text else None

    def _cell(self, cells: Sequence[str], means: Field) -> str:
        place = self._place.get(means)
        return "" if place is None else cells[place].strip()

    def _read(self, faults: Faults, means: Field, part: Callable[..., T], *given: Any) -> T | None:
        return faults.read(self._column.get(means), part, *given)

    def _short(self, faults: Faults, cells: Sequence[str], means: Field, longest: int, what: str) -> str:
        return self._read(faults, means, short, self._cell(cells, means), longest, what) or ""

    def _read_person(self, faults: Faults, read: AnswerRead, cells: Sequence[str]) -> None:
        read.email = self._cell(cells, Field.EMAIL)
        read.person_ref = self._short(faults, cells, Field.PERSON_ID, LONGEST_ID, "id of the person")
        read.phone_number = self._cell(cells, Field.PHONE_NUMBER)
        if read.email:
            read.email_key = self._read(faults, Field.EMAIL, address_key, read.email) or ""
        read.name = " ".join(self._short(faults, cells, Field.NAME, LONGEST_NAME, "name").split())
        read.company = self._cell(cells, Field.COMPANY)
        read.company_id = self._short(faults, cells, Field.COMPANY_ID, LONGEST_ID, "company id")

    def _external_id(self, faults: Faults, read: AnswerRead, cells: Sequence[str]) -> str:
        """Delighted's own id, else what tells this answer from every other one."""
        if given := self._short(faults, cells, Field.RESPONSE_ID, LONGEST_ID - 20, "id"):
            return f"{FROM_DELIGHTED}{given}"
        return f"{FROM_DELIGHTED}#{digest_of(who_said(read))}"

    def _answers(self, faults: Faults, cells: Sequence[str]) -> list[dict[str, Any]]:
        """The additional answers: those that the API wrote, and those that have a column of their own."""
        given = self._read(faults, Field.ANSWERS, given_answers, self._cell(cells, Field.ANSWERS)) or []
        asked = [one for one in self._questions if cells[one.place].strip()]
        read = [faults.read(question.text, question.answer, cells) for question in asked]
        return [*given, *(answer for answer in read if answer is not None)]

    def _comment(self, cells: Sequence[str]) -> str:
        comment = self._cell(cells, Field.COMMENT).replace("\r\n", "\n")
        return short(comment, LONGEST_COMMENT, "comment")

    def _notes(self, text: str, answered_at: datetime) -> list[NoteRead]:
        given = listed(text)
        if given is None:
            return [NoteRead(text, "", answered_at)] if text else []
        return [self._note(one, answered_at) for one in given if one]

    def _note(self, given: Any, answered_at: datetime) -> NoteRead:
        if not isinstance(given, dict):
            return NoteRead(str(given), "", answered_at)
        at = str(given.get("created_at") or "")
        moment = past_moment(at, self._zone, self.dates, now=self._now) if at else answered_at
        return NoteRead(str(given.get("text") or ""), str(given.get("user_email") or ""), moment)


@dataclass(frozen=True)
class Question:
    """A column whose heading is an additional question; its type is told from its values."""

    text: str
    type: str
    place: int

    @classmethod
    def of(cls, column: str, values: Sequence[str], place: int) -> "Question":
        is_scale = bool(values) and all(_NUMBER.match(value) for value in values)
        return cls(column, "scale" if is_scale else "free_response", place)

    def answer(self, cells: Sequence[str]) -> dict[str, Any]:
        """The cell in the form in which Delighted's API gives an additional answer."""
        cell = cells[self.place].strip()
        if self.type == "scale" and not _NUMBER.match(cell):
            raise RowRejected(
                f"“{cell[:40]}” is not a number, as the other answers to “{self.text[:60]}” are."
            )
        value: dict[str, Any] = dict.fromkeys(ANSWER_TYPES)
        value[self.type] = int(float(cell)) if self.type == "scale" else cell
        number = f"column_{sha256(self.text.encode()).hexdigest()[:8]}"
        return {
            "id": number,
            "question": {"id": number, "type": self.type, "text": self.text},
            "value": value,
        }


def who_said(read: AnswerRead) -> str:
    """What tells an answer without an id from the other answers of the same person."""
    who = read.email_key or read.person_ref or read.phone_number
    return f"{who}|{int(read.created_at.timestamp())}|{read.rating}"


def digest_of(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:40]


def listed(text: str) -> list[Any] | None:
    """The list that a cell holds as JSON; None if it holds none."""
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def tags_of(text: str) -> list[str]:
    """The tags of a cell: a JSON list, or words between commas, semicolons or bars; each once."""
    given = listed(text)
    named = [str(one) for one in given] if given is not None else re.split(r"[,;|]", text)
    return list(dict.fromkeys(tag.strip() for tag in named if tag.strip()))


def given_answers(text: str) -> list[dict[str, Any]]:
    """Additional answers as the API wrote them; raises RowRejected for what has not their form."""
    if not text:
        return []
    given = listed(text)
    if given is None or not all(_is_answer(one) for one in given):
        raise RowRejected("The answers have not the form in which Delighted's API gave them.")
    return given


def _is_answer(given: Any) -> bool:
    parts = (given.get("question"), given.get("value")) if isinstance(given, dict) else ()
    return bool(parts) and all(isinstance(part, dict) for part in parts)
