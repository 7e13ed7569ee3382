"""The home page as staff see it."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.db import db
from feedback_app.responses.histogram import fold_batch
from feedback_app.staff.models import Role
from tests.factories import NOON, make_invitation, make_response, make_survey
from tests.pages import signed_in


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def answer(
    session: Session, survey_id: int, *ratings: int, days_ago: int = 0, state: str = "confirmed"
) -> None:
    for rating in ratings:
        at = NOON - timedelta(days=days_ago)
        make_response(session, survey_id=survey_id, rating=rating, created_at=at, state=state)


def home(app: Flask, role: Role = Role.VIEWER) -> BeautifulSoup:
    page = signed_in(app, role).get("/")
    assert page.status_code == 200
    return BeautifulSoup(page.text, "html.parser")


def words_of(part: Tag) -> str:
    return " ".join(part.get_text(" ").split())


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_without_a_survey_the_page_says_how_to_make_one(app: Flask) -> None:
    page = home(app)
    assert "Ask a lead or an administrator to make one." in words_of(page.main)
    assert not page.find_all("article")
    assert home(app, Role.LEAD).find("a", href="/surveys/new")


def test_a_survey_without_answers_shows_its_open_link_and_no_number(app: Flask, session: Session) -> None:
    make_survey(session, slug="how-was-it")
    page = home(app)
    assert page.select_one(".score").get_text(" ", strip=True).startswith("– ")
    assert page.find("a", href="http://localhost/t/how-was-it")
    assert "feedback triggers add generic how-was-it" in words_of(page.main)
    assert not page.find_all("svg", role="img")


def test_a_score_stands_with_its_interval_and_its_answers(app: Flask, session: Session) -> None:
    # 12 promoters, 5 passives, 3 detractors: 45. Adjusted Wald: 9/23 +- 1.96 * 0.1566, which is 8 to 70.
    answer(session, make_survey(session, name="Relationship").id, *[10] * 12, *[8] * 5, *[2] * 3)
    figures = words_of(home(app).select_one(".figures"))
    assert figures.startswith("45 % promoters minus % detractors 95 % interval 8 to 70 20 answers")


def test_effort_has_its_mean_beside_the_share(app: Flask, session: Session) -> None:
    # 4 of 5 rated 5 to 7; Wilson's interval of 4 in 5 is 37.6 to 96.4; the mean is 28 / 5.
    answer(session, make_survey(session, metric_key="ces").id, 7, 7, 6, 5, 3)
    figures = words_of(home(app).select_one(".figures"))
    assert figures.startswith(
        "80 % of answers rated 5–7, easy 95 % interval 38 to 96 % 5 answers, mean 5.6 of 7"
    )


def test_below_five_answers_there_is_no_interval(app: Flask, session: Session) -> None:
    answer(session, make_survey(session).id, 10, 10, 9, 0)
    page = home(app)
    figures = words_of(page.select_one(".figures"))
    assert "Too few answers for an interval 4 answers" in figures
    assert "Too few answers to compare" in figures
    assert "95 % interval" not in figures
    assert not page.select("svg.trend")


def test_a_negative_score_has_a_real_minus_and_no_minus_zero(app: Flask, session: Session) -> None:
    answer(session, make_survey(session).id, *[0] * 3, *[7] * 2)
    assert words_of(home(app).select_one(".score")).startswith("−60 ")


def test_up_is_said_only_of_a_significant_change(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, *[10] * 12)
    answer(session, survey_id, *[7] * 12, days_ago=100)
    assert "▲ Up 100 from 0 in the 90 days before (12 answers)" in words_of(home(app).select_one(".figures"))
    answer(session, survey_id, *[0] * 12)
    figures = words_of(home(app).select_one(".figures"))
    assert "No significant change from 0 in the 90 days before (12 answers)" in figures
    assert "▲" not in figures


def test_down_is_said_of_a_significant_fall(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, metric_key="csat").id
    answer(session, survey_id, *[1] * 10)
    answer(session, survey_id, *[5] * 10, days_ago=100)
    assert "▼ Down 100 from 100 % in" in words_of(home(app).select_one(".figures"))


def test_what_is_not_counted_is_linked_to_the_inbox(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, 10, 3)
    answer(session, survey_id, 9, 9, state="unconfirmed")
    answer(session, survey_id, 1, state="suspect")
    links = {link.get_text(): link["href"] for link in home(app).select("article a")}
    inbox = f"/inbox?survey={survey_id}&since=2026-08-23"
    assert links["2 unconfirmed"] == f"{inbox}&state=unconfirmed"
    assert links["1 suspect"] == f"{inbox}&state=suspect"
    assert links["Detractors"] == f"{inbox}&band=bad"
    assert "Passives" not in links  # there are none to show


def test_the_links_into_the_inbox_open(app: Flask, session: Session) -> None:
    answer(session, make_survey(session).id, 10, 3)
    browser = signed_in(app)
    links = BeautifulSoup(browser.get("/").text, "html.parser").select("article a")
    assert [browser.get(link["href"]).status_code for link in links] == [200, 200]


def test_the_funnel_has_its_rates(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    invitations = [make_invitation(session, survey_id=survey_id) for _ in range(4)]
    make_invitation(session, survey_id=survey_id, state="bounced")
    for invitation, comment in zip(invitations[:2], ("Quick", ""), strict=True):
        make_response(session, survey_id=survey_id, invitation_id=invitation.id, comment=comment)
    steps = [words_of(step) for step in home(app).select(".funnel > div")]
    # Two of the four that arrived answered, one of the two commented.
    assert steps == [
        "Invited 5",
        "Sent 5 1 came back",
        "Answered 2 50 % response rate",
        "Commented 1 50 % of them",
    ]


def test_every_chart_has_a_name_and_its_numbers_in_a_table(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, name="Relationship").id
    answer(session, survey_id, *[10] * 4, *[8] * 2, 2)
    page = home(app)
    charts = page.find_all("svg", role="img")
    assert [chart.title.get_text() for chart in charts] == [
        "Relationship: score over the last 90 days",
        "Relationship: how many ticked each rating",
    ]
    for chart in charts:
        for label in chart["aria-labelledby"].split():
            assert page.find(id=label).get_text(strip=True)
    trend, ratings = page.select("details table")
    # 7 answers in the last week, none before: most parts are empty, so a point stands for four weeks.
    assert [words_of(row) for row in trend.select("tbody tr")] == [
        "24 Oct – 20 Nov 7 43 −16 to 76",  # 3/10 +- 1.96 * sqrt((0.65 - 0.09) / 10)
        "26 Sep – 23 Oct 0 – –",
        "29 Aug – 25 Sep 0 – –",
        "23–28 Aug 0 – –",
    ]
    assert words_of(ratings.select("tbody tr")[10]) == "10 Promoters 4 57 %"


def test_the_page_keeps_the_policy_and_needs_no_script(app: Flask, session: Session) -> None:
    answer(session, make_survey(session).id, *[10] * 6)
    page = home(app)
    assert not page.main.find_all("script")  # the search above it brings its own file
    assert not [
        tag for tag in page.find_all(True) if any(name.startswith(("style", "on")) for name in tag.attrs)
    ]


def test_a_surveys_name_is_text_wherever_it_stands(app: Flask, session: Session) -> None:
    answer(session, make_survey(session, name="<script>alert(1)</script>").id, *[10] * 6)
    page = home(app)
    assert not page.main.find_all("script")  # the search above it brings its own file
    assert page.article.h2.get_text() == "<script>alert(1)</script>"


def test_the_page_costs_the_same_statements_whatever_the_rows(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    answer(session, survey_id, *range(11))
    browser = signed_in(app)
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    counts = []
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for days_ago in (0, 30):
            answer(session, survey_id, *range(11), days_ago=days_ago)
            fold_batch(session)
            sent.clear()
            browser.get("/")
            counts.append(len([statement for statement in sent if re.match("SELECT|WITH", statement)]))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] <= 14  # seven of them ask what needs attention
