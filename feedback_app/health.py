"""For operators: is it alive, is it ready, and what do its numbers say."""

import hmac
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text

from feedback_app.access import anyone
from feedback_app.config import LOOPBACK, Settings
from feedback_app.db import db, reading
from feedback_app.invitations.models import Event, EventState, Invitation, Reminder
from feedback_app.responses.models import Response as Answer

BY_STATE: dict[str, Any] = {"invitations": Invitation, "reminders": Reminder, "responses": Answer}
PROBE_BYTES = 65_536  # a transaction's worth

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@anyone("load balancers ask without credentials; it says only that the process lives")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@bp.get("/readyz")
@anyone("load balancers ask without credentials; it says only whether answers can be stored")
def readyz() -> Any:
    """Ready when the database answers, can be written, and has the schema that this release was written for."""
    from feedback_app.schema import schema_problem

    try:
        trouble = schema_problem(db.engine) or writing_problem()
    except Exception as error:
        trouble = f"the database does not answer ({type(error).__name__})"
    if trouble:
        return {"status": "not ready", "detail": trouble}, 503, {"Retry-After": "10"}
    return {"status": "ready"}


def writing_problem() -> str | None:
    """Why nothing could be stored just now, or None. Nothing is written to the database itself: this is a GET."""
    engine = db.engine
    if engine.dialect.name == "sqlite":
        return disk_problem(Path(str(engine.url.database)).parent)
    with reading() as connection:
        is_standby = connection.scalar(text("SELECT pg_is_in_recovery()"))
    return "the database is a standby that takes no writes" if is_standby else None


def disk_problem(folder: Path) -> str | None:
    """Why a database in that folder could not grow, or None; tried out with a file that is gone at once."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
    except OSError as error:
        return f"the database's disk cannot be written ({error.strerror})"
    return None


@bp.get("/metrics")
@anyone("answers only loopback or the bearer of FEEDBACK_METRICS_TOKEN")
def metrics() -> Response:
    """Prometheus text: invitations, reminders and responses by state; events and comments that wait."""
    settings: Settings = current_app.extensions["feedback_settings"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    knows_token = bool(settings.metrics_token) and hmac.compare_digest(
        given.encode(), settings.metrics_token.encode()
    )
    if not knows_token and (settings.metrics_token or request.remote_addr not in LOOPBACK):
        abort(404)
    registry = CollectorRegistry()
    waiting = Gauge("feedback_waiting", "Rows that a worker has yet to take", ["work"], registry=registry)
    with reading() as connection:
        for name, model in BY_STATE.items():
            gauge = Gauge(f"feedback_{name}", f"{name.capitalize()} by state", ["state"], registry=registry)
            for state, count in connection.execute(select(model.state, func.count()).group_by(model.state)):
                gauge.labels(state).set(count)
        waiting.labels("events").set(count_of(connection, Event.state == EventState.RECEIVED, Event))
        waiting.labels("comments").set(
            count_of(connection, (Answer.tagged_at.is_(None)) & (Answer.comment != ""), Answer)
        )
        waiting.labels("histogram").set(count_of(connection, Answer.fold_due, Answer))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def count_of(connection: Any, condition: Any, model: Any) -> int:
    return int(connection.scalar(select(func.count()).select_from(model).where(condition)))
