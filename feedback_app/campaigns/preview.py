"""Whom a campaign would reach if it started now, and why not the others. Writes nothing.

Up to MOST_LOOKED_AT people everybody is looked at. Of more, so many drawn evenly from all of them: that takes the same
half second at half a million people, and the page says that it is an estimate and by how much it may be off.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isqrt, sqrt
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.invitations.asking import verdicts
from feedback_app.invitations.models import Outcome
from feedback_app.invitations.windows import SendingWindow
from feedback_app.people.filters import PeopleFilter, conditions, count_people
from feedback_app.people.models import Person

MOST_LOOKED_AT = 10_000  # people
MOST_EXAMPLES = 5
CONFIDENCE = 1.96  # standard errors: 95 of 100 estimates are within them


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
    outcomes: Counter[Outcome] = field(default_factory=Counter)  # of those who were looked at
    examples: dict[Outcome, list[Example]] = field(default_factory=dict)

    @property
    def invited(self) -> int:
        return self.of_all(self.outcomes[Outcome.INVITED])

    @property
    def is_whole(self) -> bool:
        return self.looked_at == self.total

    @property
    def left_out(self) -> list[tuple[Outcome, int]]:
        """Why others would not be asked, the most frequent reason first."""
        return [
            (outcome, self.of_all(count))
            for outcome, count in self.outcomes.most_common()
            if outcome != Outcome.INVITED
        ]

    @property
    def margin(self) -> int:
        """By how many people any of the numbers may be off, in 95 of 100 cases; 0 if everybody was looked at."""
        if self.is_whole or not self.looked_at:
            return 0
        return rounded(CONFIDENCE * 0.5 / sqrt(self.looked_at) * self.total)

    def of_all(self, count: int) -> int:
        """So many of those looked at as a number of the whole audience: itself, or an estimate of three digits."""
        if self.is_whole or not self.looked_at:
            return count
        return min(self.total, rounded(count * self.total / self.looked_at))


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
    total = count_people(session, audience)
    people = drawn_people(session, audience, total)
    made = Preview(total if total > MOST_LOOKED_AT else len(people), len(people))
    reasons: dict[Outcome, dict[int, str]] = {}
    found = verdicts(session, survey_id, people, at=at, vault=vault, window=window, zone=zone)
    for person_id, verdict in found.items():
        made.outcomes[verdict.outcome] += 1
        told = reasons.setdefault(verdict.outcome, {})
        if verdict.outcome is not Outcome.INVITED and len(told) < MOST_EXAMPLES:
            told[person_id] = verdict.reason
    made.examples = {outcome: examples_of(session, told) for outcome, told in reasons.items() if told}
    return made


def drawn_people(session: Session, audience: PeopleFilter, total: int) -> Sequence[int]:
    """The ids of everybody who fits, or of some of `total`, wherever they stand; the same ones each time."""
    some: list[ColumnElement[bool]] = []
    if total > MOST_LOOKED_AT:  # a prime, because files and programs give ids with patterns of their own
        every = next_prime(-(-total // MOST_LOOKED_AT))
        some = [Person.id % every == every // 2]  # first of all, so that the filter is asked of these alone
    fitting = conditions(audience, may_search_people=True)
    return session.scalars(select(Person.id).where(*some, *fitting).order_by(Person.id)).all()


def rounded(number: float) -> int:
    """The number with three digits that say something.

    >>> rounded(437_683.4), rounded(52.6)
    (438000, 53)
    """
    return round(float(f"{number:.3g}"))


def next_prime(number: int) -> int:
    """The number itself if it is a prime, else the first one above it.

    >>> [next_prime(number) for number in (2, 9, 50)]
    [2, 11, 53]
    """
    while any(number % divisor == 0 for divisor in range(2, isqrt(number) + 1)):
        number += 1
    return number


def examples_of(session: Session, reasons: dict[int, str]) -> list[Example]:
    """These people with their names, in the order of their ids."""
    rows = select(Person.id, Person.name, Person.email).where(Person.id.in_(reasons)).order_by(Person.id)
    return [Example(row.id, row.name, row.email, reasons[row.id]) for row in session.execute(rows)]
