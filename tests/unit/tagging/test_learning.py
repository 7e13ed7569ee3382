"""Learning is off until it is switched on, due at night or when asked for, and never leaves anything half."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.errors import DatabaseBusy, Invalid
from feedback_app.staff.models import AuditEntry
from feedback_app.tagging import learning as module
from feedback_app.tagging.learning import (
    LEASE,
    CameTo,
    Learning,
    ask_for_training,
    learning,
    switch_learning,
    train_if_due,
)
from feedback_app.tagging.models import OwnModel
from feedback_app.tagging.own_models import Trained
from feedback_app.tagging.pairs import Pair
from feedback_app.tagging.trial_process import TooFew, TrialFailed, TrialStopped
from tests.factories import make_user

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
BEFORE_THREE = datetime(2026, 11, 21, 1, 59, tzinfo=UTC)  # 02:59 in Berlin
AT_THREE = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PAIRS = [Pair("fine", label, 1.0, held_out=False) for label in ("negative", "neutral", "positive")] * 70
BETTER = Trained(b"weights", trained_on=160, tested_on=40, figures={"wins": 0.99}, base="lexigram 1")
NOT_BETTER = Trained(None, trained_on=160, tested_on=40, figures={"wins": 0.5}, base="lexigram 1")


class Trial:
    """Holds no trial, but knows what comes of it; something may happen meanwhile."""

    def __init__(
        self, outcome: Trained | Exception = BETTER, meanwhile: Callable[[], object] | None = None
    ) -> None:
        self.outcome = outcome
        self.meanwhile = meanwhile
        self.held = 0

    def __call__(self, pairs: Sequence[Pair], *, is_stopping: Callable[[], bool]) -> Trained:
        self.held += 1
        if self.meanwhile:
            self.meanwhile()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Long(Trial):
    """Takes its time: `during` is handed what tells it whether to stop."""

    def __init__(self, during: Callable[[Callable[[], bool]], object]) -> None:
        super().__init__()
        self.during = during

    def __call__(self, pairs: Sequence[Pair], *, is_stopping: Callable[[], bool]) -> Trained:
        self.during(is_stopping)
        return super().__call__(pairs, is_stopping=is_stopping)


@pytest.fixture(autouse=True)
def pairs(monkeypatch: pytest.MonkeyPatch) -> list[Pair]:
    found = list(PAIRS)
    monkeypatch.setattr(module, "own_pairs", lambda _session: found)
    return found


def run(session: Session, trial: Trial, now: datetime = AT_THREE, base: str = "lexigram 1") -> CameTo | None:
    return train_if_due(session, trial, base=base, zone=BERLIN, is_stopping=lambda: False, now=now)


def switched_on(session: Session, now: datetime = EVENING) -> None:
    """On, and its first training done."""
    switch_learning(session, True, user_id=None, now=now)
    assert run(session, Trial(NOT_BETTER), now) == CameTo.NOT_BETTER


def states(session: Session) -> list[str]:
    return list(session.scalars(select(OwnModel.state).order_by(OwnModel.id)))


def test_nothing_is_learned_unless_it_is_switched_on(session: Session) -> None:
    trial = Trial()
    assert run(session, trial) is None
    with pytest.raises(Invalid):
        ask_for_training(session, user_id=None, now=EVENING)
    assert (trial.held, states(session), learning(session).on) == (0, [], False)


def test_switching_on_asks_for_a_first_training_and_names_who_did_it(session: Session) -> None:
    user = make_user(session).id
    switch_learning(session, True, user_id=user, now=EVENING)
    switch_learning(session, True, user_id=user, now=EVENING)
    assert run(session, Trial(), EVENING) == CameTo.PROPOSED
    assert states(session) == ["proposed"]
    assert run(session, Trial(), EVENING + timedelta(minutes=1)) is None
    switch_learning(session, False, user_id=user, now=EVENING)
    said = session.scalars(select(AuditEntry.action).where(AuditEntry.user_id == user)).all()
    assert list(said) == ["learning.on", "learning.off"]


def test_a_training_is_due_from_three_oclock_where_the_workspace_is(
    session: Session, pairs: list[Pair]
) -> None:
    switched_on(session)
    pairs.append(pairs[0])
    assert run(session, Trial(), BEFORE_THREE) is None
    assert run(session, Trial(), AT_THREE) == CameTo.PROPOSED
    assert run(session, Trial(), AT_THREE + timedelta(hours=20)) is None


@pytest.mark.only("sqlite")
def test_nothing_new_is_not_learned_again_unless_asked_for_or_compared_with_another(session: Session) -> None:
    switched_on(session)
    assert run(session, Trial(), AT_THREE) == CameTo.UNCHANGED
    ask_for_training(session, user_id=None, now=AT_THREE)
    assert run(session, Trial(NOT_BETTER), AT_THREE) == CameTo.NOT_BETTER
    assert run(session, Trial(), AT_THREE + timedelta(days=1), "lexigram own-1") == CameTo.PROPOSED


@pytest.mark.only("sqlite")
def test_too_few_comments_are_told_and_train_nothing(session: Session, pairs: list[Pair]) -> None:
    switched_on(session)
    trial = Trial(TooFew())
    ask_for_training(session, user_id=None, now=EVENING)
    assert run(session, trial, EVENING) == CameTo.TOO_FEW
    del pairs[199:]
    assert run(session, trial, AT_THREE) == CameTo.TOO_FEW
    assert (trial.held, states(session)) == (1, ["not-better"])


def test_a_failure_is_told_and_waits_for_the_next_night(session: Session, pairs: list[Pair]) -> None:
    switched_on(session)
    pairs.append(pairs[0])
    assert run(session, Trial(TrialFailed("it took too long")), AT_THREE) == CameTo.FAILED
    state = learning(session)
    assert (state.came_to, state.why, state.leased_until) == ("failed", "it took too long", None)
    assert run(session, Trial(), AT_THREE + timedelta(hours=1)) is None
    assert run(session, Trial(), AT_THREE + timedelta(days=1)) == CameTo.PROPOSED


def test_a_worker_that_is_told_to_end_leaves_it_due(session: Session, pairs: list[Pair]) -> None:
    switched_on(session)
    pairs.append(pairs[0])
    assert run(session, Trial(TrialStopped()), AT_THREE) is None
    assert run(session, Trial(), AT_THREE) == CameTo.PROPOSED


def test_a_killed_worker_has_left_nothing_and_another_begins_anew(
    session: Session, pairs: list[Pair]
) -> None:
    switched_on(session)
    pairs.append(pairs[0])
    with pytest.raises(KeyboardInterrupt):
        run(session, Trial(meanwhile=killed), AT_THREE)
    assert states(session) == ["not-better"]
    assert run(session, Trial(), AT_THREE + LEASE - timedelta(seconds=1)) is None
    assert run(session, Trial(), AT_THREE + LEASE) == CameTo.PROPOSED


def killed() -> None:
    raise KeyboardInterrupt


def test_a_long_training_keeps_its_claim_for_as_long_as_its_worker_lives(
    session: Session, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    switched_on(session)
    pairs.append(pairs[0])

    def half_an_hour(is_stopping: Callable[[], bool]) -> None:
        for minutes in range(1, 31):
            at = AT_THREE + timedelta(minutes=minutes)
            monkeypatch.setattr(clock, "now", lambda at=at: at)
            assert not is_stopping()
            assert run(session, Trial(NOT_BETTER), at) is None  # another worker

    assert run(session, Long(half_an_hour), AT_THREE) == CameTo.PROPOSED
    assert learning(session).leased_until is None


@pytest.mark.only("sqlite")
def test_one_that_is_killed_late_is_followed_as_soon(
    session: Session, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    switched_on(session)
    pairs.append(pairs[0])
    at = AT_THREE + timedelta(minutes=9)

    def killed_then(is_stopping: Callable[[], bool]) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)
        is_stopping()
        killed()

    with pytest.raises(KeyboardInterrupt):
        run(session, Long(killed_then), AT_THREE)
    assert run(session, Trial(), at + LEASE - timedelta(seconds=1)) is None
    assert run(session, Trial(), at + LEASE) == CameTo.PROPOSED


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("is_taken_over", [True, False])
def test_a_training_that_is_not_wanted_any_more_is_told_to_stop(
    session: Session, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch, is_taken_over: bool
) -> None:
    switched_on(session)
    pairs.append(pairs[0])

    def meanwhile(is_stopping: Callable[[], bool]) -> None:
        if is_taken_over:
            assert run(session, Trial(NOT_BETTER), AT_THREE + LEASE) == CameTo.NOT_BETTER
        else:
            switch_learning(session, False, user_id=None, now=AT_THREE)
        monkeypatch.setattr(clock, "now", lambda: AT_THREE + LEASE)
        assert is_stopping()
        raise TrialStopped

    assert run(session, Long(meanwhile), AT_THREE) is None
    assert learning(session).leased_until is None
    assert "proposed" not in states(session)


@pytest.mark.only("sqlite")
def test_a_busy_database_costs_a_training_nothing(
    session: Session, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    switched_on(session)
    pairs.append(pairs[0])

    def busy(*_: object) -> None:
        raise DatabaseBusy

    def meanwhile(is_stopping: Callable[[], bool]) -> None:
        monkeypatch.setattr(clock, "now", lambda: AT_THREE + timedelta(minutes=3))
        with monkeypatch.context() as patch:
            patch.setattr(module, "_locked", busy)
            assert not is_stopping()
        assert not is_stopping()
        kept = learning(session).leased_until
        assert kept == (AT_THREE + timedelta(minutes=13)).isoformat()

    assert run(session, Long(meanwhile), AT_THREE) == CameTo.PROPOSED


def test_one_that_was_taken_for_dead_stores_nothing(session: Session, pairs: list[Pair]) -> None:
    switched_on(session)
    pairs.append(pairs[0])

    def another_worker() -> None:
        assert run(session, Trial(NOT_BETTER), AT_THREE + LEASE) == CameTo.NOT_BETTER

    assert run(session, Trial(BETTER, another_worker), AT_THREE) is None
    assert states(session) == ["not-better", "not-better"]


def test_switching_off_while_it_computes_stores_nothing(session: Session) -> None:
    switch_learning(session, True, user_id=None, now=EVENING)
    off = Trial(meanwhile=lambda: switch_learning(session, False, user_id=None, now=EVENING))
    assert run(session, off, EVENING) is None
    assert (states(session), learning(session)) == ([], Learning())
