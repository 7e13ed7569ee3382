"""What a worker does about learning and about reading all again, from the rows alone."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.clock import now
from feedback_app.tagging import jobs
from feedback_app.tagging.again import ask_to_tag_again
from feedback_app.tagging.batches import untagged_count
from feedback_app.tagging.learning import learning, switch_learning
from feedback_app.tagging.models import OwnModel
from feedback_app.tagging.own_models import Trained
from feedback_app.tagging.pairs import Pair
from feedback_app.tagging.tagger_in_use import Reading
from tests.factories import make_response, make_survey

pytestmark = pytest.mark.only("sqlite")


def test_learning_trains_on_the_own_comments_against_the_tagger_in_use(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = make_survey(session).id
    for rating in (3, 8, 10):
        make_response(session, survey_id=survey, rating=rating, comment="Words of a customer")
    seen = []

    def trial(pairs: Sequence[Pair], rival: Reading, *, is_stopping: Callable[[], bool]) -> Trained:
        seen.append((len(pairs), rival, is_stopping()))
        return Trained(b"weights", 2, 1, {}, rival.name)

    monkeypatch.setattr(jobs, "run_trial", trial)
    monkeypatch.setattr("feedback_app.tagging.pairs.FEWEST", 3)
    monkeypatch.setattr("feedback_app.tagging.pairs.FEWEST_OF_A_LABEL", 1)
    jobs.learn_at_home.run()
    assert seen == []  # it is not switched on
    switch_learning(session, True, user_id=None, now=now())
    jobs.learn_at_home.run()
    jobs.learn_at_home.run()  # and not due again
    assert seen == [(3, Reading("lexigram"), False)]
    session.rollback()
    assert (learning(session).came_to, session.scalar(select(OwnModel.state))) == ("proposed", "proposed")


def test_reading_all_again_is_done_once_when_asked(session: Session) -> None:
    make_response(session, comment="Fine", tagged_at=now())
    jobs.tag_everything_again.run()
    assert untagged_count(session) == 0
    ask_to_tag_again(session, user_id=None, now=now())
    jobs.tag_everything_again.run()
    assert untagged_count(session) == 1
