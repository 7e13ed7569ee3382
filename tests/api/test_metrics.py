"""/v1/metrics: the numbers as Delighted gave them, and what they are worth."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.v1.metrics import FIELDS, counts_between, rounded
from feedback_app.db import transaction
from feedback_app.responses.histogram import fold_batch, rating_counts
from feedback_app.responses.models import Response
from feedback_app.scoreboard.queries import scorecards
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, program_of
from tests.factories import NOON, make_response, make_survey
from tests.pages import afresh

STAMP = int(NOON.timestamp())


def add(
    session: Session, survey: Survey, counts: dict[int, int], at: datetime = NOON, state: str = "confirmed"
) -> None:
    """So many responses with each rating, all of one moment (in UTC, as the workspace of the tests)."""
    with transaction(session):
        for rating, count in counts.items():
            for n in range(count):
                session.add(
                    Response(
                        permalink=f"{at.timestamp():.3f}{state[0]}{rating}-{n}"[:32],
                        survey_id=survey.id,
                        rating=rating,
                        position=0,
                        state=state,
                        channel="api",
                        created_at=at,
                        updated_at=at,
                        answered_on=at.date(),
                    )
                )


def core(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json.items() if name != "feedback"}


def test_the_sample_of_the_original_comes_out_to_the_letter(
    program: Program, session: Session, survey: Survey
) -> None:
    add(session, survey, {10: 20, 9: 12, 8: 6, 7: 7, 6: 4, 0: 2})
    expected = {
        "nps": 51,
        "promoter_count": 32,
        "promoter_percent": 63,
        "passive_count": 13,
        "passive_percent": 25,
        "detractor_count": 6,
        "detractor_percent": 12,
        "response_count": 51,
    }
    assert core(program.get("/metrics")) == expected
    assert core(program.get("/metrics.json")) == expected


def test_nobody_answered(program: Program) -> None:
    answer = program.get("/metrics")
    assert core(answer) == {
        "nps": None,
        "promoter_count": 0,
        "promoter_percent": 0,
        "passive_count": 0,
        "passive_percent": 0,
        "detractor_count": 0,
        "detractor_percent": 0,
        "response_count": 0,
    }
    assert answer.json["feedback"] == {
        "n": 0,
        "score": None,
        "interval": None,
        "mean": None,
        "definition": "Net Promoter Score: % promoters minus % detractors",
        "unit": "points",
        "counts": {str(rating): 0 for rating in range(11)},
        "since": None,
        "until": None,
    }


@pytest.mark.parametrize(
    ("counts", "nps"),
    [
        ({10: 1, 0: 199}, -99),
        ({10: 101, 0: 99}, 1),
        ({10: 99, 0: 101}, -1),
        ({9: 5, 8: 195}, 3),
        ({6: 5, 8: 195}, -3),
    ],
)
def test_halves_are_rounded_away_from_zero(counts: dict[int, int], nps: int) -> None:
    # 5 of 200 are 2.5 %
    assert FIELDS["nps"].of(counts)["nps"] == nps


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (-4, 10, 0), (15, 10, 2), (0, 7, 0), (7, 7, 1)],
)
def test_rounding_is_exact(numerator: int, denominator: int, whole: int) -> None:
    assert rounded(numerator, denominator) == whole


@pytest.mark.parametrize(
    ("kind", "counts", "expected"),
    [
        (
            ("csat", 5),
            {5: 2, 4: 1, 3: 1, 1: 2},
            {
                "csat": 50,
                "satisfied_count": 3,
                "neutral_count": 1,
                "dissatisfied_count": 2,
                "dissatisfied_percent": 33,
            },
        ),
        (("csat", 3), {3: 2, 2: 1, 1: 1}, {"csat": 50, "satisfied_percent": 50, "neutral_percent": 25}),
        (
            ("ces", 5),
            {5: 1, 4: 1, 3: 1, 2: 1},
            {"ces": 50, "agree_count": 2, "neutral_count": 1, "disagree_count": 1},
        ),
        (
            ("ces", 7),
            {7: 1, 5: 1, 4: 1, 3: 1},
            {"ces": 50, "agree_count": 2, "neutral_count": 1, "disagree_count": 1},
        ),
        (
            ("smileys", 5),
            {5: 1, 4: 2, 3: 0, 2: 1, 1: 0},
            {
                "smileys": 75,
                "very_happy_count": 1,
                "happy_count": 2,
                "unhappy_count": 1,
                "very_unhappy_percent": 0,
            },
        ),
        (("stars", 5), {5: 3, 4: 1, 2: 1, 1: 3}, {"stars": 3.0, "star_5_count": 3, "star_3_percent": 0}),
        (("stars", 5), {5: 1, 4: 1, 2: 1, 1: 1, 3: 16}, {"stars": 3.0}),
        (("stars", 5), {5: 3, 4: 17}, {"stars": 4.2, "star_5_percent": 15}),  # 4.15
        (("thumbs", 2), {1: 2, 0: 1}, {"thumbs": 67, "thumbs_up_count": 2, "thumbs_down_percent": 33}),
        (
            ("pmf", 3),
            {3: 2, 2: 2, 1: 1},
            {"pmf": 40, "mildly_disappointed_count": 2, "not_disappointed_percent": 20},
        ),
        (("enps", 11), {10: 3, 0: 1}, {"nps": 50, "promoter_count": 3}),
    ],
)
def test_each_survey_type_has_its_own_fields(
    app: Flask,
    session: Session,
    kind: tuple[str, int],
    counts: dict[int, int],
    expected: dict[str, Any],
) -> None:
    survey = make_survey(session, metric_key=kind[0], points=kind[1])
    add(session, survey, counts)
    shown = core(program_of(app, session, survey).get("/metrics"))
    assert {name: shown[name] for name in expected} == expected
    assert shown["response_count"] == sum(counts.values())


def test_without_a_time_it_is_the_30_days_that_end_with_the_newest_response(
    program: Program, session: Session, survey: Survey
) -> None:
    newest = NOON - timedelta(days=100)
    add(session, survey, {10: 1}, newest)
    add(session, survey, {9: 1}, newest - timedelta(days=30) + timedelta(microseconds=1))
    add(session, survey, {0: 1}, newest - timedelta(days=30))  # just too old
    add(session, survey, {1: 1}, newest + timedelta(days=1), "unconfirmed")
    assert core(program.get("/metrics"))["response_count"] == 2
    assert core(program.get("/metrics", since=0))["response_count"] == 3


def test_times_are_inclusive_and_one_alone_leaves_the_other_side_open(
    program: Program, session: Session, survey: Survey
) -> None:
    for n in range(4):
        add(session, survey, {10: 1}, NOON + timedelta(seconds=n, milliseconds=700))

    def count(**query: Any) -> int:
        return int(core(program.get("/metrics", **query))["response_count"])

    assert count(since=STAMP + 1, until=STAMP + 2) == 2
    assert count(since=STAMP + 3) == 1
    assert count(until=STAMP) == 1
    assert count(since=STAMP + 4) == 0
    assert count(since=STAMP + 2, until=STAMP + 1) == 0
    assert count(until=253_402_300_799) == 4


def test_groups_are_accepted_and_unknown_ones_refused(
    program: Program, session: Session, survey: Survey
) -> None:
    add(session, survey, {10: 1})
    plain = core(program.get("/metrics"))
    for query in ("groups[]=core&groups[]=email", "groups=kiosk&groups=link", "groups=sms,web"):
        assert core(program.call("GET", f"/metrics?{query}")) == plain
    refused = program.get("/metrics", groups="fax", since="x")
    assert refused.status_code == 422
    assert refused.json["errors"] == {"groups": ["is not included in the list"], "since": ["is not a number"]}


def test_an_unknown_trend_counts_nothing(program: Program, session: Session, survey: Survey) -> None:
    add(session, survey, {10: 1})
    assert core(program.get("/metrics", trend="7"))["response_count"] == 0


def test_beside_them_stands_what_the_score_is_worth(
    program: Program, session: Session, survey: Survey
) -> None:
    add(session, survey, {10: 3, 8: 1, 0: 1})
    shown = program.get("/metrics", since=STAMP - 60, until=STAMP).json["feedback"]
    assert (shown["n"], shown["score"], shown["since"], shown["until"]) == (5, 40.0, STAMP - 60, STAMP)
    # adjusted Wald: 3.75 promoters and 1.75 detractors of 8; 25 +- 1.96 * 100 * sqrt((5.5/8 - .25 ** 2) / 8)
    assert shown["interval"]["low"] == pytest.approx(-29.78, abs=0.01)
    assert shown["interval"]["high"] == pytest.approx(79.78, abs=0.01)
    assert shown["interval"]["level"] == 95
    assert {rating: n for rating, n in shown["counts"].items() if n} == {"10": 3, "8": 1, "0": 1}


def test_four_answers_have_no_interval(program: Program, session: Session, survey: Survey) -> None:
    add(session, survey, {10: 4})
    shown = program.get("/metrics").json["feedback"]
    assert (shown["n"], shown["score"], shown["interval"]) == (4, 100.0, None)


def test_unconfirmed_answers_count_only_where_the_survey_says_so(app: Flask, session: Session) -> None:
    for counts_unconfirmed, n in ((False, 1), (True, 2)):
        survey = make_survey(session, counts_unconfirmed=counts_unconfirmed)
        for state in ("confirmed", "unconfirmed", "suspect"):
            make_response(session, survey_id=survey.id, state=state)
        program = program_of(app, session, survey)
        assert core(program.get("/metrics"))["response_count"] == n
        assert core(program.get("/metrics", since=0))["response_count"] == n


def test_the_numbers_are_those_of_the_home_page(program: Program, session: Session, survey: Survey) -> None:
    add(session, survey, {10: 5, 3: 2})
    add(session, survey, {9: 4, 7: 1}, NOON - timedelta(days=40))
    fold_batch(session, limit=6)  # some of them are folded, some are not yet
    [card] = scorecards(afresh(session), now=NOON, zone=ZoneInfo("UTC"))
    since, until = card.period.moments(ZoneInfo("UTC"))
    shown = program.get("/metrics", since=int(since.timestamp()), until=int(until.timestamp()) - 1)
    ours = shown.json["feedback"]
    assert (
        (ours["n"], ours["score"])
        == (card.summary.n, card.summary.score)
        == (12, pytest.approx(100 * 7 / 12))
    )
    assert ours["interval"]["low"] == card.summary.interval.low  # type: ignore[union-attr]
    assert ours["counts"] == {str(rating): n for rating, n in card.summary.counts.items()}
    assert shown.json["promoter_count"] == 9


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_whole_days_and_their_edges_add_up_to_what_counting_would_give(
    app: Flask, session: Session, survey: Survey, zone: str
) -> None:
    place = ZoneInfo(zone)
    begin = datetime(2026, 10, 30, tzinfo=UTC)  # New York leaves summer time on 1 November
    moments = [begin + timedelta(hours=7 * n, minutes=13 * n) for n in range(20)]
    for moment in moments:
        day = moment.astimezone(place).date()
        make_response(session, survey_id=survey.id, rating=9, created_at=moment, answered_on=day)
    fold_batch(session, limit=11)
    for since, until in ((3, 17), (0, 20), (5, 6), (5, 7), (None, 9), (9, None), (None, None), (12, 12)):
        first = None if since is None else moments[since]
        last = None if until is None else begin + timedelta(hours=7 * until, minutes=13 * until)
        expected = sum((first is None or at >= first) and (last is None or at < last) for at in moments)
        assert counts_between(session, survey, first, last, place) == ({9: expected} if expected else {})


def test_a_day_by_its_first_and_last_second_is_the_day_of_the_histogram(
    program: Program, session: Session, survey: Survey
) -> None:
    add(session, survey, {10: 2}, datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC))
    add(session, survey, {0: 1}, datetime(2026, 11, 20, tzinfo=UTC))
    day = date(2026, 11, 19)
    shown = core(program.get("/metrics", since=1_795_046_400, until=1_795_132_799))  # 19 November 2026
    assert shown["response_count"] == 2
    assert rating_counts(session, survey.id, since=day, until=day + timedelta(days=1)) == {10: 2}
