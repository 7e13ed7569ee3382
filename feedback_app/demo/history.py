"""Six months in the life of the sample company: cases close, mails go out, people answer, CSMs act."""

import heapq
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from flask import Flask
from sqlalchemy import select

from feedback_app.db import db, transaction
from feedback_app.demo.company import (
    AGENTS,
    CASES,
    COMMENTS,
    CUSTOMERS,
    FORMER_CUSTOMER,
    LEAVERS,
    Customer,
)
from feedback_app.invitations.events import Agent, Contact, Delivery, EventKind, ParsedEvent
from feedback_app.invitations.jobs import survey_of
from feedback_app.invitations.mailing import Mailing
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.reading import read_event
from feedback_app.invitations.receiving import receive_event
from feedback_app.invitations.sending import Sender
from feedback_app.invitations.unsubscribing import cancel_scheduled
from feedback_app.mail.catcher import CatcherTransport
from feedback_app.mail.memory import MemoryTransport
from feedback_app.people.models import Person, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.responses.models import ResponseState
from feedback_app.responses.services import record_response
from feedback_app.reviews.models import ReviewStatus
from feedback_app.reviews.services import add_note, assign, set_status
from feedback_app.surveys.models import Survey

CASES_A_DAY = {"After a support case": 1.9, "After a support chat": 1.6}
ANSWER_RATE = {"nps": 0.66, "ces": 0.53, "csat": 0.49}
LATELY = timedelta(days=60)  # the first pages of the inbox show these
COMMENT_RATE = 0.3
COMMENT_RATE_LATELY = 0.8
UNCONFIRMED_RATE = 0.04  # a rating came, and no sign of a person
ACTED_UPON_RATE = 0.75
IN_THE_OUTBOX = timedelta(days=4)  # older mail is not kept by the catcher
STATUSES = (ReviewStatus.OPEN, ReviewStatus.WAITING, ReviewStatus.CLOSED, ReviewStatus.CLOSED)
NOTES = (
    "Called them, they would like the report by Thursday.",
    "Known bug, the fix ships with the next release. Told them so.",
    "Asked support to look at the account before the renewal.",
    "Thanked them and asked for a reference.",
    "Sent the workaround, waiting for their word.",
)
# Ratings of a tone, the likelier ones more often.
RATINGS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "nps": {"good": (9, 9, 10, 10, 10), "middle": (7, 8, 8), "bad": (0, 2, 3, 4, 5, 6, 6)},
    "ces": {"good": (5, 6, 6, 7, 7), "middle": (4,), "bad": (1, 2, 3, 3)},
    "csat": {"good": (4, 5, 5), "middle": (3,), "bad": (1, 2, 2)},
}


@dataclass(frozen=True)
class Cast:
    """Who plays: staff ids by address, source ids by the survey's name."""

    users: Mapping[str, int]
    sources: Mapping[str, int]


@dataclass(order=True)
class Moment:
    """Something that happens at its time."""

    at: datetime
    order: int
    happen: Callable[[datetime], None] = field(compare=False)


class History:
    """Moments in their order; one may bring about others, and those after `until` are not lived."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self._moments: list[Moment] = []
        self._numbers = itertools.count()

    def add(self, at: datetime, happen: Callable[[datetime], None]) -> None:
        if at < self.until:
            heapq.heappush(self._moments, Moment(at, next(self._numbers), happen))

    def live(self) -> Iterator[datetime]:
        """Let the moments happen; yields the time after each."""
        while self._moments:
            moment = heapq.heappop(self._moments)
            moment.happen(moment.at)
            yield moment.at


def live_through(
    app: Flask, cast: Cast, chance: random.Random, *, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Let everything happen that happens between the two moments; yields how far it is."""
    yield from Company(app, cast, chance, History(until)).live(since, until)


class Company:
    """The sample company at work."""

    def __init__(self, app: Flask, cast: Cast, chance: random.Random, history: History) -> None:
        self._vault = app.extensions["feedback_vault"]
        self._mailing = Mailing(
            app.extensions["feedback_settings"], app.extensions["feedback_links"], survey_of
        )
        self._zone = app.extensions["feedback_settings"].zone
        self._outbox = CatcherTransport(app.extensions["feedback_settings"].outbox)
        self._nowhere = MemoryTransport()
        self._cast = cast
        self._chance = chance
        self._history = history
        self._numbers = itertools.count(81_000)
        self._comments = {
            (metric_key, tone, language): shuffled(chance, said)
            for metric_key, tones in COMMENTS.items()
            for tone, languages in tones.items()
            for language, said in languages.items()
        }

    def live(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Plan what comes from outside - closed cases, quarterly questions - and live through what follows."""
        for day in range((until - since).days):
            for survey, rate in CASES_A_DAY.items():
                for _ in range(self._about(rate)):
                    customer, person = self._somebody()
                    self._plan_case(since + timedelta(days=day), survey, customer, person)
        for customer in CUSTOMERS:
            for person in customer.people:
                first = since + timedelta(days=self._chance.uniform(2, 90))
                for at in (first, first + timedelta(days=91)):
                    self._plan_case(at, "Relationship, each quarter", customer, person)
        for days, name, reason, detail in LEAVERS:
            leaving = partial(self._leave, address_named(name), SuppressionReason(reason), detail)
            self._history.add(until - timedelta(days=days), leaving)
        leaving = partial(
            self._leave, FORMER_CUSTOMER, SuppressionReason.UNSUBSCRIBED, "by staff: has left us"
        )
        self._history.add(until - timedelta(days=75), leaving)
        yield from self._history.live()

    def _plan_case(self, day: datetime, survey: str, customer: Customer, person: str) -> None:
        at = day.replace(hour=0, minute=0) + timedelta(minutes=self._chance.randint(8 * 60, 17 * 60))
        self._history.add(at, lambda now: self._close_case(survey, customer, person, now))

    def _close_case(self, survey: str, customer: Customer, person: str, now: datetime) -> None:
        """An event as the helpdesk tells it; whoever is to be asked gets the mail a little later."""
        agent, address = self._chance.choice(AGENTS)
        event = ParsedEvent(
            kind=EventKind.INTERACTION_CLOSED,
            interaction_id=str(next(self._numbers)),
            occurred_at=now.replace(microsecond=0),
            channel="email",
            subject=self._chance.choice(CASES),
            contact=Contact(
                email=customer.address_of(person),
                name=person,
                locale=customer.locale,
                company=customer.name,
                company_id=customer.external_id,
            ),
            agent=Agent(name=agent, email=address),
        )
        body = json.dumps(event.facts()).encode()
        session = db.session()
        event_id = receive_event(session, self._cast.sources[survey], event, Delivery(None, body), now=now)
        if event_id is None:
            return
        for due_at in read_event(session, event_id, vault=self._vault, zone=self._zone, now=now):
            self._history.add(due_at, lambda sent_at: self._send(event_id, customer, sent_at))

    def _send(self, event_id: int, customer: Customer, now: datetime) -> None:
        """Send what is due; the person answers in their own time, or not."""
        session = db.session()
        is_recent = now > self._history.until - IN_THE_OUTBOX
        transport = self._outbox if is_recent else self._nowhere
        Sender(session, transport, self._mailing, self._vault, self._zone, lambda: now).send_due()
        asked = (
            select(Invitation.id, Survey.metric_key)
            .join(Survey, Invitation.survey_id == Survey.id)
            .where(Invitation.event_id == event_id, Invitation.sent_at.is_not(None))
        )
        for invitation_id, metric_key in session.execute(asked):
            if self._chance.random() < ANSWER_RATE[metric_key]:
                at = now + timedelta(hours=self._chance.expovariate(1 / 14) + 0.1)
                self._history.add(at, self._answering(invitation_id, metric_key, customer, at))

    def _answering(
        self, invitation_id: int, metric_key: str, customer: Customer, at: datetime
    ) -> Callable[[datetime], None]:
        tone = self._tone(customer)
        rating = self._chance.choice(RATINGS[metric_key][tone])
        said = self._comments.get((metric_key, tone, customer.language), [])
        rate = COMMENT_RATE_LATELY if at > self._history.until - LATELY else COMMENT_RATE
        comment = said.pop() if said and self._chance.random() < rate else None
        alone = comment is None and self._chance.random() < UNCONFIRMED_RATE * 2
        state = ResponseState.UNCONFIRMED if alone else ResponseState.CONFIRMED

        def answer(now: datetime) -> None:
            response_id = record_response(
                db.session(),
                invitation_id,
                rating,
                comment,
                state=state,
                locale=customer.language,
                now=now,
            )
            if comment and tone == "bad" and self._chance.random() < ACTED_UPON_RATE:
                later = now + timedelta(hours=self._chance.uniform(2, 70))
                self._history.add(later, lambda then: self._act(response_id, customer, then))

        return answer

    def _act(self, response_id: int, customer: Customer, now: datetime) -> None:
        """The account's CSM takes the response on and often closes it."""
        session, user_id = db.session(), self._cast.users[customer.owner]
        assign(session, response_id, user_id, user_id=user_id, now=now)
        status = self._chance.choice(
            (ReviewStatus.OPEN, ReviewStatus.WAITING, ReviewStatus.CLOSED, ReviewStatus.CLOSED)
        )
        set_status(session, response_id, status, user_id=user_id, now=now)
        if self._chance.random() < 0.6:
            add_note(session, response_id, self._chance.choice(NOTES), user_id=user_id, now=now)

    def _leave(self, address: str, reason: SuppressionReason, detail: str, now: datetime) -> None:
        """The address gets no more mail."""
        session = db.session()
        with transaction(session):
            person_id = session.scalar(select(Person.id).where(Person.email_key == address))
            fingerprint = self._vault.address_hash(address)
            suppress(session, fingerprint, reason, person_id=person_id, detail=detail, now=now)
            if person_id is not None:
                cancel_scheduled(session, person_id, None, detail, now=now)

    def _tone(self, customer: Customer) -> str:
        good = 0.58 + 0.22 * customer.mood
        drawn = self._chance.random()
        if drawn < good:
            return "good"
        return "middle" if drawn < good + 0.19 else "bad"

    def _somebody(self) -> tuple[Customer, str]:
        customer = self._chance.choice(CUSTOMERS)
        return customer, self._chance.choice(customer.people)

    def _about(self, mean: float) -> int:
        """A whole number that is `mean` on average."""
        whole = int(mean)
        return whole + (self._chance.random() < mean - whole)


def address_named(name: str) -> str:
    """The address of the customers' person with this name."""
    return next(customer.address_of(name) for customer in CUSTOMERS if name in customer.people)


def shuffled(chance: random.Random, said: tuple[str, ...]) -> list[str]:
    return chance.sample(said, len(said))
