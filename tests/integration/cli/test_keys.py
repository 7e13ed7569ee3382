"""feedback keys: made, listed, replaced and revoked."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import TimeMachineFixture

from feedback_app.api.keys import known_key
from feedback_app.api.models import ApiKey
from feedback_app.cli import context
from feedback_app.cli.keys import keys
from feedback_app.errors import Invalid, NotFound
from feedback_app.staff.models import AuditEntry
from tests.factories import NOON, make_survey
from tests.pages import afresh


@pytest.fixture
def called(app: Flask, monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture) -> CliRunner:
    """Calls commands on the test's own application, at noon."""
    time_machine.move_to(NOON, tick=False)
    monkeypatch.setattr(context, "ready_app", lambda: app)
    return CliRunner()


def run(called: CliRunner, *arguments: str) -> Result:
    return called.invoke(keys, arguments, catch_exceptions=False)


def test_a_key_is_printed_alone_and_works(called: CliRunner, session: Session) -> None:
    survey = make_survey(session, slug="quarterly")
    made = run(called, "create", "quarterly", "--scope", "ingest", "--name", "Shop", "--per-minute", "0")
    [key] = made.stdout.splitlines()
    known = known_key(key, now=NOON)
    assert known is not None
    assert (len(key), known.survey_id, known.scope, known.per_minute) == (32, survey.id, "ingest", 0)


def test_the_list_tells_keys_apart_and_shows_none(called: CliRunner, session: Session) -> None:
    make_survey(session, slug="quarterly")
    key = run(called, "create", "quarterly", "--name", "Shop").stdout.strip()
    listed = run(called, "list").stdout
    assert listed == f"1\t{key[:4]}\tquarterly\tfull\tnever used\tin use\tShop\n"
    assert key not in listed


def test_a_replaced_key_stays_good_for_the_overlap(called: CliRunner, session: Session) -> None:
    make_survey(session, slug="quarterly")
    old = run(called, "create", "quarterly").stdout.strip()
    new = run(called, "replace", "1", "--overlap", "2h").stdout.strip()
    assert known_key(new, now=NOON + timedelta(days=365))
    assert known_key(old, now=NOON + timedelta(hours=1, minutes=59))
    assert known_key(old, now=NOON + timedelta(hours=2)) is None
    states = [line.split("\t")[5] for line in run(called, "list").stdout.splitlines()]
    assert states == ["in use", "until 2026-11-20T14:00Z"]


def test_a_revoked_key_is_refused_and_cannot_be_revoked_or_replaced(
    called: CliRunner, session: Session
) -> None:
    make_survey(session, slug="quarterly")
    key = run(called, "create", "quarterly").stdout.strip()
    assert run(called, "revoke", "1").exit_code == 0
    assert known_key(key, now=NOON) is None
    for again in (("revoke", "1"), ("replace", "1"), ("revoke", "77")):
        with pytest.raises(NotFound, match="nothing was changed"):
            run(called, *again)
    actions = [entry.action for entry in afresh(session).scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions == ["key.made", "key.revoked"]


def test_what_cannot_be_is_refused_in_a_sentence(called: CliRunner, session: Session) -> None:
    make_survey(session, slug="quarterly")
    with pytest.raises(NotFound, match="There is no survey 'yearly'; no key was made"):
        run(called, "create", "yearly")
    with pytest.raises(Invalid, match="at most 120 characters"):
        run(called, "create", "quarterly", "--name", "x" * 121)
    run(called, "create", "quarterly")
    with pytest.raises(Invalid, match="from 0 to 30 days"):
        run(called, "replace", "1", "--overlap", "31d")
    assert run(called, "create", "quarterly", "--per-minute", "-1").exit_code == 2
    assert run(called, "create", "quarterly", "--scope", "all").exit_code == 2
    assert len(afresh(session).scalars(select(ApiKey)).all()) == 1
