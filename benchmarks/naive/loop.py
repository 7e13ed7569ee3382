"""A naive sender with the product's commits: a claim for fifty mails, then two for each, before and after it."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    select,
    update,
)

BATCH = 50

metadata = MetaData()
mail = Table(
    "naive_mail",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(12)),
    Column("due_at", DateTime(timezone=True)),
    Column("marked_at", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True)),
    Index("ix_naive_mail_due", "state", "due_at"),
)


def fill(engine: Engine, count: int) -> None:
    """That many mails that are due."""
    metadata.create_all(engine)
    row = {"state": "scheduled", "due_at": datetime.now(UTC)}
    with engine.begin() as connection:
        connection.execute(insert(mail), [row] * count)


def send_all(engine: Engine, send: Callable[[], None]) -> int:
    """Send what is due and commit like the product; gives how many were sent."""
    sent = 0
    while ids := claim(engine):
        for row in ids:
            note(engine, row, marked_at=datetime.now(UTC))
            send()
            note(engine, row, state="sent", sent_at=datetime.now(UTC))
        sent += len(ids)
    return sent


def claim(engine: Engine) -> list[int]:
    due = select(mail.c.id).where(mail.c.state == "scheduled").order_by(mail.c.due_at).limit(BATCH)
    with engine.begin() as connection:
        ids = list(connection.scalars(due))
        connection.execute(update(mail).where(mail.c.id.in_(ids)).values(state="sending"))
    return ids


def note(engine: Engine, row: int, **values: object) -> None:
    """One durable commit about one mail."""
    with engine.begin() as connection:
        connection.execute(update(mail).where(mail.c.id == row).values(**values))
