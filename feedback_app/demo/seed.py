"""Makes the sample company: by the product's own services, with a fixed seed, six months back from now."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.services import describe_account, ensure_account
from feedback_app.clock import now as right_now
from feedback_app.db import db, transaction
from feedback_app.demo.company import ADMIN, BOARD, BRAND, CSMS, CUSTOMERS, JOBS, LEAD, Customer
from feedback_app.demo.history import Cast, live_through
from feedback_app.invitations.models import Source, Trigger
from feedback_app.invitations.services import add_source_with_trigger
from feedback_app.people.bulk import PersonRow, upsert_people
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.lists import add_addresses_to_list, ensure_list, save_filter
from feedback_app.staff.models import Role, StaffUser
from feedback_app.staff.services import add_user
from feedback_app.surveys.models import Survey
from feedback_app.surveys.services import add_survey
from feedback_app.themes.services import use_starter_set
from feedback_app.webhooks.helpdesks.registry import providers

SEED = 20261122
MONTHS = timedelta(days=183)
ASKED_AFTER = timedelta(seconds=10)  # the demo's visitor does not wait a day
SENDER = "surveys@northlight.example"
ZENDESK = "Zendesk"
CHAT = "Support chat"
LIFECYCLE = "Customer lifecycle"
THEMES = "saas"  # the starter set
SURVEYS = (  # name, metric, what about, the source whose events ask it
    ("Relationship, each quarter", "nps", "brand", LIFECYCLE, "generic"),
    ("After a support case", "ces", "support", ZENDESK, "zendesk"),
    ("After a support chat", "csat", "support", CHAT, "generic"),
)


@dataclass(frozen=True)
class DemoRows:
    """The rows that the welcome text names."""

    csm_id: int
    open_slug: str
    source_key: str
    sealed_secret: str


def is_seeded(session: Session) -> bool:
    return session.scalar(select(Survey.id).limit(1)) is not None


def demo_rows(session: Session) -> DemoRows:
    """The CSM who signs in, the open survey, and the source whose cases the visitor closes."""
    csm_id = session.scalars(select(StaffUser.id).where(StaffUser.email == CSMS[0].email)).one()
    asked = (
        select(Survey.slug, Source.key, Source.sealed_secret)
        .join(Trigger, Trigger.survey_id == Survey.id)
        .join(Source, Trigger.source_id == Source.id)
        .where(Source.name == CHAT)
    )
    slug, key, sealed = session.execute(asked).one()
    return DemoRows(csm_id, slug, key, sealed)


def seed(app: Flask, *, now: datetime | None = None) -> Iterator[float]:
    """Fill an empty database with Northlight, its customers and six months of their answers up to `now`.

    Yields how much of it is done, from 0 to 1.
    """
    now = now or right_now()
    began = now - MONTHS
    session = db.session()
    chance = random.Random(SEED)  # noqa: S311 - a sample company, not a secret
    users = {
        staff.email: add_user(session, staff.email, role=Role[staff.role.upper()], name=staff.name, now=began)
        for staff in (ADMIN, LEAD, *CSMS)
    }
    for customer in CUSTOMERS:
        make_known(session, customer, users[customer.owner], began, now)
    planners = PeopleFilter(property="job", value="Shift planner")
    save_filter(session, "Shift planners", planners, user_id=users[LEAD.email], now=began)
    use_starter_set(session, THEMES, user_id=users[LEAD.email], now=began)
    sources = {name: set_up_survey(app, name, *rest, now=began) for name, *rest in SURVEYS}
    for moment in live_through(app, Cast(users=users, sources=sources), chance, since=began, until=now):
        yield (moment - began) / MONTHS


def make_known(session: Session, customer: Customer, owner_id: int, began: datetime, now: datetime) -> None:
    """One customer company with its people."""
    with transaction(session):
        account_id = ensure_account(session, customer.name, external_id=customer.external_id, now=began)
        describe_account(
            session,
            account_id,
            owner_id=owner_id,
            monthly_revenue=customer.monthly_revenue,
            currency=customer.currency,
            renews_on=(now + timedelta(days=customer.renews_in_days)).date(),
            properties={"plan": customer.plan},
            now=began,
        )
        upsert_people(
            session, [person_row(customer, name, account_id) for name in customer.people], now=began
        )
        if customer.mood > 0:
            board = ensure_list(session, BOARD, now=began)
            add_addresses_to_list(session, board, [customer.address_of(customer.people[0])])


def person_row(customer: Customer, name: str, account_id: int) -> PersonRow:
    """One person as a file of the customer's people would name them."""
    address = customer.address_of(name)
    job = JOBS[customer.people.index(name) % len(JOBS)]
    return PersonRow(
        address,
        address,
        name=name,
        locale=customer.locale,
        time_zone=customer.time_zone,
        account_id=account_id,
        properties={"job": job, "plan": customer.plan},
    )


def set_up_survey(
    app: Flask, name: str, metric_key: str, about: str, source: str, kind: str, *, now: datetime
) -> int:
    """One survey with the source and the trigger that ask it; the id of the source."""
    session = db.session()
    survey = add_survey(
        session, metric_key=metric_key, name=name, brand=BRAND, about=about, sender_address=SENDER, now=now
    )
    made = add_source_with_trigger(
        session,
        kind,
        survey.slug,
        name=source,
        secret=providers()["generic"].new_secret(),
        delay=ASKED_AFTER,
        vault=app.extensions["feedback_vault"],
        now=now,
    )
    return session.scalars(select(Source.id).where(Source.key == made.key)).one()
