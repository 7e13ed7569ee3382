"""What people say to a comment's tags. Their word counts at once, and stays until the customer writes another comment.

Each word is kept as a judgement beside what the tagger said at that moment: agreement is measured by these, and the
models that learn at home learn from them.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.db import insert_into, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.responses.models import Response
from feedback_app.responses.news import note_tagged
from feedback_app.scoring.metrics import Tone, metric
from feedback_app.sentiment import Reason
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey
from feedback_app.tagging.models import Judgement
from feedback_app.tagging.verdicts import LABEL_OF_TONE, PERSON, RATING, WORDS
from feedback_app.themes.models import ResponseTheme, Theme

LABELS = ("negative", "neutral", "positive")
YES, NO = "yes", "no"


class _Tagged(NamedTuple):
    """A comment's tags, its row ours until the transaction ends."""

    response: Response
    tone: Tone

    @property
    def without_people(self) -> tuple[str | None, str | None]:
        """The sentiment, and whose it is, that there would be if nobody had said anything."""
        if self.response.tagger_sentiment:
            return self.response.tagger_sentiment, WORDS
        if self.response.untagged_reason == Reason.LANGUAGE:
            return LABEL_OF_TONE[self.tone], RATING
        return None, None


def correct_sentiment(
    session: Session, response_id: int, label: str, *, user_id: int, blind: bool = False, now: datetime
) -> None:
    """Let the sentiment be what this person says: another one than the tagger's, or the same, confirmed.

    `blind`: they did not see what the tagger said. Raises NotFound and Invalid.
    """
    if label not in LABELS:
        raise Invalid("A sentiment is negative, neutral or positive; nothing was changed.")
    with transaction(session):
        tagged = _tagged(session, response_id)
        if tagged.response.sentiment_source == PERSON and tagged.response.sentiment == label and not blind:
            return
        _judge(session, tagged, label, user_id=user_id, blind=blind, now=now)
        if label == LABEL_OF_TONE[tagged.tone] and tagged.response.look_twice:
            tagged.response.looked_at = now  # read like this, the words go with the rating
        _say(session, tagged, (label, PERSON), user_id, now)


def undo_sentiment(session: Session, response_id: int, *, user_id: int, now: datetime) -> None:
    """Let the tagger's word count again, or the rating's where it could not read. Raises NotFound and Invalid."""
    with transaction(session):
        tagged = _tagged(session, response_id)
        if tagged.response.sentiment_source != PERSON:
            return
        label, source = tagged.without_people
        if label:
            _judge(session, tagged, label, user_id=user_id, now=now)
        _say(session, tagged, (label, source), user_id, now)


def set_theme(
    session: Session, response_id: int, theme_id: int, present: bool, *, user_id: int, now: datetime
) -> None:
    """Let the comment have this theme, or not, whatever the theme's words say. Raises NotFound and Invalid."""
    with transaction(session):
        tagged = _tagged(session, response_id)
        response = tagged.response
        if response.tagger is None and response.untagged_reason is None:
            raise Invalid("This comment has not been read yet, so its themes stay. Try again in a minute.")
        theme = session.get(Theme, theme_id)
        if theme is None or (present and not theme.active):
            raise NotFound("There is no such theme any more, so nothing was changed.")
        before = session.get(ResponseTheme, (response_id, theme_id))
        if present == (before is not None and not before.removed) and (not before or before.source == PERSON):
            return
        session.add(
            Judgement(
                response_id=response_id,
                user_id=user_id,
                kind="theme",
                theme_id=theme_id,
                tagger_said=_rule_said(session, before, response_id, theme_id),
                person_said=YES if present else NO,
                tagger=f"rules {theme.version}",
                at=now,
            )
        )
        _put_theme(session, response_id, theme_id, present)
        response.updated_at = now
        detail = {"theme": theme_id, "to": YES if present else NO}
        record_audit(session, user_id, "tag.theme", "response", response_id, detail, now)


def _tagged(session: Session, response_id: int) -> _Tagged:
    found = session.execute(
        select(Response, Survey.metric_key, Survey.points)
        .join(Survey, Survey.id == Response.survey_id)
        .where(Response.id == response_id)
        .with_for_update(of=Response, key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound(
            f"There is no response {response_id}, so nothing was changed. It may have been erased."
        )
    response, key, points = found
    if not response.comment:
        raise Invalid("This answer has no comment to judge, so nothing was changed.")
    return _Tagged(response, metric(key, points).band_of(response.rating).tone)


def _judge(
    session: Session, tagged: _Tagged, label: str, *, user_id: int, blind: bool = False, now: datetime
) -> None:
    session.add(
        Judgement(
            response_id=tagged.response.id,
            user_id=user_id,
            kind="sentiment",
            tagger_said=tagged.response.tagger_sentiment,
            person_said=label,
            tagger=tagged.response.tagger,
            blind=blind,
            at=now,
        )
    )


def _say(
    session: Session, tagged: _Tagged, word: tuple[str | None, str | None], user_id: int, now: datetime
) -> None:
    """Write the sentiment and whose it is, note who did it, and tell those who listen if it is another one."""
    response, before = tagged.response, tagged.response.sentiment
    response.sentiment, response.sentiment_source = word
    response.updated_at = now
    session.flush()
    detail = {"from": before, "to": word[0], "source": word[1]}
    record_audit(session, user_id, "tag.sentiment", "response", response.id, detail, now)
    if before != word[0]:
        note_tagged(session, [response.id], now=now)


def _rule_said(session: Session, before: ResponseTheme | None, response_id: int, theme_id: int) -> str | None:
    """Whether the theme's words are in the comment; what was known then, where a person has spoken since."""
    if before is None:
        return NO
    if before.source != PERSON:
        return YES
    said = select(Judgement.tagger_said).where(
        Judgement.response_id == response_id, Judgement.kind == "theme", Judgement.theme_id == theme_id
    )
    return session.scalar(said.order_by(Judgement.id.desc()).limit(1))


def _put_theme(session: Session, response_id: int, theme_id: int, present: bool) -> None:
    """The person's word. A theme without words in the comment has no sentiment of its own, but the comment's."""
    row: dict[str, Any] = {
        "response_id": response_id,
        "theme_id": theme_id,
        "source": PERSON,
        "removed": not present,
        "spans": [],
    }
    statement = insert_into(session, ResponseTheme).values(row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["response_id", "theme_id"], set_={"source": PERSON, "removed": not present}
        )
    )
