"""feedback surveys: made with their rules, let rest, closed and opened again."""

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.cli import context
from feedback_app.cli.surveys import surveys
from feedback_app.errors import NotFound
from feedback_app.surveys.models import Survey
from tests.factories import make_survey
from tests.pages import afresh


@pytest.fixture
def called(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Calls commands on the test's own application."""
    monkeypatch.setattr(context, "ready_app", lambda: app)
    return CliRunner()


def run(called: CliRunner, *arguments: str, given: str = "") -> Result:
    return called.invoke(surveys, arguments, input=given, catch_exceptions=False)


def test_a_survey_is_made_with_its_rules(called: CliRunner, session: Session) -> None:
    made = run(
        called,
        *("add", "--metric", "csat", "--name", "Chat", "--about", "support"),
        *("--throttle-days", "7", "--reminder-days", "3"),
    )
    survey = afresh(session).scalars(select(Survey)).one()
    assert made.stdout.strip() == survey.slug
    assert (survey.about, survey.throttle_days, survey.reminder_days) == ("support", 7, 3)


def test_the_usual_survey_is_about_the_brand_and_reminds_nobody(called: CliRunner, session: Session) -> None:
    run(called, "add", "--metric", "nps", "--name", "Northlight")
    survey = afresh(session).scalars(select(Survey)).one()
    assert (survey.about, survey.throttle_days, survey.reminder_days) == ("brand", 30, None)


@pytest.mark.parametrize(
    "wrong", [("--about", "weather"), ("--reminder-days", "0"), ("--throttle-days", "-1")]
)
def test_rules_that_cannot_be_are_a_wrong_call(
    wrong: tuple[str, str], called: CliRunner, session: Session
) -> None:
    assert run(called, "add", "--metric", "nps", "--name", "A", *wrong).exit_code == 2
    assert session.scalars(select(Survey)).all() == []


def test_pausing_closing_and_opening_again(called: CliRunner, session: Session) -> None:
    make_survey(session, slug="quarterly")
    steps = [("pause",), ("reopen",), ("close", "--yes"), ("reopen",)]
    states = []
    for step in steps:
        assert run(called, *step, "quarterly").exit_code == 0
        states.append(afresh(session).scalars(select(Survey.state)).one())
    assert states == ["paused", "open", "closed", "open"]


@pytest.mark.parametrize(("answer", "state"), [("n\n", "open"), ("y\n", "closed")])
def test_closing_says_what_becomes_of_waiting_mail_and_asks(
    answer: str, state: str, called: CliRunner, session: Session
) -> None:
    make_survey(session, slug="quarterly")
    asked = run(called, "close", "quarterly", given=answer)
    assert "waiting mail is cancelled" in asked.output
    assert afresh(session).scalars(select(Survey.state)).one() == state


def test_a_survey_that_is_none_is_told(called: CliRunner) -> None:
    with pytest.raises(NotFound, match="nothing was changed"):
        run(called, "pause", "nothing")
