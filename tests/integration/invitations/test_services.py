"""Sources, triggers and their secrets."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.models import Source, Trigger
from feedback_app.invitations.services import (
    NewTrigger,
    add_source_with_trigger,
    add_trigger,
    set_source_secret,
)
from tests.factories import make_survey

DAY = timedelta(days=1)


def made(
    app: Flask, session: Session, now: datetime, slug: str = "ces", delay: timedelta = DAY
) -> NewTrigger:
    vault = app.extensions["feedback_vault"]
    return add_source_with_trigger(
        session, "generic", slug, name="Helpdesk", secret="s3cret", delay=delay, vault=vault, now=now
    )


def test_a_new_source_has_its_own_key_and_a_sealed_secret(
    app: Flask, session: Session, now: datetime
) -> None:
    survey = make_survey(session, slug="ces")
    keys = {made(app, session, now).key for _ in range(2)}
    assert len(keys) == 2
    source = session.scalars(select(Source)).first()
    trigger = session.scalars(select(Trigger)).first()
    assert source is not None
    assert trigger is not None
    assert "s3cret" not in source.sealed_secret
    assert app.extensions["feedback_vault"].unseal(source.sealed_secret) == "s3cret"
    assert (trigger.survey_id, trigger.delay_seconds, trigger.active) == (survey.id, 86_400, True)


def test_one_source_can_feed_several_surveys(app: Flask, session: Session, now: datetime) -> None:
    make_survey(session, slug="ces")
    nps = make_survey(session, slug="nps")
    first = made(app, session, now)
    second = add_trigger(session, first.key, "nps", delay=timedelta(0), now=now)
    assert (second.key, second.secret) == (first.key, None)
    assert list(session.scalars(select(Trigger.survey_id).order_by(Trigger.id)))[1] == nps.id
    assert len(list(session.scalars(select(Source)))) == 1


def test_an_unknown_survey_or_source_makes_nothing(app: Flask, session: Session, now: datetime) -> None:
    with pytest.raises(NotFound, match="no survey 'ces'"):
        made(app, session, now)
    assert session.scalar(select(Source)) is None
    with pytest.raises(NotFound, match="neither a kind of helpdesk"):
        add_trigger(session, "zendsk", "ces", delay=DAY, now=now)


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(days=61)])
def test_a_delay_out_of_bounds_makes_nothing(
    delay: timedelta, app: Flask, session: Session, now: datetime
) -> None:
    make_survey(session, slug="ces")
    with pytest.raises(Invalid, match="0 to 60 days"):
        made(app, session, now, delay=delay)
    assert session.scalar(select(Source)) is None


def test_a_secret_is_replaced_but_never_by_nothing(app: Flask, session: Session, now: datetime) -> None:
    make_survey(session, slug="ces")
    key, vault = made(app, session, now).key, app.extensions["feedback_vault"]
    set_source_secret(session, key, " from zendesk\n", vault=vault)
    with pytest.raises(Invalid, match="empty"):
        set_source_secret(session, key, " \n", vault=vault)
    sealed = session.scalar(select(Source.sealed_secret))
    assert sealed is not None
    assert vault.unseal(sealed) == "from zendesk"
