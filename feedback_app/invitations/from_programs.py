"""Events that a program sends with an API key: each survey has one source for them, made when the first one comes.

It is of the generic kind without a secret, so that nothing can be sent to its hook.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import insert_into, transaction
from feedback_app.invitations.drafts import TriggerDraft
from feedback_app.invitations.models import Source, Trigger
from feedback_app.invitations.services import add_trigger
from feedback_app.surveys.models import Survey, SurveyState

GENERIC = "generic"
NAME = "API"


def source_key(survey_id: int) -> str:
    """By which the source of the survey's API keys is found; the unique index keeps it the only one."""
    return f"api-{survey_id}"


def source_of_programs(
    session: Session, survey_id: int, event_type: str, *, vault: Vault, now: datetime
) -> int:
    """The id of the source of the survey's API keys.

    As long as it never had a trigger, it gets one that asks the survey after events of this type, by the defaults.
    """
    key = source_key(survey_id)
    known = select(Source.id, select(Trigger.id).where(Trigger.source_id == Source.id).exists()).where(
        Source.key == key
    )
    found = session.execute(known).one_or_none()
    if found is not None and found[1]:
        return int(found[0])
    if found is None:
        row = {"kind": GENERIC, "key": key, "name": NAME, "sealed_secret": vault.seal(""), "settings": {}}
        with transaction(session):
            adding = insert_into(session, Source).values(**row, created_at=now)
            session.execute(adding.on_conflict_do_nothing())
        found = session.execute(known).one()
    source_id, has_trigger = int(found[0]), found[1]
    if not has_trigger and session.get_one(Survey, survey_id).state != SurveyState.CLOSED:
        draft = TriggerDraft(survey_id, event_type=event_type)
        add_trigger(session, source_id, draft, user_id=None, now=now)
    return source_id
