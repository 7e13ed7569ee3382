"""Alembic's environment: our metadata on the application's own engine."""

from alembic import context
from flask import current_app

from feedback_app.db import Base
from feedback_app.search.tables import is_of_index

target_metadata = Base.metadata


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Huey keeps its own tables in the same PostgreSQL database, and the search index has no models."""
    table = name or ""
    return kind != "table" or not (table.startswith("huey_") or is_of_index(table))


def run() -> None:
    """Each migration in a transaction of its own, so that a crash leaves the schema at one of its steps."""
    engine = current_app.extensions["migrate"].db.engine
    arguments = current_app.extensions["migrate"].configure_args
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            transaction_per_migration=True,
            transactional_ddl=True,
            include_name=is_ours,
            **arguments,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
