"""Reading everything again: asked for on a page, done by a worker, counted for whoever waits for it."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.sentiment import Tag
from feedback_app.sentiment.guard import TaggerFailed
from feedback_app.staff.models import AuditEntry
from feedback_app.tagging.again import ask_to_tag_again, is_asked_to_tag_again, mark_if_asked
from feedback_app.tagging.batches import Tally, tag_batch, untagged_count
from tests.factories import make_response, make_user

BAD = Tag(tagger="words", version="2", label="negative", polarity=-0.5)


class Reader:
    """Finds everything bad, and fails on one."""

    def tag_many(self, texts: Sequence[str]) -> list[Tag | TaggerFailed]:
        return [TaggerFailed("it raised") if text == "odd" else BAD for text in texts]


def test_a_worker_makes_every_comment_due_once_it_is_asked_for(session: Session, now: datetime) -> None:
    make_response(session, comment="Fine", sentiment="positive", tagged_at=now)
    assert (mark_if_asked(session), untagged_count(session)) == (False, 0)
    user = make_user(session).id
    ask_to_tag_again(session, user_id=user, now=now)
    assert is_asked_to_tag_again(session)
    assert (mark_if_asked(session), untagged_count(session)) == (True, 1)
    assert (is_asked_to_tag_again(session), mark_if_asked(session)) == (False, False)
    assert (
        session.scalar(select(AuditEntry.action).where(AuditEntry.user_id == user)) == "comments.tagged_again"
    )


@pytest.mark.only("sqlite")
def test_a_tally_says_what_changed_what_people_keep_and_what_failed(session: Session, now: datetime) -> None:
    for words, label, source in [
        ("was bad", "negative", "words"),
        ("was good", "positive", "words"),
        ("a person said so", "positive", "person"),
        ("odd", "neutral", "words"),
    ]:
        make_response(session, comment=words, sentiment=label, sentiment_source=source)
    tally = Tally()
    assert tag_batch(session, reader=Reader(), now=now, tally=tally) == 4
    assert tally == Tally(changed=1, kept=1, failed=1)
