"""How far the invitations of a period came."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from feedback_app.invitations.models import InvitationState as State
from feedback_app.responses.funnel import Funnel, funnel, invitation_of
from feedback_app.responses.models import ResponseState
from feedback_app.surveys.models import Survey
from tests.factories import NOON, make_invitation, make_response, make_survey

WEEK = (NOON - timedelta(days=7), NOON)


def asked(session: Session, survey: Survey, at: datetime = NOON - timedelta(days=1), **given: Any) -> int:
    return make_invitation(session, survey_id=survey.id, sent_at=at, **given).id


def answer(session: Session, survey: Survey, invitation_id: int, **given: Any) -> int:
    return make_response(session, survey_id=survey.id, invitation_id=invitation_id, **given).id


def test_each_step_counts_those_that_came_so_far(session: Session) -> None:
    survey = make_survey(session)
    asked(session, survey)
    asked(session, survey, state=State.BOUNCED)
    answer(session, survey, asked(session, survey))
    answer(session, survey, asked(session, survey), comment="Quick and kind")
    make_invitation(
        session, survey_id=survey.id, sent_at=None, state=State.CANCELLED, due_at=NOON - timedelta(days=2)
    )
    found = funnel(session, survey.id, *WEEK)
    assert found == Funnel(invited=5, sent=4, bounced=1, answered=2, commented=1)
    assert found.response_rate == 100 * 2 / 3


def test_the_period_is_that_of_sending_whenever_the_answer_came(session: Session) -> None:
    survey = make_survey(session)
    late = asked(session, survey, at=WEEK[0])
    answer(session, survey, late, created_at=NOON + timedelta(days=30))
    asked(session, survey, at=WEEK[1])  # the end is not part of it
    asked(session, survey, at=WEEK[0] - timedelta(seconds=1))
    assert funnel(session, survey.id, *WEEK) == Funnel(1, 1, 0, 1, 0)


def test_unconfirmed_and_suspect_answers_are_none(session: Session) -> None:
    survey = make_survey(session)
    for state in (ResponseState.UNCONFIRMED, ResponseState.SUSPECT):
        answer(session, survey, asked(session, survey), state=state, comment="?")
    assert funnel(session, survey.id, *WEEK) == Funnel(2, 2, 0, 0, 0)


def test_other_surveys_and_open_links_are_left_out(session: Session) -> None:
    survey, other = make_survey(session), make_survey(session)
    answer(session, other, asked(session, other))
    make_response(session, survey_id=survey.id)
    assert funnel(session, survey.id, *WEEK) == Funnel(0, 0, 0, 0, 0)
    assert funnel(session, survey.id, *WEEK).response_rate is None


def test_a_response_knows_its_invitation(session: Session) -> None:
    survey = make_survey(session)
    invitation_id = asked(session, survey)
    found = invitation_of(session, answer(session, survey, invitation_id))
    assert found is not None
    assert found.id == invitation_id
    assert invitation_of(session, make_response(session, survey_id=survey.id).id) is None
