"""Rows for tests: each function commits one valid row, and the test names only what it is about."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account, account_name_key
from feedback_app.db import Base, transaction
from feedback_app.invitations.models import Invitation, InvitationState, Source, Trigger
from feedback_app.people.models import Person
from feedback_app.responses.models import Channel, Response, ResponseState
from feedback_app.scoring.metrics import metric
from feedback_app.staff.models import Role, StaffRole, StaffUser
from feedback_app.surveys.models import Survey
from feedback_app.themes.models import ResponseTheme, Theme

Row = TypeVar("Row", bound=Base)
LONG_AGO = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def keep(session: Session, row: Row) -> Row:
    """The row, committed, and readable after the session has let it go."""
    with transaction(session):
        session.add(row)
    session.refresh(row)
    return row


def make_survey(session: Session, **given: Any) -> Survey:
    key = given.setdefault("metric_key", "nps")
    defaults = {
        "slug": secrets.token_hex(8),
        "name": "Relationship",
        "points": metric(key).points,
        "brand": "Northlight",
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
    }
    return keep(session, Survey(**defaults | given))


def make_account(session: Session, **given: Any) -> Account:
    name = given.setdefault("name", f"Company {secrets.token_hex(4)}")
    defaults = {"name_key": account_name_key(name), "created_at": LONG_AGO, "updated_at": LONG_AGO}
    return keep(session, Account(**defaults | given))


def make_person(session: Session, **given: Any) -> Person:
    email = given.setdefault("email", f"ada.{secrets.token_hex(4)}@customer.example")
    defaults = {
        "email_key": email and email.lower(),
        "name": "Ada Lind",
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
    }
    return keep(session, Person(**defaults | given))


def make_source(session: Session, signs_with: str = "a secret", **given: Any) -> Source:
    """A helpdesk of our own kind, unless given, with its secret as the vault seals it."""
    defaults = {
        "kind": "generic",
        "key": secrets.token_urlsafe(24),
        "name": "Helpdesk",
        "sealed_secret": current_app.extensions["feedback_vault"].seal(signs_with),
        "created_at": LONG_AGO,
    }
    return keep(session, Source(**defaults | given))


def make_trigger(session: Session, **given: Any) -> Trigger:
    """Asks the survey a day after each event of the source; both are made if not given."""
    if "source_id" not in given:
        given["source_id"] = make_source(session).id
    if "survey_id" not in given:
        given["survey_id"] = make_survey(session).id
    return keep(session, Trigger(**{"created_at": LONG_AGO} | given))


def make_invitation(session: Session, **given: Any) -> Invitation:
    """An invitation that was sent at `sent_at` (an hour before NOON); its survey and person are made if not given."""
    if "survey_id" not in given:
        given["survey_id"] = make_survey(session).id
    if "person_id" not in given:
        given["person_id"] = make_person(session).id
    sent = given.setdefault("sent_at", NOON - timedelta(hours=1))
    at = sent or NOON - timedelta(hours=1)
    defaults = {
        "state": InvitationState.SENT if sent else InvitationState.SCHEDULED,
        "created_at": at,
        "changed_at": at,
        "due_at": at,
        "expires_at": at + timedelta(days=7),
    }
    return keep(session, Invitation(**defaults | given))


def make_response(session: Session, **given: Any) -> Response:
    """A confirmed answer of NOON, rated 9 unless given; its survey is made if not given."""
    if "survey_id" not in given:
        given["survey_id"] = make_survey(session).id
    survey = session.get_one(Survey, given["survey_id"])
    at = given.setdefault("created_at", NOON)
    rating = given.setdefault("rating", survey.metric.scale.high)
    defaults = {
        "permalink": secrets.token_hex(16),
        "position": survey.metric.scale.position(rating),
        "state": ResponseState.CONFIRMED,
        "channel": Channel.LINK if given.get("invitation_id") is None else Channel.EMAIL,
        "updated_at": at,
        "confirmed_at": at,
        "answered_on": at.date(),
    }
    return keep(session, Response(**defaults | given))


def make_read(session: Session, **given: Any) -> Response:
    """The same, its comment read by the tagger: so it is in the search index."""
    return make_response(session, **{"tagged_at": given.get("created_at", NOON)} | given)


def make_theme(session: Session, name: str = "Billing", **given: Any) -> Theme:
    """A theme that is found by its own name, unless given."""
    defaults = {
        "name_key": name.casefold(),
        "patterns": name.casefold(),
        "colour": "#3b82f6",
        "created_at": LONG_AGO,
        "changed_at": LONG_AGO,
    }
    return keep(session, Theme(name=name, **defaults | given))


def give_theme(session: Session, response_id: int, theme_id: int, **given: Any) -> ResponseTheme:
    """The theme on the response, as its rule would find it unless given."""
    defaults = {"source": "rule", "spans": []}
    return keep(session, ResponseTheme(response_id=response_id, theme_id=theme_id, **defaults | given))


def make_user(session: Session, role: Role = Role.CSM, **given: Any) -> StaffUser:
    defaults = {
        "email": f"{role.key}.{secrets.token_hex(4)}@northlight.example",
        "name": f"Some {role.key}",
        "fs_uniquifier": secrets.token_hex(16),
        "created_at": LONG_AGO,
    }
    held = session.scalar(select(StaffRole).where(StaffRole.name == role.key)) or StaffRole(name=role.key)
    return keep(session, StaffUser(**defaults | given, roles=[held]))
