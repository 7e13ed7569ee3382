"""What workers do for the API."""

from feedback_app import clock
from feedback_app.api.v1.idempotency import forget_old_answers
from feedback_app.db import db
from feedback_app.queue import job


@job
def forget_answers() -> None:
    """Forget the answers that were kept for repeated requests, once nobody repeats them any more."""
    forget_old_answers(db.session(), now=clock.now())
