"""Who is on a survey's plan, as programs see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Plan, PlanMember
from feedback_app.db import UtcDateTime, transaction
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry
from feedback_app.invitations.states import PENDING

LEFT_BECAUSE = "taken off the plan"
UPDATED_AT: ColumnElement[datetime] = func.coalesce(
    PlanMember.updated_at, PlanMember.added_at, type_=UtcDateTime()
)
_OF_PLAN = (
    select(func.min(Invitation.id))
    .join(LedgerEntry, LedgerEntry.invitation_id == Invitation.id)
    .where(
        LedgerEntry.plan_id == PlanMember.plan_id,
        Invitation.person_id == PlanMember.person_id,
        Invitation.state.in_(PENDING),
    )
    .correlate(PlanMember)
    .scalar_subquery()
)
_MEMBERS: Any = (
    select(
        PlanMember.id,
        PlanMember.person_id,
        PlanMember.properties,
        PlanMember.next_at,
        PlanMember.added_at,
        UPDATED_AT.label("updated_at"),
        Invitation.id.label("invitation_id"),
        Invitation.created_at.label("invited_at"),
        Invitation.due_at,
        Invitation.properties.label("invitation_properties"),
    )
    .select_from(PlanMember)
    .outerjoin(Invitation, Invitation.id == _OF_PLAN)
)


def plan_of(connection: Connection, survey_id: int) -> Row[Any] | None:
    """The survey's plan; None if it never had one."""
    columns = (Plan.id, Plan.active, Plan.cadence_days, Plan.created_at, Plan.updated_at)
    query: Any = select(*columns).where(Plan.survey_id == survey_id)
    plan: Row[Any] | None = connection.execute(query).one_or_none()
    return plan


def members_after(
    connection: Connection,
    plan_id: int,
    *,
    after: int = 0,
    person_id: int | None = None,
    updated_since: datetime | None = None,
    limit: int,
) -> list[Row[Any]]:
    """Members in the order in which they joined, each with the invitation that is scheduled for them, if one is."""
    rows = _MEMBERS.where(PlanMember.plan_id == plan_id, PlanMember.id > after)
    if person_id is not None:
        rows = rows.where(PlanMember.person_id == person_id)
    if updated_since is not None:
        rows = rows.where(updated_since <= UPDATED_AT)
    return list(connection.execute(rows.order_by(PlanMember.id).limit(limit)))


def cancel_turns(session: Session, plan_id: int, people: Sequence[int], *, now: datetime) -> None:
    """Cancel what the plan has scheduled for these people."""
    of_plan = select(LedgerEntry.invitation_id).where(
        LedgerEntry.plan_id == plan_id, LedgerEntry.person_id.in_(people)
    )
    with transaction(session):
        session.execute(
            update(Invitation)
            .where(Invitation.id.in_(of_plan), Invitation.state == InvitationState.SCHEDULED)
            .values(state=InvitationState.CANCELLED, reason=LEFT_BECAUSE, changed_at=now)
            .execution_options(synchronize_session=False)
        )
