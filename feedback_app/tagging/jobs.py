"""What workers do about tags: read new comments."""

from feedback_app.db import db
from feedback_app.queue import is_stopping, job
from feedback_app.tagging import batches


@job
def tag_new_comments() -> None:
    """Tag the comments that nobody has read yet, oldest first, until none is due."""
    while not is_stopping() and batches.tag_batch(db.session()):
        pass
