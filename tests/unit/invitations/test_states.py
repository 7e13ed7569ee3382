"""States go forward."""

from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.states import DECISIONS, STEPS, before, decidable

ENDS = {State.BOUNCED, State.COMPLAINED, State.FAILED, State.CANCELLED, State.EXPIRED}


def test_every_state_says_what_may_follow() -> None:
    assert set(STEPS) == set(State)


def test_there_is_no_way_back_but_for_a_mail_that_did_not_leave() -> None:
    forward = {state: following - {State.SCHEDULED} for state, following in STEPS.items()}
    assert [state for state, following in STEPS.items() if State.SCHEDULED in following] == [State.SENDING]
    for state in State:
        assert state not in reachable(forward, state)


def reachable(steps: dict[State, frozenset[State]], start: State) -> set[State]:
    found: set[State] = set()
    ahead = [start]
    while ahead:
        for state in steps[ahead.pop()] - found:
            found.add(state)
            ahead.append(state)
    return found


def test_what_has_ended_stays_ended() -> None:
    assert {state for state, following in STEPS.items() if not following} == ENDS


def test_an_uncertain_mail_is_never_sent_again_by_itself() -> None:
    assert STEPS[State.UNCERTAIN] & {State.SCHEDULED, State.SENDING} == set()


def test_before_turns_the_table_round() -> None:
    assert set(before(State.UNCERTAIN)) == {State.SENDING}
    assert set(before(State.BOUNCED)) == {State.SENDING, State.UNCERTAIN, State.SENT, State.DELIVERED}


def test_only_a_person_may_decide_that_an_uncertain_mail_is_sent_again() -> None:
    assert DECISIONS[State.UNCERTAIN] == {State.SCHEDULED, State.SENT}
    assert decidable(State.SCHEDULED) == (State.UNCERTAIN,)
    assert decidable(State.CANCELLED) == (State.SCHEDULED,)
    assert decidable(State.BOUNCED) == ()
