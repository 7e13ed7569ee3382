"""What becomes of a wish to ask somebody: an invitation, or the reason why not. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from feedback_app.invitations.models import Outcome
from feedback_app.invitations.throttle import Asked, Throttle, throttle
from feedback_app.invitations.windows import SendingWindow
from feedback_app.people.models import SuppressionReason
from feedback_app.people.queries import Suppressions
from feedback_app.surveys.models import SurveyState

STALE_AFTER = timedelta(days=7)

_OF_SUPPRESSION = {
    SuppressionReason.UNSUBSCRIBED: (Outcome.UNSUBSCRIBED, "The person unsubscribed."),
    SuppressionReason.BOUNCED: (Outcome.BOUNCED_ADDRESS, "Mail to the address came back."),
    SuppressionReason.COMPLAINED: (Outcome.COMPLAINED, "The person reported a mail of ours as spam."),
    SuppressionReason.ERASED: (Outcome.ERASED, "The person asked to be forgotten."),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a survey says about whom it asks; `overall_days` is the workspace's."""

    survey_id: int
    state: str
    throttle_days: int
    reserves_turn: bool
    overall_days: int


@dataclass(frozen=True, slots=True)
class Whom:
    """What is known of the person. Without an address there is a reason, and nobody to write to."""

    person_id: int | None
    zone: ZoneInfo
    address_hash: str = ""
    no_address: str = ""
    suppressions: Suppressions = field(default_factory=lambda: Suppressions(()))
    earlier: Sequence[Asked] = ()  # what they have got or will get


@dataclass(frozen=True, slots=True)
class Wish:
    """To ask at that moment, or when the window opens next; of events, whether they are too old or not drawn."""

    at: datetime
    window: SendingWindow | None = None
    is_stale: bool = False
    sampled_out: str = ""  # why; empty if not


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one outcome. An invitation has its `due_at`; `until` is when the person may be asked again, if throttled."""

    outcome: Outcome
    reason: str = ""
    due_at: datetime | None = None
    until: datetime | None = None


def verdict(survey: Terms, whom: Whom, wish: Wish) -> Verdict:
    """What becomes of the wish; of several reasons against it the first in this order is told."""
    if whom.no_address:
        return Verdict(Outcome.NO_ADDRESS, whom.no_address)
    if wish.is_stale:
        return Verdict(Outcome.STALE, "It was older than seven days when we came to it.")
    if survey.state == SurveyState.CLOSED:
        return Verdict(Outcome.SURVEY_CLOSED, "The survey was closed.")
    if survey.state == SurveyState.PAUSED:
        return Verdict(Outcome.SURVEY_PAUSED, "The survey was paused.")
    suppressed = whom.suppressions.reason(whom.address_hash, survey.survey_id)
    if suppressed is not None:
        return Verdict(*_OF_SUPPRESSION[suppressed])
    if wish.sampled_out:
        return Verdict(Outcome.SAMPLED_OUT, wish.sampled_out)
    return _in_turn(survey, whom, wish)


def why_suppressed(reason: SuppressionReason) -> str:
    """For staff, in one sentence."""
    return _OF_SUPPRESSION[reason][1]


def draw(event_key: str, trigger_id: int) -> int:
    """A number from 0 to 99 that stands for the event and the trigger: the same whenever the event is read.

    >>> draw("84213 2026-11-20T15:42:07Z", 1)
    66
    """
    return int.from_bytes(sha256(f"{trigger_id} {event_key}".encode()).digest()[:8]) % 100


def _in_turn(survey: Terms, whom: Whom, wish: Wish) -> Verdict:
    """Invited in the window, throttled, or - if the survey reserves its turn - invited when the others let it."""
    at = _opened(wish.window, wish.at, whom.zone)
    waits: Throttle | None = None
    while (limit := _limit(survey, whom, at)) is not None:
        if not (survey.reserves_turn and limit.is_of_others):
            return Verdict(Outcome.THROTTLED, limit.reason, until=limit.until)
        waits = limit
        at = _opened(wish.window, limit.until, whom.zone)
    if waits is None:
        return Verdict(Outcome.INVITED, due_at=at)
    because = f"because of {waits.cause}"
    return Verdict(Outcome.INVITED, f"Waits its turn until {at:%Y-%m-%d %H:%M} UTC, {because}.", due_at=at)


def _limit(survey: Terms, whom: Whom, at: datetime) -> Throttle | None:
    return throttle(
        whom.earlier,
        survey.survey_id,
        at=at,
        survey_days=survey.throttle_days,
        overall_days=survey.overall_days,
    )


def _opened(window: SendingWindow | None, at: datetime, zone: ZoneInfo) -> datetime:
    return window.next_open(at, zone) if window else at
