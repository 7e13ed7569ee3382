"""What pages and commands ask about invitations and triggers."""

from datetime import timedelta

from sqlalchemy.orm import Session

from feedback_app.invitations.queries import all_triggers, invitations_of_person
from tests.factories import NOON, make_invitation, make_person, make_source, make_survey, make_trigger


def test_a_person_s_invitations_come_newest_first_and_no_more_than_asked_for(session: Session) -> None:
    dana, other = make_person(session), make_person(session)
    made = [
        make_invitation(session, person_id=dana.id, sent_at=NOON - timedelta(days=n)).id for n in (3, 1, 2)
    ]
    make_invitation(session, person_id=other.id)
    assert [one.id for one in invitations_of_person(session, dana.id, limit=2)] == [made[1], made[2]]


def test_triggers_come_with_their_source_and_survey(session: Session) -> None:
    source, survey = make_source(session), make_survey(session)
    made = [make_trigger(session, source_id=source.id, survey_id=survey.id).id for _ in range(2)]
    assert [(t.id, s.id, v.id) for t, s, v in all_triggers(session)] == [
        (trigger_id, source.id, survey.id) for trigger_id in made
    ]
