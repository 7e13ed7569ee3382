"""Responses of any tool out of a file: read and stored in batches, each batch whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.imports.answers.reading import ResponseReader, ResponsesFile, Times
from feedback_app.imports.columns import Field
from feedback_app.imports.delighted.notebook import Notebook
from feedback_app.imports.delighted.storing import AnswerBatch, Target, read_answers, store_answers
from feedback_app.imports.delighted.tables import Row
from feedback_app.imports.people import Reject, Tally
from feedback_app.responses.models import Response
from feedback_app.scoring.metrics import metric
from feedback_app.surveys.models import Survey

BATCH_ROWS = 500


@dataclass
class Batch:
    """Rows that were read together, by survey, and what did not fit."""

    answers: list[tuple[Target, AnswerBatch]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    people_added: int = 0


def target_of(survey: Survey, zone: tzinfo) -> Target:
    """Where answers to the survey go; the other tool's ids of people are kept as they are."""
    return Target(survey.id, metric(survey.metric_key, survey.points).scale, zone, origin="")


def targets_by_name(surveys: Sequence[Survey], zone: tzinfo) -> dict[str, Target]:
    """Every survey by its slug, and by its name where no other survey is called so."""
    names = [survey.name.casefold() for survey in surveys]
    named = {
        name: target_of(survey, zone)
        for name, survey in zip(names, surveys, strict=True)
        if names.count(name) == 1
    }
    return named | {survey.slug.casefold(): target_of(survey, zone) for survey in surveys}


class Incoming:
    """A file that was planned, and the surveys that its rows are to: `only` one, or by name the one a row says."""

    def __init__(
        self,
        file: ResponsesFile,
        targets: Mapping[str, Target],
        only: Target | None,
        zone: tzinfo,
        *,
        now: datetime,
    ) -> None:
        self._file, self._only, self._targets = file, only, targets
        self._times, self._notebook = Times(), Notebook()
        wanted = {target.survey_id: target for target in (*targets.values(), *([only] if only else []))}
        self._readers: dict[int | None, tuple[Target | None, ResponseReader]] = {
            survey_id: (target, ResponseReader(file, target, zone, self._times, now=now))
            for survey_id, target in wanted.items()
        }
        self._readers[None] = (None, ResponseReader(file, None, zone, self._times, now=now))
        column = file.column_of(Field.SURVEY)
        self._place = None if column is None else file.columns.index(column)

    def close(self) -> None:
        self._times.close()
        self._notebook.close()

    def batches(self) -> Iterator[Batch]:
        """The rows read and checked; nothing is stored."""
        rows = self._file.read()
        while batch := list(islice(rows, BATCH_ROWS)):
            yield self._read(batch)

    def store(self, session: Session, batch: Batch, *, vault: Vault, now: datetime) -> Batch:
        """Store a batch within the caller's transaction; who was erased stays so, and their answers with them."""
        for target, answers in batch.answers:
            here = _without_those_from_here(session, target, answers)
            before = len(answers.rejects)
            store_answers(session, answers, target, self._notebook, vault=vault, now=now)
            answers.tally.unchanged += here
            batch.rejects += answers.rejects[before:]
            batch.people_added += answers.people_added
            batch.tally += replace(answers.tally, rows=0, rejected=0, repeated=0)
        return batch

    def _read(self, rows: Sequence[Row]) -> Batch:
        by_survey: dict[int | None, list[Row]] = {}
        for row in rows:
            by_survey.setdefault(self._survey_of(row), []).append(row)
        batch = Batch()
        for survey_id, some in by_survey.items():
            target, reader = self._readers[survey_id]
            answers = read_answers(reader, some)
            batch.tally += answers.tally
            batch.rejects += answers.rejects
            if target is not None:
                batch.answers.append((target, answers))
        batch.rejects.sort(key=lambda reject: reject.line)
        return batch

    def _survey_of(self, row: Row) -> int | None:
        if self._only is not None or row.trouble or self._place is None:
            return self._only.survey_id if self._only else None
        target = self._targets.get(row.cells[self._place].strip().casefold())
        return target.survey_id if target else None


def _without_those_from_here(session: Session, target: Target, answers: AnswerBatch) -> int:
    """Take out what was exported from this very survey, as it is here already; how many there were."""
    links = {read.permalink: key for key, (_, read) in answers.wanted.items() if read.permalink}
    if not links:
        return 0
    ours = select(Response.permalink).where(
        Response.survey_id == target.survey_id, Response.permalink.in_(list(links))
    )
    here = list(session.scalars(ours))
    for permalink in here:
        del answers.wanted[links[permalink]]
    return len(here)
