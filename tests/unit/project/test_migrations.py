"""Models match migrations; migrations go up and down, and each says why, how safe it is and what going back does."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from feedback_app.app import create_app
from feedback_app.db import Base, db
from feedback_app.schema import newest_revision, schema_problem
from feedback_app.search.tables import is_of_index
from tests.conftest import close, make_settings

VERSIONS = sorted((Path(__file__).resolve().parents[3] / "migrations" / "versions").glob("*.py"))


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Huey keeps its own tables in the same PostgreSQL database, and the search index has no models."""
    table = name or ""
    return kind != "table" or not (table.startswith("huey_") or is_of_index(table))


def test_models_match_migrations(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_says_why_whether_it_is_safe_and_what_going_back_does(path: Path) -> None:
    notes = path.read_text().split('"""')[1]
    assert re.match(r"\d{4}_[a-z_0-9]+\.py", path.name)
    for note in ("Why:", "Safe:", "Back:"):
        assert re.search(rf"^{note}\s+\S", notes, re.MULTILINE), f"{path.name} has no note {note}"


def test_the_newest_migration_is_the_one_that_alembic_ends_with() -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS[0].parent.parent))
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


@pytest.mark.only("sqlite")
def test_sqlite_goes_up_down_and_up_again(tmp_path: Path, database: str) -> None:
    up_down_and_up(tmp_path, f"sqlite:///{tmp_path / 'fresh.db'}")


@pytest.mark.only("postgresql")
def test_postgresql_goes_up_down_and_up_again(tmp_path: Path, database: str) -> None:
    import psycopg

    plain = database.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS up_and_down")
        connection.execute("CREATE DATABASE up_and_down")
    up_down_and_up(tmp_path, database.replace("/postgres?", "/up_and_down?"))


def up_down_and_up(folder: Path, url: str) -> None:
    app = create_app(make_settings(folder / "instance", url))
    with app.app_context():
        assert "empty" in (schema_problem(db.engine) or "")
        upgrade()
        assert schema_problem(db.engine) is None
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert set(Base.metadata.tables) <= set(inspect(db.engine).get_table_names())
    close(app)
