"""An installation of the product in a folder of its own, and people who were asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from benchmarks.load import ROOT
from benchmarks.rows import add_invitations
from benchmarks.servers import WORKERS, Server, free_port, product_command
from feedback_app.app import create_app
from feedback_app.config import Settings
from feedback_app.db import db, transaction
from feedback_app.invitations.models import InvitationState
from feedback_app.surveys.models import Survey

SECRET = "a secret of the benchmarks with 32 characters or more"


@dataclass(frozen=True)
class Installation:
    """One installation: its folder and its database."""

    folder: Path
    url: str
    smtp_url: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(
            instance=self.folder,
            database_url=self.url,
            secret_key=SECRET,
            smtp_url=self.smtp_url,
            mail_from="surveys@northlight.example",
        )

    @property
    def environ(self) -> dict[str, str]:
        """The same settings for a command."""
        given = {field.name: field.metadata["env"] for field in fields(Settings)}
        names = ("instance", "database_url", "secret_key", "mail_from", "base_url", "smtp_url")
        return {given[name]: str(getattr(self.settings, name)) for name in names}

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The application in this process, with its context pushed."""
        app = create_app(self.settings)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    def server(self, workers: int = WORKERS) -> Server:
        """The web server as it is shipped, not yet started."""
        port = free_port()
        return Server(product_command(port, workers), port, self.environ, self.folder / "web.log")


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
