"""/people and /people/<id> as staff see them."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.clock import now
from feedback_app.db import transaction
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry, Outcome
from feedback_app.people.lists import add_list, add_to_list
from feedback_app.people.models import Person, SavedFilter, Suppression, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.staff.models import AuditEntry
from tests.factories import (
    NOON,
    keep,
    make_account,
    make_invitation,
    make_person,
    make_response,
    make_survey,
    make_user,
)
from tests.pages import Browser, afresh

ATTACK = "<script>alert(1)</script>"


def fingerprint(app: Flask, address: str) -> str:
    return str(app.extensions["feedback_vault"].address_hash(address))


def names_on(page: str) -> list[str]:
    return re.findall(r'<a href="/people/\d+">([^<]+)</a>', page)


def test_an_empty_list_says_how_people_come(lead: Browser) -> None:
    page = lead.get("/people").text
    assert "Nobody here yet" in page
    assert 'href="/people/new">Add by hand</a>' in page
    assert 'class="filters"' not in page


def test_a_line_says_who_and_when_they_were_asked_and_are_next(
    app: Flask, csm: Browser, session: Session
) -> None:
    account = make_account(session, name="Harrow & Finch")
    person = make_person(
        session, name="Dana Whitfield", email="dana@harrow.example", locale="de-AT", account_id=account.id
    )
    make_invitation(session, person_id=person.id, sent_at=now() - timedelta(days=3, hours=1))
    make_invitation(
        session, person_id=person.id, sent_at=None, state="scheduled", due_at=now() + timedelta(days=40)
    )
    page = csm.get("/people").text
    for words in (
        ">Dana Whitfield</a>",
        "dana@harrow.example",
        "Harrow &amp; Finch",
        "de-AT",
        ">3 d</time>",
        f"{now() + timedelta(days=40):%-d %b %Y}",
        "1 person</p>",
        '<span class="quiet">Yes</span>',
    ):
        assert words in page


def test_those_who_get_no_mail_are_marked(app: Flask, csm: Browser, session: Session) -> None:
    survey = make_survey(session)
    for name, survey_id in (("all", None), ("one", survey.id)):
        make_person(session, email=f"{name}@x.example")
        with transaction(session):
            suppress(
                session,
                fingerprint(app, f"{name}@x.example"),
                SuppressionReason.UNSUBSCRIBED,
                survey_id=survey_id,
                now=NOON,
            )
    make_person(session, email=None, email_key=None)
    page = csm.get("/people").text
    assert re.findall(r'data-label="Mail">\s*<span class="chip[^>]*>([^<]+)<', page) == [
        "No address",
        "Not every survey",
        "No mail",
    ]


def test_pages_follow_each_other_in_both_orders(csm: Browser, session: Session) -> None:
    with transaction(session):
        session.add_all(
            Person(
                email=f"p{number}@x.example",
                email_key=f"p{number}@x.example",
                name=f"Person {(number * 7) % 90:02}",
                created_at=NOON,
                updated_at=NOON,
            )
            for number in range(90)
        )
    newest = [f"Person {(number * 7) % 90:02}" for number in reversed(range(90))]
    for address, wanted in (("/people", newest), ("/people?order=name", sorted(newest))):
        pages, seen = [address], []
        while pages[-1]:
            page = csm.get(pages[-1]).text
            seen.append(names_on(page))
            assert "90 people</p>" in page
            further = re.search(r'rel="next" href="([^"]+)"', page)
            pages.append(further.group(1).replace("&amp;", "&") if further else "")
        assert [len(names) for names in seen] == [40, 40, 10]
        assert [name for names in seen for name in names] == wanted
        back = re.search(r'rel="prev" href="([^"]+)"', page)
        assert back is not None
        assert names_on(csm.get(back.group(1).replace("&amp;", "&")).text) == seen[1]


def test_a_page_that_begins_at_somebody_who_is_gone_is_the_first_one(csm: Browser, session: Session) -> None:
    make_person(session, name="Ada Lind")
    for query in ("after=999", "before=999", "after=x", "before=-1", "after=99999999999999999999999"):
        assert names_on(csm.get(f"/people?{query}").text) == ["Ada Lind"]


def test_people_are_searched_and_narrowed(app: Flask, csm: Browser, session: Session) -> None:
    marta = make_user(session, name="Marta")
    account = make_account(session, name="Harrow", owner_id=marta.id)
    make_person(session, name="Ada", email="ada@one.example", locale="de", properties={"plan": "gold"})
    make_person(session, name="Bo", account_id=account.id)
    for query, wanted in (
        ("q=ada@one", ["Ada"]),
        ("q=harrow", ["Bo"]),
        ("locale=de", ["Ada"]),
        ("property=plan&value=gold", ["Ada"]),
        (f"owner={marta.id}", ["Bo"]),
        (f"account={account.id}", ["Bo"]),
        ("q=nobody", []),
    ):
        assert names_on(csm.get(f"/people?{query}").text) == wanted, query
    assert "Nobody matches" in csm.get("/people?q=nobody").text


@pytest.mark.parametrize(
    ("query", "label"),
    [("list=77", "List"), ("owner=x", "Accounts of"), ("locale=%27;--", "Language"), ("order=age", "Order")],
)
def test_a_filter_that_is_not_understood_is_left_out_and_said(
    csm: Browser, session: Session, query: str, label: str
) -> None:
    make_person(session, name="Ada")
    page = csm.get(f"/people?{query}").text
    assert f"Not understood and left out: {label}." in page
    assert names_on(page) == ["Ada"]


def test_a_viewer_sees_masks_and_searches_accounts_alone(viewer: Browser, session: Session) -> None:
    account = make_account(session, name="Harrow")
    person = make_person(
        session,
        name="Dana Whitfield",
        email="dana@harrow.example",
        account_id=account.id,
        external_id="crm-77",
        properties={"plan": "gold"},
    )
    make_invitation(session, person_id=person.id)
    for path in ("/people", "/people?q=harrow", f"/people/{person.id}", f"/accounts/{account.id}"):
        page = viewer.get(path).text
        assert "D. W." in page
        for secret in ("Whitfield", "dana@", "crm-77", "gold"):
            assert secret not in page, (path, secret)
    for query in ("q=whitfield", "q=dana@", "property=plan&value=gold"):
        page = viewer.get(f"/people?{query}").text
        assert names_on(page) == []
        assert "0 people" in page


def test_a_filter_is_saved_found_again_asked_and_deleted(lead: Browser, session: Session) -> None:
    make_person(session, name="Ada", locale="de")
    make_person(session, name="Bo", locale="fr")
    saved = lead.send("/people/filters?locale=de", form_on="/people?locale=de", name="German speakers")
    assert (saved.status_code, saved.location) == (303, "/people?locale=de")
    kept = afresh(session).scalars(select(SavedFilter)).one()
    assert (kept.name, kept.filter) == ("German speakers", {"locale": "de"})
    page = lead.get("/people?locale=de").text
    assert names_on(page) == ["Ada"]
    assert '<a href="/people?locale=de" aria-current="true">German speakers</a>' in page
    assert f'href="/campaigns/new?filter={kept.id}">Ask these people</a>' in page
    lead.send(f"/people/filters/{kept.id}/delete", form_on="/people")
    assert afresh(session).scalars(select(SavedFilter)).all() == []
    nameless = lead.send("/people/filters?locale=de", form_on="/people?locale=de", name=" ")
    assert nameless.status_code == 422


def test_the_people_of_a_list_are_asked_as_a_list(lead: Browser, session: Session) -> None:
    ada = make_person(session, name="Ada").id
    make_person(session, name="Bo")
    list_id = add_list(session, "Pilots", user_id=None, now=NOON)
    with transaction(session):
        add_to_list(session, list_id, [ada])
    page = lead.get(f"/people?list={list_id}").text
    assert names_on(page) == ["Ada"]
    assert "1 person: on the list Pilots" in page
    assert f'href="/campaigns/new?list={list_id}">Ask these people</a>' in page


def test_a_person_is_added_by_hand_once(app: Flask, lead: Browser, session: Session) -> None:
    given = {"email": "New@x.example", "name": "Nia", "locale": "en", "account": "Harrow"}
    added = lead.send("/people/new", form_on="/people/new", **given)
    person = afresh(session).scalars(select(Person)).one()
    assert added.location == f"/people/{person.id}"
    assert (person.email, person.name, person.locale) == ("New@x.example", "Nia", "en")
    again = lead.send("/people/new", form_on="/people/new", **given | {"email": "NEW@x.example"})
    assert again.location == added.location
    refused = lead.send("/people/new", form_on="/people/new", **given | {"email": "no address"})
    assert refused.status_code == 422
    assert "is not an e-mail address" in refused.text
    assert 'value="Nia"' in refused.text
    assert [entry.action for entry in afresh(session).scalars(select(AuditEntry))] == ["person.add"] * 2


def test_who_asked_to_be_forgotten_is_not_added_by_hand(app: Flask, lead: Browser, session: Session) -> None:
    with transaction(session):
        suppress(session, fingerprint(app, "gone@x.example"), SuppressionReason.ERASED, now=NOON)
    refused = lead.send("/people/new", form_on="/people/new", email="Gone@x.example")
    assert refused.status_code == 422
    assert "asked to be forgotten, so nobody was added" in refused.text
    assert afresh(session).scalars(select(Person)).all() == []


def test_a_persons_page_says_who_they_are_what_they_were_asked_and_said(
    csm: Browser, session: Session
) -> None:
    account = make_account(session, name="Harrow")
    survey = make_survey(session, name="After support")
    person = make_person(
        session,
        name=f"Dana {ATTACK}",
        email="dana@x.example",
        account_id=account.id,
        time_zone="Europe/Vienna",
        properties={"plan": ATTACK},
    )
    invitation = make_invitation(session, survey_id=survey.id, person_id=person.id)
    keep(
        session,
        LedgerEntry(
            survey_id=survey.id,
            person_id=person.id,
            outcome=Outcome.THROTTLED,
            reason="asked lately",
            invitation_id=None,
            at=NOON,
        ),
    )
    answer = make_response(
        session,
        survey_id=survey.id,
        person_id=person.id,
        invitation_id=invitation.id,
        rating=3,
        comment=f"Slow {ATTACK}",
    )
    page = csm.get(f"/people/{person.id}").text
    for words in (
        "dana@x.example",
        f'<a href="/accounts/{account.id}">Harrow</a>',
        "Europe/Vienna",
        "asked lately",
        f'<a href="/responses/{answer.id}"><b>3</b> Detractor</a>',
        "Yes. The last mail went out",
    ):
        assert words in page
    assert ATTACK not in page
    assert page.count("&lt;script&gt;") >= 3


def test_somebody_who_is_not_there_is_a_friendly_404(csm: Browser) -> None:
    assert "They may have been erased." in csm.get("/people/77").text
    for number in (77, 2**31 - 1, 2**31, 2**70):
        for path in (f"/people/{number}", f"/accounts/{number}"):
            assert csm.get(path).status_code == 404, path


def test_a_person_is_edited_and_what_was_left_keeps_its_type(
    app: Flask, lead: Browser, session: Session
) -> None:
    person = make_person(session, name="Ada", properties={"seats": 12, "plan": "gold", "vip": True})
    path = f"/people/{person.id}/edit"
    assert "seats: 12\nplan: gold" in lead.get(path).text
    form = {"name": "Ada Lind", "locale": "de-AT", "time_zone": "Europe/Vienna", "account": "Harrow"}
    saved = lead.send(
        path, form_on=path, **form, properties="seats: 12\nplan: silver\n\nurl: https://x.example"
    )
    assert saved.location == f"/people/{person.id}"
    afresh(session).refresh(person)
    assert (person.name, person.locale, person.time_zone) == ("Ada Lind", "de-AT", "Europe/Vienna")
    assert person.properties == {"seats": 12, "plan": "silver", "url": "https://x.example"}
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("person.edit", person.id)
    assert entry.detail == {"changed": ["account_id", "locale", "name", "properties", "time_zone"]}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("locale", "Deutsch!", "Write a language as en, de-AT or pt-BR."),
        ("time_zone", "Mars/Base", "Not a valid choice"),
        ("properties", "plan: gold\nno colon", "Line 2 has no colon."),
    ],
)
def test_what_a_person_cannot_have_is_refused_and_nothing_is_lost(
    lead: Browser, session: Session, field: str, value: str, told: str
) -> None:
    person = make_person(session, name="Ada")
    path = f"/people/{person.id}/edit"
    refused = lead.send(path, form_on=path, **{"name": "Typed anew", field: value})
    assert refused.status_code == 422
    assert told in refused.text
    assert "Typed anew" in refused.text
    afresh(session).refresh(person)
    assert person.name == "Ada"


def test_staff_unsubscribe_a_person_and_what_is_scheduled_is_cancelled(
    app: Flask, csm: Browser, session: Session
) -> None:
    person = make_person(session, email="Ada@x.example")
    survey, other = make_survey(session), make_survey(session)
    due = [
        make_invitation(session, survey_id=one.id, person_id=person.id, sent_at=None).id
        for one in (survey, other)
    ]
    path = f"/people/{person.id}"
    empty = csm.send(f"{path}/unsubscribe", form_on=path, survey="", reason="  ")
    assert empty.status_code == 422
    assert "Say why; colleagues will read it." in empty.text
    csm.send(
        f"{path}/unsubscribe", form_on=path, survey=str(survey.id), reason="Asked ada@x.example by phone"
    )
    entry = afresh(session).scalars(select(Suppression)).one()
    assert (entry.address_hash, entry.reason, entry.survey_id) == (
        fingerprint(app, "ada@x.example"),
        "unsubscribed",
        survey.id,
    )
    assert (entry.person_id, entry.detail) == (person.id, "by staff: Asked [address] by phone")
    states = {row.id: (row.state, row.reason) for row in session.scalars(select(Invitation))}
    assert states[due[0]] == (InvitationState.CANCELLED, "staff stopped mail to this address")
    assert states[due[1]] == (InvitationState.SCHEDULED, "")
    csm.send(f"{path}/unsubscribe", form_on=path, survey="", reason="Wants nothing at all")
    assert afresh(session).get_one(Invitation, due[1]).state == InvitationState.CANCELLED
    page = csm.get(path).text
    assert "Nothing is sent to this person." in page
    assert "by staff: Wants nothing at all" in page
    audit = session.scalars(select(AuditEntry)).first()
    assert audit is not None
    assert audit.detail == {"survey": survey.id, "reason": "Asked [address] by phone"}
