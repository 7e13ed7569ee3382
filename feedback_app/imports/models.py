"""Files that staff have given us, how far we are with them, and the rows that did not fit."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class ImportState(StrEnum):
    UPLOADING = "uploading"  # not all of it is here
    UPLOADED = "uploaded"  # the columns are still to be matched
    WAITING = "waiting"  # for a worker
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ImportRun(Base):
    """One file and what became of its rows."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_state", "state"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # "people"
    state: Mapped[str] = mapped_column(String(10), default=ImportState.UPLOADED)
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    encoding: Mapped[str] = mapped_column(String(40), default="utf-8")
    delimiter: Mapped[str] = mapped_column(String(4), default=",")
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)  # as the file heads them
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # column -> our field
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    bytes_done: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportChunk(Base):
    """A piece of an uploaded file: any worker on any machine can read it."""

    __tablename__ = "import_chunk"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportReject(Base):
    """A row that did not fit: its line in the file, why, and its cells, so that it can be mended and come again."""

    __tablename__ = "import_reject"
    __table_args__ = (Index("ix_import_reject_run", "run_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)  # every fault, a sentence each
    cells: Mapped[list[str]] = mapped_column(JSON)
