"""Comments whose words contradict their rating: a work list for people. The rating itself is never altered."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import NotFound
from feedback_app.responses.models import Response, ResponseState
from feedback_app.sentiment.clash import Clash
from feedback_app.staff.services import record_audit

# In the words of its index, or SQLite does not use it.
IS_OPEN: ColumnElement[bool] = literal_column(
    "response.look_twice IS NOT NULL AND response.looked_at IS NULL"
)
# For queries of the list: written so that no index of states serves, or SQLite goes through all answers for these few.
STATE: ColumnElement[str] = Response.state.concat("")
MOST_COUNTED = 100

_REASONS = {
    Clash.SCALE_MISREAD: "The words say the opposite of the rating {rating}: scale misread?",
    Clash.WRONG_PERSON: "Says that somebody else should have been asked: wrong person?",
    Clash.SARCASM: "Praise beside the rating {rating}: sarcasm?",
    Clash.WORDS_BETTER: "The words sound happy, the rating is {rating}: scale misread, or sarcasm?",
    Clash.WORDS_WORSE: "The words sound unhappy, the rating is {rating}: scale misread?",
}


def look_reason(reason: str, rating: int) -> str:
    """Why to look twice, in a sentence.

    >>> look_reason("words-worse", 9)
    'The words sound unhappy, the rating is 9: scale misread?'
    """
    return _REASONS[Clash(reason)].format(rating=rating)


def open_count(session: Session) -> int:
    """How many confirmed answers nobody has looked at twice yet; MOST_COUNTED also where there are more."""
    found = select(Response.id).where(IS_OPEN, STATE == ResponseState.CONFIRMED).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def settle(session: Session, response_id: int, *, user_id: int, now: datetime) -> None:
    """Note that a person has looked and found it fine. Another comment or rating opens it again. Raises NotFound."""
    with transaction(session):
        response = session.get(Response, response_id, with_for_update=True)
        if response is None:
            raise NotFound(
                f"There is no response {response_id}, so nothing was changed. It may have been erased."
            )
        if response.look_twice is None or response.looked_at is not None:
            return
        response.looked_at = now
        detail = {"reason": response.look_twice}
        record_audit(session, user_id, "tag.looked", "response", response_id, detail, now)
