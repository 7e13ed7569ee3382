"""An installation of the product in a folder of its own, filled with as many rows as a measurement needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from benchmarks.load import ROOT
from benchmarks.servers import Server, free_port, product_command
from feedback_app.app import create_app
from feedback_app.config import Settings
from feedback_app.db import Base, db, transaction
from feedback_app.invitations.models import Invitation, InvitationState
from feedback_app.people.models import Person
from feedback_app.surveys.models import Survey

SECRET = "a secret of the benchmarks, 32 characters or more"
BATCH = 5_000


@dataclass(frozen=True)
class Installation:
    """One installation: its folder and its database."""

    folder: Path
    url: str

    @property
    def settings(self) -> Settings:
        return Settings(
            instance=self.folder,
            database_url=self.url,
            secret_key=SECRET,
            mail_from="surveys@northlight.example",
        )

    @property
    def environ(self) -> dict[str, str]:
        """The same settings for a command."""
        given = {field.name: field.metadata["env"] for field in fields(Settings)}
        names = ("instance", "database_url", "secret_key", "mail_from", "base_url")
        return {given[name]: str(getattr(self.settings, name)) for name in names}

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The application in this process, with its context pushed."""
        app = create_app(self.settings)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    def server(self) -> Server:
        """The web server as it is shipped, not yet started."""
        port = free_port()
        return Server(product_command(port), port, self.environ, self.folder / "web.log")


def install(folder: Path, url: str) -> Installation:
    """An installation at the newest schema, with one NPS survey and nobody to ask."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Installation(folder, url)
    with made.app():
        upgrade(directory=str(ROOT / "migrations"))
    open_survey(made)
    return made


def open_survey(installation: Installation) -> None:
    """Add the survey that everybody is asked."""
    with installation.app(), transaction(db.session()) as session:
        session.add(a_survey())


def a_survey() -> Survey:
    """NPS, from 0 to 10."""
    now = datetime.now(UTC)
    return Survey(
        slug="nps",
        name="Relationship",
        metric_key="nps",
        points=11,
        brand="Northlight",
        created_at=now,
        updated_at=now,
    )


def invite(installation: Installation, count: int) -> list[str]:
    """That many sent invitations, each to a person of its own; gives their answer tokens."""
    with installation.app() as app:
        links = app.extensions["feedback_links"]
        with transaction(db.session()) as session:
            ids = add_invitations(session, count, state=InvitationState.SENT)
        return [links.answer_token(row) for row in ids]


def add_invitations(session: Session, count: int, *, state: InvitationState) -> range:
    """Bulk rows inside the caller's transaction; gives the invitations' ids."""
    survey_id = session.scalar(select(func.min(Survey.id)))
    last_person = session.scalar(select(func.coalesce(func.max(Person.id), 0))) or 0
    last = session.scalar(select(func.coalesce(func.max(Invitation.id), 0))) or 0
    people = range(last_person + 1, last_person + 1 + count)
    ids = range(last + 1, last + 1 + count)
    connection = session.connection()
    add_rows(connection, Person, (a_person(row) for row in people))
    pairs = zip(ids, people, strict=True)
    add_rows(connection, Invitation, (an_invitation(row, person, survey_id, state) for row, person in pairs))
    advance_numbers(connection, Person, Invitation)
    return ids


def a_person(row: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    email = f"person{row}@example.org"
    return {
        "id": row,
        "email": email,
        "email_key": email,
        "name": f"Ana Number {row}",
        "locale": "en",
        "properties": {"plan": "pro"},
        "created_at": now,
        "updated_at": now,
    }


def an_invitation(row: int, person: int, survey_id: int | None, state: InvitationState) -> dict[str, Any]:
    """An invitation as if it had been sent (or is due since) an hour ago."""
    now = datetime.now(UTC)
    before = now - timedelta(hours=1)
    return {
        "id": row,
        "survey_id": survey_id,
        "person_id": person,
        "state": state,
        "context": {"agent": "Sam", "topic": "Export fails"},
        "created_at": before,
        "changed_at": before,
        "due_at": before,
        "expires_at": now + timedelta(days=30),
        "sent_at": before if state is InvitationState.SENT else None,
    }


def add_rows(connection: Connection, model: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows in batches, through Core."""
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            connection.execute(insert(model), batch)
            batch = []
    if batch:
        connection.execute(insert(model), batch)


def advance_numbers(connection: Connection, *models: type[Base]) -> None:
    """Let PostgreSQL's sequences go on behind the ids that we chose."""
    if connection.dialect.name == "sqlite":
        return
    for model in models:
        table = model.__tablename__
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
