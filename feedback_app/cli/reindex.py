"""feedback reindex: build the search index anew."""

import click


@click.command()
def reindex() -> None:
    """Build the search index of comments, notes and people anew.

    It keeps itself true; this is for what `feedback doctor` finds. Answers wait meanwhile on SQLite, a few minutes for
    a million comments.
    """
    from feedback_app.cli.context import with_database

    @with_database
    def run() -> None:
        from feedback_app.db import db, transaction
        from feedback_app.search import tables

        with transaction(db.session()) as session:
            tables.rebuild(session.connection())
            tables.add_triggers(session.connection())
        click.echo("The search index is built anew.")

    run()
