"""What became of the newest comments, counted for /settings/tagging."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback_app.db import reading
from feedback_app.tagging.settings_queries import Newest, newest_comments
from tests.factories import make_response, make_survey


def test_the_newest_comments_are_counted_by_what_became_of_them(session: Session, now: datetime) -> None:
    survey = make_survey(session).id
    for given in (
        {"tagger": "lexigram 1", "sentiment": "positive", "sentiment_source": "words"},
        {"tagger": "lexigram 1", "sentiment": "negative", "sentiment_source": "person"},
        {"tagger": "textblob 1", "sentiment": "negative", "sentiment_source": "words"},
        {"tagger": "lexigram 1", "untagged_reason": "language", "comment_language": "de"},
        {"tagger": "lexigram 1", "untagged_reason": "language"},
        {"tagger": "lexigram 1", "untagged_reason": "no-content"},
        {"untagged_reason": "failed"},
    ):
        make_response(session, survey_id=survey, comment="Words", tagged_at=now, **given)
    make_response(session, survey_id=survey, comment="Nobody has read it")
    make_response(session, survey_id=survey, comment="")
    make_response(session, survey_id=survey, comment="Not counted", state="suspect")
    with reading() as connection:
        found = newest_comments(connection)
    assert found == Newest(
        comments=8,
        waiting=1,
        by_tagger={"lexigram 1": 2, "textblob 1": 1},  # type: ignore[arg-type]
        unread_languages={"de": 1, "": 1},  # type: ignore[arg-type]
        without_content=1,
        failed=1,
        by_people=1,
    )
    assert found.read == 7
