"""Asking people: for each one an invitation, or the ledger's word why not. Events, campaigns and plans all end here."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.errors import NotFound
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry, Outcome
from feedback_app.invitations.outcomes import Terms, Verdict, Whom, Wish, verdict
from feedback_app.invitations.states import PENDING, REACHED
from feedback_app.invitations.throttle import Asked, asked, overall_days
from feedback_app.invitations.windows import SendingWindow, zone_of
from feedback_app.people.models import Person
from feedback_app.people.queries import suppressions
from feedback_app.surveys.models import Survey

SEND_WITHIN = timedelta(hours=72)  # of being due; a survey about last week's case is not sent
BATCH = 500
UTC_ZONE = ZoneInfo("UTC")
EMAIL = "email"  # channels
LINK = "link"  # no mail of ours goes out: whoever asked hands the link over
Item = TypeVar("Item")

_PEOPLE = (
    select(Person.id, Person.email_key, Person.time_zone)
    .where(Person.id.in_(bindparam("people", expanding=True)))
    .order_by(Person.id)
)
# Whoever asks the same person at the same time waits for our answer. SQLite has one writer anyway.
_PEOPLE_LOCKED = _PEOPLE.with_for_update(key_share=True)
_INVITE = insert(Invitation.__table__).returning(Invitation.id)  # type: ignore[arg-type]
_NOTE = insert(LedgerEntry.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Ask:
    """The wish to ask one person one survey at `due_at`, or when the window opens next where the person is."""

    person_id: int
    survey_id: int
    due_at: datetime
    window: SendingWindow | None = None
    campaign_id: int | None = None
    plan_id: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    channel: str = EMAIL


@dataclass(frozen=True, slots=True)
class Asking:
    """What became of one `Ask`; invited people have an invitation and its `due_at`."""

    person_id: int
    verdict: Verdict
    invitation_id: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation is made of, beside what its verdict says."""

    survey_id: int
    person_id: int
    window: SendingWindow | None
    context: Mapping[str, Any]
    event_id: int | None = None
    trigger_id: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    channel: str = EMAIL


def verdicts(
    session: Session,
    survey_id: int,
    people: Collection[int],
    *,
    at: datetime,
    vault: Vault,
    window: SendingWindow | None = None,
    zone: ZoneInfo = UTC_ZONE,
) -> dict[int, Verdict]:
    """What would become of asking each of these people at that moment; writes nothing.

    The `zone` of people without one of their own matters only with a window.
    """
    survey = terms_of(session, [survey_id])[survey_id]
    wish = Wish(at, window)
    found = {}
    for some in _batches(list(people)):
        known = people_known(session, some, vault=vault, zone=zone)
        found.update({person_id: verdict(survey, whom, wish) for person_id, whom in known.items()})
    return found


def ask(
    session: Session, asks: Sequence[Ask], *, vault: Vault, zone: ZoneInfo, now: datetime
) -> list[Asking]:
    """Ask these people within the caller's transaction; each gets one ledger entry, invited or why not.

    `zone` is the clock of people without one of their own. The answers come in the order of the asks.
    """
    surveys = terms_of(session, {one.survey_id for one in asks})
    found = []
    for some in _batches(asks):
        people = {one.person_id for one in some}
        known = people_known(session, people, vault=vault, zone=zone, lock=True)
        asked_now = []
        for one in some:
            whom = known[one.person_id]
            asking = _ask(session, one, _verdict(surveys[one.survey_id], whom, one), now)
            known[one.person_id] = with_invitation(whom, one.survey_id, asking.invitation_id, asking.due_at)
            asked_now.append(asking)
        entries = [
            _entry(one, known[one.person_id], made, now) for one, made in zip(some, asked_now, strict=True)
        ]
        session.execute(_NOTE, entries)
        found += asked_now
    return found


def terms_of(session: Session, surveys: Collection[int]) -> dict[int, Terms]:
    """What each of these surveys says about whom it asks; raises NotFound if one of them is gone."""
    overall = overall_days(session)
    columns = (Survey.id, Survey.state, Survey.throttle_days, Survey.reserves_turn)
    rows = session.execute(select(*columns).where(Survey.id.in_(surveys)))
    found = {row.id: Terms(*row, overall) for row in rows}
    if len(found) < len(surveys):
        raise NotFound("The survey is gone, so nobody was asked.")
    return found


def people_known(
    session: Session, people: Collection[int], *, vault: Vault, zone: ZoneInfo, lock: bool = False
) -> dict[int, Whom]:
    """What is known of each of these people; with `lock` nobody else asks them until the transaction ends."""
    statement = _PEOPLE_LOCKED if lock else _PEOPLE
    rows = session.execute(statement, {"people": list(people)}).all()
    hashes = {row.id: vault.address_hash(row.email_key) for row in rows if row.email_key}
    refused = suppressions(session, set(hashes.values()))
    earlier = earlier_of(session, people)
    found = dict.fromkeys(people, Whom(None, zone, no_address="The person is gone."))
    for row in rows:
        found[row.id] = Whom(
            row.id,
            zone_of(row.time_zone, zone),
            hashes.get(row.id, ""),
            "" if row.email_key else "We know no address of the person.",
            refused,
            earlier[row.id],
        )
    return found


def earlier_of(session: Session, people: Collection[int]) -> dict[int, list[Asked]]:
    """What these people have got or will get: everything that counts when they are asked again."""
    return asked(session, people, (*PENDING, *REACHED))


def with_invitation(whom: Whom, survey_id: int, invitation_id: int | None, due_at: datetime | None) -> Whom:
    """The person with one more invitation to count, if there is one."""
    if invitation_id is None or due_at is None:
        return whom
    return replace(whom, earlier=(*whom.earlier, Asked(invitation_id, survey_id, due_at)))


def invite(session: Session, invited: Invited, found: Verdict, now: datetime) -> int:
    """Schedule the invitation, or count its link as sent if that is handed over now; return its id."""
    assert found.due_at is not None
    is_link = invited.channel == LINK
    row = {
        "survey_id": invited.survey_id,
        "person_id": invited.person_id,
        "event_id": invited.event_id,
        "trigger_id": invited.trigger_id,
        "channel": invited.channel,
        "state": InvitationState.SENT if is_link else InvitationState.SCHEDULED,
        "reason": found.reason,
        "context": dict(invited.context),
        "properties": dict(invited.properties),
        "window": invited.window and invited.window.to_json(),
        "created_at": now,
        "changed_at": now,
        "due_at": found.due_at,
        "expires_at": found.due_at + SEND_WITHIN,
        "attempts": 0,
        "sent_at": now if is_link else None,
    }
    return int(session.execute(_INVITE, row).scalar_one())


def _verdict(survey: Terms, whom: Whom, one: Ask) -> Verdict:
    """What becomes of the wish. A link needs no address of ours, and is handed over now or not at all."""
    if one.channel == LINK and whom.person_id is not None:
        survey, whom = replace(survey, reserves_turn=False), replace(whom, no_address="")
    return verdict(survey, whom, Wish(one.due_at, one.window))


def _ask(session: Session, one: Ask, found: Verdict, now: datetime) -> Asking:
    if found.outcome is not Outcome.INVITED:
        return Asking(one.person_id, found)
    invited = Invited(
        one.survey_id,
        one.person_id,
        one.window,
        one.context,
        properties=one.properties,
        channel=one.channel,
    )
    return Asking(one.person_id, found, invite(session, invited, found, now), found.due_at)


def _entry(one: Ask, whom: Whom, made: Asking, now: datetime) -> dict[str, Any]:
    return {
        "campaign_id": one.campaign_id,
        "plan_id": one.plan_id,
        "survey_id": one.survey_id,
        "person_id": whom.person_id,
        "outcome": made.verdict.outcome,
        "reason": made.verdict.reason[:300],
        "invitation_id": made.invitation_id,
        "at": now,
    }


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for begin in range(0, len(items), BATCH):
        yield items[begin : begin + BATCH]
