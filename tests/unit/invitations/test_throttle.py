"""Nobody is asked too often: the days around every invitation that counts."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from feedback_app.db import db
from feedback_app.invitations.models import InvitationState
from feedback_app.invitations.throttle import _INVITED, Asked, Throttle, throttle
from tests.factories import NOON


def asked(days_ago: float, survey_id: int = 7, invitation_id: int = 1) -> Asked:
    return Asked(invitation_id, survey_id, NOON - timedelta(days=days_ago))


def until(*earlier: Asked, survey_days: int = 30, overall_days: int = 7) -> datetime | None:
    found = throttle(earlier, 7, at=NOON, survey_days=survey_days, overall_days=overall_days)
    return found and found.until


def test_the_same_survey_waits_for_its_own_days() -> None:
    assert until(asked(29)) == NOON + timedelta(days=1)
    assert until(asked(30)) is None


def test_another_survey_waits_for_the_overall_days() -> None:
    assert until(asked(6, survey_id=8)) == NOON + timedelta(days=1)
    assert until(asked(7, survey_id=8)) is None
    assert until(asked(0, survey_id=8), overall_days=0) is None


def test_the_longer_of_both_counts_for_the_same_survey() -> None:
    assert until(asked(5), survey_days=1) == NOON + timedelta(days=2)
    assert until(asked(0), survey_days=0, overall_days=0) is None


def test_an_invitation_that_is_due_later_counts_too() -> None:
    assert until(asked(-2)) == NOON + timedelta(days=32)


def test_an_invitation_that_is_due_far_in_the_future_leaves_room_until_then() -> None:
    assert until(asked(-7, survey_id=8)) is None
    assert until(asked(-6.9, survey_id=8)) == NOON + timedelta(days=13.9)
    assert until(asked(-30)) is None


def test_the_end_is_free_of_every_other_invitation_too() -> None:
    """The limit of the first ends on the fourth day, the second is due on the fifth: both are over on the twelfth."""
    found = throttle(
        [asked(3, 8, invitation_id=1), asked(-5, 8, invitation_id=2)],
        7,
        at=NOON,
        survey_days=30,
        overall_days=7,
    )
    assert found == Throttle(NOON + timedelta(days=12), 2, is_of_others=True)


def test_it_is_told_whether_the_survey_stands_in_its_own_way() -> None:
    def is_of_others(*earlier: Asked) -> bool:
        found = throttle(earlier, 7, at=NOON, survey_days=30, overall_days=7)
        assert found is not None
        return found.is_of_others

    assert is_of_others(asked(1, survey_id=8))
    assert not is_of_others(asked(1, survey_id=8), asked(29, survey_id=7))
    assert not is_of_others(asked(1, survey_id=8), asked(-20, survey_id=7), asked(-8, survey_id=9))


def test_of_several_the_one_that_lasts_longest_is_told() -> None:
    found = throttle(
        [asked(20, invitation_id=1), asked(1, 8, invitation_id=2)], 7, at=NOON, survey_days=30, overall_days=7
    )
    assert found == Throttle(NOON + timedelta(days=10), 1)


def test_a_survey_of_which_we_were_only_told_stands_in_the_way_too() -> None:
    told = Asked(None, 7, NOON - timedelta(days=10))
    limit = throttle([told], 7, at=NOON, survey_days=30, overall_days=7)
    assert limit is not None
    assert limit.reason == "Not before 2026-12-10 12:00 UTC, because of a survey sent before we knew of it."


@pytest.mark.only("sqlite")
def test_what_five_hundred_people_got_is_found_by_the_people_and_not_among_all_mails(
    session: Session,
) -> None:
    query = _INVITED.params(people=list(range(1, 501)), states=list(InvitationState))
    shown = query.compile(db.engine, compile_kwargs={"literal_binds": True, "render_postcompile": True})
    plan = [step[3] for step in session.execute(text(f"EXPLAIN QUERY PLAN {shown}"))]
    assert len(plan) == 1
    assert "ix_invitation_person" in plan[0]
