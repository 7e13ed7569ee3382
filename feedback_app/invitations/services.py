"""Sources and triggers: made, changed, paused and deleted, each noted in the audit trail."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.drafts import SourceDraft, TriggerDraft, checked_name, checked_settings
from feedback_app.invitations.models import Invitation, InvitationState, Source, Trigger
from feedback_app.invitations.states import not_on_its_way
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey, SurveyState


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as it was made."""

    source_id: int
    key: str
    trigger_id: int | None


def add_source(
    session: Session,
    draft: SourceDraft,
    first: TriggerDraft | None = None,
    *,
    vault: Vault,
    user_id: int | None,
    now: datetime,
) -> NewSource:
    """Make a source with a hook of its own, and its first trigger if one is given. Raises Invalid or NotFound."""
    source = Source(
        kind=draft.kind,
        key=secrets.token_urlsafe(24),
        name=checked_name(draft.name, "source"),
        sealed_secret=vault.seal(draft.secret.strip()),
        settings=checked_settings(draft.settings),
        created_at=now,
    )
    with transaction(session):
        session.add(source)
        session.flush()
        record_audit(session, user_id, "source.added", "source", source.id, {"kind": draft.kind}, now)
        trigger_id = _add_trigger(session, source.id, first, user_id, now) if first else None
        return NewSource(source.id, source.key, trigger_id)


def change_source(
    session: Session,
    source_id: int,
    *,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    secret: str | None = None,
    vault: Vault,
    user_id: int | None,
    now: datetime,
) -> None:
    """Change what is given of a source; what is None stays. An empty secret is refused: the one before is kept."""
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = checked_name(name, "source")
    if settings is not None:
        changes["settings"] = checked_settings(settings)
    if secret is not None:
        if not secret.strip():
            raise Invalid(
                "The secret is empty, so the one before is kept. Copy it from the helpdesk and try again."
            )
        changes["sealed_secret"] = vault.seal(secret.strip())
    with transaction(session):
        source = session.get(Source, source_id)
        if source is None:
            raise NotFound("There is no such source, so nothing was changed.")
        for column, value in changes.items():
            setattr(source, column, value)
        changed = sorted(column.removeprefix("sealed_") for column in changes)
        record_audit(session, user_id, "source.changed", "source", source_id, {"changed": changed}, now)


def add_trigger(
    session: Session, source_id: int, draft: TriggerDraft, *, user_id: int | None, now: datetime
) -> int:
    """One more trigger of a source; return its id. Raises Invalid or NotFound."""
    with transaction(session):
        if session.get(Source, source_id) is None:
            raise NotFound("There is no such source, so no trigger was made.")
        return _add_trigger(session, source_id, draft, user_id, now)


def change_trigger(
    session: Session, trigger_id: int, draft: TriggerDraft, *, user_id: int | None, now: datetime
) -> None:
    """Make the trigger as the draft says, for events from now on. Raises Invalid or NotFound."""
    with transaction(session):
        trigger = _trigger(session, trigger_id)
        for column, value in _fitting(session, draft).columns().items():
            setattr(trigger, column, value)
        record_audit(session, user_id, "trigger.changed", "trigger", trigger_id, _told(draft), now)


def pause_trigger(
    session: Session, trigger_id: int, *, cancels: bool = False, user_id: int | None, now: datetime
) -> int:
    """Let the trigger match nothing until it is resumed; return how many scheduled invitations were cancelled."""
    with transaction(session):
        trigger = _trigger(session, trigger_id)
        trigger.active = False
        cancelled = _cancel(session, trigger, "paused", now) if cancels else 0
        detail = {"cancelled": cancelled}
        record_audit(session, user_id, "trigger.paused", "trigger", trigger_id, detail, now)
        return cancelled


def resume_trigger(session: Session, trigger_id: int, *, user_id: int | None, now: datetime) -> None:
    """Let the trigger match again, events from now on."""
    with transaction(session):
        _trigger(session, trigger_id).active = True
        record_audit(session, user_id, "trigger.resumed", "trigger", trigger_id, {}, now)


def delete_trigger(
    session: Session, trigger_id: int, *, cancels: bool = True, user_id: int | None, now: datetime
) -> int:
    """Take the trigger away; the ledger still names it. Return how many scheduled invitations were cancelled."""
    with transaction(session):
        trigger = _trigger(session, trigger_id)
        trigger.active, trigger.deleted_at = False, now
        cancelled = _cancel(session, trigger, "deleted", now) if cancels else 0
        detail = {"cancelled": cancelled}
        record_audit(session, user_id, "trigger.deleted", "trigger", trigger_id, detail, now)
        return cancelled


@dataclass(frozen=True, slots=True)
class NewTrigger:
    """A source with its trigger as they were made; the secret is shown once."""

    trigger_id: int
    kind: str
    key: str
    secret: str


def add_source_with_trigger(
    session: Session,
    kind: str,
    survey_slug: str,
    *,
    name: str,
    secret: str,
    delay: timedelta,
    vault: Vault,
    now: datetime,
) -> NewTrigger:
    """Make a source of that kind, and a trigger that asks the survey after each of its closed cases."""
    if not secret.strip():
        raise Invalid("A hook without a secret would believe anybody, so none was made.")
    draft = TriggerDraft(survey_named(session, survey_slug), delay=delay)
    made = add_source(session, SourceDraft(kind, name, secret), draft, vault=vault, user_id=None, now=now)
    assert made.trigger_id is not None
    return NewTrigger(made.trigger_id, kind, made.key, secret)


def source_named(session: Session, key: str) -> Source:
    """The source with this key in its hook's address; raises NotFound."""
    source = session.scalar(select(Source).where(Source.key == key))
    if source is None:
        raise NotFound(
            f"'{key[:40]}' is neither a kind of helpdesk that we know nor the key of a source, so nothing was changed. "
            "See: feedback triggers list"
        )
    return source


def survey_named(session: Session, slug: str) -> int:
    """The id of the survey with this slug; raises NotFound."""
    survey_id = session.scalar(select(Survey.id).where(Survey.slug == slug))
    if survey_id is None:
        raise NotFound(f"There is no survey '{slug[:64]}'; no trigger was made. See: feedback surveys list")
    return survey_id


def _add_trigger(
    session: Session, source_id: int, draft: TriggerDraft, user_id: int | None, now: datetime
) -> int:
    columns = _fitting(session, draft).columns()
    trigger = Trigger(source_id=source_id, created_at=now, **columns)
    session.add(trigger)
    session.flush()
    record_audit(session, user_id, "trigger.added", "trigger", trigger.id, _told(draft), now)
    return trigger.id


def _fitting(session: Session, draft: TriggerDraft) -> TriggerDraft:
    """The draft as it can be saved: its survey is there and not closed, and it has a name."""
    survey = session.get(Survey, draft.survey_id)
    if survey is None:
        raise NotFound("There is no such survey, so nothing was saved. Choose another one.")
    if survey.state == SurveyState.CLOSED:
        raise Invalid(f"The survey {survey.name} is closed, so nothing was saved. Choose another one.")
    checked = draft.checked()
    return checked if checked.name else replace(checked, name=survey.name)


def _trigger(session: Session, trigger_id: int) -> Trigger:
    trigger = session.get(Trigger, trigger_id, with_for_update=True)
    if trigger is None or trigger.deleted_at is not None:
        raise NotFound("There is no such trigger, or it was deleted, so nothing was changed.")
    return trigger


def _cancel(session: Session, trigger: Trigger, why: str, now: datetime) -> int:
    reason = f"The trigger {trigger.name or trigger.id} was {why}."
    scheduled = update(Invitation).where(Invitation.trigger_id == trigger.id, not_on_its_way(Invitation))
    done: Any = session.execute(
        scheduled.values(state=InvitationState.CANCELLED, reason=reason, changed_at=now).execution_options(
            synchronize_session=False
        )
    )
    return int(done.rowcount)


def _told(draft: TriggerDraft) -> dict[str, Any]:
    """For the audit trail: ids and settings, and of conditions only which facts they are about."""
    told = draft.columns()
    told["conditions"] = [one.field for one in draft.conditions]
    del told["name"]
    return told
