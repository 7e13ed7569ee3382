"""How far campaigns and plans are, and whom a campaign would reach."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Campaign, CampaignMember, Plan, PlanMember
from feedback_app.invitations.models import Invitation, LedgerEntry, Outcome
from feedback_app.surveys.models import Survey


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is: its people, those it came to, and what became of these."""

    total: int
    done: int
    outcomes: dict[str, int]  # by Outcome
    states: dict[str, int]  # of the invited, by InvitationState

    @property
    def percent(self) -> int:
        """Of the people whom the campaign has come to, rounded down: 100 is said only when it is all."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def invited(self) -> int:
        return self.outcomes.get(Outcome.INVITED, 0)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan with its survey, how many people are on it, and the first turn to come."""

    plan: Plan
    survey: Survey
    people: int
    next_at: datetime | None


def campaigns_with_surveys(session: Session, limit: int = 100) -> list[tuple[Campaign, Survey]]:
    """The newest campaigns."""
    rows = session.execute(
        select(Campaign, Survey)
        .join(Survey, Survey.id == Campaign.survey_id)
        .order_by(Campaign.id.desc())
        .limit(limit)
    )
    return [(campaign, survey) for campaign, survey in rows]


def progress(session: Session, campaign: Campaign) -> Progress:
    """How far the campaign is; from the ledger, so that page and ledger never differ."""
    left = session.scalar(select(func.count()).where(CampaignMember.campaign_id == campaign.id)) or 0
    outcomes = session.execute(
        select(LedgerEntry.outcome, func.count())
        .where(LedgerEntry.campaign_id == campaign.id)
        .group_by(LedgerEntry.outcome)
    )
    states = session.execute(
        select(Invitation.state, func.count())
        .join(LedgerEntry, LedgerEntry.invitation_id == Invitation.id)
        .where(LedgerEntry.campaign_id == campaign.id)
        .group_by(Invitation.state)
    )
    return Progress(campaign.total, campaign.total - left, counted(outcomes), counted(states))


def counted(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Counts by name, the largest first."""
    return dict(sorted(((name, count) for name, count in rows), key=lambda row: -row[1]))


def plan_lines(session: Session) -> list[PlanLine]:
    """Every plan, by the name of its survey."""
    members = (
        select(
            PlanMember.plan_id, func.count().label("people"), func.min(PlanMember.next_at).label("next_at")
        )
        .group_by(PlanMember.plan_id)
        .subquery()
    )
    rows = session.execute(
        select(Plan, Survey, func.coalesce(members.c.people, 0), members.c.next_at)
        .join(Survey, Survey.id == Plan.survey_id)
        .outerjoin(members, members.c.plan_id == Plan.id)
        .order_by(Survey.name)
    )
    return [PlanLine(plan, survey, people, next_at) for plan, survey, people, next_at in rows]


def turns_by_day(
    session: Session, plan_id: int, zone: ZoneInfo, *, since: datetime, days: int
) -> dict[date, int]:
    """How many turns come on each of the coming days, the ones without any included."""
    first = since.astimezone(zone).date()
    until = since + timedelta(days=days)
    moments = session.scalars(
        select(PlanMember.next_at).where(
            PlanMember.plan_id == plan_id, PlanMember.next_at >= since, PlanMember.next_at < until
        )
    )
    counts = Counter(moment.astimezone(zone).date() for moment in moments)
    return {day: counts[day] for day in (first + timedelta(days=ahead) for ahead in range(days))}
