"""Old responses of any tool on both databases: counted, known again, and back out as they came in."""

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback_app.api.v1.exports import responses_csv, responses_jsonl
from feedback_app.db import transaction
from feedback_app.directory.erasing import erase_person
from feedback_app.imports.answers.reading import ResponsesFile
from feedback_app.imports.answers.storing import Incoming, target_of, targets_by_name
from feedback_app.imports.delighted.tables import Source
from feedback_app.imports.people import ERASED, Reject, Tally
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.responses.histogram import fold_batch, rating_counts
from feedback_app.responses.listing import ResponseFilter
from feedback_app.responses.models import Response
from feedback_app.surveys.models import Survey
from feedback_app.tagging.batches import tag_batch
from tests.conftest import NOON
from tests.factories import make_person, make_response, make_survey

OLD = """id,score,email,name,customer id,date,comment,language,plan
a1,9,ana@acme.example,Ana Lind,C-7,2026-01-10 10:00,"Fast, and kind",de,Pro
a2,3,,,,2026-01-11 10:00,Slow,,Free
a3,11,ben@acme.example,Ben,,2026-01-12 10:00,,,
"""


def brought(session: Session, survey: Survey | None, text: str) -> tuple[Tally, list[Reject]]:
    """What became of a file's rows; to the survey, or to those that the rows name."""
    vault, done, rejects = current_app.extensions["feedback_vault"], Tally(), []
    file = ResponsesFile.scanned(Source("old.csv", lambda: io.BytesIO(text.encode())))
    file.planned({})
    targets = targets_by_name(session.scalars(select(Survey)).all(), UTC)
    only = target_of(survey, UTC) if survey else None
    with closing(Incoming(file, targets, only, UTC, now=NOON)) as rows:
        for batch in rows.batches():
            with transaction(session):
                rows.store(session, batch, vault=vault, now=NOON)
            done += batch.tally
            rejects += batch.rejects
    return done, rejects


def answers(session: Session) -> list[tuple[object, ...]]:
    rows = session.execute(
        select(Response.rating, Response.comment, Response.created_at, Response.locale, Person.email)
        .outerjoin(Person, Person.id == Response.person_id)
        .order_by(Response.created_at, Response.id)
    )
    return [tuple(row) for row in rows]


def counted(session: Session, survey: Survey) -> dict[int, int]:
    """The histogram, with what is not yet folded in."""
    return rating_counts(session, survey.id, since=None, until=None)


def test_what_fits_comes_in_and_counts_and_a_second_time_adds_nothing(session: Session) -> None:
    survey = make_survey(session)
    done, rejects = brought(session, survey, OLD)
    assert (done.rows, done.added, done.rejected) == (3, 2, 1)
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (4, "Column “score”: The score 11 is not between 0 and 10.")
    ]
    expected = [
        (9, "Fast, and kind", datetime(2026, 1, 10, 10, 0, tzinfo=UTC), "de", "ana@acme.example"),
        (3, "Slow", datetime(2026, 1, 11, 10, 0, tzinfo=UTC), "en", None),
    ]
    assert answers(session) == expected
    ana = session.scalars(select(Person)).one()
    assert (ana.name, ana.external_id, ana.locale) == ("Ana Lind", "C-7", "de")
    assert fold_batch(session) == 2
    assert counted(session, survey) == {3: 1, 9: 1}

    again, _ = brought(session, survey, OLD)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert answers(session) == expected


def test_the_worker_tags_what_came_in(session: Session) -> None:
    brought(session, make_survey(session), OLD)
    tag_batch(session)
    assert all(session.scalars(select(Response.tagged_at)))


def test_one_file_may_be_to_several_surveys(session: Session) -> None:
    nps, csat = make_survey(session, slug="relation"), make_survey(session, metric_key="csat", name="Support")
    done, _ = brought(session, None, "survey,score,date\nRelation,9,2026-01-10\nsupport,5,2026-01-10\n")
    assert done.added == 2
    rows = session.execute(select(Response.survey_id, Response.rating).order_by(Response.rating))
    assert [tuple(row) for row in rows] == [(csat.id, 5), (nps.id, 9)]


def test_who_was_erased_stays_so_and_who_gets_no_mail_gets_none(session: Session) -> None:
    vault, survey = current_app.extensions["feedback_vault"], make_survey(session)
    ana = make_person(session, email="ana@acme.example")
    erase_person(session, ana.id, vault=vault, now=NOON)
    with transaction(session):
        suppress(session, vault.address_hash("cy@acme.example"), SuppressionReason.UNSUBSCRIBED, now=NOON)
    before = session.scalars(select(Suppression.id)).all()
    done, rejects = brought(session, survey, f"{OLD}a4,8,cy@acme.example,Cy,,2026-01-13,,,\n")
    assert (done.added, done.erased, done.rejected) == (2, 1, 1)
    assert Reject(2, ERASED, []) in rejects
    assert session.scalars(select(Person.email)).all() == ["cy@acme.example"]
    assert session.scalars(select(Suppression.id)).all() == before


@pytest.mark.parametrize("write", [responses_csv, responses_jsonl])
def test_an_export_brings_to_an_empty_installation_what_there_was(
    session: Session, write: Callable[[ResponseFilter], Iterator[str]]
) -> None:
    survey = make_survey(session)
    ana = make_person(session, email="ana@acme.example", name="Ana Lind")
    make_response(
        session, survey_id=survey.id, person_id=ana.id, rating=9, comment="=Fast,\nand kind", locale="fr"
    )
    make_response(
        session, survey_id=survey.id, rating=2, comment="-5 stars", properties={"id": "7", "Plan": "Pro"}
    )
    make_response(session, survey_id=survey.id, rating=2, tags=["a, b", "c"])
    before = answers(session)
    kept = session.execute(select(Response.properties, Response.tags).order_by(Response.id)).all()
    export = "".join(write(ResponseFilter(survey_id=survey.id)))

    here, _ = brought(session, survey, export)
    assert (here.added, here.unchanged) == (0, 3)  # where it came from, everything is there
    with transaction(session):
        session.execute(delete(Response))
        session.execute(delete(Person))
    done, rejects = brought(session, survey, export)
    assert (done.added, rejects) == (3, [])
    assert answers(session) == before
    rows = session.execute(select(Response.properties, Response.tags).order_by(Response.id)).all()
    assert rows == kept
    assert counted(session, survey) == {2: 2, 9: 1}
    again, _ = brought(session, survey, export)
    assert (again.added, again.unchanged) == (0, 3)
