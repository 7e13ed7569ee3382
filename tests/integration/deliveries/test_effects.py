"""What each report does to the mail and to the address, in whatever order and however often it comes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.deliveries import effects
from feedback_app.deliveries.effects import SOFT_BOUNCE_DAYS, apply_stored
from feedback_app.deliveries.jobs import apply_reports
from feedback_app.deliveries.models import MailEvent, MailEventState, MailOutcome
from feedback_app.deliveries.queries import due_reports
from feedback_app.deliveries.reports import MailReport
from feedback_app.deliveries.services import receive_reports
from feedback_app.invitations.models import Invitation, InvitationState, Reminder
from feedback_app.mail.tracing import message_id
from feedback_app.people.models import Person, Suppression
from feedback_app.people.services import lift_suppression
from tests.conftest import NOON, SECRET
from tests.factories import keep, make_invitation, make_person, make_user

Tell = Callable[..., MailEvent]
State = InvitationState


def state_of(session: Session, invitation: Invitation) -> str:
    session.refresh(invitation)
    return invitation.state


def suppressed(session: Session) -> list[tuple[str, str]]:
    """Address hash and reason of everything on the list."""
    rows = session.execute(select(Suppression.address_hash, Suppression.reason).order_by(Suppression.id))
    return [(address_hash, reason) for address_hash, reason in rows]


def hash_of(session: Session, invitation: Invitation) -> str:
    key = session.get_one(Person, invitation.person_id).email_key
    assert key is not None
    hashed: str = current_app.extensions["feedback_vault"].address_hash(key)
    return hashed


def make_reminder(session: Session, invitation: Invitation, **given: Any) -> Reminder:
    defaults = {
        "invitation_id": invitation.id,
        "survey_id": invitation.survey_id,
        "person_id": invitation.person_id,
        "created_at": NOON,
        "changed_at": NOON,
        "due_at": NOON,
        "expires_at": NOON + timedelta(days=3),
    }
    return keep(session, Reminder(**defaults | given))


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (MailOutcome.DELIVERED, State.DELIVERED, None),
        (MailOutcome.DEFERRED, State.SENT, None),
        (MailOutcome.BOUNCED_TRANSIENT, State.BOUNCED, None),
        (MailOutcome.BOUNCED_PERMANENT, State.BOUNCED, "bounced"),
        (MailOutcome.COMPLAINED, State.COMPLAINED, "complained"),
        (MailOutcome.UNSUBSCRIBED, State.SENT, "unsubscribed"),
        (MailOutcome.REJECTED, State.FAILED, None),
    ],
)
def test_each_outcome_does_what_its_table_says(
    session: Session, tell: Tell, outcome: MailOutcome, state: State, reason: str | None
) -> None:
    invitation = make_invitation(session)
    event = tell(outcome, invitation=str(invitation.id), recipient=email_of(session, invitation))
    assert (event.state, event.invitation_id, event.try_at) == (MailEventState.DONE, invitation.id, None)
    assert state_of(session, invitation) == state
    assert suppressed(session) == ([(hash_of(session, invitation), reason)] if reason else [])


def email_of(session: Session, invitation: Invitation) -> str:
    return session.get_one(Person, invitation.person_id).email or ""


def test_a_mail_refused_for_an_old_bounce_suppresses_too(session: Session, tell: Tell) -> None:
    invitation = make_invitation(session)
    tell(MailOutcome.REJECTED, invitation=str(invitation.id), is_old_bounce=True)
    assert suppressed(session) == [(hash_of(session, invitation), "bounced")]
    assert state_of(session, invitation) == State.FAILED


def test_what_is_scheduled_for_the_person_is_cancelled_with_it(session: Session, tell: Tell) -> None:
    invitation = make_invitation(session)
    waiting = make_invitation(session, person_id=invitation.person_id, sent_at=None)
    reminder = make_reminder(session, invitation)
    other = make_invitation(session, sent_at=None)
    tell(MailOutcome.BOUNCED_PERMANENT, invitation=str(invitation.id), detail="5.1.1")
    session.refresh(reminder)
    assert (state_of(session, waiting), reminder.state) == (State.CANCELLED, State.CANCELLED)
    assert waiting.reason == "mail to the address came back"
    assert state_of(session, other) == State.SCHEDULED
    assert invitation.reason == "It came back: the address does not take mail (postmark: 5.1.1)."


def test_a_delivery_never_takes_anything_back(session: Session, tell: Tell) -> None:
    for state in (State.BOUNCED, State.COMPLAINED, State.ANSWERED, State.FAILED):
        invitation = make_invitation(session, state=state)
        tell(MailOutcome.DELIVERED, invitation=str(invitation.id))
        assert state_of(session, invitation) == state


def test_a_bounce_after_an_answer_leaves_the_answer_and_stops_the_mail(session: Session, tell: Tell) -> None:
    invitation = make_invitation(session, state=State.ANSWERED)
    tell(MailOutcome.BOUNCED_PERMANENT, invitation=str(invitation.id))
    assert state_of(session, invitation) == State.ANSWERED
    assert suppressed(session) == [(hash_of(session, invitation), "bounced")]


def test_a_delay_is_a_note_that_the_delivery_takes_away(session: Session, tell: Tell) -> None:
    invitation = make_invitation(session)
    tell(MailOutcome.DEFERRED, invitation=str(invitation.id), detail="4.4.1")
    session.refresh(invitation)
    assert invitation.reason == "Delayed on the way to the mailbox (postmark: 4.4.1)."
    tell(MailOutcome.DELIVERED, invitation=str(invitation.id))
    session.refresh(invitation)
    assert (invitation.state, invitation.reason) == (State.DELIVERED, "")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (MailOutcome.DELIVERED, State.DELIVERED),
        (MailOutcome.DEFERRED, State.SENT),
        (MailOutcome.BOUNCED_TRANSIENT, State.BOUNCED),
        (MailOutcome.COMPLAINED, State.COMPLAINED),
        (MailOutcome.REJECTED, State.FAILED),
    ],
)
def test_uncertain_mail_is_settled(session: Session, tell: Tell, outcome: MailOutcome, state: State) -> None:
    marked = NOON - timedelta(minutes=20)
    invitation = make_invitation(session, state=State.UNCERTAIN, sent_at=None, marked_at=marked)
    tell(outcome, invitation=str(invitation.id))
    assert state_of(session, invitation) == state
    assert invitation.sent_at == marked  # it counts as sent when it went out


def test_three_transient_bounces_in_a_month_suppress_the_address(session: Session, tell: Tell) -> None:
    person = make_person(session)
    for number, days in enumerate((-1, 1, SOFT_BOUNCE_DAYS - 1, SOFT_BOUNCE_DAYS)):
        invitation = make_invitation(session, person_id=person.id)
        at = NOON + timedelta(days=days)
        tell(MailOutcome.BOUNCED_TRANSIENT, invitation=str(invitation.id), at=at)
        assert len(suppressed(session)) == (number == 3), f"after day {days}"  # the first is too long ago
    assert suppressed(session) == [(hash_of(session, invitation), "bounced")]


def test_whoever_staff_let_be_written_to_again_may_bounce_anew(session: Session, tell: Tell) -> None:
    person = make_person(session)

    def bounce(day: int) -> int:
        invitation = make_invitation(session, person_id=person.id)
        tell(MailOutcome.BOUNCED_TRANSIENT, invitation=str(invitation.id), at=NOON + timedelta(days=day))
        return len(suppressed(session))

    assert [bounce(day) for day in (1, 2, 3)] == [0, 0, 1]
    entry = session.scalars(select(Suppression)).one()
    lifted_at = NOON + timedelta(days=4)
    lift_suppression(
        session, entry.id, reason="They wrote to us.", user_id=make_user(session).id, now=lifted_at
    )
    assert [bounce(day) for day in (5, 6, 7)] == [0, 0, 1]


def test_a_repeated_report_counts_once(session: Session, tell: Tell) -> None:
    invitation = make_invitation(session)
    for _ in range(4):
        tell(MailOutcome.BOUNCED_TRANSIENT, invitation=str(invitation.id), key="postmark:the same")
    assert suppressed(session) == []
    assert len(session.scalars(select(MailEvent)).all()) == 1


def test_a_report_names_a_mail_by_the_server_s_name_or_by_our_message_id(
    session: Session, tell: Tell
) -> None:
    named = make_invitation(session, remote_id="3f1c9a52")
    tell(MailOutcome.DELIVERED, remote_id="3f1c9a52", recipient=email_of(session, named))
    assert state_of(session, named) == State.DELIVERED
    ours = make_invitation(session)
    tell(MailOutcome.DELIVERED, message_id=message_id(ours.id, "survey", "x.example", SECRET))
    assert state_of(session, ours) == State.DELIVERED


@pytest.mark.parametrize("outcome", [MailOutcome.BOUNCED_PERMANENT, MailOutcome.COMPLAINED])
def test_a_report_about_a_reminder_settles_the_reminder(
    session: Session, tell: Tell, outcome: MailOutcome
) -> None:
    invitation = make_invitation(session, state=State.DELIVERED)
    reminder = make_reminder(session, invitation, state=State.UNCERTAIN, marked_at=NOON, remote_id="R1")
    tell(outcome, invitation=str(invitation.id), remote_id="R1")
    session.refresh(reminder)
    is_complaint = outcome is MailOutcome.COMPLAINED
    assert reminder.state == (State.COMPLAINED if is_complaint else State.BOUNCED)
    assert state_of(session, invitation) == (State.COMPLAINED if is_complaint else State.DELIVERED)
    assert len(suppressed(session)) == 1


@pytest.mark.parametrize(
    "clues",
    [
        {"recipient": "somebody.else@customer.example"},
        {"recipient": "no address at all"},
        {"invitation": "99999999999999999999"},
        {"invitation": "12 OR 1=1"},
        {"invitation": "١"},
        {"message_id": "<survey.1.000000000000000000000000@x.example>"},
        {"remote_id": "unknown"},
    ],
)
def test_a_foreign_or_forged_report_changes_nothing(
    session: Session, tell: Tell, clues: dict[str, str]
) -> None:
    invitation = make_invitation(session)
    named = {"invitation": str(invitation.id)} if "recipient" in clues else {}
    event = tell(MailOutcome.COMPLAINED, **named | clues)
    assert (event.state, event.invitation_id) == (MailEventState.UNMATCHED, None)
    assert event.problem.startswith("It names")
    assert (state_of(session, invitation), suppressed(session)) == (State.SENT, [])


def test_a_report_about_a_mail_that_never_left_changes_nothing(session: Session, tell: Tell) -> None:
    for state in (State.SCHEDULED, State.CANCELLED, State.EXPIRED):
        invitation = make_invitation(session, state=state, sent_at=None)
        event = tell(MailOutcome.REJECTED, invitation=str(invitation.id), is_old_bounce=True)
        assert event.problem == "It names a mail that we have not sent."
        assert (state_of(session, invitation), suppressed(session)) == (state, [])


def test_a_report_that_beats_our_commit_is_acted_on_after_it(session: Session, tell: Tell) -> None:
    lease = NOON + timedelta(minutes=11)
    invitation = make_invitation(
        session, state=State.SENDING, sent_at=None, marked_at=NOON, lease_until=lease
    )
    event = tell(MailOutcome.DELIVERED, invitation=str(invitation.id))
    assert (event.state, event.problem) == (MailEventState.UNMATCHED, "The mail is just being sent.")
    assert event.try_at == NOON + timedelta(seconds=5)
    with transaction(session):
        row = session.get_one(Invitation, invitation.id)
        row.state, row.sent_at = State.SENT, NOON
    assert again(session, event, NOON + timedelta(seconds=5)) == 0
    assert (state_of(session, invitation), event.state) == (State.DELIVERED, MailEventState.DONE)


def test_a_bounce_that_beats_our_commit_stops_mail_at_once(session: Session, tell: Tell) -> None:
    invitation = make_invitation(session, state=State.SENDING, sent_at=None, marked_at=NOON, lease_until=NOON)
    tell(MailOutcome.BOUNCED_PERMANENT, invitation=str(invitation.id))
    assert state_of(session, invitation) == State.BOUNCED
    assert suppressed(session) == [(hash_of(session, invitation), "bounced")]


def again(session: Session, event: MailEvent, at: Any) -> int:
    """How many reports still wait after another try."""
    vault = current_app.extensions["feedback_vault"]
    waiting = apply_stored(session, [event.id], vault=vault, secrets=(SECRET,), now=at)
    session.refresh(event)
    return waiting


def test_what_fits_nothing_is_tried_for_a_day_and_then_left_listed(session: Session, tell: Tell) -> None:
    event = tell(MailOutcome.DELIVERED, remote_id="not ours yet")
    waits = []
    while event.try_at is not None:
        waits.append(event.try_at)
        assert again(session, event, event.try_at) == 1
        assert len(waits) < 30
    assert waits[0] == NOON + timedelta(seconds=5)
    assert waits[-1] >= NOON + timedelta(hours=24)
    assert event.state == MailEventState.UNMATCHED
    assert again(session, event, waits[-1] + timedelta(days=1)) == 0  # not even looked at


def test_a_name_that_a_server_gave_twice_means_the_mail_to_that_address(session: Session, tell: Tell) -> None:
    first, second = (make_invitation(session, remote_id="4F3D1A") for _ in range(2))
    tell(MailOutcome.DELIVERED, remote_id="4F3D1A", recipient=email_of(session, first))
    assert (state_of(session, first), state_of(session, second)) == (State.DELIVERED, State.SENT)


def test_an_erased_person_s_bounce_settles_nothing_else(session: Session, tell: Tell) -> None:
    person = make_person(session, email=None)
    invitation = make_invitation(session, person_id=person.id)
    tell(MailOutcome.BOUNCED_PERMANENT, invitation=str(invitation.id))
    assert (state_of(session, invitation), suppressed(session)) == (State.BOUNCED, [])


def test_a_report_that_we_choke_on_costs_the_others_nothing(
    session: Session, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitations = [make_invitation(session) for _ in range(3)]
    vault = current_app.extensions["feedback_vault"]
    made = [MailReport(MailOutcome.DELIVERED, f"ses:{one.id}", invitation=str(one.id)) for one in invitations]
    receive_reports(session, "ses", None, made, vault=vault, now=NOON)
    advance = effects._advance

    def choke(session: Session, mailed: Any, *rest: Any) -> None:
        if mailed.row_id == invitations[1].id:
            raise ZeroDivisionError
        advance(session, mailed, *rest)

    monkeypatch.setattr(effects, "_advance", choke)
    apply_reports.run()
    assert [state_of(session, one) for one in invitations] == [State.DELIVERED, State.SENT, State.DELIVERED]
    events = session.scalars(select(MailEvent).order_by(MailEvent.id)).all()
    assert [event.state for event in events] == ["done", "unreadable", "done"]
    assert (events[1].problem, events[1].try_at) == ("We could not act on it (ZeroDivisionError).", None)


def test_bounces_and_complaints_do_not_queue_behind_deliveries(session: Session, tell: Tell) -> None:
    events = [tell(outcome, remote_id="?") for outcome in (MailOutcome.DELIVERED, MailOutcome.COMPLAINED)]
    assert due_reports(NOON + timedelta(minutes=1), 10) == [events[1].id, events[0].id]
    assert due_reports(NOON, 10) == []


OUTCOMES = st.sampled_from(
    [
        outcome
        for outcome in MailOutcome
        if outcome
        in set(MailOutcome)
        - {MailOutcome.IGNORED, MailOutcome.AUTO_REPLY_IGNORED, MailOutcome.SUBSCRIPTION_CONFIRMATION}
    ]
)


@settings(max_examples=12)
@given(st.lists(OUTCOMES, min_size=2, max_size=5), st.randoms())
def test_the_order_of_reports_decides_nothing_about_whom_we_write_to(
    session: Session, tell: Tell, outcomes: list[MailOutcome], random: Any
) -> None:
    results = []
    for order in (outcomes, random.sample(outcomes, len(outcomes))):
        with transaction(session):
            session.execute(delete(Suppression))
            session.execute(delete(MailEvent))
        invitation = make_invitation(session)
        for number, outcome in enumerate(order):
            tell(outcome, invitation=str(invitation.id), key=f"{invitation.id}:{number}")
        results.append(sorted(reason for _, reason in suppressed(session)))
        bad = {MailOutcome.BOUNCED_PERMANENT, MailOutcome.BOUNCED_TRANSIENT, MailOutcome.COMPLAINED}
        if bad & set(order):
            assert state_of(session, invitation) not in (State.SENT, State.DELIVERED)
    assert results[0] == results[1]
