"""What only a person can decide: mail that may have been delivered, and mail that is not to go out after all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, literal, select, union_all, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import FeedbackError, NotFound
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.states import decidable
from feedback_app.people.models import Person
from feedback_app.staff.models import StaffUser
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey

SEND_WITHIN = timedelta(hours=72)  # of the decision


class AlreadySettled(FeedbackError):
    """Something else has happened to the mail in the meantime."""

    status = 409
    title = "Already settled"

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(
            f"This mail is {state} by now, so nothing was changed. Load the page again to see what became of it."
        )


@dataclass(frozen=True, slots=True)
class UncertainMail:
    """A mail that went out whole without an answer from the server. `id` is the reminder's for a reminder."""

    kind: Kind
    id: int
    invitation_id: int
    survey_id: int
    survey_name: str
    person_id: int
    person_name: str
    email: str | None
    reason: str
    marked_at: datetime | None
    changed_at: datetime


def _uncertain(kind: Kind) -> Select[Any]:
    model: Any = kind.model
    invitation_id = Invitation.id if kind is Kind.SURVEY else model.invitation_id
    found = select(
        literal(kind.value, String).label("kind"),
        model.id.label("id"),
        invitation_id.label("invitation_id"),
        Survey.id.label("survey_id"),
        Survey.name.label("survey_name"),
        Person.id.label("person_id"),
        Person.name.label("person_name"),
        Person.email,
        model.reason,
        model.marked_at,
        model.changed_at,
    )
    found = found.join(Survey, model.survey_id == Survey.id).join(Person, model.person_id == Person.id)
    if kind is Kind.REMINDER:  # an answer has settled what the reminder was for
        found = found.join(Invitation, Invitation.id == model.invitation_id).where(
            Invitation.answered_at.is_(None)
        )
    return found.where(model.state == State.UNCERTAIN)


_BOTH = union_all(*(_uncertain(kind) for kind in Kind)).subquery()
_LATEST_FIRST = select(_BOTH).order_by(_BOTH.c.changed_at.desc(), _BOTH.c.kind.desc(), _BOTH.c.id.desc())


def uncertain_mail(session: Session, limit: int = 200) -> Sequence[UncertainMail]:
    """What waits for a decision, latest first."""
    rows = session.execute(_LATEST_FIRST.limit(limit))
    return [UncertainMail(Kind(kind), *rest) for kind, *rest in rows]


def resend(session: Session, row_id: int, *, user_id: int, now: datetime, kind: Kind = Kind.SURVEY) -> None:
    """Send an uncertain mail again, under the same Message-ID; the person may then have it twice.

    Raises NotFound, or AlreadySettled if it is not uncertain any more.
    """
    why = "{who} decided to send it again."
    values = {"due_at": now, "expires_at": now + SEND_WITHIN, "marked_at": None}
    _decide(session, kind, row_id, State.SCHEDULED, why, "resent", user_id, now, **values)


def count_as_sent(
    session: Session, row_id: int, *, user_id: int, now: datetime, kind: Kind = Kind.SURVEY
) -> None:
    """Take an uncertain mail for sent when its last byte went out. Raises NotFound or AlreadySettled."""
    why = "{who} decided that it was sent."
    sent_at = kind.table.c.marked_at
    _decide(session, kind, row_id, State.SENT, why, "counted_as_sent", user_id, now, sent_at=sent_at)


def cancel(
    session: Session,
    row_id: int,
    *,
    user_id: int | None,
    by: str = "",
    now: datetime,
    kind: Kind = Kind.SURVEY,
) -> None:
    """Do not send what is scheduled. Raises NotFound or AlreadySettled (a worker may have it in hand).

    `by` says who decided, where that is nobody of staff.
    """
    why = f"{by} cancelled it." if by else "{who} cancelled it."
    _decide(session, kind, row_id, State.CANCELLED, why, "cancelled", user_id, now)


def _decide(
    session: Session,
    kind: Kind,
    row_id: int,
    state: State,
    why: str,
    action: str,
    user_id: int | None,
    now: datetime,
    **more: Any,
) -> None:
    """One audited step, if the mail is still where a person may take it."""
    table = kind.table
    with transaction(session):
        values = {"state": state, "reason": why.format(who=_name_of(session, user_id)), "changed_at": now}
        step = update(table).where(table.c.id == row_id, table.c.state.in_(decidable(state)))
        if session.execute(step.values(**values, **more)).rowcount != 1:  # type: ignore[attr-defined]
            found = session.scalar(select(table.c.state).where(table.c.id == row_id))
            raise NotFound("There is no such mail.") if found is None else AlreadySettled(found)
        subject = "reminder" if kind is Kind.REMINDER else "invitation"
        record_audit(session, user_id, f"{subject}.{action}", subject, row_id, {}, now)


def _name_of(session: Session, user_id: int | None) -> str:
    user = session.get(StaffUser, user_id) if user_id is not None else None
    return user.name[:80] if user is not None and user.name else f"User {user_id}"
