"""Learning at home: whether it is switched on, when it is due, and one training from the comments to the proposal.

Off unless an administrator switches it on; nothing leaves the machine. One workspace fact says what is due: the night
of the last training, or that somebody asked for one. A worker claims it under a lease, which it makes longer while the
training computes; one that is killed has stored nothing, and the next one begins anew when the lease has ended.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.db import insert_into, transaction
from feedback_app.errors import Invalid, Unavailable
from feedback_app.staff.services import record_audit
from feedback_app.tagging.learning_data import own_pairs
from feedback_app.tagging.own_models import Trained, keep_training
from feedback_app.tagging.pairs import Pair, Standing
from feedback_app.tagging.trial_process import TooFew, TrialFailed, TrialStopped
from feedback_app.workspace import WorkspaceFact, fact

FACT = "learning"
AT_NIGHT = 3  # o'clock, in the workspace's zone
LEASE = timedelta(minutes=10)
RENEWED_EVERY = timedelta(minutes=2)

log = logging.getLogger(__name__)


class CameTo(StrEnum):
    """What a training came to."""

    PROPOSED = "proposed"
    NOT_BETTER = "not-better"
    TOO_FEW = "too-few"
    UNCHANGED = "unchanged"  # nothing was new since the one before
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Learning:
    """The fact as it is kept: moments as ISO texts."""

    on: bool = False
    asked_at: str | None = None  # somebody wants a training now
    night: str | None = None  # day of the last one, in the workspace's zone
    leased_until: str | None = None
    seen: str | None = None  # digest of what the last one learned from
    last_at: str | None = None
    came_to: str | None = None
    why: str = ""  # it failed

    @property
    def last_moment(self) -> datetime | None:
        return datetime.fromisoformat(self.last_at) if self.last_at else None

    @property
    def is_running(self) -> bool:
        return self.leased_until is not None and clock.now() < datetime.fromisoformat(self.leased_until)

    def is_due(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether a training should begin: nobody is at it, and it is asked for or the night's is missing."""
        if not self.on or (self.leased_until and now < datetime.fromisoformat(self.leased_until)):
            return False
        local = now.astimezone(zone)
        return bool(self.asked_at) or (local.hour >= AT_NIGHT and self.night != local.date().isoformat())


class HoldsTrials(Protocol):
    """What trains and tests: a process of its own, or a test's own."""

    def __call__(self, pairs: Sequence[Pair], *, is_stopping: Callable[[], bool]) -> Trained: ...


def learning(session: Session) -> Learning:
    """How learning stands in this installation."""
    return _understood(fact(session, FACT))


def switch_learning(session: Session, on: bool, *, user_id: int | None, now: datetime) -> None:
    """Switch learning on, which asks for a first training, or off. Models that there are stay as they are."""
    with transaction(session):
        kept, state = _locked(session)
        if state.on == on:
            return
        asked = now.isoformat() if on else None
        kept.value = asdict(replace(state, on=on, asked_at=asked))
        record_audit(session, user_id, "learning.on" if on else "learning.off", "workspace", None, {}, now)


def ask_for_training(session: Session, *, user_id: int | None, now: datetime) -> None:
    """Let the next worker train, whatever the hour; raises Invalid if learning is off."""
    with transaction(session):
        kept, state = _locked(session)
        if not state.on:
            raise Invalid("Learning is switched off, so nothing is trained. Switch it on first.")
        kept.value = asdict(replace(state, asked_at=now.isoformat()))
        record_audit(session, user_id, "learning.asked", "workspace", None, {}, now)


def train_if_due(
    session: Session,
    trial: HoldsTrials,
    *,
    base: str,
    zone: ZoneInfo,
    is_stopping: Callable[[], bool],
    now: datetime | None = None,
) -> CameTo | None:
    """Train and test if it is due; return what it came to, None if it was not due or the worker is to end.

    `base` names the tagger in use: a model that was not better than one may be better than the next.
    """
    now = now or clock.now()
    begun = _begin(session, now, zone)
    if begun is None:
        return None
    claim = _Claim(session, begun, now)
    pairs = own_pairs(session)
    session.rollback()  # nothing is held while it computes
    seen = _digest(pairs, base)
    try:
        is_new = bool(begun.asked_at) or seen != begun.seen
        result = _train(
            pairs, trial, is_new=is_new, is_stopping=lambda: is_stopping() or claim.is_lost(clock.now())
        )
    except TrialStopped:
        _store(session, claim.held, claim.held, None, now)
        return None
    ended = replace(
        begun,
        asked_at=None,
        night=now.astimezone(zone).date().isoformat(),
        seen=begun.seen if result.trained is None else seen,
        last_at=now.isoformat(),
        came_to=result.came_to,
        why=result.why,
    )
    return result.came_to if _store(session, claim.held, ended, result.trained, now) else None


class _Claim:
    """A claim on the training, which lasts for as long as its worker asks after it."""

    def __init__(self, session: Session, begun: Learning, now: datetime) -> None:
        self.held = begun
        self._session = session
        self._renewed_at = now

    def is_lost(self, now: datetime) -> bool:
        """Make it last longer if that is due; whether somebody took it over, or switched learning off."""
        if now - self._renewed_at < RENEWED_EVERY:
            return False
        until = (now + LEASE).isoformat()
        try:
            with transaction(self._session):
                kept, state = _locked(self._session)
                if not state.on or state.leased_until != self.held.leased_until:
                    return True
                kept.value = asdict(replace(state, leased_until=until))
        except Unavailable:
            return False  # it lasts for a while yet, and the next look tries again
        self.held, self._renewed_at = replace(self.held, leased_until=until), now
        return False


class _Result(NamedTuple):
    came_to: CameTo
    trained: Trained | None = None
    why: str = ""


def _train(
    pairs: Sequence[Pair], trial: HoldsTrials, *, is_new: bool, is_stopping: Callable[[], bool]
) -> _Result:
    if not Standing.of(pair.label for pair in pairs).is_enough:
        return _Result(CameTo.TOO_FEW)
    if not is_new:
        return _Result(CameTo.UNCHANGED)
    try:
        trained = trial(pairs, is_stopping=is_stopping)
    except TooFew:
        return _Result(CameTo.TOO_FEW)
    except TrialFailed as failure:
        log.error("learning failed: %s", failure.reason)
        return _Result(CameTo.FAILED, why=failure.reason)
    return _Result(CameTo.NOT_BETTER if trained.weights is None else CameTo.PROPOSED, trained)


def _begin(session: Session, now: datetime, zone: ZoneInfo) -> Learning | None:
    """The claim on a training that is due; None if it is not."""
    if not learning(session).is_due(now, zone):  # most looks end here, without a lock
        return None
    with transaction(session):
        kept, state = _locked(session)
        if not state.is_due(now, zone):
            return None
        begun = replace(state, leased_until=(now + LEASE).isoformat())
        kept.value = asdict(begun)
    return begun


def _store(
    session: Session, begun: Learning, ended: Learning, trained: Trained | None, now: datetime
) -> bool:
    """Give the claim back and keep what came of it, the model and the fact together; whether it was kept.

    It is not if another worker took over, believing us dead, nor if learning was switched off meanwhile.
    """
    with transaction(session):
        kept, state = _locked(session)
        if state.leased_until != begun.leased_until:
            return False
        if not state.on:
            kept.value = asdict(replace(state, leased_until=None))
            return False
        if trained is not None:
            keep_training(session, trained, now=now)
        asked_at = ended.asked_at if state.asked_at == begun.asked_at else state.asked_at
        kept.value = asdict(replace(ended, asked_at=asked_at, leased_until=None))
    return True


def _locked(session: Session) -> tuple[WorkspaceFact, Learning]:
    """The fact, ours until the transaction ends, and what it says."""
    inserting = insert_into(session, WorkspaceFact).values(name=FACT, value=asdict(Learning()))
    session.execute(inserting.on_conflict_do_nothing())
    kept = session.get_one(WorkspaceFact, FACT, with_for_update=True, populate_existing=True)
    return kept, _understood(kept.value)


def _understood(value: Any) -> Learning:
    return Learning(**value) if value else Learning()


def _digest(pairs: Sequence[Pair], base: str) -> str:
    """Differs whenever another model might come out."""
    digest = sha256(base.encode())
    for pair in pairs:
        digest.update(f"\n{pair.label} {pair.weight} {pair.held_out} {pair.text}".encode(errors="replace"))
    return digest.hexdigest()
