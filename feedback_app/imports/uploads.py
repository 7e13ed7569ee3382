"""Uploaded files: kept in the database in pieces, so that any worker on any machine reads them, until they are done."""

import io
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from feedback_app.db import reading, transaction
from feedback_app.errors import NotFound
from feedback_app.imports.files import FileProblem, OpenFile, Shape, look_at
from feedback_app.imports.models import ImportChunk, ImportReject, ImportRun, ImportState
from feedback_app.imports.people import sample_of
from feedback_app.staff.services import record_audit

CHUNK_BYTES = 1_000_000
LARGEST_FILE = 200_000_000
LONGEST_FILE_NAME = 200
UNSTARTED_KEPT = timedelta(days=7)
REJECTS_KEPT = timedelta(days=30)
UNSTARTED = (ImportState.UPLOADING, ImportState.UPLOADED)
ENDED = (ImportState.FINISHED, ImportState.FAILED, ImportState.CANCELLED)

_CHUNK = select(ImportChunk.data).where(
    ImportChunk.run_id == bindparam("run_id"), ImportChunk.position == bindparam("position")
)


Pieces = tuple[int, int | None]  # the first one, and the one behind the last; None: to the end
WHOLE: Pieces = (0, None)


class StoredFile(io.RawIOBase):
    """An uploaded file as a stream of bytes; one piece of it is in memory. `pieces`: of which it is made."""

    def __init__(self, run_id: int, pieces: Pieces) -> None:
        self._run_id = run_id
        self._position, self._end = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest:
            self._rest = memoryview(self._next_chunk())
        into = memoryview(buffer).cast("B")
        taken = min(len(into), len(self._rest))
        into[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken

    def _next_chunk(self) -> bytes:
        if self._end is not None and self._position >= self._end:
            return b""
        with reading() as connection:
            data = connection.scalar(_CHUNK, {"run_id": self._run_id, "position": self._position})
        self._position += 1
        return data or b""


def stored_file(run_id: int, pieces: Pieces = WHOLE) -> OpenFile:
    """What opens the run's file anew; of several files, the one that is made of these pieces."""

    def opened() -> BinaryIO:
        return io.BufferedReader(StoredFile(run_id, pieces))

    return opened


def shape_of(run: ImportRun) -> Shape:
    """How the run's file is read; raises FileProblem."""
    return look_at(stored_file(run.id), run.encoding)


def receive(session: Session, stream: BinaryIO, file_name: str, *, user_id: int, now: datetime) -> int:
    """Keep an uploaded file; the id of its run, whose columns are still to be matched.

    Each piece is a transaction of its own, so that nobody else's write waits for a large file. Raises FileProblem,
    and then nothing is kept.
    """
    name = (file_name.replace("\0", "") or "people.csv")[-LONGEST_FILE_NAME:]
    run_id = new_run(session, "people", name, user_id=user_id, now=now)
    size, _ = keep_pieces(session, run_id, stream)
    try:
        shape = look_at(stored_file(run_id))
        sample_of(stored_file(run_id), shape)
    except FileProblem:
        discard(session, run_id)
        raise
    with transaction(session):
        session.execute(
            update(ImportRun)
            .where(ImportRun.id == run_id)
            .values(
                state=ImportState.UPLOADED,
                size=size,
                encoding=shape.encoding,
                delimiter=shape.delimiter,
                columns=list(shape.columns),
            )
        )
        record_audit(session, user_id, "import.upload", "import_run", run_id, {"bytes": size}, now)
    return run_id


def new_run(session: Session, kind: str, file_name: str, *, user_id: int, now: datetime) -> int:
    """The id of a run whose file is being uploaded."""
    run = ImportRun(
        kind=kind,
        state=ImportState.UPLOADING,
        file_name=file_name,
        size=0,
        user_id=user_id,
        created_at=now,
    )
    with transaction(session):
        session.add(run)
        session.flush()
        return run.id


def keep_pieces(session: Session, run_id: int, stream: BinaryIO, first: int = 0) -> tuple[int, int]:
    """Keep the stream in pieces from the position `first` on; its size, and the position behind its last piece."""
    size, position = 0, first
    while data := stream.read(CHUNK_BYTES):
        size += len(data)
        with transaction(session):
            session.execute(insert(ImportChunk).values(run_id=run_id, position=position, data=data))
        position += 1
    return size, position


def require_run(session: Session, run_id: int) -> ImportRun:
    """The run; raises NotFound."""
    run = session.get(ImportRun, run_id)
    if run is None:
        raise NotFound("There is no such import. It may have been tidied away; upload the file again.")
    return run


def discard(session: Session, run_id: int) -> None:
    """Forget the run and its file as if they had never been here."""
    drop_file(session, run_id)
    with transaction(session):
        session.execute(delete(ImportRun).where(ImportRun.id == run_id))


def drop_file(session: Session, run_id: int) -> None:
    """Delete the run's file piece by piece: SQLite overwrites what it deletes, and nobody should wait for 200 MB."""
    positions = session.scalars(select(ImportChunk.position).where(ImportChunk.run_id == run_id)).all()
    for position in positions:
        with transaction(session):
            session.execute(
                delete(ImportChunk).where(ImportChunk.run_id == run_id, ImportChunk.position == position)
            )


def tidy(session: Session, *, now: datetime) -> None:
    """Drop files that are no longer needed, uploads that nobody began, and rejected rows after their time."""
    stale = select(ImportRun.id).where(
        ImportRun.state.in_(UNSTARTED), ImportRun.created_at < now - UNSTARTED_KEPT
    )
    for run_id in session.scalars(stale).all():
        discard(session, run_id)
    ended = select(ImportRun.id).where(
        ImportRun.state.in_(ENDED), ImportRun.id.in_(select(ImportChunk.run_id).distinct())
    )
    for run_id in session.scalars(ended).all():
        drop_file(session, run_id)
    old = select(ImportRun.id).where(ImportRun.state.in_(ENDED), ImportRun.ended_at < now - REJECTS_KEPT)
    if session.scalar(select(ImportReject.id).where(ImportReject.run_id.in_(old)).limit(1)) is not None:
        with transaction(session):
            session.execute(
                delete(ImportReject)
                .where(ImportReject.run_id.in_(old))
                .execution_options(synchronize_session=False)
            )
