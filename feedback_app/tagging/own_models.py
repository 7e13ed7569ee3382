"""Models of one's own: proposed by a training, used by a person's choice, and left again at any time.

At most one is in use; with none, comments are read by the tagger of the settings. The newest few that were in use keep
their weights, so that one can go back to them. Every choice is in the audit trail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import Gone, NotFound
from feedback_app.staff.services import record_audit
from feedback_app.tagging.models import ModelState, OwnModel

WEIGHTS_KEPT = 5  # of models that were in use
RUNS_KEPT = 60  # trainings whose figures are kept: two months of nights
LISTED = 20

_HAS_BEEN_USED = (ModelState.ACTIVE, ModelState.RETIRED)


class ModelUnknown(NotFound):
    """No such model."""

    def __init__(self) -> None:
        super().__init__("There is no such model. It may have been forgotten. Nothing was changed.")


class NotToBeUsed(Gone):
    """The model has no weights, or its turn is over."""

    def __init__(self) -> None:
        super().__init__(
            "This model cannot be used any more: its weights are not kept, or a newer one took its place. "
            "Nothing was changed. Load the page again to see which can be."
        )


class InUse(NamedTuple):
    """The own model that reads comments."""

    id: int
    fingerprint: str

    @property
    def name(self) -> str:
        """What tags begin their version with."""
        return f"own-{self.id}"


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training came to; weights only if it is to be proposed."""

    weights: bytes | None
    trained_on: int
    tested_on: int
    figures: dict[str, Any]
    base: str


def model_in_use(connection: Session | Connection) -> InUse | None:
    """The own model in use; None where the tagger of the settings reads."""
    row = connection.execute(_IN_USE).first()
    return None if row is None else InUse(row.id, row.fingerprint or "")


_IN_USE = select(OwnModel.id, OwnModel.fingerprint).where(OwnModel.state == ModelState.ACTIVE)


def weights_of(connection: Session | Connection, model_id: int) -> bytes | None:
    """The model's weights as they were trained; None if they are not kept or no longer what they were."""
    row = connection.execute(
        select(OwnModel.weights, OwnModel.fingerprint).where(OwnModel.id == model_id)
    ).first()
    if row is None or row.weights is None or sha256(row.weights).hexdigest() != row.fingerprint:
        return None
    return bytes(row.weights)


def models(session: Session) -> Sequence[OwnModel]:
    """The last trainings and all models that can be used, newest first, without their weights."""
    newest = select(OwnModel.id).order_by(OwnModel.id.desc()).limit(LISTED)
    return session.scalars(
        select(OwnModel)
        .where(OwnModel.id.in_(newest) | OwnModel.state.in_(_HAS_BEEN_USED))
        .order_by(OwnModel.id.desc())
    ).all()


def usable_ids(session: Session) -> set[int]:
    """The models that still have their weights."""
    return set(session.scalars(select(OwnModel.id).where(OwnModel.weights.is_not(None))))


def keep_training(session: Session, trained: Trained, *, now: datetime) -> int:
    """Store a training within the caller's transaction; return its number. Weights make it a proposal.

    A proposal that nobody decided about is overtaken: the newer training has seen what it has, and more.
    """
    session.execute(
        update(OwnModel)
        .where(OwnModel.state == ModelState.PROPOSED)
        .values(state=ModelState.DECLINED, weights=None, decided_at=now)
    )
    made = OwnModel(
        state=ModelState.NOT_BETTER if trained.weights is None else ModelState.PROPOSED,
        weights=trained.weights,
        fingerprint=None if trained.weights is None else sha256(trained.weights).hexdigest(),
        trained_on=trained.trained_on,
        tested_on=trained.tested_on,
        figures=trained.figures,
        base=trained.base[:60],
        created_at=now,
    )
    session.add(made)
    session.flush()
    _let_go_of_old(session)
    return made.id


def use_model(session: Session, model_id: int, *, user_id: int | None, now: datetime) -> None:
    """Let the model read comments from the next batch on; the one before it can be gone back to.

    Raises ModelUnknown or NotToBeUsed.
    """
    with transaction(session):
        model = _locked(session, model_id)
        if model.state == ModelState.ACTIVE:
            return
        if model.state not in (ModelState.PROPOSED, ModelState.RETIRED) or model.fingerprint is None:
            raise NotToBeUsed
        if model_id not in usable_ids(session):
            raise NotToBeUsed
        _retire(session)
        model.state, model.decided_at, model.decided_by = ModelState.ACTIVE, now, user_id
        record_audit(session, user_id, "own_model.used", "own_model", model_id, {}, now)
        session.flush()
        _let_go_of_old(session)


def use_shipped(session: Session, *, user_id: int | None, now: datetime) -> None:
    """Let the tagger of the settings read comments again."""
    with transaction(session):
        in_use = model_in_use(session)
        if in_use is None:
            return
        _retire(session)
        record_audit(session, user_id, "own_model.left", "own_model", in_use.id, {}, now)


def decline_model(session: Session, model_id: int, *, user_id: int | None, now: datetime) -> None:
    """Let a proposal go; its figures stay. Raises ModelUnknown or NotToBeUsed."""
    with transaction(session):
        model = _locked(session, model_id)
        if model.state != ModelState.PROPOSED:
            raise NotToBeUsed
        model.state, model.weights = ModelState.DECLINED, None
        model.decided_at, model.decided_by = now, user_id
        record_audit(session, user_id, "own_model.declined", "own_model", model_id, {}, now)


def forget_models(session: Session, *, user_id: int | None, now: datetime) -> int:
    """Delete every own model with its weights and figures; return how many. The tagger of the settings reads again."""
    with transaction(session):
        ids = session.scalars(delete(OwnModel).returning(OwnModel.id)).all()
        record_audit(session, user_id, "own_model.forgotten", "own_model", None, {"models": len(ids)}, now)
    return len(ids)


def _locked(session: Session, model_id: int) -> OwnModel:
    """The model, all of them ours until the transaction ends: of two who switch at once, one waits."""
    rows = session.scalars(select(OwnModel).order_by(OwnModel.id).with_for_update()).all()
    found = next((row for row in rows if row.id == model_id), None)
    if found is None:
        raise ModelUnknown
    return found


def _retire(session: Session) -> None:
    session.execute(
        update(OwnModel).where(OwnModel.state == ModelState.ACTIVE).values(state=ModelState.RETIRED)
    )


def _let_go_of_old(session: Session) -> None:
    """Drop the weights of those that were in use long ago, and the figures of old trainings."""
    used = select(OwnModel.id).where(OwnModel.state.in_(_HAS_BEEN_USED), OwnModel.weights.is_not(None))
    latest = used.order_by(OwnModel.decided_at.desc(), OwnModel.id.desc())
    old = session.scalars(latest.offset(WEIGHTS_KEPT)).all()
    session.execute(update(OwnModel).where(OwnModel.id.in_(old)).values(weights=None))
    newest = session.scalar(select(func.max(OwnModel.id))) or 0
    is_told = OwnModel.state.in_((ModelState.NOT_BETTER, ModelState.DECLINED))
    session.execute(delete(OwnModel).where(OwnModel.id <= newest - RUNS_KEPT, is_told))
