"""What `feedback doctor` asks of the search index: is it kept, and does it hold what there is?"""

from collections.abc import Iterator, Mapping

from feedback_app.cli.findings import Finding
from feedback_app.config import Settings
from feedback_app.search.kinds import Kind

REBUILD = "Run: feedback reindex"


def check_search(settings: Settings) -> Iterator[Finding]:
    """Nothing, if the database is not ready; its own check says so."""
    from feedback_app.app import create_app
    from feedback_app.db import db
    from feedback_app.schema import schema_problem
    from feedback_app.search import tables

    try:
        with create_app(settings).app_context():
            if schema_problem(db.engine) is None:
                with db.engine.connect() as connection:
                    lost = tables.missing_triggers(connection)
                    wanting = {kind: tables.wanting(connection, kind) for kind in Kind}
                yield search_finding(lost, wanting)
            db.engine.dispose()
    except Exception:
        return


def search_finding(lost: list[str], wanting: Mapping[Kind, int]) -> Finding:
    """What is to be said of an index that lost these triggers and lacks so many rows of each kind."""
    if lost:
        return Finding("Search", f"is not kept any more: {', '.join(lost)} is gone", REBUILD)
    parts = [f"{abs(n):,} {kind} rows too {'few' if n > 0 else 'many'}" for kind, n in wanting.items() if n]
    if parts:
        return Finding("Search", f"does not agree with the texts: {', '.join(parts)}", REBUILD)
    return Finding("Search", "the index holds every comment, note and person")
