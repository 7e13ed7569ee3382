"""A whole move from Delighted on both databases: nothing lost, nothing doubled, and the loss of anything seen."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.db import transaction
from feedback_app.errors import Invalid
from feedback_app.imports.delighted.comparing import Month, compare
from feedback_app.imports.delighted.moving import Done, Move, lift_overall_limit
from feedback_app.imports.delighted.tables import Source, all_tables
from feedback_app.imports.jobs import run_imports
from feedback_app.imports.people import Reject
from feedback_app.invitations.models import EarlierAsk, SurveyPerson
from feedback_app.invitations.throttle import overall_days
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.responses.models import Response
from feedback_app.reviews.models import Note, Review
from feedback_app.staff.models import Role
from feedback_app.surveys.models import Survey
from tests.conftest import NOON
from tests.factories import make_person, make_survey, make_user
from tests.pages import afresh, form_token, signed_in

DATA = Path(__file__).parents[2] / "data" / "delighted"
KEPT = ("responses.csv", "people.csv", "unsubscribes.json", "bounces.csv")


def given(name: str) -> Source:
    return Source(name, lambda: io.BytesIO((DATA / name).read_bytes()))


def written(text: str, name: str = "file.csv") -> Source:
    return Source(name, lambda: io.BytesIO(text.encode()))


def moved(session: Session, survey: Survey, *sources: Source) -> tuple[Done, list[Reject], list[Month]]:
    """What became of a move: the counts, the rows that did not fit, and the reconciliation."""
    vault, done, rejects = current_app.extensions["feedback_vault"], Done(), []
    move = Move(session, survey, all_tables(sources), UTC, NOON)
    for step in move.batches():
        with transaction(session):
            move.store(session, step, done, vault=vault, now=NOON)
        rejects += step.rejects
    return done, rejects, compare(session, move.notebook, move.target, move.metric, vault=vault)


def person(session: Session, email: str) -> Person:
    return session.scalars(select(Person).where(Person.email_key == email)).one()


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_everything_that_was_kept_is_here_afterwards(session: Session) -> None:
    survey = make_survey(session)
    done, rejects, months = moved(session, survey, *map(given, KEPT))
    assert (done.people.added, done.responses.added, done.unsubscribed, done.bounced) == (4, 4, 1, 1)
    assert [reject.line for reject in rejects] == [5, 6]
    ana = person(session, "ana@acme.example")
    assert (ana.external_id, ana.phone_number, ana.properties) == (
        "delighted:101", "+4915112345678", {"Plan": "Pro"},
    )  # fmt: skip
    assert ana.created_at == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    assert session.get_one(Account, ana.account_id).name == "Acme"
    asked = session.get_one(EarlierAsk, (ana.id, survey.id))
    assert asked.sent_at == datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    response = session.scalars(select(Response).where(Response.external_id == "delighted:9001")).one()
    assert (response.rating, response.comment, response.person_id) == (9, "Fast, and kind", ana.id)
    assert (response.created_at, response.updated_at) == (
        datetime(2026, 1, 10, 10, 0, tzinfo=UTC),
        datetime(2026, 1, 11, 10, 0, tzinfo=UTC),
    )
    assert (response.tags, response.properties, response.channel) == (
        ["speed", "people"],
        {"Plan": "Pro"},
        "import",
    )
    assert [note.text for note in session.scalars(select(Note))] == ["Called her"]
    assert {review.status for review in session.scalars(select(Review))} == {"closed"}
    assert count(session, SurveyPerson) == 4
    assert [
        (m.month, m.in_file, m.stored, m.score_in_file, m.score_stored, m.explanation) for m in months
    ] == [
        ("2026-01", 2, 2, 0.0, 0.0, ""),  # 9 and 3
        ("2026-02", 3, 2, 50.0, 50.0, "1 rejected"),  # 10 and 7, and an 11 that is no score
    ]


def test_who_must_not_be_written_to_is_stored_before_anybody_is_known(session: Session) -> None:
    vault, survey = current_app.extensions["feedback_vault"], make_survey(session)
    move = Move(session, survey, all_tables(list(map(given, KEPT))), UTC, NOON)
    for step in move.batches():
        if step.stage != "who must not be written to":
            break
        with transaction(session):
            move.store(session, step, Done(), vault=vault, now=NOON)
    assert sorted(session.scalars(select(Suppression.reason))) == ["bounced", "unsubscribed"]
    assert count(session, Person) == 0


def test_a_second_time_changes_nothing(session: Session) -> None:
    survey = make_survey(session)
    moved(session, survey, *map(given, KEPT))
    before = session.execute(select(Response.id, Response.permalink, Response.updated_at)).all()
    people = session.execute(select(Person.id, Person.updated_at)).all()
    done, _, _ = moved(session, survey, *map(given, KEPT))
    assert (done.people.added, done.people.changed, done.responses.added, done.responses.changed) == (
        0,
        0,
        0,
        0,
    )
    assert (done.people.unchanged, done.responses.unchanged) == (5, 4)
    assert session.execute(select(Response.id, Response.permalink, Response.updated_at)).all() == before
    assert session.execute(select(Person.id, Person.updated_at)).all() == people
    assert (count(session, Suppression), count(session, Note)) == (2, 1)
    assert {one.person_id is None for one in session.scalars(select(Suppression))} == {False}


def test_a_deliberate_loss_shows_in_the_reconciliation(session: Session) -> None:
    survey = make_survey(session)
    moved(session, survey, *map(given, KEPT))
    vault = current_app.extensions["feedback_vault"]
    move = Move(session, survey, all_tables(list(map(given, KEPT))), UTC, NOON)
    with transaction(session):
        session.execute(delete(Response).where(Response.external_id == "delighted:9002"))
        session.execute(update(Response).where(Response.external_id == "delighted:9003").values(rating=6))
    january, february = compare(session, move.notebook, move.target, move.metric, vault=vault)
    assert (january.in_file, january.stored, january.score_in_file, january.score_stored) == (
        2,
        1,
        0.0,
        100.0,
    )
    assert (january.explanation, january.is_equal) == ("1 not stored", False)
    assert (february.score_in_file, february.score_stored) == (50.0, -50.0)
    assert "1 changed since" in february.explanation


def test_whoever_was_erased_stays_so_and_their_answers_with_them(session: Session) -> None:
    survey, vault = make_survey(session), current_app.extensions["feedback_vault"]
    with transaction(session):
        suppress(session, vault.address_hash("ana@acme.example"), SuppressionReason.ERASED, now=NOON)
    done, rejects, months = moved(session, survey, *map(given, KEPT))
    assert (done.people.erased, done.responses.erased) == (1, 1)
    assert session.scalar(select(Person.id).where(Person.email_key == "ana@acme.example")) is None
    assert session.scalar(select(Response.id).where(Response.external_id == "delighted:9001")) is None
    assert all("ana" not in " ".join(reject.cells).lower() for reject in rejects)
    assert months[0].explanation == "1 erased for good"


@pytest.mark.parametrize("name", ["singer.jsonl", "airbyte.jsonl"])
def test_answers_that_name_only_an_id_find_their_person(session: Session, name: str) -> None:
    moved(session, make_survey(session), given(name))
    response = session.scalars(select(Response)).one()
    assert response.person_id == person(session, "ana@acme.example").id


def test_an_id_that_no_file_explains_is_rejected_and_can_come_later(session: Session) -> None:
    survey = make_survey(session)
    done, rejects, months = moved(session, survey, given("responses.json"))
    assert (done.responses.rejected, done.responses.added) == (2, 0)
    assert "the id 101" in rejects[0].reason
    assert months[0].explanation == "2 rejected"
    moved(session, survey, given("people.csv"))
    done, _, _ = moved(session, survey, given("responses.json"))
    assert done.responses.added == 2


def test_an_author_who_is_no_colleague_is_named_in_the_note(session: Session) -> None:
    survey = make_survey(session)
    moved(session, survey, given("people.csv"), given("responses.json"))
    assert session.scalars(select(Note)).one().text == "mo@northlight.example: Called her"


def test_a_colleague_s_note_is_theirs(session: Session) -> None:
    survey, mo = make_survey(session), make_user(session, email="mo@northlight.example")
    moved(session, survey, given("people.csv"), given("responses.json"))
    note = session.scalars(select(Note)).one()
    assert (note.author_id, note.text) == (mo.id, "Called her")


def test_a_later_change_elsewhere_replaces_and_an_earlier_one_does_not(session: Session) -> None:
    survey = make_survey(session)
    text = "ID,Email,Score,Comment,Created At,Updated At\n7,a@x.example,{},{},2026-01-10,{}\n"
    moved(session, survey, written(text.format(3, "Slow", "2026-01-10")))
    done, _, _ = moved(session, survey, written(text.format(9, "Quick now", "2026-01-12")))
    assert done.responses.changed == 1
    done, _, _ = moved(session, survey, written(text.format(3, "Slow", "2026-01-10")))
    assert done.responses.unchanged == 1
    assert session.execute(select(Response.rating, Response.comment)).all() == [(9, "Quick now")]


def test_rows_that_come_twice_are_stored_once_and_said_so(session: Session) -> None:
    row = "7,a@x.example,9,2026-01-10\n"
    done, _, months = moved(session, make_survey(session), written("ID,Email,Score,Created At\n" + row + row))
    assert (done.responses.added, done.responses.repeated) == (1, 1)
    assert (months[0].in_file, months[0].stored, months[0].explanation) == (2, 1, "1 there twice")


def test_people_who_have_an_id_of_their_own_keep_it(session: Session) -> None:
    make_person(session, email="ana@acme.example", external_id="crm-1")
    moved(session, make_survey(session), given("people.csv"))
    assert person(session, "ana@acme.example").external_id == "crm-1"


def test_people_with_a_number_alone_are_known_by_it(session: Session) -> None:
    survey = make_survey(session)
    text = "id,email,phone_number,name\n5,,+4915112345678,Ana\n6,,,Nobody\n"
    done, rejects, _ = moved(session, survey, written(text, "people.csv"), written("[]".replace("[]", (
        '[{"id": "1", "person": "5", "score": 9, "created_at": 1768039200}]')), "answers.json"))  # fmt: skip
    assert (done.people.added, done.responses.added) == (1, 1)
    assert "neither an address nor a number" in rejects[0].reason
    found = session.scalars(select(Person)).one()
    assert session.scalars(select(Response)).one().person_id == found.id


def test_answers_to_another_kind_of_survey_are_refused_as_a_whole(session: Session) -> None:
    csat = make_survey(session, metric_key="csat")
    with pytest.raises(Invalid, match="of the type nps"):
        Move(session, csat, all_tables([given("responses.json")]), UTC, NOON)


def test_a_recent_answer_waits_in_the_inbox(session: Session) -> None:
    recent = NOON - timedelta(days=2)
    text = f"ID,Email,Score,Created At\n7,a@x.example,3,{int(recent.timestamp())}\n"
    moved(session, make_survey(session), written(text))
    assert count(session, Review) == 0


def test_a_move_that_was_interrupted_goes_on_behind_its_last_batch(session: Session) -> None:
    survey, vault, done = make_survey(session), current_app.extensions["feedback_vault"], Done()
    tables = all_tables(list(map(given, KEPT)))
    for is_first in (True, False):
        move = Move(session, survey, tables, UTC, NOON)
        for number, step in enumerate(move.batches(done.steps)):
            if is_first and number == 5:
                break
            with transaction(session):
                move.store(session, step, done, vault=vault, now=NOON)
    assert done.steps == move.steps == 17  # 6 of people twice, 5 of responses
    assert (done.people.rows, done.responses.rows) == (6, 5)
    assert count(session, Response) == 4


def test_the_overall_limit_is_off_after_a_move_unless_the_team_chose_one(session: Session) -> None:
    with transaction(session):
        assert lift_overall_limit(session)
    assert overall_days(session) == 0


def test_the_page_takes_files_together_and_shows_the_move_and_both_sides(
    app: Flask, session: Session
) -> None:
    survey = make_survey(session)
    lead = signed_in(app, Role.LEAD)
    page = lead.get("/settings/migrate")
    files = [(io.BytesIO((DATA / name).read_bytes()), name) for name in KEPT]
    form = {"csrf_token": form_token(page.text), "survey": str(survey.id), "files": files}
    uploaded = lead.post("/settings/migrate", data=form, content_type="multipart/form-data")
    assert uploaded.status_code == 303, uploaded.text
    preview = lead.get(uploaded.location)
    assert "responses.csv: 5 responses (CSV, 12 columns)" in preview.text
    assert count(session, Response) == 0
    begun = lead.post(uploaded.location, data={"csrf_token": form_token(preview.text)})
    assert begun.status_code == 303
    run_imports.run()
    result = lead.get(uploaded.location).text
    assert "1 rejected" in result
    assert "2026-02" in result
    assert "is off, as Delighted had none" in result
    rejected = lead.get(f"{uploaded.location}/rejected-3.csv")  # responses.csv: the last of four tables
    assert "The score 11 is not between 0 and 10." in rejected.text
    assert count(afresh(session), Response) == 4


def test_every_column_of_the_web_keeps_its_place_in_a_file_to_mend(session: Session) -> None:
    survey = make_survey(session)
    _, [reject], _ = moved(session, survey, written("Email,Score,Date\na@x.example,eleven,2026-01-10\n"))
    assert reject.cells == ["a@x.example", "eleven", "2026-01-10"]
    mended = 'Line,Why it was rejected,Email,Score,Date\n2,"no score",a@x.example,9,2026-01-10\n'
    done, rejects, _ = moved(session, survey, written(mended))
    assert (done.responses.added, rejects) == (1, [])
