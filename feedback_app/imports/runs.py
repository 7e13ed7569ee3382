"""Imports in the background: begun by staff, claimed by a worker under a lease, gone on with after a crash.

A batch of rows, their rejects and the count of rows done are one transaction: a run that was killed goes on where its
last batch ended.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.imports.columns import Plan
from feedback_app.imports.files import Shape
from feedback_app.imports.models import ImportReject, ImportRun, ImportState
from feedback_app.imports.people import PeopleFile, Reject, Tally, store
from feedback_app.imports.uploads import drop_file, require_run, shape_of, stored_file
from feedback_app.staff.services import record_audit

LEASE = timedelta(minutes=5)  # a batch takes a second, counting a large file's rows half a minute
OPEN = (ImportState.UPLOADED, ImportState.WAITING, ImportState.RUNNING)
OUR_MISTAKE = (
    "Something went wrong on our side, and our log has it. What was imported before stays. Import the file again: what "
    "is there already is not changed."
)

# What is done with a claimed run of one kind: session, id, vault, clock, and whether to stop.
Work = Callable[[Session, int, Vault, Callable[[], datetime], Callable[[], bool]], None]


class ImportLost(Exception):
    """The run is no longer this worker's: it was cancelled, or its lease ran out and another one has it."""


def begin(session: Session, run_id: int, plan: Plan, shape: Shape, *, user_id: int, now: datetime) -> None:
    """Let workers import the file by this plan; raises Invalid if it was begun already."""
    with transaction(session):
        values = {
            "state": ImportState.WAITING,
            "encoding": shape.encoding,
            "columns": list(shape.columns),
            "mapping": {column: str(means) for column, means in plan.meaning.items()},
            "options": plan.options(),
            "started_at": now,
        }
        if not changed_state(session, run_id, (ImportState.UPLOADED,), values):
            raise Invalid(
                "This import was begun or cancelled already, so nothing was changed. Look at its page."
            )
        record_audit(session, user_id, "import.begin", "import_run", run_id, {"list": plan.list_name}, now)


def cancel(session: Session, run_id: int, *, user_id: int, now: datetime) -> None:
    """Stop the run after the batch that is being stored; what is in stays. One that has ended stays as it is."""
    require_run(session, run_id)
    with transaction(session):
        if changed_state(session, run_id, OPEN, {"state": ImportState.CANCELLED, "ended_at": now}):
            record_audit(session, user_id, "import.cancel", "import_run", run_id, {}, now)
    drop_file(session, run_id)


def claim(session: Session, *, now: datetime) -> int | None:
    """The id of a run that nobody works on, now under our lease; None if there is none."""
    is_due = or_(
        ImportRun.state == ImportState.WAITING,
        and_(ImportRun.state == ImportState.RUNNING, ImportRun.lease_until < now),
    )
    session.rollback()  # what was read before is old by now
    if session.scalar(select(ImportRun.id).where(is_due).limit(1)) is None:
        return None  # without the writer's turn
    with transaction(session):
        due = select(ImportRun.id).where(is_due).order_by(ImportRun.id).limit(1)
        run_id = session.scalar(due.with_for_update(skip_locked=True))
        if run_id is not None:
            values = {"state": ImportState.RUNNING, "lease_until": now + LEASE}
            session.execute(update(ImportRun).where(ImportRun.id == run_id).values(values))
    return run_id


def carry_out(
    work: Work,
    session: Session,
    run_id: int,
    *,
    vault: Vault,
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool],
) -> None:
    """Do what there is to do of the claimed run, to its end or until we are to stop."""
    try:
        work(session, run_id, vault, clock, is_stopping)
    except ImportLost:
        return
    except (Invalid, NotFound) as error:
        end(session, run_id, ImportState.FAILED, clock(), error.message)
    drop_file_of_ended(session, run_id)


def import_people(
    session: Session,
    run_id: int,
    vault: Vault,
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool],
) -> None:
    """Import the run's rows from where it stands; raises FileProblem."""
    run = require_run(session, run_id)
    plan = Plan.of(run.mapping, run.options)
    kept = dict(run.options)
    done = Tally(**kept.get("tally", {}))
    file = PeopleFile.scanned(session, stored_file(run_id), shape_of(run), plan)
    kept["rows"] = file.rows
    for batch in file.batches(done.rows):
        if is_stopping():
            release(session, run_id)
            return
        now = clock()
        with transaction(session):
            before = done.rows
            done += store(session, batch, plan, vault=vault, now=now)
            keep_rejects(session, run_id, batch.rejects)
            counts = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}
            counts |= {"rejected": done.rejected}
            note_progress(session, run_id, (before, done.rows), counts, kept | {"tally": asdict(done)}, now)
    end(session, run_id, ImportState.FINISHED, clock())


def note_progress(
    session: Session,
    run_id: int,
    rows: tuple[int, int],
    counts: dict[str, int],
    options: dict[str, Any],
    now: datetime,
) -> None:
    """Within the batch's transaction: how far the run was and is; raises ImportLost if it is no longer ours."""
    before, done = rows
    noted = session.execute(
        update(ImportRun)
        .where(
            ImportRun.id == run_id,
            ImportRun.state == ImportState.RUNNING,
            ImportRun.rows_done == before,
        )
        .values(
            rows_done=done,
            bytes_done=ImportRun.size * done // max(options["rows"], 1),
            options=options,
            **counts,
            lease_until=now + LEASE,
        )
        .execution_options(synchronize_session=False)
    )
    if noted.rowcount != 1:  # type: ignore[attr-defined]
        raise ImportLost


def keep_rejects(session: Session, run_id: int, rejects: Sequence[Reject]) -> None:
    """Within the batch's transaction: the rows that did not fit."""
    if rejects:
        rows = [
            {"run_id": run_id, "line": line, "reason": reason, "cells": cells}
            for line, reason, cells in rejects
        ]
        session.execute(insert(ImportReject), rows)


def release(session: Session, run_id: int) -> None:
    """Let any worker go on with the run at once."""
    with transaction(session):
        changed_state(
            session, run_id, (ImportState.RUNNING,), {"state": ImportState.WAITING, "lease_until": None}
        )


def end(session: Session, run_id: int, state: ImportState, now: datetime, problem: str = "") -> None:
    values = {"state": state, "ended_at": now, "lease_until": None, "problem": problem}
    with transaction(session):
        changed_state(session, run_id, (ImportState.RUNNING,), values)


def drop_file_of_ended(session: Session, run_id: int) -> None:
    if require_run(session, run_id).state not in OPEN:
        drop_file(session, run_id)


def changed_state(
    session: Session, run_id: int, states: tuple[ImportState, ...], values: dict[str, Any]
) -> bool:
    """Within the caller's transaction: whether the run was in one of these states and now has the values."""
    statement = update(ImportRun).where(ImportRun.id == run_id, ImportRun.state.in_(states)).values(values)
    done = session.execute(statement.execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]
