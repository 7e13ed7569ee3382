"""A campaign asks everybody it fixed when it started, no faster than it may, and the ledger names each."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.campaigns import feeding
from feedback_app.campaigns.feeding import Fed, feed
from feedback_app.campaigns.models import Campaign, CampaignMember, CampaignState
from feedback_app.campaigns.preview import preview
from feedback_app.campaigns.queries import progress
from feedback_app.campaigns.services import (
    CampaignDraft,
    add_campaign,
    change_campaign,
    delete_draft,
    pause_campaign,
    resume_campaign,
    start_campaign,
    stop_campaign,
)
from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import Invalid
from feedback_app.invitations.models import Invitation, LedgerEntry, Outcome
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.staff.models import AuditEntry
from feedback_app.surveys.services import close_survey, pause_survey
from tests.factories import make_invitation, make_person, make_survey
from tests.integration.campaigns.conftest import BERLIN, make_people

EVERYBODY = PeopleFilter()


def drafted(session: Session, now: datetime, **more: object) -> int:
    given = {"survey_id": 0, "name": "Autumn", "audience": EVERYBODY, **more}
    given["survey_id"] = given["survey_id"] or make_survey(session).id
    return add_campaign(session, CampaignDraft(**given), user_id=None, now=now)  # type: ignore[arg-type]


def started(session: Session, now: datetime, **more: object) -> int:
    campaign_id = drafted(session, now, **more)
    start_campaign(session, campaign_id, user_id=None, now=now)
    return campaign_id


def fed(session: Session, campaign_id: int, vault: Vault, now: datetime) -> Fed:
    return feed(session, campaign_id, vault=vault, zone=BERLIN, now=now)


def state_of(session: Session, campaign_id: int) -> str:
    session.rollback()
    return session.get_one(Campaign, campaign_id).state


def outcomes(session: Session, campaign_id: int) -> Counter[str]:
    rows = session.scalars(select(LedgerEntry.outcome).where(LedgerEntry.campaign_id == campaign_id))
    return Counter(rows)


def test_everybody_who_fits_is_asked_once_and_the_ledger_names_each(
    session: Session, vault: Vault, now: datetime
) -> None:
    make_people(session, 3)
    campaign_id = started(session, now)
    assert fed(session, campaign_id, vault, now).people == 3
    assert fed(session, campaign_id, vault, now).people == 0
    assert state_of(session, campaign_id) == CampaignState.FINISHED
    assert outcomes(session, campaign_id) == {"invited": 3}
    assert session.scalar(select(func.count()).select_from(Invitation)) == 3


def test_who_must_not_be_written_to_has_an_entry_that_says_why(
    session: Session, vault: Vault, now: datetime
) -> None:
    make_people(session, 1)
    make_person(session, email=None)
    left = make_person(session, email="left@customer.example")
    asked = make_person(session)
    make_invitation(session, person_id=asked.id)
    with transaction(session):
        suppress(session, vault.address_hash(str(left.email_key)), SuppressionReason.UNSUBSCRIBED, now=now)
    campaign_id = started(session, now)
    fed(session, campaign_id, vault, now)
    assert outcomes(session, campaign_id) == {
        "invited": 1,
        "no_address": 1,
        "unsubscribed": 1,
        "throttled": 1,
    }


def test_the_preview_says_the_same_before_and_writes_nothing(
    session: Session, vault: Vault, now: datetime
) -> None:
    survey = make_survey(session)
    make_people(session, 2)
    nobody = make_person(session, email=None, name="Grace Hopper")
    made = preview(session, survey.id, EVERYBODY, at=now, window=None, vault=vault, zone=BERLIN)
    assert (made.total, made.invited, made.is_whole) == (3, 2, True)
    assert made.left_out == [(Outcome.NO_ADDRESS, 1)]
    assert [example.person_id for example in made.examples[Outcome.NO_ADDRESS]] == [nobody.id]
    assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_the_preview_of_many_is_an_estimate_from_people_drawn_evenly(
    session: Session, vault: Vault, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback_app.campaigns.preview.MOST_LOOKED_AT", 4)
    survey = make_survey(session)
    for _ in range(6):  # every second one has no address: a draw of every second one would see half of it
        make_people(session, 1)
        make_person(session, email=None)
    made = preview(session, survey.id, EVERYBODY, at=now, window=None, vault=vault, zone=BERLIN)
    assert (made.total, made.looked_at, made.is_whole) == (12, 4, False)
    assert (made.invited, made.left_out) == (6, [(Outcome.NO_ADDRESS, 6)])
    assert made.margin == 6  # 12 people times 1.96 standard errors of a half, by 4 people: 5.88


def test_the_preview_of_many_asks_the_filter_too(
    session: Session, vault: Vault, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback_app.campaigns.preview.MOST_LOOKED_AT", 2)
    survey = make_survey(session)
    for locale in ("de", "en") * 6:
        make_person(session, locale=locale)
    german = PeopleFilter(locale="de")
    made = preview(session, survey.id, german, at=now, window=None, vault=vault, zone=BERLIN)
    assert (made.total, made.looked_at, made.invited) == (6, 2, 6)


def test_the_preview_counts_with_the_hours_in_which_mail_may_arrive(
    session: Session, vault: Vault, now: datetime
) -> None:
    survey = make_survey(session)
    person = make_person(session)
    make_invitation(
        session, person_id=person.id, sent_at=now - timedelta(days=6)
    )  # the limit ends tomorrow noon
    mondays = SendingWindow(frozenset({0}))
    found = [
        preview(session, survey.id, EVERYBODY, at=now, window=window, vault=vault, zone=BERLIN).invited
        for window in (None, mondays)
    ]
    assert found == [0, 1]


def test_who_is_asked_is_fixed_when_it_starts(session: Session, vault: Vault, now: datetime) -> None:
    make_people(session, 2)
    campaign_id = started(session, now)
    make_person(session)
    assert fed(session, campaign_id, vault, now).people == 2
    assert session.get_one(Campaign, campaign_id).total == 2


def test_a_rate_is_kept_and_people_are_asked_one_after_the_other(
    session: Session, vault: Vault, now: datetime
) -> None:
    make_people(session, 6)
    campaign_id = started(session, now, per_hour=120)  # one every thirty seconds
    first = fed(session, campaign_id, vault, now)
    assert first.due == (now, now + timedelta(seconds=30), now + timedelta(seconds=60))
    assert fed(session, campaign_id, vault, now + timedelta(seconds=10)).people == 0
    later = fed(session, campaign_id, vault, now + timedelta(seconds=60))
    assert later.due == (now + timedelta(seconds=90), now + timedelta(seconds=120))


def test_time_that_was_missed_is_not_made_up_for(session: Session, vault: Vault, now: datetime) -> None:
    make_people(session, 10)
    campaign_id = started(session, now, per_hour=120)
    late = fed(session, campaign_id, vault, now + timedelta(hours=5))
    assert late.people == 5  # the minute before and the one ahead
    assert min(late.due) >= now + timedelta(hours=5)


def test_without_a_rate_no_more_than_a_few_wait_at_a_time(
    session: Session, vault: Vault, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "MOST_WAITING", 2)
    make_people(session, 3)
    campaign_id = started(session, now)
    assert fed(session, campaign_id, vault, now).people == 2
    assert fed(session, campaign_id, vault, now).people == 0
    with transaction(session):
        invitation = session.scalars(select(Invitation)).first()
        assert invitation is not None
        invitation.state = "sent"
    assert fed(session, campaign_id, vault, now).people == 1


def test_a_pause_holds_the_others_until_it_goes_on(session: Session, vault: Vault, now: datetime) -> None:
    make_people(session, 4)
    campaign_id = started(session, now, per_hour=60)
    assert fed(session, campaign_id, vault, now).people == 2
    pause_campaign(session, campaign_id, user_id=None, now=now)
    assert fed(session, campaign_id, vault, now + timedelta(hours=1)).people == 0
    resume_campaign(session, campaign_id, user_id=None, now=now + timedelta(hours=1))
    assert fed(session, campaign_id, vault, now + timedelta(hours=1)).people == 2


def test_stopping_names_everybody_who_is_spared_and_cancels_what_waits(
    session: Session, vault: Vault, now: datetime
) -> None:
    make_people(session, 5)
    campaign_id = started(session, now, per_hour=60)
    fed(session, campaign_id, vault, now)
    assert stop_campaign(session, campaign_id, user_id=None, now=now) == 5
    assert outcomes(session, campaign_id) == {"invited": 2, "cancelled": 3}
    assert set(session.scalars(select(Invitation.state))) == {"cancelled"}
    assert session.scalar(select(func.count()).select_from(CampaignMember)) == 0
    made = progress(session, session.get_one(Campaign, campaign_id))
    assert (made.done, made.total, made.percent) == (5, 5, 100)
    with pytest.raises(Invalid, match="nothing to stop"):
        stop_campaign(session, campaign_id, user_id=None, now=now)


def test_stopping_takes_back_what_a_worker_has_only_claimed(
    session: Session, vault: Vault, now: datetime
) -> None:
    make_people(session, 1)
    campaign_id = started(session, now)
    fed(session, campaign_id, vault, now)
    with transaction(session):
        invitation = session.scalars(select(Invitation)).one()
        invitation.state, invitation.lease_until = "sending", now + timedelta(seconds=60)
    stop_running(session, campaign_id, now)
    assert session.scalars(select(Invitation.state)).all() == ["cancelled"]


def stop_running(session: Session, campaign_id: int, now: datetime) -> None:
    """Stop the campaign as if somebody were still to be asked: with nobody left it would be finished already."""
    with transaction(session):
        session.get_one(Campaign, campaign_id).state = CampaignState.RUNNING
    stop_campaign(session, campaign_id, user_id=None, now=now)


def test_a_name_is_kept_without_what_no_database_takes(session: Session, now: datetime) -> None:
    make_people(session, 1)
    campaign_id = drafted(session, now, name=" Autumn\0  check ")
    assert session.get_one(Campaign, campaign_id).name == "Autumn check"


def test_it_waits_for_its_beginning_and_for_its_hours(session: Session, vault: Vault, now: datetime) -> None:
    make_people(session, 1)
    office = SendingWindow(BUSINESS_DAYS, time(9), time(17))
    campaign_id = started(session, now, starts_at=now + timedelta(hours=1), window=office)
    assert fed(session, campaign_id, vault, now).people == 0
    friday_night = now + timedelta(hours=8)
    assert fed(session, campaign_id, vault, friday_night).people == 0
    assert fed(session, campaign_id, vault, now + timedelta(days=3)).people == 1  # Monday noon


def test_a_paused_survey_holds_its_campaigns_too(session: Session, vault: Vault, now: datetime) -> None:
    make_people(session, 1)
    survey = make_survey(session)
    campaign_id = started(session, now, survey_id=survey.id)
    pause_survey(session, survey.id, now=now)
    assert fed(session, campaign_id, vault, now).people == 0
    assert state_of(session, campaign_id) == CampaignState.RUNNING


def test_whoever_joined_a_closed_survey_is_told_so(session: Session, vault: Vault, now: datetime) -> None:
    make_people(session, 2)
    survey = make_survey(session)
    campaign_id = started(session, now, survey_id=survey.id)
    close_survey(session, survey.id, now=now)
    fed(session, campaign_id, vault, now)
    assert outcomes(session, campaign_id) == {"survey_closed": 2}


def test_a_campaign_for_nobody_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid, match="Nobody fits"):
        drafted(session, now)


def test_a_draft_can_be_changed_and_thrown_away_a_running_one_cannot(session: Session, now: datetime) -> None:
    make_people(session, 1)
    survey = make_survey(session)
    draft = CampaignDraft(survey.id, "Autumn", EVERYBODY)
    first = add_campaign(session, draft, user_id=None, now=now)
    change_campaign(session, first, replace(draft, name="Winter", per_hour=10), user_id=None, now=now)
    assert session.get_one(Campaign, first).name == "Winter"
    start_campaign(session, first, user_id=None, now=now)
    with pytest.raises(Invalid, match="running, so it cannot be changed"):
        change_campaign(session, first, draft, user_id=None, now=now)
    with pytest.raises(Invalid, match="running, so it cannot be deleted"):
        delete_draft(session, first, user_id=None, now=now)
    second = add_campaign(session, draft, user_id=None, now=now)
    delete_draft(session, second, user_id=None, now=now)
    assert session.get(Campaign, second) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "  "}, "needs a name"),
        ({"per_hour": 0}, "per hour must be"),
        ({"survey_id": 99}, "closed or gone"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_change(
    session: Session, now: datetime, more: dict[str, object], said: str
) -> None:
    make_people(session, 1)
    with pytest.raises(Invalid, match=said):
        drafted(session, now, **more)


def test_every_change_leaves_a_line_in_the_audit_trail(session: Session, now: datetime) -> None:
    make_people(session, 1)
    campaign_id = started(session, now)
    pause_campaign(session, campaign_id, user_id=None, now=now)
    resume_campaign(session, campaign_id, user_id=None, now=now)
    stop_campaign(session, campaign_id, user_id=None, now=now)
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_kind == "campaign").order_by(AuditEntry.id)
    )
    assert [action.removeprefix("campaign.") for action in actions] == [
        "added",
        "started",
        "paused",
        "resumed",
        "stopped",
    ]
