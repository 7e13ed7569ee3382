"""Asking those on a plan whose turn has come, and giving each the next one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Plan, PlanMember, PlanMode
from feedback_app.campaigns.plans import cadence_of, last_asked, number_of
from feedback_app.campaigns.turns import Cadence
from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.invitations.asking import Ask, Asking, ask
from feedback_app.invitations.models import Outcome
from feedback_app.invitations.throttle import overall_days
from feedback_app.surveys.models import Survey, SurveyState

BATCH = 200


def active_plans(session: Session) -> list[int]:
    """The plans whose turns may come."""
    return list(session.scalars(select(Plan.id).where(Plan.active).order_by(Plan.id)))


def take_turns(
    session: Session, plan_id: int, *, vault: Vault, zone: ZoneInfo, now: datetime
) -> tuple[int, list[datetime]]:
    """Ask those whose turn has come, at most BATCH; return how many those were, and when their mail is due.

    A survey that reserves its turn is scheduled as early as the overall limit reaches, so that a frequent survey
    finds the turn taken. Somebody whom the survey has asked by another way meanwhile has their turn a cadence after
    that; somebody whom a limit protects has it when the limit ends.
    """
    with transaction(session):
        plan = session.scalar(select(Plan).where(Plan.id == plan_id).with_for_update(skip_locked=True))
        if plan is None or not plan.active:
            return 0, []
        survey = session.get_one(Survey, plan.survey_id)
        if survey.state == SurveyState.PAUSED:
            return 0, []
        ahead = timedelta(days=overall_days(session)) if survey.reserves_turn else timedelta(0)
        members = _whose_turn_it_is(session, plan, now + ahead)
        cadence = cadence_of(plan, zone)
        ready = _postponed(session, plan, members, cadence)
        asks = [
            Ask(
                member.person_id,
                plan.survey_id,
                max(member.next_at, now),
                cadence.window,
                plan_id=plan.id,
                context=member.properties,
                properties=member.properties,
            )
            for member in ready
        ]
        asked = ask(session, asks, vault=vault, zone=zone, now=now)
        for member, one in zip(ready, asked, strict=True):
            member.next_at = _next_turn(plan, member, one, cadence, zone, now)
            member.updated_at = now
        if plan.mode == PlanMode.AT_ONCE and plan.next_at and plan.next_at <= now:
            plan.next_at = cadence.following(plan.next_at, 0)
    return len(members), [one.due_at for one in asked if one.due_at is not None]


def _whose_turn_it_is(session: Session, plan: Plan, until: datetime) -> list[PlanMember]:
    members = select(PlanMember).where(PlanMember.plan_id == plan.id, PlanMember.next_at <= until)
    return list(session.scalars(members.order_by(PlanMember.next_at, PlanMember.id).limit(BATCH)))


def _postponed(session: Session, plan: Plan, members: list[PlanMember], cadence: Cadence) -> list[PlanMember]:
    """Those who are really to be asked; the others were asked by another way, and get a later turn."""
    earlier = last_asked(session, plan.survey_id, [member.person_id for member in members])
    ready = []
    for member in members:
        at = earlier.get(member.person_id)
        later = at and cadence.following(at, number_of(plan, member.person_id))
        if later and later > member.next_at:
            member.next_at = later
        else:
            ready.append(member)
    return ready


def _next_turn(
    plan: Plan, member: PlanMember, asked: Asking, cadence: Cadence, zone: ZoneInfo, now: datetime
) -> datetime:
    if asked.verdict.outcome is Outcome.THROTTLED and asked.verdict.until is not None:
        return cadence.window.next_open(max(asked.verdict.until, now), zone)
    turn = max(member.next_at, now - timedelta(days=1))
    return cadence.following(turn, number_of(plan, member.person_id))
