"""Which state of an invitation may follow which. Every change of a state is a conditional UPDATE drawn from here."""

from typing import Any

from sqlalchemy import ColumnElement, or_

from feedback_app.invitations.models import InvitationState as State

# Forward only. The one way back, from sending to scheduled, is for a mail that provably did not leave: the claim's
# lease ended before the marker, or the server said "later".
STEPS: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.SENDING, State.CANCELLED, State.EXPIRED, State.FAILED, State.ANSWERED}),
    State.SENDING: frozenset(
        {
            State.SCHEDULED,
            State.SENT,
            State.UNCERTAIN,
            State.BOUNCED,
            State.FAILED,
            State.CANCELLED,
            State.ANSWERED,
        }
    ),
    State.UNCERTAIN: frozenset(
        {
            State.SENT,
            State.DELIVERED,
            State.ANSWERED,
            State.BOUNCED,
            State.COMPLAINED,
            State.FAILED,
            State.CANCELLED,
        }
    ),
    # A provider that took the mail can still refuse to send it on: then it failed.
    State.SENT: frozenset({State.DELIVERED, State.ANSWERED, State.BOUNCED, State.COMPLAINED, State.FAILED}),
    State.DELIVERED: frozenset({State.ANSWERED, State.BOUNCED, State.COMPLAINED}),
    State.ANSWERED: frozenset({State.COMPLAINED}),
    State.BOUNCED: frozenset(),
    State.COMPLAINED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}

# What staff may decide about one that nothing else has settled; each such step is audited. A mail that may have been
# delivered is sent again only here.
DECISIONS: dict[State, frozenset[State]] = {
    State.UNCERTAIN: frozenset({State.SCHEDULED, State.SENT}),
    State.SCHEDULED: frozenset({State.CANCELLED}),
}

# The person has got the mail, may have got it, or will: these count when somebody is not to be asked too often.
PENDING = (State.SCHEDULED, State.SENDING)
REACHED = (State.SENT, State.DELIVERED, State.ANSWERED, State.UNCERTAIN, State.COMPLAINED)


def not_on_its_way(columns: Any) -> ColumnElement[bool]:
    """Of a table's columns or a model: mail that did not leave, be it that a worker has claimed it without the marker.

    Such a claim can be taken back: the worker finds it lost when it is about to set the marker, and sends nothing.
    """
    claimed = (columns.state == State.SENDING) & columns.marked_at.is_(None)
    return or_(columns.state == State.SCHEDULED, claimed)


def before(state: State) -> tuple[State, ...]:
    """The states that may become this one."""
    return tuple(one for one, following in STEPS.items() if state in following)


def decidable(state: State) -> tuple[State, ...]:
    """The states out of which staff may decide for this one."""
    return tuple(one for one, choices in DECISIONS.items() if state in choices)
