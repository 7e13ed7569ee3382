"""Is the database the one that this release was written for?

Web processes ask too, and Alembic is as large as the rest of them: only what migrates loads it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from feedback_app.config import PROJECT, Settings

if TYPE_CHECKING:
    from flask import Flask


def migrations_folder() -> Path:
    """The copy of `migrations/` that travels inside the wheel, else the checkout's."""
    return _inside_or_beside("migrations")


def templates_folder() -> Path:
    """The copy of `templates/` that travels inside the wheel, else the checkout's."""
    return _inside_or_beside("templates")


def _inside_or_beside(name: str) -> Path:
    inside = Path(__file__).parent / f"_{name}"
    return inside if inside.exists() else PROJECT / name


def prepare_migrations(app: "Flask", settings: Settings) -> None:
    """Make Flask-Migrate know our folder: for `feedback db` and whatever else migrates."""
    from flask_migrate import Migrate

    from feedback_app.db import db

    Migrate(
        app, db, directory=str(migrations_folder()), compare_type=True, render_as_batch=settings.is_sqlite
    )


def newest_revision() -> str:
    """The number of the newest migration, which its file's name begins with (a test keeps them in step)."""
    return max(path.name for path in (migrations_folder() / "versions").glob("[0-9]*.py")).split("_")[0]


def schema_problem(engine: Engine) -> str | None:
    """One sentence on what is wrong with the schema, or None if nothing is."""
    with engine.connect() as connection:
        current = None
        if inspect(connection).has_table("alembic_version"):
            current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if current == newest_revision():
        return None
    if current is None:
        return "The database is empty; run: feedback db upgrade"
    return f"The database is at {current}, this release needs {newest_revision()}; run: feedback db upgrade"
