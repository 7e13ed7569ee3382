"""The list of themes and the rows behind its numbers."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.responses.models import Response
from feedback_app.themes.overview import NO_THEME, Blamed, about, most_blamed, overview, walked
from tests.factories import NOON, give_theme, make_theme
from tests.integration.themes.conftest import make_comment

MONTH_AGO = NOON - timedelta(days=30)


def count(session: Session, theme: str, said: str = "") -> int:
    return session.scalar(select(func.count()).select_from(Response).where(about(theme, said))) or 0


def test_the_rows_behind_each_number_are_as_many_as_it_says(session: Session) -> None:
    billing, speed = make_theme(session, name="Billing"), make_theme(session, name="Speed")
    for label, by_clauses in (("negative", None), ("positive", "negative"), ("neutral", None), (None, None)):
        give_theme(
            session, make_comment(session, "Words.", sentiment=label), billing.id, sentiment=by_clauses
        )
    make_comment(session, "About nothing.")
    shown = overview(session.connection(), since=MONTH_AGO, days=30)
    line, other = shown.lines
    assert (line.count.name, line.count.comments, line.said) == (
        "Billing",
        4,
        {"negative": 2, "neutral": 1, "positive": 0},
    )
    assert [count(session, str(billing.id), label) for label in ("", *line.said)] == [4, 2, 1, 0]
    assert (other.count.comments, count(session, str(speed.id)), other.bar) == (0, 0, {})
    assert [count(session, "", label) for label in line.said] == [2, 1, 0]  # of any theme
    billing.active = False
    session.commit()
    assert count(session, "", "negative") == 0
    billing.active = True
    session.commit()
    assert (shown.commented, shown.without, count(session, NO_THEME)) == (5, 1, 1)
    assert line.bar["neutral"] == (200 / 3, 100 / 3)
    assert most_blamed(session.connection(), since=MONTH_AGO) == [
        Blamed(billing.id, "Billing", "#3b82f6", 2, 4)
    ]


def test_how_far_a_rule_was_looked_for_is_told_until_it_is_done(session: Session) -> None:
    first, _ = make_comment(session, "One."), make_comment(session, "Two.")
    theme = make_theme(session, applied_up_to=first)
    assert walked(session, theme) == (1, 2)
    assert walked(session, make_theme(session, name="Done")) is None
    assert walked(session, make_theme(session, name="Off", active=False, applied_up_to=0)) is None
