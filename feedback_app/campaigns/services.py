"""Campaigns: drafted, started, paused, gone on with and stopped; each change is noted in the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Campaign, CampaignMember, CampaignState
from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry, Outcome
from feedback_app.invitations.states import PENDING, not_on_its_way
from feedback_app.invitations.windows import SendingWindow
from feedback_app.people.filters import PeopleFilter, count_people, matching
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey, SurveyState

STOPPED = "The campaign was stopped before it came to this person."
MOST_PER_HOUR = 1_000_000
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """What a campaign is told before it starts."""

    survey_id: int
    name: str
    audience: PeopleFilter
    per_hour: int | None = None
    window: SendingWindow | None = None
    starts_at: datetime | None = None


def add_campaign(session: Session, draft: CampaignDraft, *, user_id: int | None, now: datetime) -> int:
    """Make a draft, which asks nobody yet; return its id. Raises Invalid or NotFound."""
    with transaction(session):
        campaign = Campaign(created_by=user_id, created_at=now, **_values(session, draft))
        session.add(campaign)
        session.flush()
        record_audit(session, user_id, "campaign.added", "campaign", campaign.id, {}, now)
        return campaign.id


def change_campaign(
    session: Session, campaign_id: int, draft: CampaignDraft, *, user_id: int | None, now: datetime
) -> None:
    """Change a draft. Raises Invalid for a campaign that has started: whom it asks is fixed then."""
    with transaction(session):
        campaign = _campaign(session, campaign_id)
        _require(campaign, CampaignState.DRAFT, "changed")
        for name, value in _values(session, draft).items():
            setattr(campaign, name, value)
        record_audit(session, user_id, "campaign.changed", "campaign", campaign.id, {}, now)


def delete_draft(session: Session, campaign_id: int, *, user_id: int | None, now: datetime) -> None:
    """Throw a draft away. Raises Invalid for a campaign that has started: its ledger stays."""
    with transaction(session):
        campaign = _campaign(session, campaign_id)
        _require(campaign, CampaignState.DRAFT, "deleted")
        session.delete(campaign)
        record_audit(session, user_id, "campaign.deleted", "campaign", campaign_id, {}, now)


def start_campaign(session: Session, campaign_id: int, *, user_id: int | None, now: datetime) -> int:
    """Fix whom the campaign asks - whoever fits its filter now - and let it go; return how many they are.

    Raises Invalid if nobody fits, or the survey is closed.
    """
    with transaction(session):
        campaign = _campaign(session, campaign_id)
        _require(campaign, CampaignState.DRAFT, "started")
        if session.get_one(Survey, campaign.survey_id).state == SurveyState.CLOSED:
            raise Invalid(
                "The survey is closed, so the campaign was not started. Open the survey again first."
            )
        audience = matching(PeopleFilter.of_json(campaign.audience)).subquery()
        members = select(literal(campaign.id), audience.c[0])
        session.execute(insert(CampaignMember).from_select(["campaign_id", "person_id"], members))
        campaign.total = count_members(session, campaign.id)
        if not campaign.total:
            raise Invalid("Nobody fits the filter, so the campaign was not started. Choose other people.")
        campaign.state = CampaignState.RUNNING
        campaign.started_at = now
        campaign.next_slot_at = max(now, campaign.starts_at or now)
        detail = {"people": campaign.total}
        record_audit(session, user_id, "campaign.started", "campaign", campaign.id, detail, now)
        return campaign.total


def pause_campaign(session: Session, campaign_id: int, *, user_id: int | None, now: datetime) -> int:
    """Ask nobody more for now; who was asked stays asked. Returns how many mails are scheduled and still go out."""
    with transaction(session):
        campaign = _campaign(session, campaign_id)
        _require(campaign, CampaignState.RUNNING, "paused")
        campaign.state = CampaignState.PAUSED
        record_audit(session, user_id, "campaign.paused", "campaign", campaign.id, {}, now)
        still = select(func.count()).where(
            Invitation.id.in_(_asked(campaign.id)), Invitation.state.in_(PENDING)
        )
        return session.scalar(still) or 0


def resume_campaign(session: Session, campaign_id: int, *, user_id: int | None, now: datetime) -> None:
    """Go on with those who were not asked yet."""
    with transaction(session):
        campaign = _campaign(session, campaign_id)
        _require(campaign, CampaignState.PAUSED, "gone on with")
        campaign.state = CampaignState.RUNNING
        campaign.next_slot_at = max(now, campaign.next_slot_at or now)
        record_audit(session, user_id, "campaign.resumed", "campaign", campaign.id, {}, now)


def stop_campaign(session: Session, campaign_id: int, *, user_id: int | None, now: datetime) -> int:
    """End it: everybody it has not come to gets a ledger entry that says so, and what still waits is cancelled.

    Returns how many people are spared by it.
    """
    with transaction(session):
        campaign = _campaign(session, campaign_id)
        if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
            raise Invalid("The campaign is not running, so there was nothing to stop.")
        spared = _cancel_scheduled(session, campaign.id, now) + count_members(session, campaign.id)
        _note_the_spared(session, campaign, now)
        campaign.state = CampaignState.STOPPED
        campaign.ended_at = now
        detail = {"spared": spared}
        record_audit(session, user_id, "campaign.stopped", "campaign", campaign.id, detail, now)
        return spared


def count_members(session: Session, campaign_id: int) -> int:
    """How many people the campaign is still to come to."""
    audience = select(CampaignMember.person_id).where(CampaignMember.campaign_id == campaign_id).subquery()
    return session.query(audience).count()


def _note_the_spared(session: Session, campaign: Campaign, now: datetime) -> None:
    left = select(
        CampaignMember.campaign_id,
        literal(campaign.survey_id),
        CampaignMember.person_id,
        literal(str(Outcome.CANCELLED)),
        literal(STOPPED),
        literal(now, type_=LedgerEntry.at.type),
    ).where(CampaignMember.campaign_id == campaign.id)
    names = ["campaign_id", "survey_id", "person_id", "outcome", "reason", "at"]
    session.execute(insert(LedgerEntry).from_select(names, left))
    session.execute(delete(CampaignMember).where(CampaignMember.campaign_id == campaign.id))


def _asked(campaign_id: int) -> Select[Any]:
    """The invitations of the campaign."""
    return select(LedgerEntry.invitation_id).where(LedgerEntry.campaign_id == campaign_id)


def _cancel_scheduled(session: Session, campaign_id: int, now: datetime) -> int:
    cancelled: Any = session.execute(
        update(Invitation)
        .where(Invitation.id.in_(_asked(campaign_id)), not_on_its_way(Invitation))
        .values(state=InvitationState.CANCELLED, reason="The campaign was stopped.", changed_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(cancelled.rowcount)


def _values(session: Session, draft: CampaignDraft) -> Mapping[str, Any]:
    name = " ".join(draft.name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"A campaign needs a name of at most {LONGEST_NAME} characters; nothing was saved.")
    if draft.per_hour is not None and not 0 < draft.per_hour <= MOST_PER_HOUR:
        raise Invalid(f"People per hour must be from 1 to {MOST_PER_HOUR:,}; nothing was saved.")
    survey = session.get(Survey, draft.survey_id)
    if survey is None or survey.state == SurveyState.CLOSED:
        raise Invalid("The survey is closed or gone, so nothing was saved. Choose another one.")
    if not count_people(session, draft.audience):
        raise Invalid("Nobody fits this filter, so nothing was saved. Choose other people.")
    return {
        "survey_id": draft.survey_id,
        "name": name,
        "audience": draft.audience.to_json(),
        "per_hour": draft.per_hour,
        "window": draft.window and draft.window.to_json(),
        "starts_at": draft.starts_at,
    }


def _campaign(session: Session, campaign_id: int) -> Campaign:
    campaign = session.get(Campaign, campaign_id, with_for_update=True)
    if campaign is None:
        raise NotFound("There is no such campaign, so nothing was changed.")
    return campaign


def _require(campaign: Campaign, state: CampaignState, done: str) -> None:
    if campaign.state != state:
        raise Invalid(f"This campaign is {campaign.state}, so it cannot be {done}; nothing was changed.")
