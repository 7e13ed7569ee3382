"""A small installation with something of everything under known ids: examples and made-up requests run on it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.keys import create_key
from feedback_app.campaigns.plans import PlanTerms, activate_plan, set_plan
from feedback_app.db import transaction
from feedback_app.invitations.models import InvitationState
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program
from tests.factories import (
    LONG_AGO,
    NOON,
    give_theme,
    make_account,
    make_invitation,
    make_person,
    make_response,
    make_source,
    make_survey,
    make_theme,
    make_trigger,
    make_user,
)

SLUG = "relationship0001"
ANSWERS = (("Jo Wong", 9, "Quick and kind."), ("Leslie Park", 3, "The app is slow."), ("Sam Diaz", 8, ""))


def seed(app: Flask, session: Session) -> Program:
    """A program whose key sees all of it."""
    make_user(session, email="dana@northlight.example", name="Dana Reyes")
    survey = make_survey(session, slug=SLUG)
    source = make_source(session, key="helpdesk-of-the-sample")
    make_trigger(session, survey_id=survey.id, source_id=source.id)
    add_answers(session, survey)
    speed = make_theme(session, name="Speed", patterns="slow\nloading*")
    give_theme(session, 2, speed.id, source="person", sentiment="negative")
    plan_id = set_plan(session, survey.id, PlanTerms(90), zone=ZoneInfo("UTC"), user_id=None, now=LONG_AGO)
    activate_plan(session, plan_id, zone=ZoneInfo("UTC"), user_id=None, now=LONG_AGO)
    program = Program(app, create_key(session, SLUG, name="Shop backend", per_minute=0, now=NOON))
    send_in(program)
    add_bounce(app, session)
    return program


def add_answers(session: Session, survey: Survey) -> None:
    """Three people of a company, invitations and responses 1 to 3."""
    account = make_account(session, name="Acme", external_id="acme")
    for number, (name, rating, comment) in enumerate(ANSWERS, 1):
        email = f"{name.split()[0].lower()}@customer.example"
        person = make_person(session, email=email, name=name, account_id=account.id)
        who = {"survey_id": survey.id, "person_id": person.id}
        sent_at = NOON - timedelta(days=number)
        sent = make_invitation(session, **who, state=InvitationState.ANSWERED, sent_at=sent_at)
        make_response(
            session,
            **who,
            invitation_id=sent.id,
            rating=rating,
            comment=comment,
            tags=["shipping"],
            properties={"plan": "pro"},
            permalink=str(number) * 32,
            created_at=NOON - timedelta(hours=number),
        )


def send_in(program: Program) -> None:
    """What programs send: an invitation that waits (4), a member of Autopilot, a goal, an event, an unsubscribing."""
    made = [
        program.post("/people", email="sam@customer.example", delay=86_400),
        program.post("/autopilot/email/memberships", person_email="sam@customer.example"),
        program.post("/goals", target=45, due_on="2027-06-30"),
        program.post(
            "/events",
            type="support.interaction.closed",
            data={"interaction_id": "84100", "contact": {"email": "leslie@customer.example"}},
        ),
        program.post("/unsubscribes", person_email="una@customer.example"),
    ]
    assert [answer.status_code for answer in made if answer.status_code >= 300] == []


def add_bounce(app: Flask, session: Session) -> None:
    """Mail to Leslie came back."""
    address_hash = app.extensions["feedback_vault"].address_hash("leslie@customer.example")
    with transaction(session):
        suppress(
            session,
            address_hash,
            SuppressionReason.BOUNCED,
            person_id=2,
            detail="550 no such mailbox",
            now=NOON,
        )
