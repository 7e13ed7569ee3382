"""Whom a campaign would reach if it started now, and why not the others. Writes nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.invitations.asking import verdicts
from feedback_app.invitations.models import Outcome
from feedback_app.invitations.windows import SendingWindow
from feedback_app.people.filters import PeopleFilter, count_people, matching
from feedback_app.people.models import Person

BATCH = 1_000
MOST_LOOKED_AT = 50_000  # people; of a larger audience the first so many are counted
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """Somebody whom the campaign would not reach, and why."""

    person_id: int
    name: str
    email: str | None
    reason: str


@dataclass(slots=True)
class Preview:
    """What would become of an audience of `total` people, of whom `looked_at` were looked at."""

    total: int
    looked_at: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    examples: dict[Outcome, list[Example]] = field(default_factory=dict)

    @property
    def invited(self) -> int:
        return self.outcomes[Outcome.INVITED]

    @property
    def is_whole(self) -> bool:
        return self.looked_at == self.total

    @property
    def left_out(self) -> list[tuple[Outcome, int]]:
        """Why others would not be asked, the most frequent reason first."""
        return [
            (outcome, count) for outcome, count in self.outcomes.most_common() if outcome != Outcome.INVITED
        ]


def preview(
    session: Session,
    survey_id: int,
    audience: PeopleFilter,
    *,
    at: datetime,
    window: SendingWindow | None,
    vault: Vault,
    zone: ZoneInfo,
) -> Preview:
    """What would become of everybody who fits, were they asked at that moment or when the window opens next."""
    made = Preview(count_people(session, audience))
    for people in _batches(session, audience):
        found = verdicts(session, survey_id, list(people), at=at, vault=vault, window=window, zone=zone)
        for person_id, verdict in found.items():
            made.looked_at += 1
            made.outcomes[verdict.outcome] += 1
            examples = made.examples.setdefault(verdict.outcome, [])
            if verdict.outcome is not Outcome.INVITED and len(examples) < MOST_EXAMPLES:
                name, email = people[person_id]
                examples.append(Example(person_id, name, email, verdict.reason))
    return made


def _batches(session: Session, audience: PeopleFilter) -> Iterator[dict[int, tuple[str, str | None]]]:
    last, looked_at = 0, 0
    while looked_at < MOST_LOOKED_AT:
        rows = session.execute(
            select(Person.id, Person.name, Person.email)
            .where(Person.id.in_(matching(audience)), Person.id > last)
            .order_by(Person.id)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        yield {row.id: (row.name, row.email) for row in rows}
        last, looked_at = rows[-1].id, looked_at + len(rows)
