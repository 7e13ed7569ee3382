"""Own models are proposed, used, left and gone back to; a damaged one is noticed."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.staff.models import AuditEntry
from feedback_app.tagging import own_models
from feedback_app.tagging.models import OwnModel
from feedback_app.tagging.own_models import (
    InUse,
    ModelUnknown,
    NotToBeUsed,
    Trained,
    decline_model,
    forget_models,
    keep_training,
    model_in_use,
    models,
    usable_ids,
    use_model,
    use_shipped,
    weights_of,
)
from tests.factories import NOON, make_user


def trained(session: Session, weights: bytes | None = b"weights", now: datetime = NOON) -> int:
    with transaction(session):
        made = Trained(weights, trained_on=160, tested_on=40, figures={}, base="lexigram 1")
        return keep_training(session, made, now=now)


def states(session: Session) -> dict[int, str]:
    session.expire_all()
    return {model.id: model.state for model in models(session)}


def used(session: Session, **given: Any) -> int:
    made = trained(session, **given)
    use_model(session, made, user_id=None, now=given.get("now", NOON))
    return made


def test_a_training_that_was_better_is_proposed_and_another_only_told_of(session: Session) -> None:
    told, proposed = trained(session, None), trained(session)
    assert states(session) == {told: "not-better", proposed: "proposed"}
    assert model_in_use(session) is None
    assert usable_ids(session) == {proposed}


def test_a_newer_training_overtakes_a_proposal_nobody_decided_about(session: Session) -> None:
    older, newer = trained(session), trained(session, b"newer")
    assert states(session) == {older: "declined", newer: "proposed"}
    assert usable_ids(session) == {newer}


def test_the_one_before_is_gone_back_to_and_so_is_the_shipped_one(session: Session) -> None:
    user = make_user(session).id
    first, second = used(session), used(session, weights=b"second")
    assert states(session) == {first: "retired", second: "active"}
    use_model(session, first, user_id=user, now=NOON)
    assert states(session) == {first: "active", second: "retired"}
    use_shipped(session, user_id=user, now=NOON)
    assert states(session) == {first: "retired", second: "retired"}
    said = session.execute(
        select(AuditEntry.action, AuditEntry.subject_id)
        .where(AuditEntry.user_id == user)
        .order_by(AuditEntry.id)
    ).all()
    assert said == [("own_model.used", first), ("own_model.left", first)]


def test_the_one_in_use_is_known_by_its_number_and_its_weights(session: Session) -> None:
    made = used(session, weights=b"some")
    in_use = model_in_use(session)
    assert in_use == InUse(made, sha256(b"some").hexdigest())
    assert in_use.name == f"own-{made}"


@pytest.mark.only("sqlite")
def test_one_that_was_declined_or_never_was_cannot_be_used(session: Session) -> None:
    made = trained(session)
    decline_model(session, made, user_id=None, now=NOON)
    for call in (use_model, decline_model):
        with pytest.raises(NotToBeUsed):
            call(session, made, user_id=None, now=NOON)
        with pytest.raises(ModelUnknown):
            call(session, made + 1, user_id=None, now=NOON)
    assert (states(session), usable_ids(session)) == ({made: "declined"}, set())


def test_weights_are_kept_of_the_last_five_that_were_used(session: Session) -> None:
    ids = [used(session, weights=bytes([n]), now=NOON + timedelta(days=n)) for n in range(7)]
    assert usable_ids(session) == set(ids[2:])
    with pytest.raises(NotToBeUsed):
        use_model(session, ids[0], user_id=None, now=NOON)


def test_figures_of_old_trainings_go_and_what_was_in_use_stays(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_models, "RUNS_KEPT", 2)
    first = used(session)
    others = [trained(session, None) for _ in range(3)]
    assert states(session) == {first: "active", others[1]: "not-better", others[2]: "not-better"}


def test_weights_that_are_not_what_they_were_are_no_weights(session: Session) -> None:
    made = used(session)
    assert weights_of(session, made) == b"weights"
    with transaction(session):
        session.execute(update(OwnModel).values(weights=b"weightz"))
    assert weights_of(session, made) is None


def test_forgetting_leaves_none(session: Session) -> None:
    used(session)
    trained(session)
    assert forget_models(session, user_id=None, now=NOON) == 2
    assert (states(session), model_in_use(session)) == ({}, None)
