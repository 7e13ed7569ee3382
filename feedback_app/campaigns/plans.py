"""Plans (Autopilot): set up, joined and left, and everybody's turn when it comes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Plan, PlanMember, PlanMode
from feedback_app.campaigns.turns import WEEK, Cadence
from feedback_app.db import insert_into, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.states import PENDING, REACHED
from feedback_app.invitations.throttle import asked
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.people.filters import PeopleFilter, matching
from feedback_app.people.models import Person
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey, SurveyState

LONGEST_CADENCE = 730
BATCH = 500
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """How a plan goes about it; `next_at` is everybody's next turn with AT_ONCE, and means nothing else."""

    cadence_days: int
    mode: PlanMode = PlanMode.SPREAD
    window: SendingWindow = SendingWindow(BUSINESS_DAYS)
    next_at: datetime | None = None


def set_plan(
    session: Session,
    survey_id: int,
    terms: PlanTerms,
    *,
    zone: ZoneInfo,
    user_id: int | None,
    now: datetime,
) -> int:
    """Make the survey's plan, at first inactive, or change it; return its id. Raises Invalid or NotFound.

    Members keep their next turn, unless everybody is asked at once from now on.
    """
    _check(terms, now)
    with transaction(session):
        survey = session.get(Survey, survey_id)
        if survey is None or survey.state == SurveyState.CLOSED:
            raise NotFound("The survey is closed or gone, so nothing was saved. Choose another one.")
        plan = session.scalar(select(Plan).where(Plan.survey_id == survey_id).with_for_update())
        if plan is None:
            plan = Plan(survey_id=survey_id, created_at=now, active=False)
            session.add(plan)
        plan.mode, plan.cadence_days = terms.mode, terms.cadence_days
        plan.window, plan.updated_at = terms.window.to_json(), now
        plan.next_at = None
        if terms.mode is PlanMode.AT_ONCE and terms.next_at:
            plan.next_at = terms.window.next_open(terms.next_at, zone)
        session.flush()
        if plan.next_at:
            moved = update(PlanMember).where(PlanMember.plan_id == plan.id).values(next_at=plan.next_at)
            session.execute(moved.execution_options(synchronize_session=False))
        detail = {"cadence_days": plan.cadence_days, "mode": plan.mode}
        record_audit(session, user_id, "plan.set", "plan", plan.id, detail, now)
        return plan.id


def activate_plan(
    session: Session, plan_id: int, *, zone: ZoneInfo, user_id: int | None, now: datetime
) -> None:
    """Let turns come. Those that passed meanwhile are spread anew, so that nobody is asked all at once."""
    with transaction(session):
        plan = _plan(session, plan_id)
        if plan.active:
            return
        missed = _missed(session, plan, now)
        days = min(plan.cadence_days, max(WEEK, (now - plan.updated_at).days))
        if plan.mode == PlanMode.AT_ONCE:
            turns = [_next_at_once(plan, zone, now)] * len(missed)
        else:
            turns = cadence_of(plan, zone, days=days).spread(len(missed), start=now) if missed else []
        for member_id, turn in zip(missed, turns, strict=True):
            session.execute(update(PlanMember).where(PlanMember.id == member_id).values(next_at=turn))
        plan.active, plan.updated_at = True, now
        record_audit(session, user_id, "plan.activated", "plan", plan.id, {}, now)


def deactivate_plan(session: Session, plan_id: int, *, user_id: int | None, now: datetime) -> None:
    """Let no turn come until the plan is active again; its members stay."""
    with transaction(session):
        plan = _plan(session, plan_id)
        plan.active, plan.updated_at = False, now
        record_audit(session, user_id, "plan.deactivated", "plan", plan.id, {}, now)


def join_plan(
    session: Session,
    plan_id: int,
    people: Mapping[int, Mapping[str, Any]],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> int:
    """Put people on the plan, each with their properties for the wording; return how many are new on it.

    Who is on it keeps their turn and gets the new properties. Whom the survey has asked within the cadence, by
    whatever way, has their turn a cadence after that.
    """
    with transaction(session):
        plan = _plan(session, plan_id)
        before = session.scalar(select(func.count()).where(PlanMember.plan_id == plan.id)) or 0
        turns = _first_turns(session, plan, list(people), before, zone, now)
        rows = [
            {
                "plan_id": plan.id,
                "person_id": person_id,
                "properties": dict(properties),
                "next_at": turns[person_id],
                "added_at": now,
                "updated_at": now,
            }
            for person_id, properties in people.items()
        ]
        joined = insert_into(session, PlanMember)
        joined = joined.on_conflict_do_update(
            index_elements=[PlanMember.plan_id, PlanMember.person_id],
            set_={"properties": joined.excluded.properties, "updated_at": now},
        )
        for begin in range(0, len(rows), BATCH):
            session.connection().execute(joined, rows[begin : begin + BATCH])
        after = session.scalar(select(func.count()).where(PlanMember.plan_id == plan.id)) or 0
        return after - before


def join_audience(
    session: Session,
    plan_id: int,
    audience: PeopleFilter,
    *,
    zone: ZoneInfo,
    user_id: int | None,
    now: datetime,
) -> int:
    """Put everybody who fits the filter on the plan, spread as one; return how many are new on it."""
    people = dict.fromkeys(session.scalars(matching(audience).order_by(Person.id)), NOTHING)
    added = join_plan(session, plan_id, people, zone=zone, now=now)
    with transaction(session):
        record_audit(session, user_id, "plan.joined", "plan", plan_id, {"people": added}, now)
    return added


def leave_plan(
    session: Session, plan_id: int, people: Collection[int], *, user_id: int | None, now: datetime
) -> int:
    """Take people off the plan; return how many were on it. What was scheduled for them stays."""
    with transaction(session):
        left: Any = session.execute(
            delete(PlanMember)
            .where(PlanMember.plan_id == plan_id, PlanMember.person_id.in_(list(people)))
            .execution_options(synchronize_session=False)
        )
        record_audit(session, user_id, "plan.left", "plan", plan_id, {"people": int(left.rowcount)}, now)
        return int(left.rowcount)


def cadence_of(plan: Plan, zone: ZoneInfo, *, days: int | None = None) -> Cadence:
    """The plan's cadence, or with its window and zone one of so many days."""
    window = SendingWindow.of_json(plan.window) or SendingWindow()
    return Cadence(days or plan.cadence_days, window, zone)


def number_of(plan: Plan, person_id: int) -> int:
    """By which a person's turn is moved off a closed day: everybody alike, if all are asked at once."""
    return 0 if plan.mode == PlanMode.AT_ONCE else person_id


def _first_turns(
    session: Session, plan: Plan, people: Sequence[int], before: int, zone: ZoneInfo, now: datetime
) -> dict[int, datetime]:
    cadence = cadence_of(plan, zone)
    if plan.mode == PlanMode.AT_ONCE:
        turns = [_next_at_once(plan, zone, now)] * len(people)
    else:
        turns = cadence.spread(len(people), start=now, before=before) if people else []
    found = dict(zip(people, turns, strict=True))
    for person_id, at in last_asked(session, plan.survey_id, people).items():
        found[person_id] = max(found[person_id], cadence.following(at, number_of(plan, person_id)))
    return found


def last_asked(session: Session, survey_id: int, people: Collection[int]) -> dict[int, datetime]:
    """When the survey last went, or is to go, to each of these people, by whatever way; without those it never did."""
    found: dict[int, datetime] = {}
    ids = list(people)
    for begin in range(0, len(ids), BATCH):
        batch = asked(session, ids[begin : begin + BATCH], (*PENDING, *REACHED))
        for person_id, earlier in batch.items():
            moments = [one.at for one in earlier if one.survey_id == survey_id]
            if moments:
                found[person_id] = max(moments)
    return found


def _missed(session: Session, plan: Plan, now: datetime) -> list[int]:
    members = select(PlanMember.id).where(PlanMember.plan_id == plan.id, PlanMember.next_at < now)
    return list(session.scalars(members.order_by(PlanMember.next_at, PlanMember.id)))


def _next_at_once(plan: Plan, zone: ZoneInfo, now: datetime) -> datetime:
    """Everybody's next turn; the first one that is not over."""
    cadence = cadence_of(plan, zone)
    turn = plan.next_at or cadence.window.next_open(now, zone)
    while turn < now:
        turn = cadence.following(turn, 0)
    plan.next_at = turn
    return turn


def _check(terms: PlanTerms, now: datetime) -> None:
    if not WEEK <= terms.cadence_days <= LONGEST_CADENCE:
        raise Invalid(f"The cadence must be from {WEEK} to {LONGEST_CADENCE} days; nothing was saved.")
    if terms.mode is PlanMode.AT_ONCE:
        if terms.next_at is None:
            raise Invalid("To ask everybody at once, say when; nothing was saved.")
        if terms.next_at < now - timedelta(minutes=1):
            raise Invalid("The time to ask everybody is over, so nothing was saved. Choose a later one.")


def _plan(session: Session, plan_id: int) -> Plan:
    plan = session.get(Plan, plan_id, with_for_update=True)
    if plan is None:
        raise NotFound("There is no such plan, so nothing was changed.")
    return plan
