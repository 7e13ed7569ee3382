"""Uncertain mail waits for a decision; nothing but a person's sends it again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.errors import NotFound
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Invitation, Reminder
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.uncertain import (
    AlreadySettled,
    cancel,
    count_as_sent,
    resend,
    uncertain_mail,
)
from feedback_app.staff.models import AuditEntry, Role
from tests.factories import NOON, keep, make_invitation, make_user

LATER = NOON + timedelta(days=5)


def make_uncertain(session: Session, **given: Any) -> Invitation:
    given = {"state": State.UNCERTAIN, "sent_at": None, "marked_at": NOON, "attempts": 2} | given
    return make_invitation(session, **given)


def make_reminder(session: Session, invitation: Invitation, **given: Any) -> Reminder:
    defaults = {
        "invitation_id": invitation.id,
        "survey_id": invitation.survey_id,
        "person_id": invitation.person_id,
        "created_at": NOON,
        "changed_at": NOON,
        "due_at": NOON,
        "expires_at": NOON + timedelta(hours=72),
    }
    return keep(session, Reminder(**defaults | given))


def test_uncertain_mail_of_both_kinds_is_listed_latest_first(session: Session) -> None:
    first = make_uncertain(session, changed_at=NOON, reason="No answer.")
    asked = make_invitation(session)
    reminder = make_reminder(
        session, asked, state=State.UNCERTAIN, changed_at=NOON + timedelta(hours=1), marked_at=NOON
    )
    make_invitation(session)
    found = uncertain_mail(session)
    assert [(one.kind, one.id, one.invitation_id) for one in found] == [
        (Kind.REMINDER, reminder.id, asked.id),
        (Kind.SURVEY, first.id, first.id),
    ]
    assert (found[1].survey_name, found[1].person_name, found[1].reason) == (
        "Relationship",
        "Ada Lind",
        "No answer.",
    )
    assert (found[1].marked_at, found[1].changed_at) == (NOON, NOON)


def test_a_reminder_that_was_followed_by_an_answer_needs_no_decision(session: Session) -> None:
    answered = make_invitation(session, state=State.ANSWERED, answered_at=NOON)
    make_reminder(session, answered, state=State.UNCERTAIN)
    assert uncertain_mail(session) == []


def test_a_person_may_send_it_again_and_the_audit_says_who(session: Session) -> None:
    lead = make_user(session, Role.LEAD, name="Lena Ott")
    invitation = make_uncertain(session)
    resend(session, invitation.id, user_id=lead.id, now=LATER)
    session.refresh(invitation)
    assert (invitation.state, invitation.due_at, invitation.expires_at) == (
        State.SCHEDULED,
        LATER,
        LATER + timedelta(hours=72),
    )
    assert (invitation.attempts, invitation.marked_at, invitation.reason) == (
        2,
        None,
        "Lena Ott decided to send it again.",
    )
    [line] = session.scalars(select(AuditEntry))
    assert (line.user_id, line.action, line.subject_kind, line.subject_id, line.at) == (
        lead.id,
        "invitation.resent",
        "invitation",
        invitation.id,
        LATER,
    )


def test_a_person_may_take_it_for_sent_at_the_moment_of_its_last_byte(session: Session) -> None:
    lead = make_user(session, Role.LEAD, name="")
    invitation = make_uncertain(session)
    count_as_sent(session, invitation.id, user_id=lead.id, now=LATER)
    session.refresh(invitation)
    assert (invitation.state, invitation.sent_at, invitation.changed_at) == (State.SENT, NOON, LATER)
    assert invitation.reason == f"User {lead.id} decided that it was sent."


def test_what_is_scheduled_can_be_cancelled(session: Session) -> None:
    lead = make_user(session, Role.LEAD, name="Lena Ott")
    invitation = make_invitation(session, sent_at=None)
    cancel(session, invitation.id, user_id=lead.id, now=LATER)
    session.refresh(invitation)
    assert (invitation.state, invitation.reason) == (State.CANCELLED, "Lena Ott cancelled it.")


def test_a_reminder_is_decided_about_in_the_same_way(session: Session) -> None:
    lead = make_user(session, Role.LEAD, name="Lena Ott")
    asked = make_invitation(session)
    reminder = make_reminder(session, asked, state=State.UNCERTAIN, marked_at=NOON)
    resend(session, reminder.id, user_id=lead.id, now=LATER, kind=Kind.REMINDER)
    session.refresh(reminder)
    session.refresh(asked)
    assert (reminder.state, asked.state) == (State.SCHEDULED, State.SENT)
    assert session.scalar(select(AuditEntry.action)) == "reminder.resent"


@pytest.mark.parametrize("step", [resend, count_as_sent])
@pytest.mark.parametrize("state", [State.SENT, State.SENDING, State.ANSWERED, State.BOUNCED])
def test_what_was_settled_meanwhile_is_left_alone(step: Any, state: State, session: Session) -> None:
    lead = make_user(session, Role.LEAD)
    invitation = make_invitation(session, state=state)
    with pytest.raises(AlreadySettled) as refused:
        step(session, invitation.id, user_id=lead.id, now=LATER)
    assert refused.value.state == state
    session.refresh(invitation)
    assert (invitation.state, invitation.reason) == (state, "")
    assert session.scalar(select(AuditEntry)) is None


@pytest.mark.parametrize("state", [State.SENDING, State.SENT, State.UNCERTAIN])
def test_what_a_worker_has_in_hand_cannot_be_cancelled(state: State, session: Session) -> None:
    invitation = make_invitation(session, state=state)
    with pytest.raises(AlreadySettled):
        cancel(session, invitation.id, user_id=1, now=LATER)


def test_what_is_gone_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        resend(session, 404, user_id=1, now=LATER)
