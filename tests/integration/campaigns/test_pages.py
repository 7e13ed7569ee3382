"""The pages of campaigns and plans: drafted, looked at, started and watched by those who may."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.campaigns.jobs import feed_campaigns, take_due_turns
from feedback_app.campaigns.models import Campaign, Plan, PlanMember
from feedback_app.db import transaction
from feedback_app.invitations.models import Invitation
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.lists import add_list, add_to_list, save_filter
from feedback_app.staff.models import Role
from tests.factories import make_person, make_survey
from tests.pages import Browser, afresh, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


@pytest.fixture
def lead(app: Flask) -> Browser:
    return signed_in(app, Role.LEAD)


def drafted(lead: Browser, **fields: object) -> str:
    """The address of a new campaign's page."""
    answer = lead.send("/campaigns/new", name="Autumn", audience="all", **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def pressed(browser: Browser, url: str, **fields: object) -> str:
    """The page that a button leads to."""
    answer = browser.send(url, **fields)
    assert answer.status_code == 303, answer.text
    return browser.get(str(answer.location)).text


def test_without_any_the_page_says_what_a_campaign_is_and_offers_one(lead: Browser) -> None:
    page = lead.get("/campaigns").text
    assert "No campaign yet" in page
    assert "No recurring survey yet" in page
    assert 'href="/campaigns/new"' in page


def test_a_draft_shows_whom_it_would_reach_and_why_not_the_others(session: Session, lead: Browser) -> None:
    survey = make_survey(session)
    make_person(session)
    make_person(session, email=None, name="Grace Hopper")
    page = lead.get(drafted(lead, survey=survey.id)).text
    assert "of 2 people" in page
    assert "No address: 1" in page
    assert "Grace Hopper: We know no address of the person." in page


def test_the_draft_of_a_campaign_to_many_says_that_its_numbers_are_estimated(
    session: Session, lead: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback_app.campaigns.preview.MOST_LOOKED_AT", 2)
    survey = make_survey(session)
    for number in range(6):
        make_person(session, **({} if number % 3 else {"email": None}))
    page = lead.get(drafted(lead, survey=survey.id)).text
    assert (
        "an estimate from 2 people, drawn evenly from all of them. Each number may be off by up to 4" in page
    )
    assert "Start the campaign" in page


def test_it_starts_is_paused_goes_on_and_stops_by_buttons(session: Session, lead: Browser) -> None:
    make_person(session)
    place = drafted(lead, survey=make_survey(session).id, per_hour=60)
    assert "has started" in pressed(lead, f"{place}/start")
    assert "is paused" in pressed(lead, f"{place}/pause")
    assert "goes on" in pressed(lead, f"{place}/resume")
    afresh(session)
    feed_campaigns.run()
    afresh(session)
    assert session.scalars(select(Invitation.state)).all() == ["scheduled"]
    assert "Came to 1 of 1 people (100 %)" in lead.get(place).text


def test_pausing_says_how_many_mails_go_out_all_the_same(session: Session, lead: Browser) -> None:
    for zone in ("Asia/Tokyo", "Europe/Berlin"):
        make_person(session, time_zone=zone)
    place = drafted(lead, survey=make_survey(session).id)
    pressed(lead, f"{place}/start")
    assert "No mail is scheduled any more" in pressed(lead, f"{place}/pause")
    pressed(lead, f"{place}/resume")
    afresh(session)
    feed_campaigns.run()
    with transaction(session):
        session.execute(update(Campaign).values(state="running"))  # two people are few: it is finished by now
    assert "2 mails are scheduled already and still go out" in pressed(lead, f"{place}/pause")


def test_a_button_that_comes_too_late_says_so(session: Session, lead: Browser) -> None:
    make_person(session)
    place = drafted(lead, survey=make_survey(session).id)
    page = pressed(lead, f"{place}/pause")
    assert "This campaign is draft, so it cannot be paused; nothing was changed." in page


def test_people_are_chosen_by_list_or_saved_filter(session: Session, lead: Browser, now: datetime) -> None:
    survey = make_survey(session)
    ada, _ = make_person(session), make_person(session, locale="de")
    list_id = add_list(session, "Beta", user_id=None, now=now)
    with transaction(session):
        add_to_list(session, list_id, [ada.id])
    filter_id = save_filter(session, "German", PeopleFilter(locale="de"), user_id=None, now=now)
    assert f'<option selected value="list:{list_id}">' in lead.get(f"/campaigns/new?list={list_id}").text
    for audience in (f"list:{list_id}", f"filter:{filter_id}"):
        answer = lead.send("/campaigns/new", name="One", audience=audience, survey=survey.id)
        assert "of 1 people" in lead.get(str(answer.location)).text


def test_a_draft_is_changed_and_keeps_its_people(session: Session, lead: Browser) -> None:
    make_person(session)
    survey = make_survey(session)
    place = drafted(lead, survey=survey.id)
    assert 'value="Autumn"' in lead.get(f"{place}/edit").text
    lead.send(f"{place}/edit", name="Winter", audience="kept", survey=survey.id, days=["0", "1"])
    afresh(session)
    campaign = session.scalars(select(Campaign)).one()
    assert (campaign.name, campaign.audience) == ("Winter", {})
    assert campaign.window == {"days": [0, 1], "start": "00:00", "end": "00:00"}


def test_the_start_is_on_the_clock_of_whoever_sets_it(session: Session, app: Flask) -> None:
    lead = signed_in(app, Role.LEAD, time_zone="Europe/Berlin")
    make_person(session)
    drafted(lead, survey=make_survey(session).id, starts_at="2030-01-15T09:00")
    afresh(session)
    assert session.scalars(select(Campaign.starts_at)).one() == datetime(2030, 1, 15, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Give the campaign a name."),
        ({"per_hour": "0"}, "Choose a number from 1 to"),
        ({"audience": "list:999"}, "Not a valid choice"),
        ({"starts_at": "9999-12-31T23:59"}, "Choose a year from 2000 to 2100."),
        ({"starts_at": "0001-01-01T00:00"}, "Choose a year from 2000 to 2100."),
    ],
)
def test_what_does_not_fit_comes_back_with_what_to_change(
    session: Session, lead: Browser, fields: dict[str, str], said: str
) -> None:
    make_person(session)
    given = {"name": "Autumn", "audience": "all", "survey": str(make_survey(session).id), **fields}
    answer = lead.send("/campaigns/new", **given)
    assert answer.status_code == 422
    assert said in answer.text


def test_nobody_to_ask_is_told_on_the_form(session: Session, lead: Browser) -> None:
    answer = lead.send("/campaigns/new", name="Autumn", audience="all", survey=make_survey(session).id)
    assert answer.status_code == 422
    assert "Nobody fits this filter" in answer.text


def test_a_csm_watches_and_cannot_change(session: Session, app: Flask, lead: Browser) -> None:
    make_person(session)
    place = drafted(lead, survey=make_survey(session).id)
    csm = signed_in(app, Role.CSM)
    page = csm.get(place)
    assert page.status_code == 200
    assert "Start the campaign" not in page.text
    assert csm.send(f"{place}/start").status_code == 403
    assert csm.get("/campaigns/new").status_code == 403


def test_a_viewer_sees_examples_masked(session: Session, app: Flask, lead: Browser) -> None:
    make_person(session, email=None, name="Grace Hopper")
    make_person(session)
    page = signed_in(app, Role.VIEWER).get(drafted(lead, survey=make_survey(session).id)).text
    assert "G. H." in page
    assert "Grace" not in page


def test_a_campaign_that_is_not_there_is_404(lead: Browser) -> None:
    assert lead.get("/campaigns/7").status_code == 404
    assert lead.get("/campaigns/recurring/7").status_code == 404


def test_a_recurring_survey_is_set_up_filled_and_switched_on(session: Session, lead: Browser) -> None:
    survey = make_survey(session, name="Quarterly")
    make_person(session)
    answer = lead.send(
        "/campaigns/recurring/new",
        survey=survey.id,
        cadence_days="90",
        mode="spread",
        days=["0", "1", "2", "3", "4"],
        opens="09:00",
        closes="17:00",
    )
    place = str(answer.location)
    assert "No turn comes while it is off" in lead.get(place).text
    assert "One person is new" in pressed(lead, f"{place}/people", audience="all")
    assert "is active" in pressed(lead, f"{place}/active", active="yes")
    with transaction(session):
        member = session.scalars(select(PlanMember)).one()
        member.next_at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    take_due_turns.run()
    afresh(session)
    assert session.scalars(select(Invitation.survey_id)).all() == [survey.id]
    assert "Mon–Fri 09:00–17:00" in lead.get(place).text
    assert "Quarterly" in lead.get("/campaigns").text
    assert "is off" in pressed(lead, f"{place}/active", active="no")
    left = pressed(lead, f"{place}/people/{member.person_id}/leave")
    assert "Taken off" in left


def test_a_recurring_survey_is_changed_and_only_once_for_a_survey(session: Session, lead: Browser) -> None:
    survey = make_survey(session)
    fields = {"survey": survey.id, "cadence_days": "30", "mode": "spread"}
    place = str(lead.send("/campaigns/recurring/new", **fields).location)
    assert "Every open survey has its recurring plan already" in lead.get("/campaigns/recurring/new").text
    assert 'value="30"' in lead.get(f"{place}/edit").text
    lead.send(f"{place}/edit", **fields | {"cadence_days": "60"})
    afresh(session)
    assert session.scalars(select(Plan.cadence_days)).all() == [60]
    refused = lead.send(f"{place}/edit", **fields | {"mode": "at_once"})
    assert refused.status_code == 422
    assert "say when" in refused.text
    refused = lead.send(f"{place}/edit", **fields | {"mode": "at_once", "next_at": "9999-12-31T23:59"})
    assert "Choose a year" in refused.text
