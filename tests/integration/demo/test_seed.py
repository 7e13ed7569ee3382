"""The sample company: believable, without an empty page, and the same each time."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.demo import seed as seeding
from feedback_app.demo.company import COMMENTS, CUSTOMERS
from feedback_app.demo.seed import demo_rows, is_seeded, seed
from feedback_app.invitations.models import Event, Invitation, InvitationState, LedgerEntry
from feedback_app.mail.catcher import list_caught
from feedback_app.people.models import Person
from feedback_app.responses.models import Response
from feedback_app.surveys.models import Survey

SAID = [
    comment
    for tones in COMMENTS.values()
    for languages in tones.values()
    for said in languages.values()
    for comment in said
]
THREE_WEEKS = timedelta(days=21)


@pytest.fixture
def seeded(app: Flask, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Three weeks of the sample company's life; how far each step was."""
    monkeypatch.setattr(seeding, "MONTHS", THREE_WEEKS)
    assert not is_seeded(session)
    return list(seed(app, now=now))


def test_the_company_comes_with_customers_surveys_and_answers(
    seeded: list[float], app: Flask, session: Session, now: datetime
) -> None:
    session.rollback()
    assert is_seeded(session)
    assert sorted(seeded) == seeded
    assert 0 < seeded[-1] <= 1
    accounts = session.scalars(select(Account)).all()
    assert len(accounts) == len(CUSTOMERS)
    assert all(account.owner_id and account.monthly_revenue and account.renews_on for account in accounts)
    assert session.scalar(select(func.count(Person.id))) == sum(len(one.people) for one in CUSTOMERS)
    assert sorted(session.scalars(select(Survey.metric_key))) == ["ces", "csat", "nps"]
    answered = session.scalars(select(Response)).all()
    assert len(answered) > 10
    assert {response.survey_id for response in answered} == set(session.scalars(select(Survey.id)))
    assert all(response.comment in ("", *SAID) for response in answered)
    assert all(now - THREE_WEEKS <= response.created_at < now for response in answered)
    assert demo_rows(session).open_slug
    assert list_caught(app.extensions["feedback_settings"].outbox, 5)


def test_its_history_is_one_that_the_product_could_have_lived(seeded: list[float], session: Session) -> None:
    session.rollback()
    events = session.scalar(select(func.count(Event.id)))
    assert session.scalar(select(func.count(LedgerEntry.id))) == events
    invited = session.scalar(select(func.count()).where(LedgerEntry.outcome == "invited"))
    assert session.scalar(select(func.count(Invitation.id))) == invited
    known = {InvitationState.SENT, InvitationState.ANSWERED, InvitationState.SCHEDULED}
    assert set(session.scalars(select(Invitation.state))) <= known


def test_no_comment_stands_in_it_twice() -> None:
    assert len(set(SAID)) == len(SAID)
