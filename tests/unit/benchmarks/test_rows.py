"""Bulk rows are rows that the product itself could have made."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from benchmarks.product import a_survey
from benchmarks.rows import add_invitations, add_responses
from feedback_app.db import transaction
from feedback_app.invitations.models import Invitation, InvitationState
from feedback_app.responses.funnel import funnel
from feedback_app.responses.histogram import rating_counts
from feedback_app.responses.models import Response
from tests.factories import make_invitation, make_response


def add_survey(session) -> int:
    with transaction(session):
        session.add(survey := a_survey())
        session.flush()
        return survey.id


def test_invitations_go_to_people_of_their_own_and_leave_room_for_more(session):
    survey_id = add_survey(session)
    with transaction(session):
        ids = add_invitations(session, 3, state=InvitationState.SENT)
    people = session.scalars(select(Invitation.person_id).where(Invitation.id.in_(ids))).all()
    assert len(set(people)) == 3
    assert make_invitation(session, survey_id=survey_id).id > ids[-1]


def test_each_response_answers_an_invitation_of_its_own_if_wanted(session):
    survey_id = add_survey(session)
    with transaction(session):
        ids = add_responses(session, 30, invited=True)
    assert session.scalar(select(func.count(Response.invitation_id.distinct()))) == len(ids) == 30
    now = datetime.now(UTC)
    whole = funnel(session, survey_id, now - timedelta(days=800), now + timedelta(days=1))
    assert (whole.sent, whole.answered, whole.commented) == (30, 30, 30)


def test_the_histogram_agrees_with_bulk_responses(session):
    survey_id = add_survey(session)
    with transaction(session):
        ids = add_responses(session, 500)
    rows = session.execute(select(Response.rating, func.count()).group_by(Response.rating)).all()
    assert sum(count for _, count in rows) == len(ids) == 500
    assert rating_counts(session, survey_id, since=None, until=None) == {row[0]: row[1] for row in rows}
    make_response(session, survey_id=survey_id)
    assert session.scalar(select(func.count(Response.id))) == 501
