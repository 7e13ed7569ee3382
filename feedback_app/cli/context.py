"""What every command that needs the database begins with."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def with_database(command: Command) -> Command:
    """Run the command inside an application context, once the database is at this release's schema."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from feedback_app.app import create_app
        from feedback_app.db import db
        from feedback_app.schema import schema_problem

        app = create_app()
        with app.app_context():
            if trouble := schema_problem(db.engine):
                raise click.ClickException(trouble)
            return command(*args, **kwargs)

    return run  # type: ignore[return-value]
