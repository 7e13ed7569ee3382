"""Due invitations go out once, over a real SMTP server where its behaviour matters."""

import email
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import DatabaseBusy
from feedback_app.invitations import attempts
from feedback_app.invitations.attempts import wait_after
from feedback_app.invitations.checks import House
from feedback_app.invitations.claims import claim
from feedback_app.invitations.jobs import send_due_invitations, sender
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.pausing import pause_of
from feedback_app.invitations.sending import Sender
from feedback_app.invitations.throttle import OVERALL_FACT
from feedback_app.invitations.unsubscribing import Scope, unsubscribe
from feedback_app.links import Links
from feedback_app.mail.results import Accepted, SenderTrouble, Transport, TryLater
from feedback_app.mail.transports import MemoryTransport, SmtpTransport
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.workspace import keep_fact
from tests.factories import NOON, make_invitation, make_person, make_survey
from tests.integration.invitations.conftest import Clock, PickyPost, make_due
from tests.integration.mail.mail_server import authenticate, mail_server

MakeSender = Callable[[Transport], Sender]


class Server:
    """Both ends: the SMTP server that a test looks at, and the transport that leads there."""

    def __init__(self, post: PickyPost, port: int) -> None:
        self.post = post
        self.transport = SmtpTransport(f"smtp://127.0.0.1:{port}?reply_timeout=2&final_timeout=1")


@pytest.fixture
def server() -> Any:
    post = PickyPost()
    with mail_server(post) as port:
        made = Server(post, port)
        yield made
        made.transport.close()


def states(session: Session) -> dict[int, str]:
    session.rollback()
    return {row.id: row.state for row in session.execute(select(Invitation.id, Invitation.state))}


def row(session: Session, invitation: Invitation) -> Invitation:
    session.rollback()
    return session.get_one(Invitation, invitation.id)


def vault_of(app: Flask) -> Vault:
    vault: Vault = app.extensions["feedback_vault"]
    return vault


def change(session: Session, model: Any, **values: Any) -> None:
    with transaction(session):
        session.execute(update(model).values(**values))


def test_a_due_invitation_arrives_as_a_whole_mail(
    app: Flask, session: Session, server: Server, sender_over: MakeSender
) -> None:
    dana = make_person(session, email="dana@harrow.example", name="Dana Whitfield", locale="de-AT")
    survey = make_survey(
        session, metric_key="ces", brand="Northlight", sender_name="Priya", reply_to="help@northlight.example"
    )
    context = {"agent": "Priya Raman", "topic": "Wrong seat count"}
    invitation = make_due(session, person_id=dana.id, survey_id=survey.id, context=context)
    sender_over(server.transport).send_due()
    [envelope] = server.post.messages
    mail = email.message_from_bytes(envelope.content, policy=policy.default)
    links: Links = app.extensions["feedback_links"]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("surveys@northlight.example", ["dana@harrow.example"])
    assert (mail["From"], mail["To"], mail["Reply-To"]) == (
        "Priya <surveys@northlight.example>",
        "Dana Whitfield <dana@harrow.example>",
        "help@northlight.example",
    )
    assert mail["List-Unsubscribe"] == f"<{links.unsubscribe(invitation.id)}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for rating in range(1, 8):
        assert f"{links.answer(invitation.id)}?rating={rating}" in text
        assert f"{links.answer(invitation.id)}?rating={rating}" in html
    assert 'lang="de"' in html
    assert "Wrong seat count" in text
    assert (row(session, invitation).state, row(session, invitation).sent_at) == (State.SENT, NOON)


def test_what_is_not_yet_due_waits(session: Session, sender_over: MakeSender, time: Clock) -> None:
    make_due(session, due_at=NOON + timedelta(seconds=1))
    memory = MemoryTransport()
    sender_over(memory).send_due()
    assert memory.sent == []
    time.move(seconds=1)
    sender_over(memory).send_due()
    assert len(memory.sent) == 1


def test_nothing_is_sent_twice_however_often_the_job_runs(session: Session, sender_over: MakeSender) -> None:
    for name in ("dana", "ada", "eli"):
        make_due(session, name)
    memory = MemoryTransport()
    for _ in range(3):
        sender_over(memory).send_due(limit=2)
    assert sorted(mail.to.address for mail in memory.sent) == [
        "ada@harrow.example",
        "dana@harrow.example",
        "eli@harrow.example",
    ]


def test_a_retry_has_the_same_message_id_and_links(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    make_due(session)
    memory = MemoryTransport(trouble=TryLater("Busy", code=451, text="4.7.1 greylisted"))
    first = sender_over(memory).mailing
    seen = []
    make_mail = first.mail
    first.mail = lambda due, now: seen.append(made := make_mail(due, now)) or made  # type: ignore[method-assign,func-returns-value]
    sender_over(memory).send_due()
    memory.trouble = None
    time.move(minutes=1.2)
    sender_over(memory).send_due()
    assert len({(mail.message_id, mail.text, mail.envelope_from) for mail in seen}) == 1
    assert len(seen) == 2


def test_greylisting_is_tried_again_and_delays_nobody_else(
    session: Session, server: Server, sender_over: MakeSender, time: Clock
) -> None:
    dana, ada = make_due(session, "dana"), make_due(session, "ada")
    server.post.answers["dana@harrow.example"] = "451 4.7.1 greylisted, try again"
    sender_over(server.transport).send_due()
    assert states(session) == {dana.id: State.SCHEDULED, ada.id: State.SENT}
    assert (row(session, dana).attempts, row(session, dana).due_at) == (1, NOON + wait_after(1, dana.id))
    server.post.answers.clear()
    time.move(minutes=1.2)
    sender_over(server.transport).send_due()
    assert server.post.got == ["ada@harrow.example", "dana@harrow.example"]
    assert row(session, dana).state == State.SENT


def test_later_is_said_for_a_day_and_then_it_has_failed(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    invitation = make_due(session)
    memory = MemoryTransport(trouble=TryLater("Busy", code=451, text="4.7.1 greylisted"))
    tries = 0
    while row(session, invitation).state == State.SCHEDULED:
        time.now = row(session, invitation).due_at
        sender_over(memory).send_due()
        tries += 1
    failed = row(session, invitation)
    assert (tries, failed.attempts, failed.state) == (28, 28, State.FAILED)
    assert time.now == NOON + sum((wait_after(n, invitation.id) for n in range(1, 28)), timedelta())
    assert timedelta(hours=22) < time.now - NOON < timedelta(hours=26)
    assert failed.reason == "Given up after 28 attempts. Busy (the server said 451 4.7.1)."


def test_an_address_that_does_not_exist_bounces_and_gets_no_more_mail(
    app: Flask, session: Session, server: Server, sender_over: MakeSender
) -> None:
    dana, ada = make_due(session, "dana"), make_due(session, "ada")
    server.post.answers["dana@harrow.example"] = "550 5.1.1 no such user"
    sender_over(server.transport).send_due()
    assert states(session) == {dana.id: State.BOUNCED, ada.id: State.SENT}
    [kept] = session.scalars(select(Suppression))
    assert (kept.address_hash, kept.reason) == (
        vault_of(app).address_hash("dana@harrow.example"),
        SuppressionReason.BOUNCED,
    )
    assert "dana" not in row(session, dana).reason


def test_a_refusal_for_another_reason_bounces_and_suppresses_nobody(
    session: Session, server: Server, sender_over: MakeSender
) -> None:
    invitation = make_due(session)
    server.post.message_answer = "554 5.7.1 looks like spam"
    sender_over(server.transport).send_due()
    assert row(session, invitation).state == State.BOUNCED
    assert session.scalar(select(Suppression)) is None


def test_a_refused_login_pauses_the_sender_and_burns_no_attempt(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    made = [make_due(session, name) for name in ("dana", "ada", "eli")]
    post = PickyPost()
    options = {"auth_required": True, "auth_require_tls": False, "authenticator": authenticate}
    with mail_server(post, **options) as port:
        wrong = SmtpTransport(f"smtp://feedback:wrong@127.0.0.1:{port}?starttls=off")
        sender_over(wrong).send_due()
        assert set(states(session).values()) == {State.SCHEDULED}
        assert [row(session, one).attempts for one in made] == [0, 0, 0]
        assert row(session, made[0]).due_at == NOON
        paused = pause_of(session)
        assert paused is not None
        assert "name or password" in paused.reason
        assert (paused.until, paused.times) == (NOON + timedelta(minutes=1), 1)
        right = SmtpTransport(f"smtp://feedback:let%20me%20in@127.0.0.1:{port}?starttls=off")
        sender_over(right).send_due()
        assert post.got == []  # the pause holds
        time.move(minutes=1)
        sender_over(right).send_due()
        right.close()
    assert len(post.got) == 3
    session.rollback()
    assert pause_of(session) is None


def test_a_pause_grows_while_the_trouble_lasts(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    make_due(session, expires_at=NOON + timedelta(days=30))
    memory = MemoryTransport(trouble=SenderTrouble("Refused", code=535))
    waits = []
    for _ in range(6):
        sender_over(memory).send_due()
        session.rollback()
        paused = pause_of(session)
        assert paused is not None
        waits.append((paused.until - time.now).total_seconds() / 60)
        time.now = paused.until
    assert (waits, paused.since) == ([1, 5, 15, 30, 30, 30], NOON)


def test_a_server_that_is_down_costs_the_others_no_attempt(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    dana, ada = make_due(session, "dana"), make_due(session, "ada")
    memory = MemoryTransport(trouble=TryLater("Cannot be reached", is_server_down=True))
    sender_over(memory).send_due()
    assert (row(session, dana).attempts, row(session, ada).attempts) == (1, 0)
    assert set(states(session).values()) == {State.SCHEDULED}
    memory.trouble = None
    time.move(minutes=1.2)
    sender_over(memory).send_due()
    assert len(memory.sent) == 2


@pytest.mark.parametrize(
    "fault", ["hang up after the dot", "fall silent after the dot", "talk nonsense after the dot"]
)
def test_no_answer_after_the_dot_is_uncertain_and_never_sent_again(
    fault: str, session: Session, server: Server, sender_over: MakeSender, time: Clock
) -> None:
    invitation = make_due(session)
    server.post.fault = fault
    sender_over(server.transport).send_due()
    assert row(session, invitation).state == State.UNCERTAIN
    assert row(session, invitation).marked_at == NOON
    server.post.fault = ""
    for _ in range(5):
        time.move(hours=20)
        sender_over(server.transport).send_due()
    assert server.post.got == []
    assert row(session, invitation).state == State.UNCERTAIN


def test_a_connection_lost_before_the_dot_is_tried_again(
    session: Session, server: Server, sender_over: MakeSender, time: Clock
) -> None:
    invitation = make_due(session)
    server.post.fault = "hang up before the dot"
    sender_over(server.transport).send_due()
    assert (row(session, invitation).state, row(session, invitation).marked_at) == (State.SCHEDULED, None)
    server.post.fault = ""
    time.move(minutes=1.2)
    sender_over(server.transport).send_due()
    assert len(server.post.got) == 1


def test_a_claim_without_marker_is_sent_again_when_its_lease_has_ended(
    app: Flask, session: Session, sender_over: MakeSender, time: Clock
) -> None:
    invitation = make_due(session)
    house = House(vault_of(app).address_hash, ZoneInfo("UTC"))
    claim(session, Kind.SURVEY, 10, house=house, now=NOON)  # and that worker dies
    memory = MemoryTransport()
    time.move(seconds=59)
    sender_over(memory).send_due()
    assert (memory.sent, row(session, invitation).state) == ([], State.SENDING)
    time.move(seconds=2)
    sender_over(memory).send_due()
    assert (len(memory.sent), row(session, invitation).state) == (1, State.SENT)


def test_a_claim_with_marker_is_uncertain_when_its_lease_has_ended(
    app: Flask, session: Session, sender_over: MakeSender, time: Clock
) -> None:
    invitation = make_due(session)

    class Died(BaseException):
        pass

    with pytest.raises(Died):
        sender_over(MemoryTransport(trouble=Died())).send_due()  # type: ignore[arg-type]
    memory = MemoryTransport()
    time.move(minutes=10)
    sender_over(memory).send_due()
    assert row(session, invitation).state == State.SENDING  # a server may take ten minutes for its answer
    time.move(minutes=2)
    sender_over(memory).send_due()
    assert (memory.sent, row(session, invitation).state) == ([], State.UNCERTAIN)
    assert "between handing the mail over" in row(session, invitation).reason


def test_a_worker_whose_lease_has_ended_does_not_send(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    invitation = make_due(session)

    class Slow(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            time.move(seconds=61)
            quick = MemoryTransport()
            sender_over(quick).send_due()  # another worker takes over in the meantime
            others.extend(quick.sent)
            return super().send(mail, before_final_dot=before_final_dot)

    others: list[Any] = []
    slow = Slow()
    sender_over(slow).send_due()
    assert (len(others), slow.sent) == (1, [])
    assert row(session, invitation).state == State.SENT


def test_slow_messages_do_not_let_the_claims_behind_them_lapse(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    class Slow(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            answer = super().send(mail, before_final_dot=before_final_dot)
            time.move(seconds=40)
            return answer

    for number in range(5):
        make_due(session, f"p{number}")
    slow = Slow()
    sender_over(slow).send_due()
    assert len({mail.to.address for mail in slow.sent}) == len(slow.sent) == 5


def test_the_suppression_list_is_looked_at_again_in_a_slow_batch(
    app: Flask, session: Session, sender_over: MakeSender, time: Clock
) -> None:
    make_due(session, "dana")
    ada = make_due(session, "ada")

    class Slow(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            answer = super().send(mail, before_final_dot=before_final_dot)
            with transaction(session):
                known = vault_of(app).address_hash("ada@harrow.example")
                suppress(session, known, SuppressionReason.UNSUBSCRIBED, now=time.now)
            time.move(seconds=40)
            return answer

    slow = Slow()
    sender_over(slow).send_due()
    assert [mail.to.address for mail in slow.sent] == ["dana@harrow.example"]
    assert (row(session, ada).state, row(session, ada).reason) == (
        State.CANCELLED,
        "The person unsubscribed.",
    )


def test_one_cancelled_in_the_last_moment_is_not_sent(session: Session, sender_over: MakeSender) -> None:
    invitation = make_due(session)

    class Cancelling(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            change(session, Invitation, state=State.CANCELLED)
            return super().send(mail, before_final_dot=before_final_dot)

    transport = Cancelling()
    sender_over(transport).send_due()
    assert (transport.sent, row(session, invitation).state) == ([], State.CANCELLED)


def test_who_unsubscribes_while_a_worker_has_the_mail_in_hand_does_not_get_it(
    app: Flask, session: Session, sender_over: MakeSender, time: Clock
) -> None:
    survey_id, person_id = make_survey(session, name="Effort").id, make_person(session).id
    got = make_invitation(
        session, survey_id=survey_id, person_id=person_id, sent_at=NOON - timedelta(days=40)
    )
    invitation = make_due(session, survey_id=survey_id, person_id=person_id)

    class Leaving(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            unsubscribe(session, got.id, Scope.ALL, vault=vault_of(app), now=time.now)
            return super().send(mail, before_final_dot=before_final_dot)

    transport = Leaving()
    sender_over(transport).send_due()
    assert (transport.sent, row(session, invitation).state) == ([], State.CANCELLED)
    assert row(session, invitation).reason == "unsubscribed by the link in a mail"


def test_a_person_quicker_than_our_commit_stays_answered(session: Session, sender_over: MakeSender) -> None:
    invitation = make_due(session)

    class Quick(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            answer = super().send(mail, before_final_dot=before_final_dot)
            change(session, Invitation, state=State.ANSWERED, answered_at=NOON)
            return answer

    sender_over(Quick()).send_due()
    assert (row(session, invitation).state, row(session, invitation).sent_at) == (State.ANSWERED, NOON)


@pytest.mark.parametrize(
    ("model", "values", "state", "reason"),
    [
        (
            Survey,
            {"state": SurveyState.CLOSED},
            State.CANCELLED,
            "The survey was closed before this was sent.",
        ),
        (Survey, {"state": SurveyState.PAUSED}, State.SCHEDULED, ""),
        (Invitation, {"expires_at": NOON}, State.EXPIRED, "It could not be sent in time."),
        (Invitation, {"answered_at": NOON}, State.ANSWERED, "Answered before it was sent."),
        (Person, {"email": None, "email_key": None}, State.CANCELLED, "The person has no address any more."),
    ],
)
def test_what_happened_since_counts(
    model: Any, values: dict[str, Any], state: State, reason: str, session: Session, sender_over: MakeSender
) -> None:
    invitation = make_due(session)
    change(session, model, **values)
    memory = MemoryTransport()
    sender_over(memory).send_due()
    assert (memory.sent, row(session, invitation).state) == ([], state)
    assert (row(session, invitation).reason, row(session, invitation).due_at) == (reason, NOON)


def test_mail_of_a_paused_survey_waits_until_it_goes_on_or_is_too_late(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    early, late = make_due(session, "dana"), make_due(session, "ada", expires_at=NOON + timedelta(hours=1))
    change(session, Survey, state=SurveyState.PAUSED)
    memory = MemoryTransport()
    time.move(hours=2)
    sender_over(memory).send_due()
    assert states(session) == {early.id: State.SCHEDULED, late.id: State.EXPIRED}
    change(session, Survey, state=SurveyState.OPEN)
    sender_over(memory).send_due()
    assert states(session) == {early.id: State.SENT, late.id: State.EXPIRED}


def test_more_than_a_batch_of_cancelled_ones_does_not_hide_the_rest(
    app: Flask, session: Session, sender_over: MakeSender
) -> None:
    for number in range(5):
        make_due(session, f"p{number}")
    change(session, Survey, state=SurveyState.CLOSED)
    make_due(session, "dana")
    memory = MemoryTransport()
    sender_over(memory).send_due(limit=2)
    assert [mail.to.address for mail in memory.sent] == ["dana@harrow.example"]


def test_two_of_one_person_make_one_mail(session: Session, sender_over: MakeSender) -> None:
    survey, dana = make_survey(session), make_person(session)
    made = [make_due(session, person_id=dana.id, survey_id=survey.id) for _ in range(2)]
    memory = MemoryTransport()
    sender_over(memory).send_due()
    assert len(memory.sent) == 1
    assert row(session, made[1]).state == State.CANCELLED
    assert "because of invitation" in row(session, made[1]).reason


def test_the_throttle_is_looked_at_again_at_sending(session: Session, sender_over: MakeSender) -> None:
    dana = make_person(session)
    make_invitation(session, person_id=dana.id, sent_at=NOON - timedelta(days=2))
    late = make_due(session, person_id=dana.id)
    sender_over(MemoryTransport()).send_due()
    assert row(session, late).state == State.CANCELLED
    with transaction(session):
        keep_fact(session, OVERALL_FACT, 1)
    again = make_due(session, person_id=dana.id)
    sender_over(MemoryTransport()).send_due()
    assert row(session, again).state == State.SENT


def test_one_throttled_for_hours_only_follows_in_time(
    session: Session, sender_over: MakeSender, time: Clock
) -> None:
    dana = make_person(session)
    make_invitation(session, person_id=dana.id, sent_at=NOON - timedelta(days=6, hours=20))
    waiting = make_due(session, person_id=dana.id)
    memory = MemoryTransport()
    sender_over(memory).send_due()
    assert (row(session, waiting).state, row(session, waiting).due_at) == (
        State.SCHEDULED,
        NOON + timedelta(hours=4),
    )
    time.move(hours=4)
    sender_over(memory).send_due()
    assert row(session, waiting).state == State.SENT


def test_a_mail_that_cannot_be_written_fails_alone(session: Session, sender_over: MakeSender) -> None:
    bad = make_due(session, "dana")
    good = make_due(session, "ada")
    with transaction(session):
        session.execute(
            update(Person).where(Person.id == bad.person_id).values(email="a@b.example\nBcc: c@d.example")
        )
    memory = MemoryTransport()
    sender_over(memory).send_due()
    assert states(session) == {bad.id: State.FAILED, good.id: State.SENT}
    assert row(session, bad).reason.startswith("The header")
    assert "b.example" not in row(session, bad).reason


@pytest.mark.parametrize(
    ("is_marked", "state", "attempts_used"), [(False, State.SCHEDULED, 1), (True, State.UNCERTAIN, 1)]
)
def test_a_fault_of_ours_is_tried_again_only_if_the_mail_cannot_have_left(
    is_marked: bool, state: State, attempts_used: int, session: Session, sender_over: MakeSender
) -> None:
    bad, good = make_due(session, "dana"), make_due(session, "ada")

    class Broken(MemoryTransport):
        def send(self, mail: Any, *, before_final_dot: Callable[[], None]) -> Accepted:
            if mail.to.address == "dana@harrow.example":
                if is_marked:
                    before_final_dot()
                raise KeyError("dana@harrow.example")
            return super().send(mail, before_final_dot=before_final_dot)

    sender_over(Broken()).send_due()
    assert states(session) == {bad.id: state, good.id: State.SENT}
    assert (row(session, bad).attempts, row(session, bad).reason) == (
        attempts_used,
        "The mail could not be sent (KeyError).",
    )


def test_a_database_that_is_busy_at_the_marker_sends_nothing(
    session: Session, sender_over: MakeSender, monkeypatch: pytest.MonkeyPatch, time: Clock
) -> None:
    invitation = make_due(session)

    def busy(_session: Session) -> Any:
        raise DatabaseBusy

    memory = MemoryTransport()
    made = sender_over(memory)
    with monkeypatch.context() as patched:
        patched.setattr(attempts, "transaction", busy)
        with pytest.raises(DatabaseBusy):
            made.send_due()
    assert (memory.sent, row(session, invitation).state) == ([], State.SENDING)
    time.move(seconds=61)
    sender_over(memory).send_due()
    assert len(memory.sent) == 1


def test_one_compiled_mail_serves_everybody_until_the_survey_changes(
    session: Session, sender_over: MakeSender
) -> None:
    survey = make_survey(session)
    for name in ("dana", "ada"):
        make_due(session, name, survey_id=survey.id)
    made = sender_over(MemoryTransport())
    made.send_due()
    assert len(made.mailing._compiled) == 1
    change(session, Survey, version=2, brand="Southlight")
    make_due(session, "eli", survey_id=survey.id)
    memory = MemoryTransport()
    sender_over(memory).send_due()
    assert "Southlight" in memory.sent[0].text


def test_ten_workers_share_the_queue_without_a_double(
    app: Flask, session: Session, server: Server, time: Clock
) -> None:
    survey = make_survey(session)
    for number in range(60):
        make_due(session, f"p{number}", survey_id=survey.id)
    app.extensions["feedback_transport"] = server.transport

    def work(_worker: int) -> None:
        with app.app_context():
            sender().send_due(limit=7)
            server.transport.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, range(10)))
    assert Counter(server.post.got) == {f"p{number}@harrow.example": 1 for number in range(60)}
    assert set(states(session).values()) == {State.SENT}


def test_workers_never_write_to_one_person_at_the_same_time(
    app: Flask, session: Session, time: Clock
) -> None:
    survey = make_survey(session)
    for number in range(10):
        person = make_person(session, email=f"p{number}@harrow.example")
        for _ in range(4):
            make_due(session, person_id=person.id, survey_id=survey.id)
    memory = app.extensions["feedback_transport"] = MemoryTransport()

    def work(_worker: int) -> None:
        with app.app_context():
            sender().send_due(limit=3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert Counter(mail.to.address for mail in memory.sent) == {f"p{n}@harrow.example": 1 for n in range(10)}


def test_without_a_mail_server_the_job_fills_the_outbox(app: Flask, session: Session, time: Clock) -> None:
    invitation = make_due(session)
    send_due_invitations.run()
    assert row(session, invitation).state == State.SENT
    assert len(list(app.extensions["feedback_settings"].outbox.glob("*.eml"))) == 1


def test_with_a_bounce_domain_bounces_name_the_invitation(session: Session, sender_over: MakeSender) -> None:
    from dataclasses import replace

    from feedback_app.mail.tracing import read_bounce_address

    invitation = make_due(session)
    memory = MemoryTransport()
    made = sender_over(memory)
    settings = made.mailing._settings
    made.mailing._settings = replace(settings, bounce_domain="bounces.northlight.example")
    made.send_due()
    assert read_bounce_address(memory.sent[0].envelope_from, *settings.secret_keys) == invitation.id


def test_a_sender_that_is_to_stop_ends_after_the_message_at_hand(
    session: Session, sender_over: MakeSender
) -> None:
    kept = MemoryTransport()
    for name in ("ada", "ben", "cho"):
        make_due(session, name)
    sender = sender_over(kept)
    sender.is_stopping = lambda: bool(kept.sent)
    sender.send_due()
    session.rollback()
    rows = session.execute(select(Invitation.state, Invitation.attempts, Invitation.lease_until))
    assert sorted(tuple(row) for row in rows) == [
        (State.SCHEDULED, 0, None),
        (State.SCHEDULED, 0, None),
        (State.SENT, 0, None),
    ]
