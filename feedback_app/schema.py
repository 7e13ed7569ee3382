"""Is the database the one that this release was written for?"""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from feedback_app.config import PROJECT


def migrations_folder() -> Path:
    """`migrations/` of a checkout, or the copy that travels inside the wheel."""
    checkout = PROJECT / "migrations"
    return checkout if checkout.exists() else Path(__file__).parent / "_migrations"


def templates_folder() -> Path:
    """`templates/` of a checkout, or the copy that travels inside the wheel."""
    checkout = PROJECT / "templates"
    return checkout if checkout.exists() else Path(__file__).parent / "_templates"


def newest_revision() -> str:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    return str(ScriptDirectory.from_config(config).get_current_head())


def schema_problem(engine: Engine) -> str | None:
    """One sentence on what is wrong with the schema, or None if nothing is."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == newest_revision():
        return None
    if current is None:
        return "The database is empty; run: feedback db upgrade"
    return f"The database is at {current}, this release needs {newest_revision()}; run: feedback db upgrade"
