"""How far the invitations of a period came, and which of them a response answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, func, select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Invitation, InvitationState
from feedback_app.responses.models import Response, ResponseState


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far the invitations of a period came; each number is part of the one before it."""

    invited: int
    sent: int
    bounced: int  # of the sent ones: came back
    answered: int  # of the sent ones, with a confirmed response
    commented: int  # of the answered ones, with a comment

    @property
    def response_rate(self) -> float | None:
        """Percentage of the mails that arrived which were answered; None if none arrived."""
        arrived = self.sent - self.bounced
        return 100 * self.answered / arrived if arrived else None


_PERIOD: dict[str, BindParameter[Any]] = {
    "survey_id": bindparam("survey_id"),
    "since": bindparam("since"),
    "until": bindparam("until"),
}
_IS_ANSWERED = Response.state == ResponseState.CONFIRMED
_SENT = (
    select(
        func.count(),
        func.coalesce(func.sum(case((Invitation.state == InvitationState.BOUNCED, 1), else_=0)), 0),
        func.coalesce(func.sum(case((_IS_ANSWERED, 1), else_=0)), 0),
        func.coalesce(func.sum(case((_IS_ANSWERED & (Response.comment != ""), 1), else_=0)), 0),
    )
    .select_from(Invitation)
    .outerjoin(Response, Response.invitation_id == Invitation.id)
    .where(
        Invitation.survey_id == _PERIOD["survey_id"],
        Invitation.sent_at >= _PERIOD["since"],
        Invitation.sent_at < _PERIOD["until"],
    )
)
_NOT_SENT = select(func.count()).where(
    Invitation.survey_id == _PERIOD["survey_id"],
    Invitation.sent_at.is_(None),
    Invitation.due_at >= _PERIOD["since"],
    Invitation.due_at < _PERIOD["until"],
)


def funnel(session: Session, survey_id: int, since: datetime, until: datetime) -> Funnel:
    """The survey's funnel for the invitations sent in [since, until), whenever they were answered.

    `invited` has those as well that were due in the period and have not been sent (waiting, refused, cancelled).
    """
    period = {"survey_id": survey_id, "since": since, "until": until}
    sent, bounced, answered, commented = session.execute(_SENT, period).one()
    waiting = session.scalar(_NOT_SENT, period) or 0
    return Funnel(sent + waiting, sent, int(bounced), int(answered), int(commented))


def invitation_of(session: Session, response_id: int) -> Invitation | None:
    """The invitation that a response answers; None for one that came by an open link or the API."""
    return session.scalar(
        select(Invitation)
        .join(Response, Response.invitation_id == Invitation.id)
        .where(Response.id == response_id)
    )
