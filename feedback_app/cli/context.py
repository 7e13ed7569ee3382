"""What every command that needs the database begins with."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from flask import Flask

Command = TypeVar("Command", bound=Callable[..., Any])


def ready_app() -> "Flask":
    """The application, once its database is known to be at this release's schema; else one sentence and exit 1."""
    from sqlalchemy.exc import OperationalError

    from feedback_app.app import create_app
    from feedback_app.db import db
    from feedback_app.people.services import address_key_problem
    from feedback_app.schema import schema_problem

    app = create_app(migrates=False)
    with app.app_context():
        try:
            trouble = schema_problem(db.engine) or address_key_problem(
                db.session(), app.extensions["feedback_vault"]
            )
        except OperationalError as error:
            trouble = f"The database cannot be opened: {error.orig}. FEEDBACK_DATABASE_URL says where it is."
        db.session.remove()
        db.engine.dispose()
    if trouble:
        raise click.ClickException(trouble)
    return app


def address_key_trouble(app: "Flask") -> str | None:
    """Why nobody must be written to: the keys do not know the suppression list. None too if there is none to read.

    For servers that start before their database does; /readyz says what else is wrong with it.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from feedback_app.db import db
    from feedback_app.errors import Unavailable
    from feedback_app.people.services import address_key_problem

    with app.app_context():
        try:
            return address_key_problem(db.session(), app.extensions["feedback_vault"])
        except (SQLAlchemyError, Unavailable):
            return None
        finally:
            db.session.remove()
            db.engine.dispose()  # a server that forks must not share it


def with_database(command: Command) -> Command:
    """Run the command inside an application context of a ready application."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with ready_app().app_context():
            return command(*args, **kwargs)

    return run  # type: ignore[return-value]
