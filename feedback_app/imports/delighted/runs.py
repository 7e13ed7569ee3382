"""Moves in the background: files uploaded together, begun by staff, carried out by a worker under a lease."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.imports import runs
from feedback_app.imports.delighted.comparing import compare
from feedback_app.imports.delighted.moving import Done, Move, Step, lift_overall_limit, require_same_type
from feedback_app.imports.delighted.tables import Source, Table, all_tables
from feedback_app.imports.delighted.words import meaning, recognised
from feedback_app.imports.models import ImportRun, ImportState
from feedback_app.imports.people import Reject
from feedback_app.imports.uploads import (
    LONGEST_FILE_NAME,
    discard,
    keep_pieces,
    new_run,
    require_run,
    stored_file,
)
from feedback_app.queue import nudge
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey
from feedback_app.tagging.jobs import tag_new_comments

KIND = "delighted"
LONGEST_SHOWN = 60
Uploaded = tuple[str, BinaryIO]


def receive(
    session: Session, survey_id: int, files: Sequence[Uploaded], *, user_id: int, now: datetime
) -> int:
    """Keep uploaded files; the id of their run. Raises Invalid if one cannot be read, and then nothing is kept."""
    survey = require_survey(session, survey_id)
    names = ", ".join(name for name, _ in files)
    run_id = new_run(session, KIND, names[:LONGEST_FILE_NAME], user_id=user_id, now=now)
    size, position, kept = 0, 0, []
    for name, stream in files:
        added, end = keep_pieces(session, run_id, stream, position)
        kept.append({"name": name[-LONGEST_FILE_NAME:], "pieces": [position, end]})
        size, position = size + added, end
    options = {"survey": survey_id, "files": kept}
    try:
        tables = tables_of_run(run_id, options)
        require_same_type(survey, tables)
    except Invalid:
        discard(session, run_id)
        raise
    options["tables"] = [shown(table) for table in tables]
    with transaction(session):
        values = {"state": ImportState.UPLOADED, "size": size, "options": options}
        session.execute(update(ImportRun).where(ImportRun.id == run_id).values(values))
        record_audit(session, user_id, "import.upload", "import_run", run_id, {"bytes": size}, now)
    return run_id


def tables_of_run(run_id: int, options: dict[str, Any]) -> list[Table]:
    """The tables of the run's files; raises FileProblem."""
    sources = [
        Source(file["name"], stored_file(run_id, (file["pieces"][0], file["pieces"][1])))
        for file in options["files"]
    ]
    return all_tables(sources)


def shown(table: Table) -> dict[str, Any]:
    """What pages show of a table, so that no page reads the file again."""
    examples = [next(iter(table.sample.values(column)), "")[:LONGEST_SHOWN] for column in table.columns]
    return {
        "name": f"{table.source.name}: {table.kind}",
        "said": recognised(table),
        "columns": list(table.columns),
        "means": [meaning(table, column) for column in table.columns],
        "examples": examples,
    }


def require_survey(session: Session, survey_id: int) -> Survey:
    """The survey; raises NotFound."""
    survey = session.get(Survey, survey_id)
    if survey is None:
        raise NotFound("There is no such survey, so nothing was imported. Choose another one.")
    return survey


def begin(session: Session, run_id: int, *, user_id: int, now: datetime) -> None:
    """Let workers carry the move out; raises Invalid if it was begun already."""
    with transaction(session):
        values = {"state": ImportState.WAITING, "started_at": now}
        if not runs.changed_state(session, run_id, (ImportState.UPLOADED,), values):
            raise Invalid(
                "This move was begun or cancelled already, so nothing was changed. Look at its page."
            )
        record_audit(session, user_id, "import.begin", "import_run", run_id, {"kind": KIND}, now)


def move(
    session: Session,
    run_id: int,
    vault: Vault,
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool],
) -> None:
    """Move what the run's files hold, from where it stands; raises FileProblem, Invalid or NotFound."""
    run = require_run(session, run_id)
    kept, done = dict(run.options), Done.of(run.options.get("done", {}))
    survey = require_survey(session, kept["survey"])
    zone = current_app.extensions["feedback_settings"].zone
    moving = Move(session, survey, tables_of_run(run_id, kept), zone, run.created_at)
    kept["rows"] = moving.steps
    for step in moving.batches(done.steps):
        if is_stopping():
            runs.release(session, run_id)
            return
        now = clock()
        with transaction(session):
            before = done.steps
            moving.store(session, step, done, vault=vault, now=now)
            runs.keep_rejects(session, run_id, _numbered(moving, step))
            _note(session, run_id, before, done, kept, now)
    with transaction(session):
        kept["limit_is_off"] = lift_overall_limit(session)
        months = compare(session, moving.notebook, moving.target, moving.metric, vault=vault)
        kept["months"] = [month.kept() for month in months]
        _note(session, run_id, done.steps, done, kept, clock())
    moving.notebook.close()
    runs.end(session, run_id, ImportState.FINISHED, clock())
    nudge(tag_new_comments)


def _numbered(move: Move, step: Step) -> list[Reject]:
    """The rejects, with the number of their table before their cells."""
    number = str(list(move.tables).index(step.table))
    return [Reject(line, reason, [number, *cells]) for line, reason, cells in step.rejects]


def _note(
    session: Session, run_id: int, before: int, done: Done, kept: dict[str, Any], now: datetime
) -> None:
    counts = {
        "added": done.people.added + done.responses.added,
        "changed": done.people.changed + done.responses.changed,
        "unchanged": done.people.unchanged + done.responses.unchanged,
        "rejected": done.rejected,
    }
    runs.note_progress(session, run_id, (before, done.steps), counts, kept | {"done": done.kept()}, now)
