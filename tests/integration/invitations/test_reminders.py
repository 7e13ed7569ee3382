"""One reminder at most, for whom it is still true that nobody answered."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.invitations.jobs import schedule_reminders, sender
from feedback_app.invitations.models import Invitation, Reminder
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.sending import Sender
from feedback_app.invitations.throttle import OVERALL_FACT
from feedback_app.invitations.unsubscribing import Scope, unsubscribe
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.links import Links
from feedback_app.mail.message import OutgoingMail
from feedback_app.mail.results import Accepted, Refused, Transport, TryLater
from feedback_app.mail.transports import MemoryTransport
from feedback_app.people.models import Suppression, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.workspace import keep_fact
from tests.factories import NOON, make_invitation, make_person, make_response, make_survey
from tests.integration.invitations.conftest import Clock, make_due
from tests.pages import afresh

MakeSender = Callable[[Transport], Sender]
OFFICE = SendingWindow(BUSINESS_DAYS, time(9), time(17)).to_json()


@pytest.fixture
def survey(session: Session) -> Survey:
    """A survey that reminds after five days."""
    return make_survey(session, reminder_days=5)


def make_asked(session: Session, survey: Survey, name: str = "dana", **given: Any) -> Invitation:
    """An invitation of the survey that was sent five days before NOON, unless given."""
    if "person_id" not in given:
        given["person_id"] = make_person(session, email=f"{name}@harrow.example").id
    return make_invitation(session, **{"survey_id": survey.id, "sent_at": NOON - timedelta(days=5)} | given)


def reminders(session: Session) -> list[Reminder]:
    return list(afresh(session).scalars(select(Reminder).order_by(Reminder.id)))


def remind(sender_over: MakeSender, transport: Transport | None = None) -> list[OutgoingMail]:
    """Both jobs run once; what they sent."""
    memory = MemoryTransport() if transport is None else transport
    schedule_reminders.run()
    sender_over(memory).send_due()
    return getattr(memory, "sent", [])


def test_a_reminder_has_the_invitations_links_and_its_own_words(
    app: Flask, session: Session, survey: Survey, sender_over: MakeSender, time: Clock
) -> None:
    first = make_due(session, survey_id=survey.id)
    memory = MemoryTransport()
    sender_over(memory).send_due()
    time.move(days=5)
    [invitation, reminder] = (memory.sent + remind(sender_over))[-2:]
    links: Links = app.extensions["feedback_links"]
    assert "Still one short question" in reminder.subject
    assert "Still one short question" not in invitation.subject
    for link in (links.answer(first.id), links.unsubscribe(first.id)):
        assert link in reminder.text
    assert reminder.html is not None
    assert links.trap(first.id) in reminder.html
    headers = dict(reminder.headers)
    assert headers["In-Reply-To"] == headers["References"] == invitation.message_id
    assert headers["List-Unsubscribe"] == f"<{links.unsubscribe(first.id)}>"
    assert reminder.message_id.startswith(f"<reminder.{first.id}.")
    assert reminder.envelope_from == invitation.envelope_from
    assert "In-Reply-To" not in dict(invitation.headers)


def test_one_reminder_at_most(session: Session, survey: Survey, sender_over: MakeSender, time: Clock) -> None:
    invitation = make_asked(session, survey)
    assert [mail.to.address for mail in remind(sender_over)] == ["dana@harrow.example"]
    for _ in range(5):
        time.move(days=1)
        assert remind(sender_over) == []
    [reminder] = reminders(session)
    assert (reminder.invitation_id, reminder.state, reminder.sent_at) == (invitation.id, State.SENT, NOON)
    assert session.get_one(Invitation, invitation.id).state == State.SENT


@pytest.mark.parametrize(
    ("age", "count"),
    [
        (timedelta(days=5), 1),
        (timedelta(days=5) - timedelta(seconds=1), 0),
        (timedelta(days=8) - timedelta(seconds=1), 1),
        (timedelta(days=8), 0),  # switching reminders on does not mail everybody who was ever asked
    ],
)
def test_only_what_has_just_become_old_enough_is_repeated(
    age: timedelta, count: int, session: Session, survey: Survey, sender_over: MakeSender
) -> None:
    make_asked(session, survey, sent_at=NOON - age)
    assert len(remind(sender_over)) == count


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (State.SENT, 1),
        (State.DELIVERED, 1),
        (State.UNCERTAIN, 0),
        (State.BOUNCED, 0),
        (State.COMPLAINED, 0),
        (State.CANCELLED, 0),
        (State.ANSWERED, 0),
    ],
)
def test_only_what_was_sent_is_repeated(
    state: State, count: int, session: Session, survey: Survey, sender_over: MakeSender
) -> None:
    make_asked(session, survey, state=state)
    assert len(remind(sender_over)) == count
    assert len(reminders(session)) == count


@pytest.mark.parametrize(
    "given", [{"reminder_days": None}, {"state": SurveyState.PAUSED}, {"state": "closed"}]
)
def test_surveys_that_do_not_remind_or_are_not_open_repeat_nothing(
    given: dict[str, Any], session: Session, sender_over: MakeSender
) -> None:
    make_asked(session, make_survey(session, **{"reminder_days": 5} | given))
    assert remind(sender_over) == []
    assert reminders(session) == []


def test_an_unconfirmed_rating_does_not_stop_the_reminder(
    session: Session, survey: Survey, sender_over: MakeSender
) -> None:
    invitation = make_asked(session, survey)
    make_response(session, survey_id=survey.id, invitation_id=invitation.id, state="unconfirmed")
    assert len(remind(sender_over)) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"answered_at": NOON, "state": State.ANSWERED}, "Answered before it was sent."),
        ({"state": State.BOUNCED}, "The invitation is bounced."),
    ],
)
def test_what_happens_before_it_goes_out_still_stops_it(
    values: dict[str, Any],
    reason: str,
    session: Session,
    survey: Survey,
    sender_over: MakeSender,
    time: Clock,
) -> None:
    invitation = make_asked(session, survey)
    schedule_reminders.run()
    with transaction(session):
        for name, value in values.items():
            setattr(session.get_one(Invitation, invitation.id), name, value)
    assert remind(sender_over) == []
    assert [(one.state, one.reason) for one in reminders(session)] == [(State.CANCELLED, reason)]


def test_somebody_on_the_suppression_list_is_not_reminded(
    app: Flask, session: Session, survey: Survey, sender_over: MakeSender
) -> None:
    make_asked(session, survey)
    with transaction(session):
        known = app.extensions["feedback_vault"].address_hash("dana@harrow.example")
        suppress(session, known, SuppressionReason.COMPLAINED, now=NOON)
    assert remind(sender_over) == []
    assert reminders(session)[0].reason == "The person reported a mail of ours as spam."


def test_unsubscribing_cancels_the_reminder_too(
    app: Flask, session: Session, survey: Survey, time: Clock
) -> None:
    dana = make_person(session, email="dana@harrow.example")
    asked = make_asked(session, survey, person_id=dana.id)
    elsewhere = make_asked(session, make_survey(session, reminder_days=5), person_id=dana.id)
    make_asked(session, survey, "ada")
    schedule_reminders.run()
    unsubscribe(session, asked.id, Scope.SURVEY, vault=app.extensions["feedback_vault"], now=NOON)
    states = {one.invitation_id: one.state for one in reminders(session)}
    assert Counter(states.values()) == {State.CANCELLED: 1, State.SCHEDULED: 2}
    assert (states[asked.id], states[elsewhere.id]) == (State.CANCELLED, State.SCHEDULED)
    unsubscribe(session, asked.id, Scope.ALL, vault=app.extensions["feedback_vault"], now=NOON)
    assert {one.state for one in reminders(session) if one.person_id == dana.id} == {State.CANCELLED}


def test_a_reminder_keeps_the_persons_hours(
    session: Session, survey: Survey, sender_over: MakeSender, time: Clock
) -> None:
    ada = make_person(session, email="ada@harrow.example", time_zone="Asia/Tokyo")
    make_asked(session, survey, person_id=ada.id, window=OFFICE)
    assert remind(sender_over) == []  # Friday noon in London is 21:00 in Tokyo
    [reminder] = reminders(session)
    monday = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert (reminder.due_at, reminder.expires_at) == (monday, monday + timedelta(hours=72))
    time.now = monday
    assert len(remind(sender_over)) == 1


def test_a_reminder_and_an_invitation_never_go_to_one_person_at_once(
    session: Session, survey: Survey, sender_over: MakeSender, time: Clock
) -> None:
    dana = make_person(session, email="dana@harrow.example")
    make_asked(session, survey, person_id=dana.id)
    schedule_reminders.run()
    other = make_survey(session, throttle_days=0)
    make_due(session, person_id=dana.id, survey_id=other.id, expires_at=NOON + timedelta(days=9))
    seen: list[list[str]] = []

    class Watching(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            if not seen:
                seen.append([])
                sender_over(inner := MemoryTransport()).send_due()  # another worker, in the middle of ours
                seen[0].extend(one.message_id for one in inner.sent)
            return super().send(mail, before_final_dot=before_final_dot)

    watching = Watching()
    with transaction(session):
        keep_fact(session, OVERALL_FACT, 0)
    sender_over(watching).send_due()
    assert seen == [[]]
    assert [mail.message_id.partition(".")[0] for mail in watching.sent] == ["<survey", "<reminder"]


def test_a_reminder_that_is_put_off_or_refused_is_no_matter_of_the_invitation(
    session: Session, survey: Survey, sender_over: MakeSender, time: Clock
) -> None:
    invitation = make_asked(session, survey)
    memory = MemoryTransport(trouble=TryLater("Busy", code=451, text="4.7.1 greylisted"))
    remind(sender_over, memory)
    assert [(one.state, one.attempts) for one in reminders(session)] == [(State.SCHEDULED, 1)]
    memory.trouble = Refused("No such user", code=550, text="5.1.1 unknown")
    time.move(minutes=2)
    remind(sender_over, memory)
    assert [(one.state, one.attempts) for one in reminders(session)] == [(State.BOUNCED, 2)]
    assert session.scalar(select(Suppression.reason)) == SuppressionReason.BOUNCED
    assert session.get_one(Invitation, invitation.id).state == State.SENT


def test_a_reminder_without_an_answer_after_the_dot_is_uncertain(
    session: Session, survey: Survey, sender_over: MakeSender, time: Clock
) -> None:
    make_asked(session, survey)

    class Died(BaseException):
        pass

    with pytest.raises(Died):
        remind(sender_over, MemoryTransport(trouble=Died()))  # type: ignore[arg-type]
    time.move(minutes=12)
    assert remind(sender_over) == []
    assert reminders(session)[0].state == State.UNCERTAIN


def test_more_reminders_than_a_batch_are_all_scheduled(
    session: Session, survey: Survey, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback_app.invitations.jobs.REMINDERS", 2)
    for number in range(5):
        make_asked(session, survey, f"p{number}")
    make_asked(session, make_survey(session, reminder_days=5), "other")
    schedule_reminders.run()
    assert len(reminders(session)) == 6


def test_workers_share_the_reminders_without_a_double(
    app: Flask, session: Session, survey: Survey, time: Clock
) -> None:
    for number in range(20):
        make_asked(session, survey, f"p{number}")
    memory = app.extensions["feedback_transport"] = MemoryTransport()

    def work(_worker: int) -> None:
        with app.app_context():
            schedule_reminders.run()
            sender().send_due(limit=3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert Counter(mail.to.address for mail in memory.sent) == {f"p{n}@harrow.example": 1 for n in range(20)}
