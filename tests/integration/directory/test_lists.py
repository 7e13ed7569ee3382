"""/people/lists: which there are, who is on them, and what stands against deleting one."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Campaign, CampaignState
from feedback_app.campaigns.services import CampaignDraft, add_campaign
from feedback_app.db import transaction
from feedback_app.directory.pages import PAGE_SIZE
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.lists import add_list, add_to_list, all_lists, delete_filter, save_filter
from feedback_app.people.models import Person
from feedback_app.staff.models import AuditEntry
from tests.factories import NOON, make_person, make_survey
from tests.pages import Browser, afresh

PAGE = "/people/lists"


def list_of(session: Session, name: str, *people: Person) -> int:
    list_id = add_list(session, name, user_id=None, now=NOON)
    with transaction(session):
        add_to_list(session, list_id, [person.id for person in people])
    return list_id


def campaign_asking(session: Session, list_id: int, name: str) -> int:
    draft = CampaignDraft(make_survey(session).id, name, PeopleFilter(list_id=list_id))
    return add_campaign(session, draft, user_id=None, now=NOON)


def cells(page: str) -> list[list[str]]:
    rows = BeautifulSoup(page, "html5lib").select("tbody tr")
    return [[" ".join(cell.text.split()) for cell in row.find_all("td")] for row in rows]


def names(session: Session) -> list[str]:
    return [line.name for line in all_lists(afresh(session))]


def actions(session: Session) -> list[str]:
    return [
        action for action in afresh(session).scalars(select(AuditEntry.action)) if action.startswith("list.")
    ]


def test_lists_stand_there_with_their_sizes_and_what_uses_them(viewer: Browser, session: Session) -> None:
    assert "No list yet" in viewer.get(PAGE).text
    ada, bo = make_person(session), make_person(session)
    pilots = list_of(session, "Pilots", ada, bo)
    list_of(session, "Beta testers")
    campaign_asking(session, pilots, "Spring")
    save_filter(session, "German pilots", PeopleFilter(list_id=pilots, locale="de"), user_id=None, now=NOON)
    assert cells(viewer.get(PAGE).text) == [
        ["Beta testers", "0", "–"],
        ["Pilots", "2", "Spring (campaign), German pilots (saved filter)"],
    ]
    assert f'href="{PAGE}"' in viewer.get("/people").text


def test_the_people_of_a_list_are_shown_page_by_page(csm: Browser, session: Session) -> None:
    people = [make_person(session, name=f"Ana {number}") for number in range(PAGE_SIZE + 1)]
    make_person(session, name="Somebody else")
    address = f"{PAGE}/{list_of(session, 'Pilots', *people)}"
    first = BeautifulSoup(csm.get(address).text, "html5lib")
    second = csm.get(first.find("a", rel="next")["href"]).text
    assert len(first.select("tbody tr")) == PAGE_SIZE
    assert "Somebody else" not in first.text + second
    assert ["Ana 0" in row[0] for row in cells(second)] == [True]


def test_a_viewer_sees_initials_and_changes_nothing(viewer: Browser, session: Session) -> None:
    address = f"{PAGE}/{list_of(session, 'Pilots', make_person(session, name='Dana Whitfield'))}"
    page = viewer.get(address).text
    assert "D. W." in page
    for word in ("Dana", "Rename", "Delete", "Ask these people"):
        assert word not in page
    assert viewer.send(f"{address}/name", name="Mine").status_code == 403
    assert viewer.send(f"{address}/delete").status_code == 403
    assert names(session) == ["Pilots"]


def test_a_list_is_renamed_unless_the_name_is_taken(lead: Browser, session: Session) -> None:
    address = f"{PAGE}/{list_of(session, 'Pilots')}"
    list_of(session, "Beta testers")
    assert lead.send(f"{address}/name", name=" Early  birds ").status_code == 303
    assert "There is a list “Beta testers” already" in lead.send(f"{address}/name", name="Beta testers").text
    assert lead.send(f"{address}/name", name=" ").status_code == 422
    assert names(session) == ["Beta testers", "Early birds"]
    assert actions(session) == ["list.add", "list.add", "list.rename"]


def test_a_list_is_deleted_and_its_people_stay(lead: Browser, session: Session) -> None:
    address = f"{PAGE}/{list_of(session, 'Pilots', make_person(session))}"
    assert lead.send(f"{address}/delete").location == PAGE
    assert "The list “Pilots” is deleted. Nobody on it was removed." in lead.get(PAGE).text
    assert names(session) == []
    assert len(afresh(session).scalars(select(Person.id)).all()) == 1
    assert actions(session) == ["list.add", "list.delete"]
    assert lead.get(address).status_code == lead.send(f"{address}/delete").status_code == 404


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED])
def test_a_list_that_a_campaign_needs_stays_until_that_has_ended(
    app: Flask, lead: Browser, session: Session, state: CampaignState
) -> None:
    list_id = list_of(session, "Pilots", make_person(session))
    campaign = session.get_one(Campaign, campaign_asking(session, list_id, "Spring"))
    with transaction(session):
        campaign.state = state
    refused = lead.send(f"{PAGE}/{list_id}/delete")
    assert (refused.status_code, names(session)) == (422, ["Pilots"])
    assert "The list was not deleted, because the campaign “Spring” needs it." in refused.text
    assert "Delete this list" not in lead.get(f"{PAGE}/{list_id}").text
    with transaction(session):
        session.get_one(Campaign, campaign.id).state = CampaignState.FINISHED
    lead.send(f"{PAGE}/{list_id}/delete")
    assert names(session) == []


def test_a_list_that_a_saved_filter_needs_stays_until_that_is_deleted(
    lead: Browser, session: Session
) -> None:
    list_id = list_of(session, "Pilots")
    filter_id = save_filter(
        session, "German", PeopleFilter(list_id=list_id, locale="de"), user_id=None, now=NOON
    )
    assert "because the saved filter “German” needs it" in lead.send(f"{PAGE}/{list_id}/delete").text
    delete_filter(session, filter_id, user_id=None, now=NOON)
    lead.send(f"{PAGE}/{list_id}/delete")
    assert names(session) == []
