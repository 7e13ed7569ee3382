"""`feedback tag` over a database: everything again, but for what people said."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.config import Settings
from feedback_app.responses.models import Response
from tests.factories import NOON, make_response
from tests.installation import Installation


@pytest.mark.only("sqlite")
def test_tagging_again_says_what_changed_and_keeps_what_people_said(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    for words, source in (("Great help", "words"), ("Great app", "person")):
        make_response(session, comment=words, sentiment="negative", sentiment_source=source, tagged_at=NOON)
    assert Installation(tmp_path, settings.database_url).printed("tag", "--all") == (
        "2 comments tagged; 1 has another sentiment than before, 1 keeps the one that a person gave it."
    )
    session.rollback()
    assert session.scalars(select(Response.sentiment).order_by(Response.id)).all() == ["positive", "negative"]
