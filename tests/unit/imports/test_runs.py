"""Imports in the background: claimed under a lease, gone on with after a crash, cancelled."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.errors import DatabaseBusy, Invalid, NotFound
from feedback_app.imports import people, runs, uploads
from feedback_app.imports.columns import Plan, plan_for
from feedback_app.imports.files import FileProblem
from feedback_app.imports.jobs import run_imports
from feedback_app.imports.models import ImportChunk, ImportReject, ImportRun, ImportState
from feedback_app.imports.people import sample_of
from feedback_app.people.models import Person
from feedback_app.staff.models import AuditEntry
from tests.conftest import NOON
from tests.factories import keep, make_user

SIX = "email,name\n" + "".join(f"p{number}@x.example,Person {number}\n" for number in range(6))
ENDLESS = SIX + 'ana@x.example,"never closed\n' + "x" * 140_000
MOMENT = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "BATCH_ROWS", 2)


@pytest.fixture
def user_id(session: Session) -> int:
    return make_user(session).id


def received(session: Session, user_id: int, text: str = SIX) -> int:
    return uploads.receive(session, io.BytesIO(text.encode()), "people.csv", user_id=user_id, now=NOON)


def begun(session: Session, user_id: int, text: str = SIX) -> int:
    run_id = received(session, user_id, text)
    run = session.get_one(ImportRun, run_id)
    shape = uploads.shape_of(run)
    plan = plan_for(sample_of(uploads.stored_file(run_id), shape))
    runs.begin(session, run_id, plan, shape, user_id=user_id, now=NOON)
    return run_id


def work(session: Session, run_id: int, *, now: datetime = NOON, batches: int = 100) -> None:
    """Carry out the run, but stop before so many batches are done."""
    left = iter([False] * batches)
    vault = current_app.extensions["feedback_vault"]
    runs.carry_out(
        runs.import_people,
        session,
        run_id,
        vault=vault,
        clock=lambda: now,
        is_stopping=lambda: next(left, True),
    )


def run_of(session: Session, run_id: int) -> ImportRun:
    session.rollback()
    return session.get_one(ImportRun, run_id)


def count(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_file_is_kept_in_pieces_and_read_as_it_was(
    session: Session, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "CHUNK_BYTES", 60)
    run_id = received(session, user_id)
    run = run_of(session, run_id)
    assert (run.state, run.size, run.encoding, run.columns) == (
        "uploaded",
        len(SIX),
        "utf-8",
        ["email", "name"],
    )
    assert count(session, ImportChunk) == -(-len(SIX) // 60)
    with uploads.stored_file(run_id)() as stream:
        assert stream.read() == SIX.encode()


def test_a_file_that_is_no_table_is_not_kept(session: Session, user_id: int) -> None:
    for text in ("ana@x.example,Ana\n", ENDLESS):
        with pytest.raises(FileProblem):
            received(session, user_id, text)
    assert (count(session, ImportRun), count(session, ImportChunk)) == (0, 0)


def test_a_run_is_carried_out_and_its_file_dropped(session: Session, user_id: int) -> None:
    run_id = begun(session, user_id, SIX + "nobody,Nobody\n")
    run_imports.run()
    run = run_of(session, run_id)
    assert (run.state, run.rows_done, run.bytes_done) == (ImportState.FINISHED, 7, run.size)
    assert (run.added, run.changed, run.unchanged, run.rejected) == (6, 0, 0, 1)
    assert (count(session, Person), count(session, ImportChunk)) == (6, 0)
    reject = session.scalars(select(ImportReject)).one()
    assert (reject.line, reject.reason, reject.cells) == (
        8, "Column “email”: “nobody” is not an e-mail address.", ["nobody", "Nobody"],
    )  # fmt: skip


def test_only_one_worker_has_a_run(session: Session, user_id: int) -> None:
    run_id = begun(session, user_id)
    assert runs.claim(session, now=NOON) == run_id
    assert runs.claim(session, now=NOON + runs.LEASE) is None
    assert runs.claim(session, now=NOON + runs.LEASE + MOMENT) == run_id


def test_a_worker_that_is_to_stop_leaves_the_rest_to_the_next_one(session: Session, user_id: int) -> None:
    run_id = begun(session, user_id)
    assert runs.claim(session, now=NOON) == run_id
    work(session, run_id, batches=2)
    run = run_of(session, run_id)
    assert (run.state, run.rows_done, count(session, Person)) == (ImportState.WAITING, 4, 4)
    assert runs.claim(session, now=NOON) == run_id
    work(session, run_id)
    run = run_of(session, run_id)
    assert (run.state, run.rows_done, run.added) == (ImportState.FINISHED, 6, 6)


class Killed(BaseException):
    """The process ends here, whatever it was doing."""


def killed_after(statements: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Break off the storing of a batch at its end, before the commit."""
    noted = runs.note_progress
    left = iter(range(statements))

    def note(*given: Any) -> None:
        noted(*given)
        if next(left, None) is None:
            raise Killed

    monkeypatch.setattr(runs, "note_progress", note)
    yield
    monkeypatch.setattr(runs, "note_progress", noted)


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_a_run_that_was_killed_goes_on_with_every_row_once(
    session: Session, user_id: int, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    text = SIX.replace("p1@", "p5@")  # the row that counts comes later
    run_id = begun(session, user_id, text)
    assert runs.claim(session, now=NOON) == run_id
    for _ in killed_after(batches, monkeypatch):
        with pytest.raises(Killed):
            work(session, run_id)
    assert run_of(session, run_id).rows_done == 2 * batches
    later = NOON + runs.LEASE + MOMENT
    assert runs.claim(session, now=later) == run_id
    work(session, run_id, now=later)
    run = run_of(session, run_id)
    assert (run.state, run.rows_done, run.added, run.changed) == (ImportState.FINISHED, 6, 5, 0)
    assert run.options["tally"]["repeated"] == 1
    assert session.scalar(select(Person.name).where(Person.email_key == "p5@x.example")) == "Person 5"


def test_a_worker_whose_lease_ran_out_stores_nothing_more(session: Session, user_id: int) -> None:
    run_id = begun(session, user_id)
    runs.claim(session, now=NOON)

    def taken_over() -> bool:
        if run_of(session, run_id).rows_done == 2:
            work(session, run_id)  # another worker, to the end
        return False

    vault = current_app.extensions["feedback_vault"]
    runs.carry_out(
        runs.import_people, session, run_id, vault=vault, clock=lambda: NOON, is_stopping=taken_over
    )
    run = run_of(session, run_id)
    assert (run.state, run.rows_done, run.added) == (ImportState.FINISHED, 6, 6)


def test_a_cancelled_run_keeps_what_is_in_and_drops_its_file(session: Session, user_id: int) -> None:
    run_id = begun(session, user_id)
    runs.claim(session, now=NOON)
    work(session, run_id, batches=1)
    runs.cancel(session, run_id, user_id=user_id, now=NOON)
    run_imports.run()
    run = run_of(session, run_id)
    assert (run.state, run.rows_done, count(session, Person)) == (ImportState.CANCELLED, 2, 2)
    assert count(session, ImportChunk) == 0
    said = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert said == ["import.upload", "import.begin", "import.cancel"]


def test_a_run_that_has_ended_is_not_cancelled(session: Session, user_id: int) -> None:
    run_id = begun(session, user_id)
    run_imports.run()
    runs.cancel(session, run_id, user_id=user_id, now=NOON)
    assert run_of(session, run_id).state == ImportState.FINISHED


def test_a_run_begins_once(session: Session, user_id: int) -> None:
    run_id = begun(session, user_id)
    run = session.get_one(ImportRun, run_id)
    plan = Plan.of(run.mapping, run.options)
    with pytest.raises(Invalid, match="begun or cancelled already"):
        runs.begin(session, run_id, plan, uploads.shape_of(run), user_id=user_id, now=NOON)
    with pytest.raises(NotFound):
        uploads.require_run(session, run_id + 1)


def test_a_file_that_breaks_off_far_down_says_where_and_imports_nothing(
    session: Session, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "SAMPLE_ROWS", 2)
    run_id = begun(session, user_id, ENDLESS)
    run_imports.run()
    run = run_of(session, run_id)
    assert run.state == ImportState.FAILED
    assert run.problem.startswith("The row on line 8 has no end that we can find")
    assert (count(session, Person), count(session, ImportChunk)) == (0, 0)


def test_a_fault_of_ours_ends_the_run_with_a_sentence(
    session: Session, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = begun(session, user_id)
    monkeypatch.setattr(runs, "store", lambda *_given, **_more: 1 / 0)
    run_imports.run()
    assert (run_of(session, run_id).state, run_of(session, run_id).problem) == (
        ImportState.FAILED,
        runs.OUR_MISTAKE,
    )


def test_passing_trouble_leaves_the_run_to_the_next_worker(
    session: Session, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = begun(session, user_id)

    def busy(*_given: Any, **_more: Any) -> None:
        raise DatabaseBusy

    with monkeypatch.context() as patched:
        patched.setattr(runs, "store", busy)
        with pytest.raises(DatabaseBusy):
            run_imports.run()
    assert run_of(session, run_id).state == ImportState.WAITING
    run_imports.run()
    assert run_of(session, run_id).state == ImportState.FINISHED


def test_what_nobody_needs_any_more_is_tidied_away(session: Session, user_id: int) -> None:
    forgotten = received(session, user_id)
    old = keep(
        session,
        ImportRun(
            kind="people", state="finished", file_name="old.csv", size=1, created_at=NOON, ended_at=NOON
        ),
    )
    keep(session, ImportReject(run_id=old.id, line=2, reason="No.", cells=["x"]))
    uploads.tidy(session, now=NOON + uploads.UNSTARTED_KEPT - MOMENT)
    assert (count(session, ImportChunk) > 0, count(session, ImportReject)) == (True, 1)
    uploads.tidy(session, now=NOON + uploads.REJECTS_KEPT + MOMENT)
    assert (count(session, ImportChunk), count(session, ImportReject)) == (0, 0)
    assert session.scalars(select(ImportRun.id)).all() == [old.id]
    assert forgotten != old.id
