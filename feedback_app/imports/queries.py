"""Earlier imports, and the rows that one of them rejected."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from feedback_app.db import reading
from feedback_app.imports.models import ImportReject, ImportRun, ImportState
from feedback_app.imports.people import Reject
from feedback_app.staff.models import StaffUser

SHOWN_RUNS = 20
REJECTS_AT_ONCE = 1_000

_REJECTS = (
    select(ImportReject.id, ImportReject.line, ImportReject.reason, ImportReject.cells)
    .where(ImportReject.run_id == bindparam("run_id"), ImportReject.id > bindparam("last"))
    .order_by(ImportReject.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class RunLine:
    """An earlier import and who began it."""

    run: ImportRun
    by: str


def earlier_runs(session: Session, kind: str = "people") -> list[RunLine]:
    """The last imports of that kind, newest first."""
    rows = session.execute(
        select(ImportRun, StaffUser)
        .outerjoin(StaffUser, StaffUser.id == ImportRun.user_id)
        .where(ImportRun.state != ImportState.UPLOADING, ImportRun.kind == kind)
        .order_by(ImportRun.id.desc())
        .limit(SHOWN_RUNS)
    )
    return [RunLine(run, user.display_name if user else "") for run, user in rows]


def first_rejects(run_id: int, most: int) -> list[Reject]:
    """The first rejected rows of a run."""
    return [reject for _, reject in _rejects(run_id, 0, most)]


def all_rejects(run_id: int) -> Iterator[Reject]:
    """Every rejected row of a run, in batches of bounded memory."""
    last = 0
    while batch := _rejects(run_id, last, REJECTS_AT_ONCE):
        yield from (reject for _, reject in batch)
        last = batch[-1][0]


def _rejects(run_id: int, last: int, most: int) -> list[tuple[int, Reject]]:
    """The rejected rows behind the one with the id `last`, each with its id."""
    with reading() as connection:
        rows = connection.execute(_REJECTS, {"run_id": run_id, "last": last, "most": most})
        return [(row.id, Reject(row.line, row.reason, row.cells)) for row in rows]
