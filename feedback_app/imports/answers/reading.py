"""A file of responses of any tool, and what its rows say."""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from feedback_app.imports.answers.columns import Plan, plan_for
from feedback_app.imports.columns import Field
from feedback_app.imports.delighted.answers import AnswerRead, AnswerReader, digest_of, who_said
from feedback_app.imports.delighted.records import Form, Record, form_of, records_of
from feedback_app.imports.delighted.storing import Target
from feedback_app.imports.delighted.tables import Kind, Row, Seen, Source, Table
from feedback_app.imports.faults import Faults
from feedback_app.imports.rows import LONGEST_ID, LONGEST_NAME, short
from feedback_app.imports.values import DateOrder, RowRejected, language_of
from feedback_app.responses.models import ResponseState
from feedback_app.scales import Scale
from feedback_app.spreadsheet import plain_text

FROM_ELSEWHERE = "import:"
LONGEST_ID_KEPT = 100  # what is longer is kept as its digest
LONGEST_LOCALE = 12
ANY_SCALE = Scale(0, 10)
WHO = (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.EXTERNAL_ID, Field.COMPANY, Field.COMPANY_ID)
_COUNT = "INSERT INTO said VALUES (?, 1) ON CONFLICT (digest) DO UPDATE SET times = times + 1 RETURNING times"
_PERMALINK = re.compile(r"(?:.*/)?(\w{32})\Z", re.ASCII)


@dataclass
class ResponsesFile(Table):
    """The rows of a file, each of them a response. `form` and `rows` are known from a first reading to its end."""

    encoding: str | None = None
    is_ours: bool = False
    dates: DateOrder | None = None

    @classmethod
    def scanned(cls, source: Source, encoding: str | None = None) -> "ResponsesFile":
        """The file read once, its columns not matched yet; raises FileProblem where it cannot be read."""
        form, seen = form_of(source.open, encoding), Seen()
        for record in records_of(source.open, encoding):
            seen.take(record)
        sample = seen.sample()
        return cls(source, form, Kind.RESPONSES, tuple(sample.columns), sample, seen.rows, encoding=encoding)

    def planned(self, changes: Mapping[str, Field], dates: DateOrder | None = None) -> Plan:
        """The plan by which the rows are read from now on."""
        plan = plan_for(self.sample, changes, dates)
        self.meaning, self.dates, self.is_ours = plan.meaning, plan.dates, plan.is_ours
        return plan

    def read(self) -> Iterator[Row]:
        """Every row, in the order of the file."""
        return map(self._row, records_of(self.source.open, self.encoding))

    def _row(self, record: Record) -> Row:
        row = super()._row(record)
        if self.is_ours and self.form == Form.CSV:
            return row._replace(cells=[plain_text(cell) for cell in row.cells])
        return row


class Times:
    """How often each text came, on disk: a million nameless answers cost no memory."""

    def __init__(self) -> None:
        self._disk = sqlite3.connect("", isolation_level=None)
        self._disk.execute("CREATE TABLE said (digest TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID")
        self._disk.execute("BEGIN")

    def count(self, digest: str) -> int:
        """How often it came, this time included."""
        return int(self._disk.execute(_COUNT, (digest,)).fetchone()[0])

    def close(self) -> None:
        self._disk.close()


class ResponseReader(AnswerReader):
    """Reads the rows of a file whose survey is the target's; without a target each row is rejected."""

    PROPERTIES = (Field.PROPERTY,)

    def __init__(
        self, file: ResponsesFile, target: Target | None, zone: tzinfo, times: Times, *, now: datetime
    ) -> None:
        super().__init__(file, target.scale if target else ANY_SCALE, zone, now=now)
        self.dates = file.dates
        self._target, self._times = target, times

    def _read_all(self, faults: Faults, cells: Sequence[str]) -> AnswerRead:
        read = super()._read_all(faults, cells)
        if locale := self._cell(cells, Field.LOCALE):
            read.locale = self._read(faults, Field.LOCALE, locale_of, locale) or ""
        if found := _PERMALINK.match(self._cell(cells, Field.PERMALINK)):
            read.permalink = found[1]
        if not read.email_key and not read.phone_number:
            read.properties |= self._who(cells)
        self._read(faults, Field.STATE, require_counted, self._cell(cells, Field.STATE))
        if self._target is None:
            name = self._cell(cells, Field.SURVEY)
            faults.add(self._column.get(Field.SURVEY), no_survey(name))
        return read

    def _read_person(self, faults: Faults, read: AnswerRead, cells: Sequence[str]) -> None:
        super()._read_person(faults, read, cells)
        read.person_ref = self._short(faults, cells, Field.EXTERNAL_ID, LONGEST_ID, "id of the person")
        if not read.name:
            parts = [self._cell(cells, Field.FIRST_NAME), self._cell(cells, Field.LAST_NAME)]
            name = " ".join(" ".join(parts).split())
            read.name = self._read(faults, Field.LAST_NAME, short, name, LONGEST_NAME, "name") or ""

    def _who(self, cells: Sequence[str]) -> dict[str, str]:
        """Of an answer without an address, what says who gave it: there is no person to keep it with."""
        return {self._column[means]: cell for means in WHO if (cell := self._cell(cells, means))}

    def _external_id(self, _faults: Faults, read: AnswerRead, cells: Sequence[str]) -> str:
        """The other tool's id with the time, as two tools may count from one; else what tells it from other answers.

        Two nameless answers may be the same in all that they say: the first is told from the second by its place.
        """
        if given := self._cell(cells, Field.RESPONSE_ID):
            kept = given if len(given) <= LONGEST_ID_KEPT else f"#{digest_of(given)}"
            return f"{FROM_ELSEWHERE}{kept}@{int(read.created_at.timestamp())}"
        said = who_said(read)
        if read.email_key or read.person_ref or read.phone_number:
            return f"{FROM_ELSEWHERE}#{digest_of(said)}"
        digest = digest_of(f"{said}|{self._cell(cells, Field.COMMENT)}")
        survey_id = self._target.survey_id if self._target else 0
        return f"{FROM_ELSEWHERE}#{digest}.{self._times.count(f'{survey_id}|{digest}')}"


def locale_of(text: str) -> str:
    return short(language_of(text), LONGEST_LOCALE, "language")


def require_counted(state: str) -> None:
    """Raise RowRejected for an answer of one of our exports that does not count there."""
    if state and state != ResponseState.CONFIRMED:
        raise RowRejected(
            f"It is {state[:20]}: no sign of a human confirmed it, so it does not count as an answer."
        )


def no_survey(name: str) -> str:
    return f"There is no survey “{name[:80]}” here." if name else "It does not say which survey it is to."
