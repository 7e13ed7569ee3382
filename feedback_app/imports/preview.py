"""What an import would come to, before anything is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy.orm import Session

from feedback_app.imports.columns import Field, Plan, Sample, plan_for, problems
from feedback_app.imports.files import OpenFile, Row, Shape, look_at, rows_of
from feedback_app.imports.people import SAMPLE_ROWS, owners, unknown_owners
from feedback_app.imports.rows import ReadRow, RowReader
from feedback_app.imports.values import DateOrder, RowRejected

SHOWN_ROWS = 5
SHOWN_VALUES = 3
LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Choices:
    """What somebody has chosen about a file; empty is as found. `fields`: by the column's place."""

    fields: Sequence[Field] = ()
    encoding: str = ""
    dates: DateOrder | None = None
    decimals: str = ""
    list_name: str = ""


@dataclass(frozen=True)
class Preview:
    """The first rows of a file as they would be stored, and what to look at before it begins."""

    shape: Shape
    plan: Plan
    problems: list[str]
    examples: Mapping[str, list[str]]  # a few values of each column
    people: list[ReadRow] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)  # line and reason
    sampled: int = 0
    unknown_owners: list[str] = field(default_factory=list)


def preview_of(
    session: Session, open_file: OpenFile, choices: Choices, encoding: str | None = None
) -> Preview:
    """The file as it would be imported with these choices; `encoding` is the one found before."""
    shape = look_at(open_file, choices.encoding or encoding)
    rows = list(islice(rows_of(open_file, shape), SAMPLE_ROWS))
    sample = Sample(shape.columns, [cells for _, cells in rows])
    changes = dict(zip(shape.columns, choices.fields, strict=False))
    plan = plan_for(
        sample, changes, dates=choices.dates, decimals=choices.decimals, list_name=choices.list_name
    )
    examples = {column: _examples(sample.values(column)) for column in shape.columns}
    open_problems = problems(plan, sample)
    if open_problems:
        return Preview(shape, plan, open_problems, examples, sampled=len(rows))
    known = owners(session)
    people, rejects = _read(RowReader(shape.columns, plan, known), rows)
    return Preview(
        shape,
        plan,
        [],
        examples,
        people[:SHOWN_ROWS],
        rejects,
        len(rows),
        unknown_owners(sample, plan, known),
    )


def _read(reader: RowReader, rows: Sequence[Row]) -> tuple[list[ReadRow], list[tuple[int, str]]]:
    people, rejects = [], []
    for line, cells in rows:
        try:
            people.append(reader.read(cells))
        except RowRejected as error:
            rejects.append((line, str(error)))
    return people, rejects


def _examples(values: list[str]) -> list[str]:
    shown = (value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…" for value in values)
    return list(islice(dict.fromkeys(shown), SHOWN_VALUES))
