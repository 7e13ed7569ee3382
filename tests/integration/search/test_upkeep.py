"""An index that is not whole is found out and mended."""

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.cli.doctor_search import check_search, search_finding
from feedback_app.cli.findings import Finding
from feedback_app.cli.reindex import reindex
from feedback_app.config import Settings
from feedback_app.db import transaction
from feedback_app.search import index
from feedback_app.search.kinds import Kind
from feedback_app.search.query import Query
from tests.factories import make_read


@pytest.mark.only("sqlite")
def test_an_index_that_lost_a_trigger_is_mended(
    app: Flask, session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(check_search(settings)) == [
        Finding("Search", "the index holds every comment, note and person")
    ]
    with transaction(session):
        session.connection().exec_driver_sql("DROP TRIGGER comment_search_insert")
    it = make_read(session, comment="slow").id
    (found,) = check_search(settings)
    assert (found.says, found.advice) == (
        "is not kept any more: comment_search_insert is gone",
        "Run: feedback reindex",
    )
    monkeypatch.setattr("feedback_app.cli.context.ready_app", lambda: app)
    done = CliRunner().invoke(reindex)
    assert (done.exit_code, done.output) == (0, "The search index is built anew.\n")
    assert next(check_search(settings)).advice == ""
    session.rollback()
    assert index.newest(session.connection(), Kind.COMMENT, Query.read("slow"), limit=5) == [it]


def test_the_doctor_says_which_texts_the_index_lacks() -> None:
    found = search_finding([], {Kind.COMMENT: 2, Kind.NOTE: -1, Kind.PERSON: 0})
    assert found.says == "does not agree with the texts: 2 comment rows too few, 1 note rows too many"
