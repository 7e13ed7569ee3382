"""Sources and triggers: made, changed, paused and deleted, each checked and noted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.errors import FeedbackError, Invalid, NotFound
from feedback_app.invitations import services
from feedback_app.invitations.conditions import Condition
from feedback_app.invitations.drafts import SourceDraft, TriggerDraft
from feedback_app.invitations.models import Invitation, InvitationState, Source, Trigger
from feedback_app.invitations.services import NewSource, NewTrigger
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.staff.models import AuditEntry
from feedback_app.surveys.models import SurveyState
from tests.factories import NOON, make_invitation, make_survey, make_trigger, make_user

DAY = timedelta(days=1)
FULL = TriggerDraft(
    0,
    "After  a case",
    "order_shipped",
    (Condition("tag", "is", ("vip",)),),
    timedelta(hours=2),
    25,
    SendingWindow(BUSINESS_DAYS, time(9), time(17)),
)


@pytest.fixture
def vault(app: Flask) -> Vault:
    vault: Vault = app.extensions["feedback_vault"]
    return vault


def by(session: Session) -> dict[str, Any]:
    return {"user_id": make_user(session).id, "now": NOON}


def made(session: Session, vault: Vault, first: TriggerDraft | None = None, **given: Any) -> NewSource:
    draft = SourceDraft(**{"kind": "generic", "name": " Our  helpdesk ", "secret": "s3cret"} | given)
    return services.add_source(session, draft, first, vault=vault, user_id=None, now=NOON)


def audit(session: Session) -> list[tuple[str, dict[str, Any]]]:
    session.rollback()
    rows = session.execute(select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id))
    return [(action, detail) for action, detail in rows]


def test_a_new_source_has_its_own_key_and_a_sealed_secret(session: Session, vault: Vault) -> None:
    survey = make_survey(session)
    keys = {made(session, vault, TriggerDraft(survey.id)).key for _ in range(2)}
    assert len(keys) == 2
    source = session.scalars(select(Source)).first()
    trigger = session.scalars(select(Trigger)).first()
    assert source is not None
    assert trigger is not None
    assert "s3cret" not in source.sealed_secret
    assert (source.name, vault.unseal(source.sealed_secret)) == ("Our helpdesk", "s3cret")
    assert (trigger.survey_id, trigger.delay_seconds, trigger.active) == (survey.id, 86_400, True)
    assert (trigger.name, trigger.conditions, trigger.window) == ("Relationship", [], None)


def test_a_source_is_made_with_its_trigger_or_not_at_all(session: Session, vault: Vault) -> None:
    with pytest.raises(NotFound, match="no such survey"):
        made(session, vault, TriggerDraft(999))
    assert session.scalar(select(Source)) is None


def test_a_source_and_its_trigger_can_be_made_by_names(session: Session, vault: Vault) -> None:
    def make(slug: str, secret: str) -> NewTrigger:
        given = {"name": "Helpdesk", "delay": DAY, "vault": vault, "now": NOON}
        return services.add_source_with_trigger(session, "generic", slug, secret=secret, **given)  # type: ignore[arg-type]

    make_survey(session, slug="ces")
    new = make("ces", "s3cret")
    assert services.source_named(session, new.key).kind == "generic"
    with pytest.raises(NotFound, match="no survey 'nps'"):
        make("nps", "s3cret")
    with pytest.raises(Invalid, match="would believe anybody"):
        make("ces", " ")
    with pytest.raises(NotFound, match="neither a kind of helpdesk"):
        services.source_named(session, "zendsk")


def test_what_a_source_is_told_can_be_changed_one_by_one(session: Session, vault: Vault) -> None:
    source_id = made(session, vault, settings={"stages": [" 4 ", ""], "none": [" "]}).source_id

    def change(**given: Any) -> Source:
        services.change_source(session, source_id, **given, vault=vault, **by(session))
        return session.get_one(Source, source_id)

    assert session.get_one(Source, source_id).settings == {"stages": ["4"]}
    assert change(name="Zendesk").name == "Zendesk"
    assert change(settings={"stages": ["4", "5"]}).settings == {"stages": ["4", "5"]}
    assert vault.unseal(change(secret=" from zendesk\n").sealed_secret) == "from zendesk"
    source = session.get_one(Source, source_id)
    assert (source.name, source.settings) == ("Zendesk", {"stages": ["4", "5"]})
    assert [detail for action, detail in audit(session) if action == "source.changed"] == [
        {"changed": ["name"]},
        {"changed": ["settings"]},
        {"changed": ["secret"]},
    ]
    assert "from zendesk" not in str(audit(session))


def test_a_secret_is_replaced_but_never_by_nothing(session: Session, vault: Vault) -> None:
    source_id = made(session, vault).source_id
    with pytest.raises(Invalid, match="empty"):
        services.change_source(session, source_id, secret=" \n", vault=vault, **by(session))
    assert vault.unseal(session.get_one(Source, source_id).sealed_secret) == "s3cret"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "  "}, "name of the source"),
        ({"name": "x" * 121}, "name of the source"),
        ({"settings": {"stages": ["x" * 121]}}, "120 characters"),
        ({"settings": {"stages": ["x"] * 51}}, "At most 50"),
    ],
)
def test_what_does_not_fit_a_source_makes_none(
    given: dict[str, Any], sentence: str, session: Session, vault: Vault
) -> None:
    with pytest.raises(Invalid, match=sentence):
        made(session, vault, **given)
    assert session.scalar(select(Source)) is None


def test_a_trigger_keeps_all_that_it_is_told(session: Session, vault: Vault) -> None:
    survey, source_id = make_survey(session), made(session, vault).source_id
    trigger_id = services.add_trigger(session, source_id, replace(FULL, survey_id=survey.id), **by(session))
    kept = TriggerDraft.of_trigger(session.get_one(Trigger, trigger_id))
    assert kept == replace(FULL, survey_id=survey.id, name="After a case")
    action, detail = audit(session)[-1]
    assert (action, detail["conditions"], detail["delay_seconds"]) == ("trigger.added", ["tag"], 7200)


def test_a_changed_trigger_is_the_same_trigger(session: Session) -> None:
    trigger, other = make_trigger(session), make_survey(session, name="Other")
    services.change_trigger(session, trigger.id, replace(FULL, survey_id=other.id, name=""), **by(session))
    session.refresh(trigger)
    assert (trigger.survey_id, trigger.name, trigger.sample_percent) == (other.id, "Other", 25)
    assert audit(session)[-1][0] == "trigger.changed"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"delay": timedelta(seconds=-1)}, "0 to 60 days"),
        ({"delay": timedelta(days=61)}, "0 to 60 days"),
        ({"sample_percent": -1}, "0 to 100 percent"),
        ({"sample_percent": 101}, "0 to 100 percent"),
        ({"name": "x" * 121}, "name of the trigger"),
        ({"event_type": " "}, "type of event"),
        ({"event_type": "x" * 61}, "type of event"),
        ({"conditions": (Condition("colour", "is", ("red",)),)}, "cannot be about 'colour'"),
    ],
)
def test_what_does_not_fit_a_trigger_changes_nothing(
    changes: dict[str, Any], sentence: str, session: Session
) -> None:
    trigger = make_trigger(session)
    with pytest.raises(Invalid, match=sentence):
        draft = replace(FULL, survey_id=trigger.survey_id, **changes)
        services.change_trigger(session, trigger.id, draft, **by(session))
    assert session.get_one(Trigger, trigger.id).sample_percent == 100


def test_no_trigger_asks_a_survey_that_is_closed(session: Session, vault: Vault) -> None:
    survey = make_survey(session, state=SurveyState.CLOSED, name="Old")
    with pytest.raises(Invalid, match="The survey Old is closed"):
        made(session, vault, TriggerDraft(survey.id))


def test_a_trigger_needs_a_source(session: Session) -> None:
    with pytest.raises(NotFound):
        services.add_trigger(session, 999, TriggerDraft(make_survey(session).id), **by(session))


@pytest.fixture
def asked(session: Session) -> tuple[Trigger, dict[str, Invitation]]:
    """A trigger with one invitation that is scheduled and one that was sent; and one of another trigger."""
    trigger = make_trigger(session, name="After a case")
    scheduled: dict[str, Any] = {"sent_at": None, "survey_id": trigger.survey_id}
    return trigger, {
        "scheduled": make_invitation(session, trigger_id=trigger.id, **scheduled),
        "sent": make_invitation(session, trigger_id=trigger.id, survey_id=trigger.survey_id),
        "of another": make_invitation(session, trigger_id=make_trigger(session).id, **scheduled),
    }


def states(session: Session, invitations: dict[str, Invitation]) -> dict[str, str]:
    session.rollback()
    return {name: session.get_one(Invitation, one.id).state for name, one in invitations.items()}


UNTOUCHED = {
    "scheduled": InvitationState.SCHEDULED,
    "sent": InvitationState.SENT,
    "of another": InvitationState.SCHEDULED,
}


def test_a_paused_trigger_leaves_what_is_scheduled_unless_told_otherwise(
    session: Session, asked: tuple[Trigger, dict[str, Invitation]]
) -> None:
    trigger, invitations = asked
    assert services.pause_trigger(session, trigger.id, **by(session)) == 0
    assert states(session, invitations) == UNTOUCHED
    assert not session.get_one(Trigger, trigger.id).active
    services.resume_trigger(session, trigger.id, **by(session))
    assert session.get_one(Trigger, trigger.id).active
    assert services.pause_trigger(session, trigger.id, cancels=True, **by(session)) == 1
    assert states(session, invitations) == UNTOUCHED | {"scheduled": InvitationState.CANCELLED}
    assert [action for action, _ in audit(session)] == ["trigger.paused", "trigger.resumed", "trigger.paused"]


def test_a_deleted_trigger_cancels_what_is_scheduled_unless_told_otherwise(
    session: Session, asked: tuple[Trigger, dict[str, Invitation]]
) -> None:
    trigger, invitations = asked
    assert services.delete_trigger(session, trigger.id, **by(session)) == 1
    assert states(session, invitations) == UNTOUCHED | {"scheduled": InvitationState.CANCELLED}
    cancelled = session.get_one(Invitation, invitations["scheduled"].id)
    assert (cancelled.reason, cancelled.changed_at) == ("The trigger After a case was deleted.", NOON)
    kept = session.get_one(Trigger, trigger.id)
    assert (kept.active, kept.deleted_at) == (False, NOON)
    assert audit(session)[-1] == ("trigger.deleted", {"cancelled": 1})


def test_scheduled_mail_of_a_deleted_trigger_can_stay(
    session: Session, asked: tuple[Trigger, dict[str, Invitation]]
) -> None:
    trigger, invitations = asked
    assert services.delete_trigger(session, trigger.id, cancels=False, **by(session)) == 0
    assert states(session, invitations) == UNTOUCHED


CHANGES: list[Callable[..., Any]] = [
    services.pause_trigger,
    services.resume_trigger,
    services.delete_trigger,
    lambda session, trigger_id, **more: services.change_trigger(session, trigger_id, FULL, **more),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_deleted_trigger_cannot_be_changed(change: Callable[..., Any], session: Session) -> None:
    trigger = make_trigger(session, deleted_at=NOON, active=False)
    with pytest.raises(FeedbackError, match="was deleted"):
        change(session, trigger.id, **by(session))
