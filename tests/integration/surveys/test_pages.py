"""/surveys as a lead changes it and a viewer sees it."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.staff.models import AuditEntry, Role, StaffUser
from feedback_app.surveys.models import Survey
from tests.factories import make_survey
from tests.pages import afresh, form_token, new_browser, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

RULES = {
    "name": "After a case",
    "about": "support",
    "language": "de",
    "throttle_days": "14",
    "reminder_days": "4",
    "edit_hours": "48",
    "link_days": "60",
}
LOOK = {
    "brand": "Northlight",
    "accent": "#aa3300",
    "sender_name": "Priya",
    "sender_address": "ask@northlight.example",
    "reply_to": "help@northlight.example",
    "postal_address": "Northlight Ltd\nDublin",
}


def send(browser, url: str, **fields: str):
    return browser.send(url, form_on="/settings/profile", **fields)


def test_the_list_of_an_empty_installation_says_what_to_do_next(app: Flask) -> None:
    assert "Make the first survey" in signed_in(app, Role.LEAD).get("/surveys").text
    assert "Make the first survey" not in signed_in(app, Role.VIEWER).get("/surveys").text


def test_the_list_tells_state_throttle_reminder_and_link(app: Flask, session: Session) -> None:
    make_survey(
        session, name="Quarterly", slug="quarterly", state="paused", reminder_days=5, throttle_days=90
    )
    row = BeautifulSoup(signed_in(app, Role.VIEWER).get("/surveys").text, "html5lib").tbody
    assert [" ".join(cell.text.split()) for cell in row.find_all("td")] == [
        "Quarterly",
        "NPS: how likely to recommend, 0 to 10",
        "Paused",
        "90 days",
        "5 days",
        "Answers · Open link",
    ]
    assert row.find("a", string="Open link")["href"] == "http://localhost/t/quarterly"


def test_a_lead_makes_a_survey_and_lands_on_its_preview(app: Flask, session: Session) -> None:
    lead = signed_in(app, Role.LEAD)
    given = {"metric": "csat3", "name": "Chat", "brand": "Northlight", "about": "support", "language": "fr"}
    answer = send(lead, "/surveys", **given)
    made = session.scalars(select(Survey)).one()
    assert (answer.status_code, answer.location) == (303, f"/surveys/{made.id}/preview")
    assert (made.metric_key, made.points, made.about, made.language) == ("csat", 3, "support", "fr")
    assert session.scalars(select(AuditEntry.action)).all() == ["survey.added"]


def test_a_new_survey_without_a_name_says_so_and_keeps_the_rest(app: Flask, session: Session) -> None:
    lead = signed_in(app, Role.LEAD)
    answer = send(lead, "/surveys", metric="nps11", name=" ", brand="North", about="brand", language="en")
    assert answer.status_code == 422
    assert "A survey needs a name." in answer.text
    assert 'value="North"' in answer.text
    assert session.scalars(select(Survey)).all() == []


def test_rules_are_saved_and_noted(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    answer = send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}", reserves_turn="y", **RULES)
    survey = afresh(session).get_one(Survey, survey_id)
    assert answer.status_code == 303
    assert (survey.name, survey.about, survey.language) == ("After a case", "support", "de")
    assert (survey.throttle_days, survey.reserves_turn, survey.reminder_days) == (14, True, 4)
    assert (survey.edit_hours, survey.link_days) == (48, 60)
    assert session.scalars(select(AuditEntry.action)).all() == ["survey.changed"]


def test_an_empty_reminder_means_none_and_an_empty_box_no_reserve(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, reminder_days=3, reserves_turn=True).id
    send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}", **RULES | {"reminder_days": ""})
    survey = afresh(session).get_one(Survey, survey_id)
    assert (survey.reminder_days, survey.reserves_turn) == (None, False)


def test_counting_unconfirmed_answers_is_a_choice_and_the_audit_trail_names_it(
    app: Flask, session: Session
) -> None:
    survey_id, lead = make_survey(session).id, signed_in(app, Role.LEAD, name="Priya")
    send(lead, f"/surveys/{survey_id}", counts_unconfirmed="y", **RULES)
    send(lead, f"/surveys/{survey_id}", **RULES)
    assert not afresh(session).get_one(Survey, survey_id).counts_unconfirmed
    noted = session.execute(
        select(StaffUser.name, AuditEntry.detail)
        .join(StaffUser, StaffUser.id == AuditEntry.user_id)
        .order_by(AuditEntry.id)
    )
    assert [(name, detail["counts_unconfirmed"]) for name, detail in noted] == [
        ("Priya", True),
        ("Priya", False),
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"throttle_days": "-1"}, "Enter a whole number from 0 to 3,650."),
        ({"link_days": "soon"}, "Not a valid integer value."),
        ({"reminder_days": "0"}, "Enter a whole number from 1 to 3,650."),
    ],
)
def test_rules_that_cannot_be_are_told_beside_their_field(
    wrong: dict[str, str], told: str, app: Flask, session: Session
) -> None:
    survey_id = make_survey(session).id
    answer = send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}", **RULES | wrong)
    assert answer.status_code == 422
    assert told in answer.text
    assert afresh(session).get_one(Survey, survey_id).version == 1


def test_the_look_is_saved_and_its_addresses_are_checked(app: Flask, session: Session) -> None:
    survey_id, lead = make_survey(session).id, signed_in(app, Role.LEAD)
    assert send(lead, f"/surveys/{survey_id}/look", **LOOK).status_code == 303
    survey = afresh(session).get_one(Survey, survey_id)
    assert {name: getattr(survey, name) for name in LOOK} == LOOK
    wrong = send(lead, f"/surveys/{survey_id}/look", **LOOK | {"reply_to": "nobody"})
    assert wrong.status_code == 422
    assert "is not an e-mail address" in wrong.text


def test_words_are_kept_for_one_language_and_emptied_back_to_the_standard(
    app: Flask, session: Session
) -> None:
    survey_id, lead = make_survey(session, wording={"de": {"subject": "Und?"}}).id, signed_in(app, Role.LEAD)
    address = f"/surveys/{survey_id}/wording/en"
    send(lead, address, subject="Well?", greeting=" ", question="How was it,\r\n{first_name}?")
    assert afresh(session).get_one(Survey, survey_id).wording == {
        "de": {"subject": "Und?"},
        "en": {"subject": "Well?", "question": "How was it,\n{first_name}?"},
    }
    send(lead, address, subject="", question="")
    assert afresh(session).get_one(Survey, survey_id).wording == {"de": {"subject": "Und?"}}


def test_words_without_a_field_survive_a_change_of_others(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, wording={"en": {"choice_0": "Never"}}).id
    send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}/wording/en", subject="Well?")
    kept = afresh(session).get_one(Survey, survey_id).wording
    assert kept == {"en": {"choice_0": "Never", "subject": "Well?"}}


def test_the_standard_text_is_shown_where_a_field_is_empty(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, metric_key="csat", about="support").id
    page = BeautifulSoup(signed_in(app, Role.VIEWER).get(f"/surveys/{survey_id}/wording/de").text, "html5lib")
    assert page.find(id="subject")["placeholder"] == "Ihr Anliegen „{topic}“: Wie war unsere Hilfe?"
    assert page.find(id="choice_5")["placeholder"] == "Sehr zufrieden"
    assert page.find("fieldset").has_attr("disabled")
    assert "Save the wording" not in page.text


def test_a_placeholder_that_does_not_exist_is_told_and_the_text_kept_in_the_form(
    app: Flask, session: Session
) -> None:
    survey_id = make_survey(session).id
    address = f"/surveys/{survey_id}/wording/en"
    answer = send(signed_in(app, Role.LEAD), address, greeting="Hi {firstname}", intro="A long text")
    assert answer.status_code == 422
    assert "{firstname}" in BeautifulSoup(answer.text, "html5lib").find(id="greeting-error").text
    assert "A long text" in answer.text
    assert afresh(session).get_one(Survey, survey_id).wording == {}


def test_a_language_without_wording_is_not_found(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    assert signed_in(app).get(f"/surveys/{survey_id}/wording/xx").status_code == 404


def test_the_states_follow_their_buttons(app: Flask, session: Session) -> None:
    survey_id, lead = make_survey(session, name="Quarterly").id, signed_in(app, Role.LEAD)
    states = []
    for move in ("pause", "reopen", "close", "reopen"):
        send(lead, f"/surveys/{survey_id}/state", move=move)
        states.append(afresh(session).get_one(Survey, survey_id).state)
    assert states == ["paused", "open", "closed", "open"]
    assert send(lead, f"/surveys/{survey_id}/state", move="burn").status_code == 422


def test_closing_says_what_becomes_of_waiting_mail(app: Flask, session: Session) -> None:
    survey_id, lead = make_survey(session).id, signed_in(app, Role.LEAD)
    assert "cancelled when they come due" in lead.get(f"/surveys/{survey_id}").text
    send(lead, f"/surveys/{survey_id}/state", move="close")
    assert "mail that was due is cancelled" in lead.get(f"/surveys/{survey_id}").text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CSM])
def test_who_is_no_lead_sees_everything_and_changes_nothing(role: Role, app: Flask, session: Session) -> None:
    survey_id, browser = make_survey(session).id, signed_in(app, role)
    for part in ("", "/look", "/wording/en", "/preview"):
        assert browser.get(f"/surveys/{survey_id}{part}").status_code == 200
    for url, fields in (
        ("/surveys", {}),
        (f"/surveys/{survey_id}", RULES),
        (f"/surveys/{survey_id}/look", LOOK),
        (f"/surveys/{survey_id}/wording/en", {"subject": "x"}),
        (f"/surveys/{survey_id}/state", {"move": "close"}),
        (f"/surveys/{survey_id}/test", {}),
    ):
        assert send(browser, url, **fields).status_code == 403
    assert afresh(session).get_one(Survey, survey_id).version == 1


def test_a_form_without_its_token_changes_nothing(app: Flask, session: Session) -> None:
    survey_id, lead = make_survey(session).id, signed_in(app, Role.LEAD)
    form_token(lead.get(f"/surveys/{survey_id}").text)
    assert lead.post(f"/surveys/{survey_id}/state", data={"move": "close"}).status_code == 400


def test_strangers_are_asked_to_sign_in_and_unknown_surveys_are_not_found(app: Flask) -> None:
    assert new_browser(app).get("/surveys").status_code == 302
    lead = signed_in(app, Role.LEAD)
    for part in ("", "/look", "/wording", "/wording/en", "/preview"):
        assert lead.get(f"/surveys/999{part}").status_code == 404
