"""Coming to the members of running campaigns, a few at a time, so that a pause holds the others."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Campaign, CampaignMember, CampaignState
from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.invitations.asking import Ask, ask
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry
from feedback_app.invitations.states import PENDING
from feedback_app.invitations.windows import SendingWindow
from feedback_app.surveys.models import Survey, SurveyState

AHEAD = timedelta(seconds=60)  # a campaign with a rate is asked for one minute in advance
MOST_WAITING = 200  # of a campaign without one: mail that is due and not sent yet
BATCH = 200


@dataclass(frozen=True, slots=True)
class Fed:
    """What one look at a campaign came to: how many it came to, when their mail is due, and whether to look again."""

    people: int
    due: tuple[datetime, ...] = ()
    is_going_on: bool = False


def running_campaigns(session: Session) -> list[int]:
    """The campaigns that may have somebody to come to."""
    return list(session.scalars(select(Campaign.id).where(Campaign.state == CampaignState.RUNNING)))


def feed(session: Session, campaign_id: int, *, vault: Vault, zone: ZoneInfo, now: datetime) -> Fed:
    """Come to the next members of a campaign, as many as its rate allows now, in one transaction."""
    with transaction(session):
        campaign = session.scalar(
            select(Campaign).where(Campaign.id == campaign_id).with_for_update(skip_locked=True)
        )
        if campaign is None or not _may_go_on(session, campaign, zone, now):
            return Fed(0)
        slots = _slots(session, campaign, now)
        people = _next_members(session, campaign.id, len(slots))
        window = SendingWindow.of_json(campaign.window)
        asks = [
            Ask(person_id, campaign.survey_id, max(slot, now), window, campaign_id=campaign.id)
            for person_id, slot in zip(people, slots, strict=False)
        ]
        asked = ask(session, asks, vault=vault, zone=zone, now=now)
        _forget(session, campaign.id, people)
        is_over = len(people) < len(slots)
        if is_over:
            campaign.state, campaign.ended_at = CampaignState.FINISHED, now
        elif campaign.per_hour and people:
            campaign.next_slot_at = slots[-1] + interval(campaign.per_hour)
    due = tuple(one.due_at for one in asked if one.due_at is not None)
    return Fed(len(people), due, is_going_on=not is_over)


def interval(per_hour: int) -> timedelta:
    """From one person to the next."""
    return timedelta(hours=1) / per_hour


def _may_go_on(session: Session, campaign: Campaign, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the campaign is running, has begun, its survey is open, and its hours are now."""
    if campaign.state != CampaignState.RUNNING or (campaign.starts_at and campaign.starts_at > now):
        return False
    if session.get_one(Survey, campaign.survey_id).state == SurveyState.PAUSED:
        return False
    window = SendingWindow.of_json(campaign.window)
    return window is None or window.is_open(now, zone)


def _slots(session: Session, campaign: Campaign, now: datetime) -> list[datetime]:
    """When the next members are asked: one interval after the other, or at once as long as mail leaves."""
    if campaign.per_hour is None:
        return [now] * min(BATCH, max(0, MOST_WAITING - _waiting(session, campaign.id, now)))
    first = max(campaign.next_slot_at or now, now - AHEAD)  # an hour that was missed is not made up for
    count = math.floor((now + AHEAD - first) / interval(campaign.per_hour)) + 1
    return [first + number * interval(campaign.per_hour) for number in range(min(BATCH, max(0, count)))]


def _waiting(session: Session, campaign_id: int, now: datetime) -> int:
    waiting = (
        select(func.count())
        .select_from(LedgerEntry)
        .join(Invitation, Invitation.id == LedgerEntry.invitation_id)
        .where(
            LedgerEntry.campaign_id == campaign_id,
            Invitation.state.in_(PENDING),
            (Invitation.due_at <= now) | (Invitation.state == InvitationState.SENDING),
        )
    )
    return session.scalar(waiting) or 0


def _next_members(session: Session, campaign_id: int, limit: int) -> list[int]:
    members = select(CampaignMember.person_id).where(CampaignMember.campaign_id == campaign_id)
    return list(session.scalars(members.order_by(CampaignMember.person_id).limit(limit)))


def _forget(session: Session, campaign_id: int, people: list[int]) -> None:
    session.execute(
        delete(CampaignMember)
        .where(CampaignMember.campaign_id == campaign_id, CampaignMember.person_id.in_(people))
        .execution_options(synchronize_session=False)
    )
