"""/v1/survey_responses: what programs add, list, look at and change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from feedback_app.api.models import Scope
from feedback_app.db import db, transaction
from feedback_app.happenings import Happening, Listener, forget_who_listens
from feedback_app.invitations.models import SurveyPerson
from feedback_app.people.models import Person
from feedback_app.responses.histogram import fold_batch, rating_counts
from feedback_app.responses.models import Response, ResponseState, ResponseVersion
from feedback_app.reviews.models import ReviewStatus
from feedback_app.reviews.services import add_note, assign, set_status
from feedback_app.surveys.models import Survey
from feedback_app.webhooks.models import Endpoint
from tests.api.conftest import Program, program_of
from tests.factories import (
    LONG_AGO,
    NOON,
    give_theme,
    keep,
    make_invitation,
    make_person,
    make_response,
    make_survey,
    make_theme,
    make_user,
)
from tests.pages import afresh

T = 1641289688  # 2022-01-04 09:48:08 UTC


@pytest.fixture
def person(session: Session, survey: Survey) -> Person:
    return known_to(session, survey)


def known_to(session: Session, survey: Survey, **given: Any) -> Person:
    """A person who came to us for this survey."""
    person = make_person(session, **given)
    keep(session, SurveyPerson(survey_id=survey.id, person_id=person.id, added_at=NOON))
    return person


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json]


def test_a_response_is_added_and_given_back_whole(program: Program, person: Person, app: Flask) -> None:
    answer = program.post(
        "/survey_responses",
        person=str(person.id),
        score=8,
        comment="Really nice.",
        person_properties={"State": "CA", "Age": 42, "Paying": True, "Empty": "", "None": None},
        created_at=T,
        tags=["shipping", " shipping ", "", "price"],
    )
    assert answer.status_code == 201
    given = answer.json
    assert given["permalink"].startswith("http://localhost/r/")
    assert len(given["permalink"]) == 19 + 32
    assert {name: given[name] for name in given if name not in ("id", "permalink", "feedback")} == {
        "person": str(person.id),
        "survey_type": "nps",
        "score": 8,
        "comment": "Really nice.",
        "created_at": T,
        "updated_at": T,
        "person_properties": {"State": "CA", "Age": "42", "Paying": "true"},
        "notes": [],
        "tags": ["shipping", "price"],
        "additional_answers": [],
    }
    assert given["feedback"] == {
        "state": "confirmed",
        "channel": "api",
        "locale": "en",
        "band": "passive",
        "sentiment": None,
        "sentiment_source": None,
        "polarity": None,
        "language": None,
        "evidence": [],
        "tagger": None,
        "themes": [],
        "status": "new",
        "assignee_email": None,
    }
    assert program.get(f"/survey_responses/{given['id']}").json == given
    assert program.get(f"/survey_responses/{given['id']}.json").json == given


def test_without_more_than_a_person_and_a_score_the_rest_is_empty_and_now(
    program: Program, person: Person, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    given = program.post("/survey_responses", person=person.id, score="9").json
    assert (given["score"], given["comment"], given["person_properties"], given["tags"]) == (
        9,
        None,
        None,
        [],
    )
    assert given["created_at"] == given["updated_at"] == int(NOON.timestamp())


def test_a_form_says_the_same_as_json(program: Program, person: Person) -> None:
    data = {"person": person.id, "score": "9", "person_properties[State]": "CA", "tags[]": ["a", "b"]}
    answer = program.call("POST", "/survey_responses.json", data=data)
    assert answer.status_code == 201
    assert (answer.json["person_properties"], answer.json["tags"]) == ({"State": "CA"}, ["a", "b"])


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"person": ["can't be blank"], "score": ["can't be blank"]}),
        ({"score": 11}, {"person": ["can't be blank"], "score": ["must be between 0 and 10"]}),
        ({"person": 999, "score": -1}, {"person": ["is invalid"], "score": ["must be between 0 and 10"]}),
        ({"person": "me", "score": "ten"}, {"person": ["is invalid"], "score": ["is not a number"]}),
        ({"person": 999, "score": 7.5}, {"person": ["is invalid"], "score": ["is not a number"]}),
        (
            {"person": {}, "score": True, "created_at": "soon", "person_properties": {"a": ["b"]}},
            {
                "person": ["is invalid"],
                "score": ["is not a number"],
                "created_at": ["is not a number"],
                "person_properties": ["is invalid"],
            },
        ),
        (
            {"person": 999, "score": 1, "comment": "x" * 10_001},
            {"person": ["is invalid"], "comment": ["must be less than 10001 characters"]},
        ),
    ],
)
def test_everything_that_is_wrong_is_told_at_once_and_nothing_kept(
    program: Program, session: Session, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    answer = program.call("POST", "/survey_responses", body)
    assert answer.status_code == 422
    assert answer.json["errors"] == errors
    assert answer.json["message"] == "Unprocessable Entity"
    assert session.scalars(select(Response)).all() == []


@pytest.mark.parametrize(
    ("metric_key", "points", "low", "high"),
    [("csat", 5, 1, 5), ("csat", 3, 1, 3), ("ces", 7, 1, 7), ("thumbs", 2, 0, 1), ("pmf", 3, 1, 3)],
)
def test_the_score_is_on_the_surveys_own_scale(
    app: Flask, session: Session, metric_key: str, points: int, low: int, high: int
) -> None:
    survey = make_survey(session, metric_key=metric_key, points=points)
    program, person = program_of(app, session, survey), known_to(session, survey)
    for score, status in ((low - 1, 422), (low, 201), (high, 201), (high + 1, 422)):
        answer = program.post("/survey_responses", person=person.id, score=score)
        assert answer.status_code == status
        if status == 422:
            assert answer.json["errors"] == {"score": [f"must be between {low} and {high}"]}


def test_a_time_may_be_a_day_ahead_and_no_more(program: Program, person: Person, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    tomorrow = int(NOON.timestamp()) + 86_400
    given = program.post("/survey_responses", person=person.id, score=9, created_at=tomorrow)
    assert (given.status_code, given.json["created_at"]) == (201, tomorrow)
    assert given.json["updated_at"] == int(NOON.timestamp())
    late = program.post("/survey_responses", person=person.id, score=9, created_at=tomorrow + 1)
    assert (late.status_code, late.json["errors"]) == (422, {"created_at": ["is invalid"]})


def test_a_person_of_another_survey_only_is_unknown(app: Flask, session: Session, program: Program) -> None:
    stranger = known_to(session, make_survey(session))
    answer = program.post("/survey_responses", person=stranger.id, score=9)
    assert (answer.status_code, answer.json["errors"]) == (422, {"person": ["is invalid"]})


def test_somebody_whom_the_survey_asked_can_be_given_a_response(
    program: Program, session: Session, survey: Survey
) -> None:
    asked = make_invitation(session, survey_id=survey.id)
    assert program.post("/survey_responses", person=asked.person_id, score=9).status_code == 201


def test_what_is_added_is_confirmed_counted_and_waits_for_the_tagger(
    program: Program, person: Person, session: Session, survey: Survey, settings: Any
) -> None:
    # 1 January 2026, 23:30 UTC: the day is that of the workspace
    late = int(datetime(2026, 1, 1, 23, 30, tzinfo=UTC).timestamp())
    program.post("/survey_responses", person=person.id, score=3, comment="Slow.", created_at=late)
    row = afresh(session).scalars(select(Response)).one()
    assert (row.state, row.channel, row.position, row.invitation_id) == ("confirmed", "api", 30, None)
    assert row.answered_on == at(late).astimezone(settings.zone).date()
    assert (row.fold_due, row.tagged_at, row.tag_attempts) == (True, None, 0)
    assert rating_counts(afresh(session), survey.id, since=None, until=None) == {3: 1}
    version = session.scalars(select(ResponseVersion)).one()
    assert (version.rating, version.comment, version.state) == (3, "Slow.", "confirmed")


def test_every_response_of_a_person_counts_and_the_newest_is_their_last(
    program: Program, person: Person, session: Session, survey: Survey
) -> None:
    for when in (T + 50, T, T + 10):
        program.post("/survey_responses", person=person.id, score=9, created_at=when)
    assert rating_counts(afresh(session), survey.id, since=None, until=None) == {9: 3}
    shown = program.get("/survey_responses", **{"expand[]": "person"}).json
    assert {one["person"]["last_responded_at"] for one in shown} == {T + 50}


def test_an_unknown_response_or_that_of_another_survey_is_404(session: Session, program: Program) -> None:
    other = make_response(session)
    for response_id in (other.id, other.id + 1, 0, "abc", "-1", "9" * 30, "٣"):
        for answer in (
            program.get(f"/survey_responses/{response_id}"),
            program.put(f"/survey_responses/{response_id}", score=1),
        ):
            assert (answer.status_code, answer.json) == (404, {"status": 404, "message": "Not Found"})


def test_expand_gives_the_person_with_all_that_the_list_of_people_has(
    program: Program, session: Session, survey: Survey
) -> None:
    person = known_to(session, survey, email="jo@example.com", name="Jo", created_at=at(T))
    made = make_response(session, survey_id=survey.id, person_id=person.id, created_at=at(T + 60))
    expected = {
        "id": str(person.id),
        "email": "jo@example.com",
        "name": "Jo",
        "created_at": T,
        "phone_number": None,
        "last_sent_at": None,
        "last_responded_at": T + 60,
        "next_survey_scheduled_at": None,
    }
    for query in (
        "expand[]=person",
        "expand=person",
        "expand=person&expand=notes",
        "expand[]=x&expand[]=person",
    ):
        assert program.call("GET", f"/survey_responses/{made.id}?{query}").json["person"] == expected
        assert program.call("GET", f"/survey_responses?{query}").json[0]["person"] == expected
    for query in ("expand[]=notes", "expand=", ""):
        assert program.call("GET", f"/survey_responses/{made.id}?{query}").json["person"] == str(person.id)


def test_themes_stand_in_the_response_and_narrow_the_list(
    program: Program, session: Session, survey: Survey
) -> None:
    billing, speed = make_theme(session, name="Billing"), make_theme(session, name="Speed")
    both, slow = (
        make_response(session, survey_id=survey.id, comment="Slow refund.", tagged_at=NOON, sentiment=label)
        for label in ("neutral", "negative")
    )
    give_theme(session, both.id, billing.id, sentiment="negative", source="person")
    give_theme(session, both.id, speed.id)
    give_theme(session, slow.id, speed.id)
    give_theme(session, slow.id, billing.id, source="person", removed=True)
    assert program.get(f"/survey_responses/{both.id}").json["feedback"]["themes"] == [
        {"id": str(billing.id), "name": "Billing", "sentiment": "negative", "source": "person"},
        {"id": str(speed.id), "name": "Speed", "sentiment": "neutral", "source": "rule"},  # the comment's own
    ]
    listed = [program.get("/survey_responses", theme=one.id).json for one in (billing, speed)]
    assert [[item["id"] for item in items] for items in listed] == [
        [str(both.id)],
        [str(both.id), str(slow.id)],
    ]
    assert [one["name"] for one in program.get("/themes").json] == ["Billing", "Speed"]


def test_notes_sentiment_status_and_assignee_stand_in_the_response(
    program: Program, session: Session, survey: Survey
) -> None:
    made = make_response(
        session,
        survey_id=survey.id,
        comment="Bad.",
        rating=2,
        sentiment="negative",
        sentiment_source="person",
        polarity=-0.7,
        comment_language="en",
        evidence=[{"start": 0, "end": 3, "word": "Bad", "weight": -0.7}],
        tagger="textblob 1",
        tagged_at=NOON,
    )
    user = make_user(session, email="sam@northlight.example")
    set_status(session, made.id, ReviewStatus.WAITING, user_id=user.id, now=NOON)
    assign(session, made.id, user.id, user_id=user.id, now=NOON)
    add_note(session, made.id, "Called them.", user_id=user.id, now=NOON)
    add_note(session, made.id, "Solved.", user_id=user.id, now=NOON + timedelta(hours=1))
    shown = program.get(f"/survey_responses/{made.id}").json
    noon = int(NOON.timestamp())
    assert [(note["text"], note["user_email"], note["created_at"]) for note in shown["notes"]] == [
        ("Called them.", "sam@northlight.example", noon),
        ("Solved.", "sam@northlight.example", noon + 3600),
    ]
    assert shown["updated_at"] == noon + 3600  # a note is a change
    assert shown["feedback"] | {"state": "", "channel": "", "locale": ""} == {
        "state": "",
        "channel": "",
        "locale": "",
        "band": "detractor",
        "sentiment": "negative",
        "sentiment_source": "person",
        "polarity": -0.7,
        "language": "en",
        "evidence": [{"start": 0, "end": 3, "word": "Bad", "weight": -0.7}],
        "tagger": "textblob 1",
        "themes": [],
        "status": "waiting",
        "assignee_email": "sam@northlight.example",
    }


def test_the_list_is_in_order_of_creation_then_of_ids(
    program: Program, session: Session, survey: Survey
) -> None:
    made = [
        str(make_response(session, survey_id=survey.id, created_at=at(T + seconds)).id)
        for seconds in (20, 10, 10, 30)
    ]
    first, second, third, fourth = made
    assert ids(program.get("/survey_responses")) == [second, third, first, fourth]
    assert ids(program.get("/survey_responses", order="desc")) == [fourth, first, third, second]


def test_times_are_inclusive_at_both_ends_to_the_second(
    program: Program, session: Session, survey: Survey
) -> None:
    rows = [
        make_response(
            session,
            survey_id=survey.id,
            created_at=at(T + n) + timedelta(milliseconds=900),
            updated_at=at(T + 100 - n),
        )
        for n in range(4)
    ]
    made = [str(row.id) for row in rows]
    assert ids(program.get("/survey_responses", since=T + 1, until=T + 2)) == made[1:3]
    assert ids(program.get("/survey_responses", since=T + 3)) == made[3:]
    assert ids(program.get("/survey_responses", until=T)) == made[:1]
    assert ids(program.get("/survey_responses", until=253_402_300_799)) == made
    # by change these are in the other order
    assert ids(program.get("/survey_responses", updated_since=T + 98)) == made[2::-1]
    assert ids(program.get("/survey_responses", updated_since=T + 98, order="desc")) == made[:3]
    assert ids(program.get("/survey_responses", updated_until=T + 97)) == made[3:]
    assert ids(program.get("/survey_responses", updated_since=T + 98, since=T + 1)) == made[2:0:-1]


def test_the_list_can_be_narrowed_to_a_person(program: Program, session: Session, survey: Survey) -> None:
    jo = known_to(session, survey, email="Jo@Example.com")
    mine = str(make_response(session, survey_id=survey.id, person_id=jo.id).id)
    make_response(session, survey_id=survey.id)
    make_response(session, person_id=jo.id)  # to another survey
    assert ids(program.get("/survey_responses", person_id=jo.id)) == [mine]
    assert ids(program.get("/survey_responses", person_email="jo@example.COM")) == [mine]
    for nobody in ({"person_id": 999}, {"person_email": "no@example.com"}, {"person_email": "nonsense"}):
        assert ids(program.get("/survey_responses", **nobody)) == []


def test_no_response_is_of_a_trend(program: Program, session: Session, survey: Survey) -> None:
    make_response(session, survey_id=survey.id)
    assert ids(program.get("/survey_responses", trend="123")) == []


def test_unconfirmed_answers_are_given_to_those_alone_who_ask_for_them(
    program: Program, session: Session, survey: Survey
) -> None:
    made = [
        str(make_response(session, survey_id=survey.id, state=state, created_at=at(T + n)).id)
        for n, state in enumerate(["suspect", "confirmed", "unconfirmed", "confirmed"])
    ]
    assert ids(program.get("/survey_responses")) == [made[1], made[3]]
    assert program.get(f"/survey_responses/{made[0]}").status_code == 404
    every = {"include[]": "unconfirmed"}
    assert ids(program.get("/survey_responses", **every)) == made
    assert ids(program.get("/survey_responses", order="desc", per_page=2, page=2, **every)) == [
        made[1],
        made[0],
    ]
    assert ids(program.get("/survey_responses", updated_since=T, **every)) == made
    shown = program.get(f"/survey_responses/{made[0]}", **every).json
    assert shown["feedback"]["state"] == ResponseState.SUSPECT
    assert [one["id"] for one in walked(program, "/survey_responses?per_page=3&include=unconfirmed")] == made


def test_pages_are_of_twenty_unless_asked_for_up_to_a_hundred(
    program: Program, session: Session, survey: Survey
) -> None:
    made = make_many(session, survey, 103)
    assert ids(program.get("/survey_responses")) == made[:20]
    assert ids(program.get("/survey_responses", page=2)) == made[20:40]
    assert ids(program.get("/survey_responses", per_page=1000)) == made[:100]
    assert ids(program.get("/survey_responses", per_page=100, page=2)) == made[100:]
    assert ids(program.get("/survey_responses", per_page=100, page=3)) == []
    for name, value, text in (
        ("per_page", 0, "must be between 1 and"),
        ("page", 0, "must be between 1 and"),
        ("per_page", "x", "is not a number"),
        ("since", "today", "is not a number"),
        ("order", "up", "is not included in the list"),
        ("page_info", "!!", "is invalid"),
        ("page_info", "bnVsbA", "is invalid"),
    ):
        answer = program.get("/survey_responses", **{name: value})
        assert answer.status_code == 422
        assert answer.json["errors"][name][0].startswith(text)


def make_many(session: Session, survey: Survey, count: int) -> list[str]:
    """That many responses, one a minute, in one go."""
    one = {
        "survey_id": survey.id,
        "rating": 9,
        "position": 90,
        "state": "confirmed",
        "channel": "api",
        "comment": "",
    }
    rows = [
        Response(
            **one,
            permalink=f"{n:032}",
            created_at=at(T + 60 * n),
            updated_at=at(T + 60 * n),
            answered_on=at(T + 60 * n).date(),
        )
        for n in range(count)
    ]
    with transaction(session):
        session.add_all(rows)
    return [str(row.id) for row in rows]


def walked(program: Program, path: str) -> list[dict[str, Any]]:
    """Every row, following the Link headers as node's client reads them."""
    found: list[dict[str, Any]] = []
    while path:
        answer = program.call("GET", path)
        assert answer.status_code == 200, answer.text
        found += answer.json
        link = answer.headers.get("Link", "")
        assert link.count(",") == 0
        assert link.count(";") == (1 if link else 0)
        path = link.partition("<http://localhost/v1")[2].partition(">")[0]
        assert bool(path) == link.endswith('; rel="next"')
    return found


@pytest.mark.parametrize("query", ["", "&order=desc", "&updated_since=1", "&updated_since=1&order=desc"])
def test_the_cursor_walks_through_everything_once(
    program: Program, session: Session, survey: Survey, query: str
) -> None:
    made = make_many(session, survey, 7)
    found = [one["id"] for one in walked(program, f"/survey_responses.json?per_page=3{query}")]
    assert found == (made[::-1] if "desc" in query else made)


def test_the_cursor_is_a_place_and_not_a_number_of_rows(
    program: Program, session: Session, survey: Survey
) -> None:
    made = make_many(session, survey, 6)
    first = program.get("/survey_responses", per_page=2, expand="person", since=T)
    with transaction(session):
        session.query(Response).filter(Response.id == int(made[0])).delete()
    path = first.headers["Link"].partition("/v1")[2].partition(">")[0]
    assert "expand%5B%5D=person" in path
    assert f"since={T}" in path
    # Airbyte and the singer tap append their own once more
    assert ids(program.call("GET", f"{path}&per_page=2&since={T}")) == made[2:4]


def test_a_cursor_of_another_order_is_refused(program: Program, session: Session, survey: Survey) -> None:
    make_many(session, survey, 3)
    link = program.get("/survey_responses", per_page=1).headers["Link"]
    cursor = link.partition("page_info=")[2].partition("&")[0].partition(">")[0]
    answer = program.get("/survey_responses", per_page=1, page_info=cursor, order="desc")
    assert (answer.status_code, answer.json["errors"]) == (422, {"page_info": ["is invalid"]})


def test_a_page_costs_the_same_statements_however_many_rows_it_has(
    program: Program, session: Session, survey: Survey
) -> None:
    for n in range(3):
        person = known_to(session, survey)
        made = make_response(session, survey_id=survey.id, person_id=person.id, created_at=at(T + n))
        add_note(session, made.id, "Note", user_id=make_user(session).id, now=NOON)
    program.get("/survey_responses")  # keeps that the key was used
    one = statements(program, "/survey_responses?per_page=1&expand=person")
    assert statements(program, "/survey_responses?per_page=100&expand=person") == one
    assert len(one) == 4  # the key, the responses, their people, their notes


def statements(program: Program, path: str) -> list[str]:
    """The SELECTs of a request, each by its beginning."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(" ".join(statement.split())[:60])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert program.call("GET", path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_a_change_keeps_what_is_not_named(program: Program, person: Person, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    made = program.post(
        "/survey_responses",
        person=person.id,
        score=3,
        comment="Slow.",
        person_properties={"a": "1"},
        tags=["x"],
        created_at=T,
    ).json
    changed = program.put(f"/survey_responses/{made['id']}", score=10)
    noon = int(NOON.timestamp())
    assert changed.status_code == 200
    assert changed.json == made | {
        "score": 10,
        "updated_at": noon,
        "feedback": made["feedback"] | {"band": "promoter"},
    }


def test_each_thing_can_be_changed_and_moves_the_time_of_change(
    program: Program, person: Person, session: Session, survey: Survey, time_machine: Any
) -> None:
    other = known_to(session, survey)
    made = program.post("/survey_responses", person=person.id, score=3, created_at=T).json
    path = f"/survey_responses/{made['id']}"
    changes: list[tuple[str, Any, Any]] = [
        ("score", 4, 4),
        ("comment", "Better.", "Better."),
        ("comment", None, None),
        ("person", str(other.id), str(other.id)),
        ("person", person.id, str(person.id)),
        ("person_properties", {"b": 2}, {"b": "2"}),
        ("person_properties", {"c": "3"}, {"c": "3"}),
        ("person_properties", None, None),
        ("tags", ["new"], ["new"]),
        ("tags", [], []),
    ]
    for hours, (name, value, shown) in enumerate(changes):
        moment = NOON + timedelta(hours=hours)
        time_machine.move_to(moment, tick=False)
        answer = program.put(path, **{name: value})
        assert (answer.status_code, answer.json[name]) == (200, shown)
        assert answer.json["updated_at"] == int(moment.timestamp())
        assert answer.json["created_at"] == T


def test_a_changed_score_counts_and_a_changed_comment_is_read_anew(
    program: Program, session: Session, survey: Survey
) -> None:
    made = make_response(
        session,
        survey_id=survey.id,
        rating=9,
        comment="Great",
        sentiment="positive",
        tagged_at=NOON,
        tagger="t 1",
    )
    fold_batch(session)
    program.put(f"/survey_responses/{made.id}", score=2)
    assert rating_counts(afresh(session), survey.id, since=None, until=None) == {2: 1}
    assert afresh(session).get_one(Response, made.id).sentiment == "positive"
    program.put(f"/survey_responses/{made.id}", comment="Broken")
    row = afresh(session).get_one(Response, made.id)
    assert (row.sentiment, row.tagged_at, row.tagger, row.tag_attempts) == (None, None, None, 0)
    versions = session.scalars(select(ResponseVersion).order_by(ResponseVersion.id)).all()
    assert [(one.rating, one.comment) for one in versions] == [(2, None), (2, "Broken")]


def test_a_change_that_does_not_fit_changes_nothing(
    program: Program, session: Session, survey: Survey
) -> None:
    made = make_response(session, survey_id=survey.id, rating=9, comment="Good")
    path = f"/survey_responses/{made.id}"
    before = program.get(path).json
    for body, errors in (
        ({"score": 11, "comment": "x"}, {"score": ["must be between 0 and 10"]}),
        ({"score": None}, {"score": ["can't be blank"]}),
        ({"score": "x", "person": 999}, {"score": ["is not a number"], "person": ["is invalid"]}),
        ({"person": {"name": "Jo"}}, {"person": ["is invalid"]}),
        ({"tags": [{}], "score": 12}, {"tags": ["is invalid"], "score": ["must be between 0 and 10"]}),
    ):
        answer = program.put(path, **body)
        assert (answer.status_code, answer.json["errors"]) == (422, errors)
    assert program.get(path).json == before


def test_the_python_client_saves_the_whole_object_with_the_expanded_person(
    program: Program, person: Person
) -> None:
    made = program.post("/survey_responses", person=person.id, score=3, comment="Slow.").json
    whole = program.get(f"/survey_responses/{made['id']}", **{"expand[]": "person"}).json
    assert whole["person"]["email"] == person.email
    whole["score"], whole["permalink"], whole["notes"] = 10, "changed", [{"text": "mine"}]
    saved = program.put(f"/survey_responses/{made['id']}", **whole)
    assert saved.status_code == 200
    assert saved.json == made | {
        "score": 10,
        "updated_at": saved.json["updated_at"],
        "feedback": made["feedback"] | {"band": "promoter"},
    }


def test_the_node_client_saves_to_the_collection_with_the_id_in_the_body(
    program: Program, person: Person
) -> None:
    made = program.post("/survey_responses", person=person.id, score=3).json
    saved = program.put("/survey_responses", **made | {"score": 10})
    assert (saved.status_code, saved.json["id"], saved.json["score"]) == (200, made["id"], 10)
    assert program.put("/survey_responses", score=1).json["errors"] == {"id": ["can't be blank"]}
    assert program.put("/survey_responses", id="999", score=1).status_code == 404


def test_the_ruby_client_asks_in_the_body_for_the_expanded_person(program: Program, person: Person) -> None:
    made = program.post("/survey_responses", person=person.id, score=3).json
    path = f"/survey_responses/{made['id']}"
    assert program.put(path, score=4, expand=["person"]).json["person"]["id"] == str(person.id)
    in_query = program.call("PUT", f"{path}?expand[]=person", {"score": 5}).json
    assert in_query["person"]["id"] == str(person.id)


def test_an_answer_of_an_open_link_can_be_saved_though_it_has_no_person(
    program: Program, session: Session, survey: Survey
) -> None:
    made = make_response(session, survey_id=survey.id, rating=9)
    whole = program.get(f"/survey_responses/{made.id}").json
    assert whole["person"] is None
    assert program.put(f"/survey_responses/{made.id}", **whole | {"score": 1}).json["score"] == 1


def test_who_keeps_the_largest_time_of_change_and_asks_again_misses_nothing(
    program: Program, session: Session, survey: Survey, person: Person, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    make_many(session, survey, 5)
    copy = {one["id"]: one for one in walked(program, "/survey_responses?updated_since=0&per_page=2")}
    latest = max(one["updated_at"] for one in copy.values())
    # within the very second of the last one seen, and in the middle of those seen before
    with transaction(session):
        session.query(Response).filter(Response.id == 5).update(
            {"comment": "late", "updated_at": at(latest) + timedelta(milliseconds=400)}
        )
    program.put("/survey_responses/2", score=1)
    program.post("/survey_responses", person=person.id, score=5)
    user = make_user(session)
    add_note(session, 3, "Noted.", user_id=user.id, now=NOON + timedelta(seconds=1))
    for one in walked(program, f"/survey_responses?updated_since={latest}&per_page=2"):
        copy[one["id"]] = one
    assert copy == {one["id"]: one for one in walked(program, "/survey_responses?per_page=100")}


def test_a_key_adds_lists_and_changes_as_its_scope_allows(
    app: Flask, session: Session, survey: Survey, person: Person
) -> None:
    made = make_response(session, survey_id=survey.id)
    expected = {Scope.FULL: (201, 200, 200), Scope.INGEST: (201, 403, 403), Scope.READ: (403, 200, 403)}
    for scope, statuses in expected.items():
        program = program_of(app, session, survey, scope)
        found = (
            program.post("/survey_responses", person=person.id, score=9).status_code,
            program.get("/survey_responses").status_code,
            program.put(f"/survey_responses/{made.id}", score=9).status_code,
        )
        assert found == statuses


def test_those_who_listen_hear_of_a_response_and_of_its_change(
    program: Program, person: Person, session: Session, survey: Survey
) -> None:
    listen(session, survey)
    made = program.post("/survey_responses", person=person.id, score=9).json
    program.put(f"/survey_responses/{made['id']}", score=9)  # changes nothing
    program.put(f"/survey_responses/{made['id']}", score=8)
    heard = afresh(session).scalars(select(Happening).order_by(Happening.id)).all()
    assert [(one.kind, one.survey_id, one.person_id, one.response_id) for one in heard] == [
        ("survey_response.created", survey.id, person.id, int(made["id"])),
        ("survey_response.updated", survey.id, person.id, int(made["id"])),
    ]


def listen(session: Session, survey: Survey) -> None:
    """Somebody wants to hear of responses."""
    kinds = ["survey_response.created", "survey_response.updated"]
    endpoint = keep(
        session,
        Endpoint(
            name="CRM",
            sealed_url="x",
            host="crm.example",
            sealed_secret="x",
            kinds=kinds,
            created_at=LONG_AGO,
        ),
    )
    for kind in kinds:
        keep(session, Listener(endpoint_id=endpoint.id, kind=kind))
    forget_who_listens()
