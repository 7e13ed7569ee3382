"""/v1/metrics/series and /v1/metrics/segments."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.v1 import series
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, program_of
from tests.api.test_metrics import add
from tests.factories import NOON, make_account, make_person, make_response, make_survey, make_user


def stamp(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc]


def test_a_month_by_weeks_that_begin_on_monday(program: Program, session: Session, survey: Survey) -> None:
    add(session, survey, {10: 4, 0: 1}, datetime(2026, 11, 3, 23, tzinfo=UTC))
    add(session, survey, {9: 2}, datetime(2026, 11, 20, tzinfo=UTC))
    add(session, survey, {0: 3}, datetime(2026, 10, 31, tzinfo=UTC))  # before
    shown = program.get("/metrics/series", since=stamp(2026, 11, 1), until=stamp(2026, 11, 20, 12)).json
    assert {name: shown[name] for name in ("definition", "unit", "every", "time_zone")} == {
        "definition": "Net Promoter Score: % promoters minus % detractors",
        "unit": "points",
        "every": "week",
        "time_zone": "UTC",
    }
    assert [
        (one["first_day"], one["last_day"], one["n"], one["score"], one["interval"] is None)
        for one in shown["points"]
    ] == [
        ("2026-11-01", "2026-11-01", 0, None, True),
        ("2026-11-02", "2026-11-08", 5, 60.0, False),
        ("2026-11-09", "2026-11-15", 0, None, True),
        ("2026-11-16", "2026-11-20", 2, 100.0, True),
    ]
    second = shown["points"][1]
    assert (second["since"], second["until"]) == (stamp(2026, 11, 2), stamp(2026, 11, 8, 23, 59, 59))


def test_the_points_add_up_to_the_metrics_of_the_same_time(
    program: Program, session: Session, survey: Survey
) -> None:
    for days in range(0, 60, 7):
        add(session, survey, {10: 2, 3: 1}, NOON - timedelta(days=days))
    for every in ("day", "week", "month"):
        points = program.get(
            "/metrics/series", every=every, since=stamp(2026, 9, 1), until=stamp(2026, 11, 20)
        ).json["points"]
        assert sum(one["n"] for one in points) == 27
        assert points[0]["first_day"] == "2026-09-01"
        assert all(one["until"] + 1 == after["since"] for one, after in itertools.pairwise(points))
    whole = program.get("/metrics", since=points[0]["since"], until=points[-1]["until"]).json
    assert whole["response_count"] == 27
    assert [one["first_day"] for one in points] == ["2026-09-01", "2026-10-01", "2026-11-01"]


def test_without_a_time_it_is_the_last_90_days(program: Program, time_machine: Any) -> None:
    time_machine.move_to(NOON)
    points = program.get("/metrics/series", every="day").json["points"]
    assert (len(points), points[0]["first_day"], points[-1]["first_day"]) == (90, "2026-08-23", "2026-11-20")


def test_too_many_points_and_unknown_steps_are_refused(program: Program) -> None:
    long = program.get("/metrics/series", every="day", since=0)
    assert long.json["errors"] == {"since": ["must be at most 1000 points before until"]}
    assert program.get("/metrics/series", every="hour").json["errors"] == {
        "every": ["is not included in the list"]
    }
    assert (
        program.get("/metrics/series", since=stamp(2026, 2, 1), until=stamp(2026, 1, 1)).json["points"] == []
    )
    assert program.get("/metrics/series", every="month", until=253_402_300_799).status_code == 200


def by(program: Program, name: str, **more: Any) -> list[tuple[str | None, int, float | None]]:
    answer = program.get("/metrics/segments", by=name, **more)
    assert answer.status_code == 200, answer.text
    return [(one["segment"], one["n"], one["score"]) for one in answer.json["segments"]]


def test_segments_by_what_stands_in_the_response(program: Program, session: Session, survey: Survey) -> None:
    made = (
        (10, {"plan": "pro", 'a "b"': "x"}, ["price", "price"], "de", "email"),
        (0, {"plan": "pro"}, ["price", "support"], "de", "link"),
        (9, {"plan": "free"}, [], "en", "email"),
        (3, {}, [], "en", "email"),
    )
    for rating, properties, tags, locale, channel in made:
        make_response(
            session,
            survey_id=survey.id,
            rating=rating,
            properties=properties,
            tags=tags,
            locale=locale,
            channel=channel,
        )
    make_response(session, rating=10, properties={"plan": "pro"})  # of another survey
    make_response(session, survey_id=survey.id, state="unconfirmed")
    assert by(program, "property:plan") == [("pro", 2, 0.0), ("free", 1, 100.0), (None, 1, -100.0)]
    assert by(program, 'property:a "b"') == [(None, 3, pytest.approx(-100 / 3)), ("x", 1, 100.0)]
    assert by(program, "tag") == [("price", 2, 0.0), (None, 2, 0.0), ("support", 1, -100.0)]
    assert by(program, "locale") == [("de", 2, 0.0), ("en", 2, 0.0)]
    assert by(program, "channel") == [("email", 3, pytest.approx(100 / 3)), ("link", 1, -100.0)]


def test_segments_by_account_and_its_owner(program: Program, session: Session, survey: Survey) -> None:
    owner = make_user(session, email="sam@northlight.example")
    acme = make_account(session, name="Acme", owner_id=owner.id)
    people = [make_person(session, account_id=account_id) for account_id in (acme.id, acme.id, None)]
    for person, rating in zip(people, (10, 10, 0), strict=True):
        make_response(session, survey_id=survey.id, person_id=person.id, rating=rating)
    assert by(program, "account") == [("Acme", 2, 100.0), (None, 1, -100.0)]
    assert by(program, "owner") == [("sam@northlight.example", 2, 100.0), (None, 1, -100.0)]


def test_segments_of_a_time(program: Program, session: Session, survey: Survey) -> None:
    for n in range(4):
        add(session, survey, {10: 1}, NOON + timedelta(seconds=n, milliseconds=500))
    noon = int(NOON.timestamp())
    assert by(program, "channel", since=noon + 1, until=noon + 2) == [("api", 2, 100.0)]


def test_more_responses_than_are_looked_at_are_told(
    program: Program, session: Session, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "MOST_RESPONSES", 2)
    monkeypatch.setattr(series, "MOST_SEGMENTS", 1)
    for n, locale in enumerate(["de", "en", "fr"]):
        make_response(session, survey_id=survey.id, locale=locale, created_at=NOON + timedelta(seconds=n))
    shown = program.get("/metrics/segments", by="locale").json
    assert (shown["responses"], shown["is_cut"], shown["left_out"]) == (2, True, 1)
    assert [one["segment"] for one in shown["segments"]] == ["en"]  # of the two newest


def test_by_must_be_known(program: Program) -> None:
    for value, text in (
        ("", "can't be blank"),
        ("colour", "is not included in the list"),
        ("property:", "is not included in the list"),
    ):
        answer = program.get("/metrics/segments", by=value)
        assert (answer.status_code, answer.json["errors"]) == (422, {"by": [text]})


def test_five_of_a_segment_have_an_interval(app: Flask, session: Session) -> None:
    survey = make_survey(session, metric_key="csat")
    add(session, survey, {5: 4, 1: 1})
    [one] = program_of(app, session, survey).get("/metrics/segments", by="channel").json["segments"]
    assert (one["n"], one["score"]) == (5, 80.0)
    # Wilson for 4 of 5
    assert one["interval"]["low"] == pytest.approx(37.55, abs=0.01)
    assert one["interval"]["high"] == pytest.approx(96.38, abs=0.01)
