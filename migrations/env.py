"""Alembic's environment: our metadata on the application's own engine."""

from alembic import context
from flask import current_app

from feedback_app.db import Base

target_metadata = Base.metadata


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Huey keeps its own tables in the same PostgreSQL database; they are nothing of a migration's."""
    return kind != "table" or not (name or "").startswith("huey_")


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
