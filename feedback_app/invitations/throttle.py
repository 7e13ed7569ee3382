"""Nobody is asked too often: the least time between two invitations to a person."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, cast, false, func, null, select, union_all
from sqlalchemy.orm import Session

from feedback_app.invitations.models import EarlierAsk, Invitation, InvitationState
from feedback_app.workspace import fact

OVERALL_FACT = "overall_throttle_days"
OVERALL_DAYS = 7  # between any two surveys, unless the workspace says otherwise; 0 switches it off


@dataclass(frozen=True, slots=True)
class Asked:
    """One invitation that counts: when the person got it, or is to get it.

    Without an id it is one of which we were only told.
    """

    invitation_id: int | None
    survey_id: int
    at: datetime
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Throttle:
    """Not before `until`, because of that invitation."""

    until: datetime
    invitation_id: int | None
    is_of_others: bool = False  # only invitations of other surveys stand in the way

    @property
    def reason(self) -> str:
        return f"Not before {self.until:%Y-%m-%d %H:%M} UTC, because of {self.cause}."

    @property
    def cause(self) -> str:
        """What stands in the way, for staff."""
        return (
            "a survey sent before we knew of it"
            if self.invitation_id is None
            else f"invitation {self.invitation_id}"
        )


_INVITED = select(
    Invitation.person_id,
    Invitation.id,
    Invitation.survey_id,
    func.coalesce(Invitation.sent_at, Invitation.marked_at, Invitation.due_at, type_=Invitation.due_at.type),
    Invitation.answered_at.is_not(None),
).where(
    Invitation.person_id.in_(bindparam("people", expanding=True)),
    # Joined with nothing, so that SQLite finds the rows by person: by state it would read every mail ever sent.
    (Invitation.state + "").in_(bindparam("states", expanding=True)),
)
_TOLD = select(
    EarlierAsk.person_id, cast(null(), Integer), EarlierAsk.survey_id, EarlierAsk.sent_at, false()
).where(EarlierAsk.person_id.in_(bindparam("people", expanding=True)))
_ASKED = union_all(_INVITED, _TOLD)


def asked(
    session: Session, people: Collection[int], states: Iterable[InvitationState]
) -> dict[int, list[Asked]]:
    """The invitations of these people that are in one of the states, and the surveys we were told of, by person."""
    found: dict[int, list[Asked]] = {person_id: [] for person_id in people}
    rows = session.execute(_ASKED, {"people": list(people), "states": list(states)})
    for person_id, invitation_id, survey_id, at, is_answered in rows:
        found[person_id].append(Asked(invitation_id, survey_id, at, is_answered))
    return found


def throttle(
    earlier: Iterable[Asked], survey_id: int, *, at: datetime, survey_days: int, overall_days: int
) -> Throttle | None:
    """What keeps the survey from being sent at that moment, and until when; None if nothing does.

    An invitation counts in the days before it as in the days after: one that is due far in the future stands in the
    way of nothing until then. `until` is the first moment that is free of all of them.
    """
    spans = [(one, timedelta(days=_days(one, survey_id, survey_days, overall_days))) for one in earlier]
    found: Throttle | None = None
    while met := [(one.at + span, one) for one, span in spans if one.at - span < at < one.at + span]:
        at, last = max(met, key=lambda end: end[0])
        is_of_others = all(one.survey_id != survey_id for _, one in met)
        found = Throttle(at, last.invitation_id, is_of_others and (found is None or found.is_of_others))
    return found


def overall_days(session: Session) -> int:
    """Days between any two surveys to one person, as the workspace has chosen."""
    chosen = fact(session, OVERALL_FACT)
    return OVERALL_DAYS if chosen is None else int(chosen)


def _days(one: Asked, survey_id: int, survey_days: int, overall_days: int) -> int:
    return max(survey_days if one.survey_id == survey_id else 0, overall_days)
