"""The few facts about the installation itself that live in its database."""

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback_app.db import Base, insert_into


class WorkspaceFact(Base):
    """One named fact, for example the time zone that the histogram was folded in."""

    __tablename__ = "workspace_fact"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


def fact(session: Session, name: str) -> Any:
    """The value kept under `name`, None if there is none."""
    row = session.get(WorkspaceFact, name)
    return None if row is None else row.value


def keep_fact(session: Session, name: str, value: Any) -> None:
    """Keep `value` under `name`, within the caller's transaction; of two who do so at once, the later one's stays."""
    keeping = insert_into(session, WorkspaceFact).values(name=name, value=value)
    keeping = keeping.on_conflict_do_update(
        index_elements=[WorkspaceFact.name], set_={"value": keeping.excluded.value}
    )
    session.scalars(keeping.returning(WorkspaceFact), execution_options={"populate_existing": True}).one()
