"""Mails a second beside a naive loop: first rendering, MIME and SMTP alone, then the whole path with its commits."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from benchmarks.databases import BOTH, SQLITE
from benchmarks.floor.app import open_engine
from benchmarks.load import HOST
from benchmarks.naive import loop
from benchmarks.naive.mail import send_naively
from benchmarks.place import Place
from benchmarks.product import Installation
from benchmarks.report import Goal, Row, ratios, spread
from benchmarks.rows import add_invitations
from benchmarks.sink import RunningSink, sink
from feedback_app.db import db, transaction
from feedback_app.invitations.due import Due
from feedback_app.invitations.jobs import send_due_invitations, sender
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Invitation, InvitationState
from feedback_app.mail.message import OutgoingMail
from feedback_app.mail.survey import PersonValues, SurveyMail
from feedback_app.surveys.mailed import content_of
from feedback_app.surveys.models import Survey

MAILS = 300  # of one side in one round
PERSON = PersonValues(
    name="Dana Whitfield",
    answer_url="https://surveys.example.org/a/1f.kS3vQ1n8xZr7YwPq0bTe4AkS3vQ1n8xZr7YwPq0bTe4A",
    unsubscribe_url="https://surveys.example.org/u/1f.kS3vQ1n8xZr7YwPq0bTe4AkS3vQ1n8xZr7YwPq0bTe4A",
    trap_url="https://surveys.example.org/a/1f.kS3vQ1n8xZr7YwPq0bTe4AkS3vQ1n8xZr7YwPq0bTe4A/more",
)


def measure(place: Place) -> Iterator[Row]:
    """The sending path alone, then with its commits on both databases."""
    with sink() as taking:
        yield sending(place, taking)
        for kind in BOTH:
            yield whole_path(place, kind, taking)


@dataclass(frozen=True)
class Job:
    """What both sides are to send."""

    survey: Survey
    content: SurveyMail
    wanted: OutgoingMail
    port: int

    def send_naively(self) -> None:
        send_naively(self.content, PERSON, self.wanted, self.port)


def sending(place: Place, taking: RunningSink) -> Row:
    """Rendering, MIME and SMTP: no database."""
    with installed(place, SQLITE, "sending", taking).app():
        job = job_of(taking)
        ours = sender()
        letters = [a_due(job.survey, number) for number in range(MAILS)]

        def send() -> None:
            for due in letters:
                mail = ours.mailing.mail(due, datetime.now(UTC))
                ours.transport.send(mail, before_final_dot=lambda: None)

        def send_naively() -> None:
            for _ in letters:
                job.send_naively()

        rates = in_turn(place.rounds, send, send_naively, taking)
        ours.transport.close()
    what = "mail: render, MIME, SMTP: mails/s to the naive loop's"
    return Row(what, "none", ratios(*rates), Goal(">=", 4, aim=6, unit="x"), behind(*rates))


def whole_path(place: Place, kind: str, taking: RunningSink) -> Row:
    """From due rows to sent rows, one thread; the naive loop commits as often."""
    engine = open_engine(place.floor_url(kind, "mail"))
    with installed(place, kind, "mail", taking).app():
        job = job_of(taking)

        def make_due() -> None:
            loop.fill(engine, MAILS)
            with transaction(db.session()) as session:
                add_invitations(session, MAILS, state=InvitationState.SCHEDULED)

        def send_naively() -> None:
            loop.send_all(engine, job.send_naively)

        rates = in_turn(place.rounds, send_due_invitations.run, send_naively, taking, before=make_due)
        sent = select(func.count()).where(Invitation.state == InvitationState.SENT)
        with db.engine.connect() as connection:
            if connection.scalar(sent) != MAILS * (place.rounds + 1):
                raise RuntimeError("not every invitation was sent")
        sender().transport.close()
    engine.dispose()
    what = "mail: whole path with its commits: mails/s to the naive loop's"
    return Row(what, kind, ratios(*rates), Goal(">=", 1, aim=2, unit="x"), behind(*rates))


def in_turn(
    rounds: int,
    ours: Callable[[], object],
    naive: Callable[[], object],
    taking: RunningSink,
    before: Callable[[], object] = lambda: None,
) -> tuple[list[float], list[float]]:
    """Mails per second of both, round by round, after one round that does not count."""
    rates: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        before()
        for side, run in zip(rates, (ours, naive), strict=True):
            already, begun = taking.taken(), time.perf_counter()
            run()
            took = time.perf_counter() - begun
            if taking.taken() - already != MAILS:
                raise RuntimeError(f"{taking.taken() - already} mails arrived, {MAILS} were sent")
            if number:
                side.append(MAILS / took)
    return rates


def installed(place: Place, kind: str, name: str, taking: RunningSink) -> Installation:
    return replace(place.install(kind, name), smtp_url=f"smtp://{HOST}:{taking.port}")


def job_of(taking: RunningSink) -> Job:
    """The installation's survey as a mail, and one mail as the product would make it."""
    survey = db.session().scalars(select(Survey)).one()
    wanted = sender().mailing.mail(a_due(survey, 1), datetime.now(UTC))
    return Job(survey, content_of(survey, "en"), wanted, taking.port)


def a_due(survey: Survey, number: int) -> Due:
    """A claimed invitation to somebody."""
    email = f"person{number}@example.org"
    return Due(
        kind=Kind.SURVEY,
        id=number,
        invitation_id=number,
        invitation_state=InvitationState.SENDING,
        survey_id=survey.id,
        person_id=number,
        context={"agent": "Sam", "topic": "Export fails"},
        window=None,
        attempts=0,
        expires_at=datetime.now(UTC) + timedelta(days=30),
        answered_at=None,
        email=email,
        email_key=email,
        name=PERSON.name,
        locale="en",
        time_zone=None,
        survey_state=survey.state,
        version=survey.version,
        language=survey.language,
        brand=survey.brand,
        sender_name=survey.sender_name,
        sender_address=survey.sender_address,
        reply_to=survey.reply_to,
        throttle_days=survey.throttle_days,
        reminder_days=survey.reminder_days,
    )


def behind(ours: list[float], naive: list[float]) -> str:
    return f"product {spread(ours)}/s, naive {spread(naive)}/s, one thread"
