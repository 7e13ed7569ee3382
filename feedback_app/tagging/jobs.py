"""What workers do about tags: read new comments, read all again when asked, and learn at night."""

from functools import partial

from flask import current_app

from feedback_app import clock
from feedback_app.db import db
from feedback_app.queue import is_stopping, job, nudge
from feedback_app.tagging import again, batches, learning
from feedback_app.tagging.tagger_in_use import reads_now
from feedback_app.tagging.trial_process import run_trial


@job
def tag_new_comments() -> None:
    """Tag the comments that nobody has read yet, oldest first, until none is due."""
    while not is_stopping() and batches.tag_batch(db.session()):
        pass


@job
def tag_everything_again() -> None:
    """Make every comment due again, if somebody asked for that."""
    if again.mark_if_asked(db.session()):
        nudge(tag_new_comments)


@job
def learn_at_home() -> None:
    """Train on this installation's own comments if it is switched on and due: at night, or when asked for."""
    session, zone = db.session(), current_app.extensions["feedback_settings"].zone
    if not learning.learning(session).is_due(clock.now(), zone):
        return
    rival = reads_now()
    learning.train_if_due(
        session,
        partial(run_trial, rival=rival),
        base=f"{rival.name} {rival.called}".strip(),
        zone=zone,
        is_stopping=is_stopping,
    )
