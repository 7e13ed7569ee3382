"""What `feedback doctor` says of webhook endpoints that stand still."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from feedback_app.cli.findings import Finding
from feedback_app.config import Settings

if TYPE_CHECKING:
    from feedback_app.ledger.attention import StandingEndpoint


def check_webhooks(settings: Settings) -> Iterator[Finding]:
    """Nothing, if the database is not ready; its own check says so."""
    from feedback_app.app import create_app
    from feedback_app.db import db
    from feedback_app.ledger.attention import standing_endpoints
    from feedback_app.schema import schema_problem

    try:
        with create_app(settings).app_context():
            standing = standing_endpoints(db.session()) if schema_problem(db.engine) is None else ()
            db.session.remove()
            db.engine.dispose()
    except Exception:
        return
    yield from webhook_findings(standing, settings.base_url)


def webhook_findings(standing: Sequence["StandingEndpoint"], base_url: str) -> Iterator[Finding]:
    """One for each endpoint, with its page."""
    for endpoint in standing:
        page = f"{base_url}/settings/webhooks/{endpoint.id}"
        if endpoint.is_stopped:
            says, advice = "is stopped", f"It gets nothing until somebody lets it go on: {page}"
        else:
            says, advice = "is paused after several failures", f"It is tried again by itself; see {page}"
        yield Finding(f"Webhook '{endpoint.name}'", f"{says}: {endpoint.reason}", advice)
