"""The `feedback` command: our commands first, then Flask's own (db, routes, shell).

Commands load when they are called, so that `feedback tag --jsonl` starts without Flask.
"""

import sys
from importlib import import_module
from typing import Any

import click

# command -> the module of this package that holds it
COMMANDS = {
    "demo": "demo",
    "serve": "serve",
    "worker": "serve",
    "users": "users",
    "surveys": "surveys",
    "triggers": "triggers",
    "keys": "keys",
    "people": "people",
    "migrate": "migrate",
    "responses": "responses",
    "mail": "mail",
    "tag": "tag",
    "redact": "redact",
    "reindex": "reindex",
    "doctor": "doctor",
}


class FeedbackGroup(click.Group):
    """Loads a command's module when the command is called; unknown ones are Flask's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *self._flask(ctx).list_commands(ctx)} - {"run"})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            module = import_module(f"feedback_app.cli.{COMMANDS[name]}")
            return getattr(module, name)
        command: click.Command | None = self._flask(ctx).get_command(ctx, name)
        return command

    def _flask(self, ctx: click.Context) -> Any:
        from flask.cli import FlaskGroup, ScriptInfo

        from feedback_app.app import create_app

        # Else Flask looks for an application in the folder that the command happens to be called in.
        ctx.obj = ctx.obj or ScriptInfo(create_app=create_app)
        return FlaskGroup(create_app=create_app, add_version_option=False)


@click.group(cls=FeedbackGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="feedback-app", prog_name="feedback")
def feedback() -> None:
    """Ask customers at the right moment, understand the answer, act on it.

    Start here: feedback demo
    """


def main() -> None:
    """Run the command; a user's mistake is one sentence on stderr and exit code 1, never a traceback."""
    try:
        feedback(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        from feedback_app.config import SettingError  # here, for tagging lines of JSON needs no settings

        is_setting = isinstance(error, SettingError)
        if not is_setting and not is_a_users_mistake(error):
            raise
        click.echo(f"Error: {error}", err=True)
        sys.exit(2 if is_setting else 1)


def is_a_users_mistake(error: Exception) -> bool:
    from feedback_app.errors import FeedbackError

    return isinstance(error, FeedbackError)
