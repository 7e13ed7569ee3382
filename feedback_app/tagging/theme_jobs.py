"""What workers do about themes: look for new rules in the comments that are there."""

from feedback_app.db import db
from feedback_app.queue import is_stopping, job
from feedback_app.tagging.batches import shared_tagger
from feedback_app.themes.walking import left_to_walk, walk_on


@job
def apply_themes() -> None:
    """Look for the rules that are new in all comments, until none is due."""
    session = db.session()
    while not is_stopping() and left_to_walk(session) and walk_on(session, shared_tagger()):
        pass
