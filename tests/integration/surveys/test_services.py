"""Surveys: made, changed, paused, closed, opened again; the audit trail says so."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.errors import Invalid, NotFound
from feedback_app.staff.models import AuditEntry
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.surveys.queries import all_surveys, survey_by_slug
from feedback_app.surveys.services import (
    add_survey,
    change_survey,
    close_survey,
    pause_survey,
    reopen_survey,
)
from tests.factories import make_survey, make_user


def trail(session: Session) -> list[tuple[str, dict[str, object]]]:
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.detail) for entry in entries]


def test_a_new_survey_has_the_usual_scale_and_a_random_slug(session: Session, now: datetime) -> None:
    survey = add_survey(session, metric_key="ces", name="After support", brand="Northlight", now=now)
    assert (survey.points, survey.state, survey.version) == (7, SurveyState.OPEN, 1)
    assert len(survey.slug) == 8
    assert survey.slug.isalnum()
    assert trail(session) == [("survey.added", {"metric": "ces", "points": 7})]
    assert [found.id for found in all_surveys(session)] == [survey.id]


def test_a_chosen_slug_finds_the_survey_and_cannot_be_taken_twice(session: Session, now: datetime) -> None:
    made = add_survey(session, metric_key="nps", name="A", brand="B", slug="northlight", now=now)
    found = survey_by_slug(session, "northlight")
    assert found is not None
    assert found.id == made.id
    with pytest.raises(Invalid, match="northlight"):
        add_survey(session, metric_key="nps", name="A", brand="B", slug="northlight", now=now)
    assert len(all_surveys(session)) == 1


def test_an_unknown_metric_or_a_bad_setting_makes_no_survey(session: Session, now: datetime) -> None:
    for wrong in (
        {"metric_key": "happiness"},
        {"metric_key": "csat", "points": 4},
        {"metric_key": "nps", "brand": " "},
        {"metric_key": "nps", "edit_hours": -1},
        {"metric_key": "nps", "link_days": 0},
        {"metric_key": "nps", "sender_name": "a\r\nBcc: b"},
    ):
        with pytest.raises(Invalid):
            add_survey(session, **{"name": "A", "brand": "B", "now": now} | wrong)  # type: ignore[arg-type]
    assert all_surveys(session) == []


def test_a_change_raises_the_version_and_is_noted_without_the_texts(session: Session, now: datetime) -> None:
    survey, admin = make_survey(session), make_user(session)
    later = now + timedelta(hours=1)
    changed = change_survey(
        session,
        survey.id,
        wording={"de": {"question": "Und?"}},
        thanks_links={"good": {"url": "https://example.org/rate", "label": "Rate us"}},
        counts_unconfirmed=True,
        throttle_days=7,
        user_id=admin.id,
        now=later,
    )
    assert (changed.version, changed.updated_at) == (2, later)
    assert changed.wording == {"de": {"question": "Und?"}}
    assert changed.thanks_links["good"]["url"] == "https://example.org/rate"
    assert trail(session) == [
        (
            "survey.changed",
            {"wording": True, "thanks_links": True, "counts_unconfirmed": True, "throttle_days": 7},
        )
    ]
    assert session.scalar(select(AuditEntry.user_id)) == admin.id


def test_the_rules_of_sending_can_be_changed_and_the_reminder_taken_back(
    session: Session, now: datetime
) -> None:
    survey = make_survey(session)
    changed = change_survey(session, survey.id, reserves_turn=True, reminder_days=5, about="support", now=now)
    assert (changed.reserves_turn, changed.reminder_days, changed.about) == (True, 5, "support")
    assert change_survey(session, survey.id, reminder_days=None, now=now).reminder_days is None
    assert trail(session)[0] == (
        "survey.changed",
        {"reserves_turn": True, "reminder_days": 5, "about": True},
    )
    for wrong in ({"reminder_days": 0}, {"about": "weather"}):
        with pytest.raises(Invalid):
            change_survey(session, survey.id, now=now, **wrong)  # type: ignore[arg-type]


def test_a_change_that_changes_nothing_leaves_no_trace(session: Session, now: datetime) -> None:
    survey = make_survey(session, brand="Northlight")
    assert change_survey(session, survey.id, brand="Northlight", now=now).version == 1
    assert trail(session) == []


def test_the_metric_and_unknown_settings_cannot_be_changed(session: Session, now: datetime) -> None:
    survey = make_survey(session)
    for wrong in ({"metric_key": "csat"}, {"slug": "other"}, {"id": 7}, {"state": "closed"}):
        with pytest.raises(TypeError):
            change_survey(session, survey.id, now=now, **wrong)
    with pytest.raises(Invalid):
        change_survey(session, survey.id, thanks_links={"good": {"url": "//x", "label": "x"}}, now=now)
    with pytest.raises(NotFound):
        change_survey(session, 999_999, brand="x", now=now)


def test_pausing_closing_and_opening_again(session: Session, now: datetime) -> None:
    survey_id = make_survey(session).id
    states = []
    for step in (pause_survey, close_survey, close_survey, reopen_survey):
        step(session, survey_id, now=now)
        survey = session.get_one(Survey, survey_id)
        states.append((survey.state, survey.closed_at))
    assert states == [("paused", None), ("closed", now), ("closed", now), ("open", None)]
    assert [action for action, _ in trail(session)] == ["survey.paused", "survey.closed", "survey.open"]
