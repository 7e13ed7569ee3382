"""From what happens here to a delivery for everybody who wants to hear of it."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.happenings import Happening, Kind, Listener, note_happening
from feedback_app.invitations.unsubscribing import Scope, unsubscribe
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState
from feedback_app.responses.news import note_tagged
from feedback_app.responses.services import record_response
from feedback_app.reviews.models import ReviewStatus
from feedback_app.reviews.services import add_note, set_status
from feedback_app.sentiment import Tag
from feedback_app.staff.models import Role
from feedback_app.tagging.batches import tag_batch
from feedback_app.webhooks.endpoints import set_active
from feedback_app.webhooks.falling import note_falls
from feedback_app.webhooks.jobs import tell_others
from feedback_app.webhooks.models import Shape
from feedback_app.webhooks.telling import event_id_of, tell_batch
from tests.conftest import NOON
from tests.factories import (
    give_theme,
    keep,
    make_invitation,
    make_person,
    make_response,
    make_survey,
    make_theme,
    make_user,
)
from tests.integration.webhooks.conftest import Endpoints, deliveries
from tests.pages import afresh

SECOND = timedelta(seconds=1)


def tell(app: Flask, session: Session) -> list[dict[str, Any]]:
    """What is told of everything that has happened, as programs get it."""
    tell_batch(session, app.extensions["feedback_links"], now=NOON)
    return [json.loads(one.payload) for one in deliveries(session)]


def happened(session: Session) -> list[str]:
    return list(afresh(session).scalars(select(Happening.kind).order_by(Happening.id)))


def test_nothing_is_noted_while_nobody_listens(session: Session) -> None:
    record_response(session, make_invitation(session).id, 9, locale="en", now=NOON)
    assert happened(session) == []


def test_a_worker_is_asked_to_tell_it_soon(app: Flask, session: Session, endpoints: Endpoints) -> None:
    endpoints.add()
    app.extensions["feedback_queue"].huey.flush()  # on PostgreSQL other tests' nudges lie there too
    record_response(session, make_invitation(session).id, 9, locale="en", now=NOON)
    waiting = app.extensions["feedback_queue"].huey.pending()
    assert [task.args for task in waiting] == [(tell_others.name,)]


def test_a_response_is_told_as_delighted_did(app: Flask, session: Session, endpoints: Endpoints) -> None:
    endpoints.add()
    dana = make_person(session, email="dana@example.com", name="Dana Whitfield")
    asked = make_invitation(session, person_id=dana.id)
    response_id = record_response(session, asked.id, 3, "Slow.", locale="en", now=NOON)
    (told,) = tell(app, session)
    (delivery,) = deliveries(session)
    response = session.get_one(Response, response_id)
    assert told == {
        "event_type": "survey_response.created",
        "event_id": delivery.event_id,
        "event_data": {
            "id": str(response_id),
            "person": {
                "id": str(dana.id),
                "email": "dana@example.com",
                "name": "Dana Whitfield",
                "created_at": 1777626000,
                "phone_number": None,
            },
            "survey_type": "nps",
            "score": 3,
            "comment": "Slow.",
            "permalink": f"http://localhost/r/{response.permalink}",
            "created_at": 1795176000,
            "updated_at": 1795176000,
            "person_properties": None,
            "notes": [],
            "tags": [],
            "additional_answers": [],
        },
    }
    assert len(delivery.event_id) == 64
    assert (delivery.kind, delivery.person_id) == ("survey_response.created", dana.id)
    assert happened(session) == []  # the row has done its work


def test_a_change_is_told_and_a_repetition_is_not(session: Session, endpoints: Endpoints) -> None:
    endpoints.add()
    asked = make_invitation(session).id
    for number, (rating, comment) in enumerate([(3, None), (3, None), (3, "Slow."), (3, "Slow."), (8, None)]):
        record_response(session, asked, rating, comment, locale="en", now=NOON + number * SECOND)
    assert happened(session) == [
        "survey_response.created",
        "survey_response.updated",  # the comment
        "survey_response.updated",  # the rating
    ]


def test_only_what_a_person_confirmed_is_told(session: Session, endpoints: Endpoints) -> None:
    endpoints.add()
    asked = make_invitation(session).id
    record_response(session, asked, 3, state=ResponseState.UNCONFIRMED, locale="en", now=NOON)
    assert happened(session) == []
    record_response(session, asked, 3, locale="en", now=NOON + SECOND)
    assert happened(session) == ["survey_response.created"]


class Reader:
    def tag_many(self, texts: list[str]) -> list[Tag]:
        read = Tag("reader", "1", "negative", -0.6, 0.5, language="en")
        return [read for _ in texts]


def test_a_comment_that_was_read_is_told_with_its_sentiment(
    app: Flask, session: Session, endpoints: Endpoints
) -> None:
    endpoints.add(kinds=[Kind.RESPONSE_TAGGED])
    make_response(session, comment="Slow.", rating=3)
    make_response(session, comment="Perhaps a robot.", state=ResponseState.SUSPECT)
    tag_batch(session, reader=Reader(), now=NOON)
    (told,) = tell(app, session)
    assert told["event_type"] == "survey_response.tagged"
    assert (told["event_data"]["sentiment"], told["event_data"]["polarity"]) == ("negative", -0.6)
    assert told["event_data"]["person"] is None  # it came by the open link


def test_a_comment_that_was_read_is_told_with_its_themes_and_heard_by_whom_they_concern(
    app: Flask, session: Session, endpoints: Endpoints
) -> None:
    endpoints.add(kinds=[Kind.RESPONSE_TAGGED], themes=["SPEED"])
    endpoints.add(name="Others", kinds=[Kind.RESPONSE_TAGGED], themes=["billing"])
    speed, billing = make_theme(session, name="Speed"), make_theme(session, name="Billing")
    response = make_response(session, comment="Slow.", rating=3, tagged_at=NOON, sentiment="negative")
    give_theme(session, response.id, speed.id)
    give_theme(session, response.id, billing.id, source="person", removed=True)  # a colleague: not about that
    note_tagged(session, [response.id], now=NOON)
    session.commit()
    (told,) = tell(app, session)
    assert told["event_data"]["themes"] == [{"name": "Speed", "sentiment": "negative"}]


def test_a_status_is_told_with_the_response_and_its_notes(
    app: Flask, session: Session, endpoints: Endpoints
) -> None:
    endpoints.add(kinds=[Kind.STATUS_CHANGED])
    user = make_user(session, Role.CSM, email="sam@northlight.example")
    response = make_response(session)
    add_note(session, response.id, "Called them.", user_id=user.id, now=NOON)
    set_status(session, response.id, ReviewStatus.CLOSED, user_id=user.id, now=NOON)
    set_status(session, response.id, ReviewStatus.CLOSED, user_id=user.id, now=NOON)  # no change
    (told,) = tell(app, session)
    data = told["event_data"]
    assert (told["event_type"], data["status"], data["previous_status"]) == (
        "review.status_changed",
        "closed",
        "new",
    )
    assert data["survey_response"]["id"] == str(response.id)
    assert [(one["text"], one["user_email"]) for one in data["survey_response"]["notes"]] == [
        ("Called them.", "sam@northlight.example")
    ]


def test_unsubscribing_is_told_once(app: Flask, session: Session, endpoints: Endpoints, vault: Vault) -> None:
    endpoints.add()
    asked = make_invitation(session)
    for _ in range(2):
        unsubscribe(session, asked.id, Scope.SURVEY, vault=vault, now=NOON)
    (told,) = tell(app, session)
    assert told["event_type"] == "unsubscribe.created"
    assert told["event_data"]["person"]["id"] == str(asked.person_id)
    assert told["event_data"]["unsubscribed_at"] == 1795176000
    assert told["event_data"]["scope"] == "survey"


def test_a_second_run_makes_no_second_delivery(app: Flask, session: Session, endpoints: Endpoints) -> None:
    """Even if the happening is still there: the id is drawn from it."""
    endpoints.add()
    record_response(session, make_invitation(session).id, 9, locale="en", now=NOON)
    kept = session.scalars(select(Happening)).one()
    row = {"id": kept.id, "kind": kept.kind, "survey_id": kept.survey_id, "response_id": kept.response_id}
    again = row | {"at": kept.at, "detail": {}}
    tell(app, session)
    keep(session, Happening(**again))
    assert len(tell(app, session)) == 1
    assert happened(session) == []


@pytest.mark.parametrize(
    ("chosen", "hears"),
    [
        ({}, True),
        ({"bands": ["bad"]}, True),
        ({"bands": ["middle", "good"]}, False),
        ({"themes": ["Billing"]}, True),
        ({"themes": ["shipping"]}, False),
        ({"kinds": [Kind.BOUNCED]}, False),
    ],
)
def test_an_endpoint_hears_what_its_filter_lets_pass(
    app: Flask, session: Session, endpoints: Endpoints, chosen: dict[str, Any], hears: bool
) -> None:
    endpoints.add()  # hears everything, so that there is something to tell
    one = endpoints.add(name="Chosen", **chosen)
    response = make_response(session, rating=3, tags=["billing"])
    note_happening(
        session, Kind.RESPONSE_CREATED, survey_id=response.survey_id, response_id=response.id, now=NOON
    )
    session.commit()
    tell(app, session)
    assert (one.id in {delivery.endpoint_id for delivery in deliveries(session)}) is hears


def test_an_endpoint_of_one_survey_hears_of_no_other(
    app: Flask, session: Session, endpoints: Endpoints
) -> None:
    mine, other = make_survey(session), make_survey(session)
    endpoints.add(survey_id=mine.id)
    for survey in (mine, other):
        record_response(session, make_invitation(session, survey_id=survey.id).id, 9, locale="en", now=NOON)
    assert len(tell(app, session)) == 1


def test_what_is_about_an_erased_person_is_not_told(
    app: Flask, session: Session, endpoints: Endpoints, vault: Vault
) -> None:
    endpoints.add()
    asked = make_invitation(session)
    unsubscribe(session, asked.id, Scope.ALL, vault=vault, now=NOON)
    session.delete(session.get_one(Person, asked.person_id))
    session.commit()
    assert tell(app, session) == []
    assert happened(session) == []


def test_a_paused_endpoint_hears_of_nothing_new(app: Flask, session: Session, endpoints: Endpoints) -> None:
    paused = endpoints.add()
    set_active(session, paused.id, active=False, user_id=None, now=NOON)
    record_response(session, make_invitation(session).id, 9, locale="en", now=NOON)
    assert (happened(session), session.scalar(select(func.count()).select_from(Listener))) == ([], 0)


def test_slack_gets_a_message_of_its_own(app: Flask, session: Session, endpoints: Endpoints) -> None:
    endpoints.add(shape=Shape.SLACK)
    asked = make_invitation(session, person_id=make_person(session, name="Dana").id)
    record_response(session, asked.id, 3, "Slow.", locale="en", now=NOON)
    (told,) = tell(app, session)
    assert told["text"] == "New response: detractor, 3 of 10"
    assert "> Slow." in told["blocks"][0]["text"]["text"]
    assert told["blocks"][1]["elements"][0]["text"] == "Dana · Relationship"


def test_a_score_that_fell_by_more_than_chance_is_told_once_a_day(
    app: Flask, session: Session, endpoints: Endpoints
) -> None:
    endpoints.add(kinds=[Kind.SCORE_FELL])
    fell, level = make_survey(session, name="Fell"), make_survey(session, name="Level")
    for survey, ratings in ((fell, (10, 2)), (level, (9, 9))):
        for days, rating in zip((45, 10), ratings, strict=True):
            for _ in range(8):
                make_response(
                    session, survey_id=survey.id, rating=rating, created_at=NOON - timedelta(days=days)
                )
    zone = app.extensions["feedback_settings"].zone
    assert [note_falls(session, zone=zone, now=NOON) for _ in range(2)] == [1, 0]
    (told,) = tell(app, session)
    assert told["event_type"] == "score.fell"
    assert told["event_data"] == {
        "survey": fell.slug,
        "metric": "nps",
        "score": -100.0,
        "n": 8,
        "interval": told["event_data"]["interval"],
        "previous_score": 100.0,
        "previous_n": 8,
        "since": "2026-10-21",
        "until": "2026-11-19",
    }
    assert note_falls(session, zone=zone, now=NOON + timedelta(days=1)) == 1  # a new day


def test_nobody_looks_at_scores_while_nobody_listens(app: Flask, session: Session) -> None:
    zone = app.extensions["feedback_settings"].zone
    assert note_falls(session, zone=zone, now=NOON) == 0


def test_a_day_s_fall_is_one_event_whoever_noted_it() -> None:
    def fall(number: int, until: date) -> str:
        detail = {"until": until.isoformat()}
        return event_id_of(Happening(id=number, kind=Kind.SCORE_FELL, survey_id=1, detail=detail, at=NOON))

    assert fall(1, date(2026, 11, 19)) == fall(2, date(2026, 11, 19))
    assert fall(1, date(2026, 11, 19)) != fall(1, date(2026, 11, 20))


def test_two_events_have_two_ids() -> None:
    def created(number: int, at: datetime) -> str:
        return event_id_of(Happening(id=number, kind=Kind.RESPONSE_CREATED, detail={}, at=at))

    assert len({created(1, NOON), created(2, NOON), created(1, NOON + SECOND)}) == 3
