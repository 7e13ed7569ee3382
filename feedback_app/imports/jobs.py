"""What workers do with uploaded files."""

import structlog
from flask import current_app

from feedback_app import clock
from feedback_app.db import db
from feedback_app.errors import Unavailable
from feedback_app.imports import runs, uploads
from feedback_app.imports.delighted import runs as moves
from feedback_app.imports.models import ImportState
from feedback_app.logs import what_failed
from feedback_app.queue import is_stopping, job

# What is done with a run, by its kind.
WORK: dict[str, runs.Work] = {"people": runs.import_people, moves.KIND: moves.move}
log = structlog.get_logger(__name__)


@job
def run_imports() -> None:
    """Carry out the imports that were begun, one after the other, and tidy up behind those that have ended."""
    session = db.session()
    while not is_stopping() and (run_id := runs.claim(session, now=clock.now())) is not None:
        try:
            vault = current_app.extensions["feedback_vault"]
            work = WORK[uploads.require_run(session, run_id).kind]
            runs.carry_out(work, session, run_id, vault=vault, clock=clock.now, is_stopping=is_stopping)
        except Unavailable:
            runs.release(session, run_id)
            raise  # the next run of this job goes on where this one stopped
        except Exception as error:
            log.error("import failed", run_id=run_id, **what_failed(error))
            runs.end(session, run_id, ImportState.FAILED, clock.now(), runs.OUR_MISTAKE)
    uploads.tidy(session, now=clock.now())
