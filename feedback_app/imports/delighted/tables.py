"""What a file holds, as tables: one for responses and one for people, each with its columns, its rows and a sample."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from feedback_app.imports.columns import Field, Sample, heading_key
from feedback_app.imports.delighted.meaning import OF_PEOPLE, OF_RESPONSES, meaning_of
from feedback_app.imports.delighted.records import Form, Record, form_of, records_of
from feedback_app.imports.files import FileProblem, OpenFile

SAMPLE_ROWS = 500
MOST_COLUMNS = 1_000


class Kind(StrEnum):
    """What the rows of a table are."""

    RESPONSES = "responses"
    PEOPLE = "people"
    UNSUBSCRIBES = "unsubscribes"
    BOUNCES = "bounces"


class Row(NamedTuple):
    """One row of a table; `trouble` says why its cells cannot be read."""

    line: int
    cells: list[str]
    trouble: str = ""


@dataclass(frozen=True)
class Source:
    """A file that was given, by its name."""

    name: str
    open: OpenFile


@dataclass
class Table:
    """The rows of one kind in one file. `meaning`: what each column is, see meaning.py."""

    source: Source
    form: Form
    kind: Kind
    columns: tuple[str, ...]
    sample: Sample
    rows: int
    meaning: Mapping[str, Field] = field(default_factory=dict)

    @property
    def is_of_people(self) -> bool:
        return self.kind != Kind.RESPONSES

    def column_of(self, wanted: Field) -> str | None:
        return next((column for column, means in self.meaning.items() if means == wanted), None)

    def read(self) -> Iterator[Row]:
        """Every row of this kind, in the order of the file."""
        for record in records_of(self.source.open):
            if kind_of(record, self.source.name, self.kind if self.form == Form.CSV else None) == self.kind:
                yield self._row(record)

    def _row(self, record: Record) -> Row:
        if record.trouble:
            return Row(record.line, list(record.cells), record.trouble)
        return Row(record.line, [record.values.get(column, "") for column in self.columns])


@dataclass
class Seen:
    """What a first reading finds of one kind: its columns, its first rows, how many there are."""

    columns: dict[str, None] = field(default_factory=dict)
    first: list[Mapping[str, str]] = field(default_factory=list)
    rows: int = 0

    def take(self, record: Record) -> None:
        self.rows += 1
        self.columns.update(dict.fromkeys(record.values))
        if len(self.columns) > MOST_COLUMNS:
            raise FileProblem(
                f"The records have more than {MOST_COLUMNS:,} different fields, so nothing was imported. Leave out "
                "those that you do not need."
            )
        if len(self.first) < SAMPLE_ROWS and not record.trouble:
            self.first.append(record.values)

    def sample(self) -> Sample:
        columns = tuple(self.columns)
        return Sample(columns, [[values.get(column, "") for column in columns] for values in self.first])


def tables_of(source: Source, answers: Sequence[str] = ()) -> list[Table]:
    """The tables of a file, read once to its end; `answers`: columns that hold additional answers.

    Raises FileProblem if nothing in it is a person or a response.
    """
    form = form_of(source.open)
    seen: dict[Kind, Seen] = {}
    fixed: Kind | None = None
    for record in records_of(source.open):
        kind = kind_of(record, source.name, fixed)
        if form == Form.CSV and not record.trouble:
            fixed = kind
        seen.setdefault(kind, Seen()).take(record)
    found = [_table(source, form, kind, what, answers) for kind, what in seen.items()]
    known = [table for table in found if table.column_of(Field.EMAIL) or table.column_of(Field.PERSON_ID)]
    if not known:
        raise FileProblem(
            f"{source.name} has neither a column of e-mail addresses nor one of Delighted's ids of people, so we "
            "cannot tell what it is. Nothing was imported."
        )
    return found


def _table(source: Source, form: Form, kind: Kind, seen: Seen, answers: Sequence[str]) -> Table:
    sample = seen.sample()
    table = Table(source, form, kind, tuple(sample.columns), sample, seen.rows)
    table.meaning = meaning_of(sample, is_of_people=table.is_of_people, answers=answers)
    return table


def kind_of(record: Record, file_name: str, fixed: Kind | None = None) -> Kind:
    """What the record is: by the stream that it names, else by its headings, else by the file's name."""
    if fixed is not None:
        return fixed
    if record.stream:
        return Kind(record.stream)
    if record.trouble:
        return Kind.PEOPLE
    keys = {heading_key(heading) for heading in record.values}
    if keys & set(OF_RESPONSES[Field.SCORE]):
        return Kind.RESPONSES
    has_bounces = bool(keys & set(OF_PEOPLE[Field.BOUNCED_AT]))
    has_unsubscribes = bool(keys & set(OF_PEOPLE[Field.UNSUBSCRIBED_AT]))
    if has_bounces != has_unsubscribes and not keys & set(OF_PEOPLE[Field.CREATED_AT]):
        return Kind.BOUNCES if has_bounces else Kind.UNSUBSCRIBES
    return _kind_by_name(file_name) if not has_bounces and not has_unsubscribes else Kind.PEOPLE


def _kind_by_name(file_name: str) -> Kind:
    """A list of addresses that is called unsubscribes.csv is one, though no column says so."""
    name = file_name.rpartition("/")[2].lower()
    if "unsubscri" in name:
        return Kind.UNSUBSCRIBES
    return Kind.BOUNCES if "bounce" in name else Kind.PEOPLE


def all_tables(sources: Sequence[Source], answers: Sequence[str] = ()) -> list[Table]:
    """The tables of several files, those of people first; raises FileProblem."""
    tables = list(chain.from_iterable(tables_of(source, answers) for source in sources))
    return sorted(tables, key=lambda table: not table.is_of_people)
