"""What workers do with responses: fold them into the histogram."""

from flask import current_app

from feedback_app.db import db
from feedback_app.queue import is_stopping, job
from feedback_app.responses import days, histogram


@job
def fold_histogram() -> None:
    """Fold responses that are new or changed into the daily histogram, until none is due.

    If the workspace's time zone was changed, they are first brought to its days.
    """
    zone = current_app.extensions["feedback_settings"].zone
    while not is_stopping() and days.move_days(db.session(), zone):
        pass
    while not is_stopping() and histogram.fold_batch(db.session()):
        pass
