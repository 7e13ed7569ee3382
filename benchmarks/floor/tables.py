"""The floor's tables, and rows to begin with."""

import secrets
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
)

metadata = MetaData()
invitation = Table(
    "floor_invitation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", String(40), unique=True),
    Column("brand", String(80)),
    Column("created_at", DateTime(timezone=True)),
    Column("answered_at", DateTime(timezone=True)),
)
response = Table(
    "floor_response",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invitation_id", Integer, unique=True),
    Column("rating", Integer),
    Column("comment", Text),
    Column("created_at", DateTime(timezone=True), index=True),
)
event = Table(
    "floor_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", String(200), unique=True),
    Column("body", LargeBinary),
    Column("received_at", DateTime(timezone=True)),
)
kept_elsewhere = Table(
    "floor_api_response",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer),
    Column("rating", Integer),
    Column("comment", Text),
    Column("properties", JSON),
    Column("created_at", DateTime(timezone=True), index=True),
)
daily = Table(
    "floor_daily",
    metadata,
    Column("day", Date, primary_key=True),
    Column("rating", Integer, primary_key=True),
    Column("responses", Integer),
)


def fill(engine: Engine, invitations: int) -> list[str]:
    """Make the tables and this many invitations; gives their tokens."""
    metadata.create_all(engine)
    tokens = [secrets.token_urlsafe(24) for _ in range(invitations)]
    now = datetime.now(UTC)
    rows = [{"token": token, "brand": "Northlight", "created_at": now} for token in tokens]
    with engine.begin() as connection:
        connection.execute(insert(invitation), rows)
    return tokens
