"""Recording: one answer to one invitation, whoever sends it, however often and in whatever order."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.db import db, transaction
from feedback_app.errors import LinkExpired, LinkUnknown
from feedback_app.invitations.models import Invitation, InvitationState, LinkVisit
from feedback_app.responses import recording
from feedback_app.responses.errors import AlreadyReceived, ChangedTooOften, SurveyClosed
from feedback_app.responses.models import Response, ResponseState, ResponseVersion
from feedback_app.responses.rules import MOST_VERSIONS
from feedback_app.responses.services import note_visit, record_open_response, record_response
from feedback_app.scales import RatingOffScale
from tests.factories import NOON, make_invitation, make_survey

CONFIRMED, UNCONFIRMED, SUSPECT = ResponseState.CONFIRMED, ResponseState.UNCONFIRMED, ResponseState.SUSPECT
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def record(
    session: Session, invitation: Invitation, rating: int, comment: str | None = None, **more: Any
) -> int:
    given = {"locale": "en", "now": NOON} | more
    return record_response(session, invitation.id, rating, comment, **given)


def machine(session: Session, invitation: Invitation, rating: int, **more: Any) -> int:
    return record(session, invitation, rating, state=UNCONFIRMED, **more)


def only_response(session: Session) -> Response:
    session.rollback()
    return session.scalars(select(Response)).one()


def versions(session: Session) -> list[tuple[int, str | None, str]]:
    rows = session.scalars(select(ResponseVersion).order_by(ResponseVersion.id))
    return [(row.rating, row.comment, row.state) for row in rows]


def test_an_answer_is_stored_with_everything_that_is_counted_by_it(
    session: Session, invitation: Invitation
) -> None:
    response_id = record(session, invitation, 4, "Slow", locale="de")
    response = only_response(session)
    assert (response.id, response.invitation_id, response.person_id) == (
        response_id,
        invitation.id,
        invitation.person_id,
    )
    assert (response.rating, response.position, response.comment) == (4, 40, "Slow")
    assert (response.state, response.channel, response.locale) == (CONFIRMED, "email", "de")
    assert (response.created_at, response.confirmed_at, response.answered_on) == (
        NOON,
        NOON,
        date(2026, 11, 20),
    )
    assert response.fold_due
    assert response.permalink.isalnum()
    assert len(response.permalink) == 32


def test_the_invitation_is_answered_and_stays_so(session: Session, invitation: Invitation) -> None:
    record(session, invitation, 4)
    record(session, invitation, 5, now=NOON + HOUR)
    session.refresh(invitation)
    assert (invitation.state, invitation.answered_at) == (InvitationState.ANSWERED, NOON)


@pytest.mark.parametrize("state", ["sending", "delivered", "uncertain", "scheduled"])
def test_an_answer_settles_what_became_of_the_mail(session: Session, state: str) -> None:
    invitation = make_invitation(session, state=state, sent_at=None, marked_at=NOON - HOUR)
    record(session, invitation, 4)
    session.refresh(invitation)
    assert (invitation.state, invitation.sent_at) == (InvitationState.ANSWERED, NOON - HOUR)


@pytest.mark.parametrize("state", ["bounced", "complained", "failed", "cancelled", "expired"])
def test_an_invitation_never_moves_back_from_its_end(session: Session, state: str) -> None:
    invitation = make_invitation(session, state=state)
    record(session, invitation, 4)
    session.refresh(invitation)
    assert invitation.state == state
    assert only_response(session).rating == 4


def test_a_second_answer_replaces_the_first_and_both_are_kept_in_the_history(
    session: Session, invitation: Invitation
) -> None:
    first = record(session, invitation, 3, "Slow")
    second = record(session, invitation, 9, " Fixed ", now=NOON + HOUR)
    response = only_response(session)
    assert first == second == response.id
    assert (response.rating, response.position, response.comment) == (9, 90, " Fixed ")
    assert (response.created_at, response.confirmed_at, response.updated_at) == (NOON, NOON, NOON + HOUR)
    assert versions(session) == [(3, "Slow", CONFIRMED), (9, " Fixed ", CONFIRMED)]


def test_a_rating_alone_leaves_the_comment_and_an_empty_one_removes_it(
    session: Session, invitation: Invitation
) -> None:
    record(session, invitation, 3, "Slow")
    record(session, invitation, 4)
    assert only_response(session).comment == "Slow"
    record(session, invitation, 4, "")
    assert only_response(session).comment == ""


def test_a_new_comment_is_tagged_anew_and_an_old_one_is_not(session: Session, invitation: Invitation) -> None:
    record(session, invitation, 3, "Slow")
    with transaction(session):
        tagged = session.scalars(select(Response)).one()
        tagged.sentiment, tagged.polarity, tagged.tagged_at, tagged.tag_attempts = "negative", -0.5, NOON, 2
        tagged.evidence, tagged.fold_due = [{"start": 0, "end": 4}], False
    record(session, invitation, 3, "Slow", now=NOON + HOUR)
    same = only_response(session)
    assert (same.sentiment, same.tagged_at, same.tag_attempts, same.fold_due) == ("negative", NOON, 2, True)
    record(session, invitation, 5, "Quick", now=NOON + HOUR)
    other = only_response(session)
    assert (other.sentiment, other.polarity, other.evidence, other.tagged_at) == (None, None, None, None)
    assert other.tag_attempts == 0


def test_beside_a_new_rating_the_comment_is_read_again_and_keeps_its_tag_until_then(
    session: Session, invitation: Invitation
) -> None:
    record(session, invitation, 3, "Slow")
    with transaction(session):
        tagged = session.scalars(select(Response)).one()
        tagged.sentiment, tagged.sentiment_source, tagged.tagged_at = "negative", "person", NOON
        tagged.look_twice, tagged.looked_at = "words-worse", NOON
    record(session, invitation, 9)
    again = only_response(session)
    assert (again.sentiment, again.sentiment_source) == ("negative", "person")
    assert (again.tagged_at, again.look_twice, again.looked_at) == (None, None, None)


def test_changes_end_with_the_edit_window_of_the_survey(session: Session) -> None:
    survey = make_survey(session, edit_hours=2)
    invitation = make_invitation(session, survey_id=survey.id)
    record(session, invitation, 3, "Slow")
    record(session, invitation, 4, now=NOON + 2 * HOUR - SECOND)
    with pytest.raises(AlreadyReceived):
        record(session, invitation, 9, "Quick", now=NOON + 2 * HOUR)
    response = only_response(session)
    assert (response.rating, response.comment, len(versions(session))) == (4, "Slow", 2)


def test_an_unconfirmed_rating_is_kept_apart(session: Session, invitation: Invitation) -> None:
    machine(session, invitation, 9)
    machine(session, invitation, 8, now=NOON + HOUR)
    session.refresh(invitation)
    response = only_response(session)
    assert (response.rating, response.state, response.confirmed_at) == (8, UNCONFIRMED, None)
    assert (invitation.state, invitation.answered_at) == (InvitationState.SENT, None)


def test_a_person_confirms_and_the_answer_counts_from_then(session: Session, invitation: Invitation) -> None:
    machine(session, invitation, 9)
    tomorrow = NOON + 24 * HOUR
    record(session, invitation, 9, now=tomorrow)
    response = only_response(session)
    assert (response.state, response.created_at, response.confirmed_at) == (CONFIRMED, tomorrow, tomorrow)
    assert response.answered_on == date(2026, 11, 21)
    session.refresh(invitation)
    assert invitation.state == InvitationState.ANSWERED


def test_an_unconfirmed_rating_never_touches_a_confirmed_answer(
    session: Session, invitation: Invitation
) -> None:
    kept = record(session, invitation, 9, "Quick")
    assert machine(session, invitation, 0, now=NOON + HOUR) == kept
    response = only_response(session)
    assert (response.rating, response.comment, response.state) == (9, "Quick", CONFIRMED)
    assert response.updated_at == NOON
    assert versions(session) == [(9, "Quick", CONFIRMED)]


def test_three_ratings_within_seconds_are_a_scanners(session: Session, invitation: Invitation) -> None:
    states = []
    for second, rating in enumerate((0, 1, 1, 2)):
        machine(session, invitation, rating, now=NOON + second * SECOND)
        states.append(only_response(session).state)
    assert states == [UNCONFIRMED, UNCONFIRMED, UNCONFIRMED, SUSPECT]
    machine(session, invitation, 2, now=NOON + HOUR)
    assert only_response(session).state == SUSPECT


def test_three_ratings_within_an_hour_are_not(session: Session, invitation: Invitation) -> None:
    for minute, rating in enumerate((0, 1, 2, 3)):
        machine(session, invitation, rating, now=NOON + minute * 60 * SECOND)
    assert only_response(session).state == UNCONFIRMED


def test_a_rating_seconds_after_sending_is_a_scanners_unless_a_person_is_there(session: Session) -> None:
    scanned, quick = (make_invitation(session, sent_at=NOON) for _ in range(2))
    machine(session, scanned, 0, now=NOON + 14 * SECOND)
    record(session, quick, 0, now=NOON + 14 * SECOND)
    session.rollback()
    states = {row.invitation_id: row.state for row in session.scalars(select(Response))}
    assert states == {scanned.id: SUSPECT, quick.id: CONFIRMED}


def test_who_follows_the_hidden_link_follows_every_link(session: Session, invitation: Invitation) -> None:
    note_visit(session, invitation.id, now=NOON)
    machine(session, invitation, 9, now=NOON + HOUR)
    assert only_response(session).state == SUSPECT
    record(session, invitation, 9, now=NOON + 2 * HOUR)
    assert only_response(session).state == CONFIRMED


def test_visits_of_the_hidden_link_fill_no_table(session: Session, invitation: Invitation) -> None:
    for _ in range(20):
        note_visit(session, invitation.id, now=NOON)
    note_visit(session, 999_999, now=NOON)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(LinkVisit)) == 10


def test_a_link_that_is_tried_without_end_is_stopped_and_a_person_is_not(
    session: Session, invitation: Invitation
) -> None:
    for _ in range(MOST_VERSIONS):
        machine(session, invitation, 5)
    with pytest.raises(ChangedTooOften):
        machine(session, invitation, 5)
    for _ in range(MOST_VERSIONS):
        record(session, invitation, 6)
    with pytest.raises(ChangedTooOften):
        record(session, invitation, 7)
    assert only_response(session).rating == 6


def test_nothing_is_stored_for_links_that_take_no_answers(session: Session) -> None:
    closed = make_invitation(session, survey_id=make_survey(session, state="closed", closed_at=NOON).id)
    old = make_invitation(session, sent_at=NOON - timedelta(days=90))
    stars = make_invitation(session, survey_id=make_survey(session, metric_key="stars").id)
    for invitation, error in ((closed, SurveyClosed), (old, LinkExpired)):
        for state in (CONFIRMED, UNCONFIRMED):
            with pytest.raises(error):
                record(session, invitation, 3, state=state)
    with pytest.raises(RatingOffScale):
        record(session, stars, 6)
    with pytest.raises(LinkUnknown):
        record_response(session, 999_999, 3, locale="en", now=NOON)
    assert session.scalar(select(func.count()).select_from(Response)) == 0
    assert session.scalar(select(func.count()).select_from(ResponseVersion)) == 0


def test_a_paused_survey_still_takes_answers(session: Session) -> None:
    invitation = make_invitation(session, survey_id=make_survey(session, state="paused").id)
    record(session, invitation, 3)
    assert only_response(session).rating == 3


def test_twenty_submits_at_once_make_one_answer(app: Flask, session: Session) -> None:
    for _ in range(3):
        invitation_id = make_invitation(session).id
        session.rollback()
        ids: list[int] = []

        def submit(rating: int, invitation_id: int = invitation_id, ids: list[int] = ids) -> None:
            with app.app_context():
                answer = rating % 11, f"Comment {rating}"
                ids.append(record_response(db.session(), invitation_id, *answer, locale="en", now=NOON))

        threads = [threading.Thread(target=submit, args=(rating,)) for rating in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session.rollback()
        found = session.scalars(select(Response.id).where(Response.invitation_id == invitation_id)).all()
        assert (len(found), len(ids), set(ids)) == (1, 20, set(found))
        kept = (
            select(func.count()).select_from(ResponseVersion).where(ResponseVersion.response_id == found[0])
        )
        assert session.scalar(kept) == 20


def test_a_scanner_that_ticks_everything_at_once_is_seen(app: Flask, session: Session) -> None:
    invitation_id = make_invitation(session).id
    session.rollback()
    together = threading.Barrier(4)

    def tick(rating: int) -> None:
        with app.app_context():
            together.wait(10)
            record_response(db.session(), invitation_id, rating, state=UNCONFIRMED, locale="en", now=NOON)

    threads = [threading.Thread(target=tick, args=(rating,)) for rating in (0, 3, 7, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert only_response(session).state == SUSPECT


def test_an_answer_does_not_move_the_moment_of_sending(session: Session) -> None:
    invitation = make_invitation(session, state="answered", marked_at=NOON)
    with transaction(session):
        session.execute(recording.MARK_SENT, {"owner": invitation.id, "at": NOON})
    session.refresh(invitation)
    assert invitation.sent_at == NOON - HOUR


def test_the_same_open_form_sent_twice_is_one_answer(session: Session) -> None:
    survey = make_survey(session)
    for rating, nonce in ((3, "n" * 22), (9, "n" * 22), (5, "m" * 22)):
        record_open_response(
            session,
            survey.slug,
            nonce,
            rating,
            "Hi",
            locale="en",
            claimed_email="someone@customer.example",
            properties={"plan": "pro"},
            now=NOON,
        )
    session.rollback()
    rows = session.scalars(select(Response).order_by(Response.id)).all()
    assert [(row.rating, row.nonce, row.channel) for row in rows] == [
        (9, "n" * 22, "link"),
        (5, "m" * 22, "link"),
    ]
    assert (rows[0].person_id, rows[0].claimed_email, rows[0].properties) == (
        None,
        "someone@customer.example",
        {"plan": "pro"},
    )


def test_a_nonce_of_one_survey_changes_no_answer_of_another(session: Session) -> None:
    mine, other = make_survey(session), make_survey(session)
    record_open_response(session, mine.slug, "n" * 22, 3, locale="en", now=NOON)
    with pytest.raises(AlreadyReceived):
        record_open_response(session, other.slug, "n" * 22, 9, locale="en", now=NOON)
    assert (only_response(session).rating, only_response(session).survey_id) == (3, mine.id)


def test_an_unconfirmed_open_answer_is_confirmed_by_the_button(session: Session) -> None:
    survey = make_survey(session)
    record_open_response(session, survey.slug, "n" * 22, 3, state=UNCONFIRMED, locale="en", now=NOON)
    assert only_response(session).state == UNCONFIRMED
    record_open_response(session, survey.slug, "n" * 22, 3, "Hi", locale="en", now=NOON)
    assert (only_response(session).state, only_response(session).comment) == (CONFIRMED, "Hi")


def test_the_day_of_an_answer_is_that_of_the_workspace(
    app: Flask, session: Session, invitation: Invitation
) -> None:
    app.extensions["feedback_settings"] = replace(
        app.extensions["feedback_settings"], time_zone="Pacific/Auckland"
    )
    record(session, invitation, 3, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert only_response(session).answered_on == date(2026, 11, 21)
