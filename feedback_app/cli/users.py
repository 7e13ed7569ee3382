"""feedback users: staff accounts."""

import click

from feedback_app.cli.context import with_database

ROLES = ("viewer", "csm", "lead", "admin")


@click.group()
def users() -> None:
    """Staff accounts."""


@users.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What this person may do.")
@click.option("--name", default="", help="The name that colleagues see.")
@with_database
def add(email: str, role: str, name: str) -> None:
    """Add EMAIL (or give an existing account this role) and print a one-time sign-in link."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.staff.models import Role
    from feedback_app.staff.services import add_user, sign_in_link

    user_id = add_user(db.session(), email, role=Role[role.upper()], name=name, now=now())
    click.echo(sign_in_link(db.session(), user_id, now=now()))


@users.command()
@click.argument("email")
@with_database
def deactivate(email: str) -> None:
    """Close the account of EMAIL: its sessions end at once, what it did stays."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.staff.services import deactivate_user

    deactivate_user(db.session(), email, now=now())
    click.echo(f"{email} can no longer sign in.")
