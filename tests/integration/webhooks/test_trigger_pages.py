"""/triggers, as staff use it: connecting a helpdesk, making a trigger, trying it, pausing and deleting it."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.db import Base
from feedback_app.invitations.drafts import TriggerDraft
from feedback_app.invitations.events import Delivery
from feedback_app.invitations.models import (
    Event,
    EventState,
    Invitation,
    InvitationState,
    LedgerEntry,
    Outcome,
    Source,
    Trigger,
)
from feedback_app.invitations.receiving import receive_event
from feedback_app.staff.models import Role
from tests.factories import NOON, keep, make_invitation, make_source, make_survey, make_trigger
from tests.helpdesks import sample
from tests.pages import Browser, afresh, signed_in


@pytest.fixture
def admin(app: Flask) -> Browser:
    return signed_in(app, Role.ADMIN)


@pytest.fixture
def lead(app: Flask) -> Browser:
    return signed_in(app, Role.LEAD)


def text_of(page: str) -> str:
    """What a reader sees, without mark-up."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def entered(survey_id: int, **given: Any) -> dict[str, Any]:
    """A trigger's form as a browser sends it, with one condition."""
    row = {"about": "tag", "name": "", "op": "is", "texts": "vip, gold"}
    defaults = {
        "survey": survey_id,
        "name": "After a case",
        "delay": 2,
        "unit": "hours",
        "sample_percent": 50,
        "event_type": "interaction_closed",
        "not_auto_closed": "y",
        "previous": "never_asked",
        "days": ["0", "1"],
        "opens": "09:00",
        "closes": "17:00",
    }
    return defaults | {f"conditions-0-{name}": value for name, value in row.items()} | given


def trigger_of(session: Session) -> Trigger:
    return afresh(session).scalars(select(Trigger)).one()


def test_nothing_is_connected_and_the_page_says_what_to_do(app: Flask, admin: Browser) -> None:
    assert "Connect a helpdesk" in admin.get("/triggers").text
    viewer = signed_in(app, Role.VIEWER).get("/triggers")
    assert "An administrator can connect one here" in viewer.text
    assert "/triggers/sources/new" not in viewer.text


def test_a_helpdesk_is_connected_with_the_exact_texts_to_paste(session: Session, admin: Browser) -> None:
    assert "Zendesk" in admin.get("/triggers/sources/new").text
    assert "Make the hook" in admin.get("/triggers/sources/new?kind=generic").text
    made = admin.send("/triggers/sources", kind="generic", name="Our program")
    source = afresh(session).scalars(select(Source)).one()
    assert (made.status_code, made.location) == (303, f"/triggers/sources/{source.id}?new=1")
    page = admin.get(made.location).text
    assert f"/hooks/generic/{source.key}" in page
    assert page.count("whsec_") == 2  # beside its label, and where it is to be pasted
    again = admin.get(made.location).text
    assert "whsec_" not in again
    assert "Next: make its trigger" in again
    assert len(afresh(session).scalars(select(Source)).all()) == 1
    assert "Nothing yet. When all steps are done" in again
    assert "No trigger yet" in admin.get("/triggers").text


def test_a_helpdesk_with_a_secret_of_its_own_is_refused_until_it_is_kept(
    app: Flask, session: Session, admin: Browser
) -> None:
    made = admin.get(admin.send("/triggers/sources", kind="zendesk", name="Zendesk").location)
    assert "refuses everything until it has the signing secret" in made.text
    assert "Copy the secret now" not in made.text
    source = afresh(session).scalars(select(Source)).one()
    page = f"/triggers/sources/{source.id}"
    assert admin.send(f"{page}/secret", secret="").status_code == 422
    assert admin.send(f"{page}/secret", secret="zd_5").status_code == 303
    kept = afresh(session).get_one(Source, source.id).sealed_secret
    assert app.extensions["feedback_vault"].unseal(kept) == "zd_5"
    assert "refuses everything" not in admin.get(page).text


def test_a_new_secret_of_ours_is_shown_once(session: Session, admin: Browser) -> None:
    source = make_source(session)
    page = admin.send(f"/triggers/sources/{source.id}/secret").location
    sealed = afresh(session).get_one(Source, source.id).sealed_secret
    assert "whsec_" in admin.get(page).text
    assert "whsec_" not in admin.get(page).text
    assert afresh(session).get_one(Source, source.id).sealed_secret == sealed


def test_a_secret_that_cannot_be_opened_any_more_is_told(session: Session, admin: Browser) -> None:
    source = make_source(session, sealed_secret="sealed with another key")
    assert "FEEDBACK_SECRET_KEY has changed" in admin.get(f"/triggers/sources/{source.id}").text


def test_what_a_helpdesk_needs_to_be_told_is_kept(session: Session, admin: Browser) -> None:
    admin.send("/triggers/sources", kind="hubspot", name="HubSpot", closed_stages="4\r\n\r\n 7 ")
    source = afresh(session).scalars(select(Source)).one()
    assert source.settings == {"closed_stages": ["4", "7"]}
    page = f"/triggers/sources/{source.id}"
    assert "4\n7" in admin.get(page).text
    assert admin.send(page, name="", closed_stages="4").status_code == 422
    assert admin.send(page, name="Hub", closed_stages="9").status_code == 303
    source = afresh(session).get_one(Source, source.id)
    assert (source.name, source.settings) == ("Hub", {"closed_stages": ["9"]})


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CSM, Role.LEAD])
def test_hooks_and_secrets_are_for_administrators(role: Role, app: Flask, session: Session) -> None:
    source, browser = make_source(session), signed_in(app, role)
    assert source.key not in browser.get("/triggers").text
    assert browser.get(f"/triggers/sources/{source.id}").status_code == 403
    assert browser.send(f"/triggers/sources/{source.id}/secret").status_code == 403
    assert browser.send("/triggers/sources", kind="generic", name="x").status_code == 403


def test_a_trigger_is_made_and_told_in_words(session: Session, lead: Browser) -> None:
    source, survey = make_source(session), make_survey(session, name="After a case (CES)")
    assert "Which events" in lead.get(f"/triggers/sources/{source.id}/triggers/new").text
    made = lead.send(f"/triggers/sources/{source.id}/triggers", **entered(survey.id))
    assert (made.status_code, made.location) == (303, f"/triggers/sources/{source.id}/try")
    draft = TriggerDraft.of_trigger(trigger_of(session))
    assert [one.written() for one in draft.conditions] == [
        "tag is vip, gold",
        "auto_closed is not yes",
        "previous is never_asked",
    ]
    assert (draft.delay.total_seconds(), draft.sample_percent) == (7200, 50)
    shown = text_of(lead.get("/triggers").text)
    assert (
        "Asks After a case (CES) 2 hours after the event, Mon–Tue 09:00–17:00, 50 % of the people." in shown
    )
    assert "If tag is vip or gold and not closed automatically and never asked this survey before." in shown


def test_what_was_saved_is_what_the_form_shows_and_saves_again(session: Session, lead: Browser) -> None:
    """Whatever conditions the command line has made, too."""
    conditions = [
        {"field": "property:plan", "op": "is_not", "values": ["Free", "Trial"]},
        {"field": "own_case", "op": "is", "values": ["no"]},
        {"field": "previous", "op": "is_not", "values": ["answered"]},
        {"field": "subject", "op": "contains", "values": ["invoice"]},
    ]
    trigger = make_trigger(session, conditions=conditions, delay_seconds=90, name="Mine")
    page = lead.get(f"/triggers/{trigger.id}").text
    assert "Also, kept as it is: never asked this survey before or did not answer" in page
    fields: dict[str, Any] = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        first, selected = (re.findall(rf'<option{how} value="([^"]*)"', options) for how in ("", " selected"))
        fields[name] = (selected or first)[0]
    before = TriggerDraft.of_trigger(trigger_of(session))
    del fields["csrf_token"], fields["not_auto_closed"], fields["days"]
    saved = lead.send(f"/triggers/{trigger.id}", **fields)
    assert saved.status_code == 303
    after = TriggerDraft.of_trigger(trigger_of(session))
    assert {one.words() for one in after.conditions} == {one.words() for one in before.conditions}
    assert (after.name, after.delay, after.window, after.survey_id) == (
        before.name,
        before.delay,
        None,
        before.survey_id,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"delay": "soon"}, "Not a valid integer"),
        ({"delay": ""}, "whole number"),
        ({"sample_percent": "101"}, "between 0 and 100"),
        ({"delay": "61", "unit": "days"}, "0 to 60 days"),
        ({"conditions-0-about": "property:"}, "cannot be about"),
        ({"conditions-0-texts": "x" * 201}, "too long"),
        ({"survey": "999"}, "Not a valid choice"),
    ],
)
def test_what_does_not_fit_is_told_beside_what_was_entered(
    changes: dict[str, Any], said: str, session: Session, lead: Browser
) -> None:
    source, survey = make_source(session), make_survey(session)
    fields = entered(survey.id, name="Kept name", **changes)
    refused = lead.send(f"/triggers/sources/{source.id}/triggers", **fields)
    assert refused.status_code == 422
    assert said in refused.text
    assert "Kept name" in refused.text
    assert afresh(session).scalar(select(Trigger)) is None


def test_a_changed_trigger_that_does_not_fit_stays_as_it_was(session: Session, lead: Browser) -> None:
    trigger = make_trigger(session, name="Mine")
    for changes in ({"delay": ""}, {"delay": "61", "unit": "days"}):
        fields = entered(trigger.survey_id, **changes)
        assert lead.send(f"/triggers/{trigger.id}", **fields).status_code == 422
    assert trigger_of(session).name == "Mine"


def test_pausing_leaves_scheduled_mail_and_deleting_asks_about_it(session: Session, lead: Browser) -> None:
    trigger = make_trigger(session, name="Mine")
    waiting = make_invitation(session, trigger_id=trigger.id, survey_id=trigger.survey_id, sent_at=None)
    page = f"/triggers/{trigger.id}"
    asked = lead.get(f"{page}/pause").text
    assert "1 invitation that is scheduled" in asked
    assert " checked" not in asked
    lead.send(f"{page}/pause")
    assert not trigger_of(session).active
    assert "Paused" in lead.get("/triggers").text
    lead.send(f"{page}/resume")
    assert trigger_of(session).active
    assert 'value="yes" checked' in lead.get(f"{page}/delete").text
    assert session.get_one(Invitation, waiting.id).state == InvitationState.SCHEDULED
    deleted = lead.send(f"{page}/delete", cancels="yes")
    assert deleted.status_code == 303
    assert "1 scheduled invitation was cancelled" in lead.get("/triggers").text
    assert afresh(session).get_one(Invitation, waiting.id).state == InvitationState.CANCELLED
    assert lead.get(page).status_code == 404
    assert "Mine" not in lead.get("/triggers").text


def test_outcomes_of_thirty_days_lead_to_the_ledger(session: Session, lead: Browser) -> None:
    from feedback_app import clock

    trigger = make_trigger(session)
    event = keep(
        session,
        Event(
            source_id=trigger.source_id, state=EventState.DONE, received_at=clock.now(), body=b"", facts={}
        ),
    )
    entry = {"event_id": event.id, "trigger_id": trigger.id, "at": clock.now()}
    keep(session, LedgerEntry(**entry, outcome=Outcome.THROTTLED))
    page = lead.get("/triggers")
    assert f"/ledger?trigger={trigger.id}&amp;outcome=throttled" in page.text
    assert "1 throttled" in text_of(page.text)
    assert "1 in 7 days" in text_of(page.text)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CSM])
def test_only_leads_change_triggers(role: Role, app: Flask, session: Session) -> None:
    trigger, browser = make_trigger(session), signed_in(app, role)
    assert f'href="/triggers/{trigger.id}"' not in browser.get("/triggers").text
    for path in (f"/triggers/{trigger.id}", f"/triggers/sources/{trigger.source_id}/try", "/triggers/unread"):
        assert browser.get(path).status_code == 403
    for action in ("pause", "delete", "resume"):
        assert browser.send(f"/triggers/{trigger.id}/{action}").status_code == 403


def rows(session: Session) -> dict[str, int]:
    afresh(session)
    tables = [one for one in Base.metadata.sorted_tables if one.name not in ("staff_session",)]
    return {one.name: session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


@pytest.mark.parametrize(
    "kind",
    ["chatwoot", "freshdesk", "front", "generic", "helpscout", "hubspot", "intercom", "zammad", "zendesk"],
)
def test_the_sample_of_every_helpdesk_says_what_would_happen_and_writes_nothing(
    kind: str, session: Session, lead: Browser
) -> None:
    source = make_source(session, kind=kind, settings={"closed_stages": ["4"]})
    make_trigger(session, source_id=source.id, name="After a case")
    page = f"/triggers/sources/{source.id}/try"
    given = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", lead.get(f"{page}?use=sample").text, re.DOTALL)
    assert given is not None
    before = rows(session)
    told = lead.send(page, body=html.unescape(given[1]))
    assert told.status_code == 200
    shown = text_of(told.text)
    assert "After a case" in shown
    expected = "No address" if kind == "hubspot" else "on the clock of"  # HubSpot names people by ids only
    assert expected in shown
    assert rows(session) == before


def test_the_last_event_that_came_can_be_tried(session: Session, lead: Browser) -> None:
    source = make_source(session)
    receive_event(session, source.id, None, Delivery("d1", b'{"of": "last"}'), problem="No.", now=NOON)
    page = lead.get(f"/triggers/sources/{source.id}/try?use=last").text
    assert html.escape('{"of": "last"}', quote=True).replace("&quot;", "&#34;") in page


def test_a_body_that_cannot_be_read_says_why(session: Session, lead: Browser) -> None:
    source = make_source(session)
    for body in ("no json", ""):
        assert lead.send(f"/triggers/sources/{source.id}/try", body=body).status_code == 422


def unreadable(session: Session, source: Source, body: bytes, delivery_id: str) -> int:
    given = Delivery(delivery_id, body)
    stored = receive_event(session, source.id, None, given, problem="The field type is missing.", now=NOON)
    assert stored is not None
    return stored


def test_what_could_not_be_read_is_listed_and_read_again_after_a_fix(
    session: Session, admin: Browser, lead: Browser
) -> None:
    source = make_source(session)
    good = unreadable(session, source, sample("generic.json"), "d1")
    bad = unreadable(session, source, b'{"secret": "raw"}', "d2")
    assert "2 events could not be read" in lead.get("/triggers").text
    listed = lead.get("/triggers/unread").text
    assert "The field type is missing." in listed
    assert "raw" not in listed
    assert "raw" in admin.get("/triggers/unread").text
    assert lead.send(f"/triggers/unread/{bad}").status_code == 303
    assert "still cannot be read: The field type is missing" in lead.get("/triggers/unread").text
    assert lead.send(f"/triggers/unread/{good}").status_code == 303
    afresh(session)
    assert session.get_one(Event, good).state == EventState.RECEIVED
    assert session.get_one(Event, bad).state == EventState.UNREADABLE
    assert lead.send("/triggers/unread/999").status_code == 404


def test_all_that_could_not_be_read_is_read_again_at_once(session: Session, lead: Browser) -> None:
    source = make_source(session)
    for number, body in enumerate([sample("generic.json"), b"{}", sample("generic.json")]):
        unreadable(session, source, body, f"d{number}")
    assert lead.send("/triggers/unread").status_code == 303
    assert "2 read, 1 still cannot be read" in lead.get("/triggers/unread").text
    states = afresh(session).scalars(select(Event.state).order_by(Event.id)).all()
    assert states == [
        EventState.RECEIVED,
        EventState.UNREADABLE,
        EventState.DONE,
    ]  # the third repeats the first
