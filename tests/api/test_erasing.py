"""Erasing a person: nothing of them is left anywhere but the keyed hash of their address."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, LargeBinary, String, func, select
from sqlalchemy.orm import Session

from feedback_app.api.models import ApiKey, IdempotentAnswer
from feedback_app.campaigns.models import Campaign, CampaignMember, Plan, PlanMember
from feedback_app.db import Base, db
from feedback_app.deliveries.models import MailEvent
from feedback_app.directory.erasing import erase_person
from feedback_app.directory.mentions import TEXTS
from feedback_app.errors import NotFound
from feedback_app.happenings import Happening
from feedback_app.imports.models import ImportReject, ImportRun
from feedback_app.invitations.jobs import sender
from feedback_app.invitations.models import (
    EarlierAsk,
    Event,
    Invitation,
    LedgerEntry,
    LinkVisit,
    Reminder,
    SurveyPerson,
)
from feedback_app.mail.memory import MemoryTransport
from feedback_app.people.models import PeopleList, PeopleListMember, Person, Suppression, SuppressionReason
from feedback_app.people.queries import erased_among
from feedback_app.people.services import suppress
from feedback_app.responses.histogram import fold_batch, rating_counts
from feedback_app.responses.models import DailyCount, Response, ResponseVersion
from feedback_app.reviews.models import Note, Review
from feedback_app.staff.models import AuditEntry, Role
from feedback_app.surveys.models import Survey
from feedback_app.webhooks.models import Endpoint, WebhookDelivery
from tests.api.conftest import Program
from tests.factories import (
    LONG_AGO,
    NOON,
    keep,
    make_invitation,
    make_person,
    make_response,
    make_source,
    make_user,
)
from tests.pages import afresh

ADDRESS = "Dana.Moss@harrow.example"
NUMBER = "+17132746524"
COMMENT = "The zebra in the invoice"
pytestmark = pytest.mark.usefixtures("noon")

# Columns that hold words of ours, hashes, or what staff set up; everything else must be searched.
NEVER_ANYBODYS = {
    "account": {"currency"},
    "api_key": {"name", "token_hash", "start", "scope"},
    "audit_entry": {"action", "subject_kind"},
    "campaign": {"state", "window"},
    "daily_count": {"state"},
    "event": {"state", "kind", "case_number"},
    "goal": {"number"},
    "happening": {"kind"},
    "idempotent_answer": {"fingerprint"},
    "import_run": {"kind", "state", "encoding", "delimiter"},
    "invitation": {"channel", "state", "window", "remote_id"},
    "judgement": {"kind", "tagger_said", "person_said", "tagger"},
    "ledger_entry": {"outcome"},
    "mail_event": {"provider", "token_hash", "state", "outcome", "address_hash"},
    # Weights of words that five comments share, masked before; and counts.
    "own_model": {"state", "base", "weights", "fingerprint", "figures"},
    "person": {"email", "email_key", "phone_number", "locale", "time_zone"},  # one person's alone
    "plan": {"mode", "window"},
    "reminder": {"state", "window", "remote_id"},
    "response": {
        *("permalink", "nonce", "state", "channel", "locale", "folded_state", "sentiment"),
        *("comment_language", "untagged_reason", "tagger"),
        *("sentiment_source", "tagger_sentiment", "look_twice"),
    },
    "response_theme": {"source", "sentiment", "spans"},
    "response_version": {"state"},
    "review": {"status"},
    "suppression": {"address_hash", "reason"},
    "theme": {"colour"},
    "trigger": {"name", "event_type", "conditions", "window"},
    "webhook_delivery": {"event_id", "kind", "state"},
    "workspace_fact": {"name"},
}
OF_STAFF = {
    *("endpoint", "listener", "mail_hook", "sign_in_link", "source", "staff_role", "staff_session"),
    *("staff_user", "survey"),
}


def test_every_text_in_the_database_is_searched_or_can_hold_nobodys_address() -> None:
    missing = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if table.name not in OF_STAFF
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
        and column.name not in TEXTS.get(table.name, ())
        and column.name not in NEVER_ANYBODYS.get(table.name, ())
    }
    assert missing == set()


@pytest.fixture
def dana(app: Flask, program: Program, session: Session, survey: Survey) -> int:
    """The id of somebody who is in every table there is."""
    program.post("/people", email=ADDRESS, phone_number=NUMBER, delay=3600, properties={"Mail": ADDRESS})
    person = session.scalars(select(Person)).one()
    fill_people(session, person, survey)
    fill_responses(session, person, survey)
    fill_mail(app, session, person, survey)
    fill_others(session, person, survey)
    return person.id


def fill_people(session: Session, person: Person, survey: Survey) -> None:
    group = keep(session, PeopleList(name=f"List of {ADDRESS}", created_at=NOON))
    keep(session, PeopleListMember(list_id=group.id, person_id=person.id))
    plan = keep(session, Plan(survey_id=survey.id, created_at=NOON, updated_at=NOON))
    member = {"properties": {"Mail": ADDRESS}, "next_at": NOON, "added_at": NOON}
    keep(session, PlanMember(plan_id=plan.id, person_id=person.id, **member))
    campaign = keep(session, Campaign(survey_id=survey.id, name="Spring", created_at=NOON))
    keep(session, CampaignMember(campaign_id=campaign.id, person_id=person.id))
    keep(session, EarlierAsk(survey_id=survey.id, person_id=person.id, sent_at=LONG_AGO))
    entry = {"survey_id": survey.id, "person_id": person.id, "outcome": "throttled", "at": NOON}
    keep(session, LedgerEntry(campaign_id=campaign.id, **entry))
    colleague = make_person(session, email=f"not.{ADDRESS}", properties={"Deputy": ADDRESS})
    assert colleague.id != person.id


def fill_responses(session: Session, person: Person, survey: Survey) -> None:
    sent = make_invitation(session, survey_id=survey.id, person_id=person.id)
    keep(session, LinkVisit(invitation_id=sent.id, at=NOON))
    times = {"created_at": NOON, "changed_at": NOON, "due_at": NOON, "expires_at": NOON}
    ids = {"invitation_id": sent.id, "survey_id": survey.id, "person_id": person.id}
    keep(session, Reminder(**ids, **times))
    given = {"survey_id": survey.id, "comment": COMMENT, "properties": {"Mail": ADDRESS}}
    answered = make_response(session, **given, person_id=person.id, invitation_id=sent.id, rating=9)
    make_response(session, **given, person_id=person.id, rating=3)
    user = make_user(session, Role.CSM)
    version = {"rating": 9, "comment": COMMENT, "state": "confirmed", "at": NOON}
    keep(session, ResponseVersion(response_id=answered.id, **version))
    keep(session, Review(response_id=answered.id, updated_at=NOON))
    keep(session, Note(response_id=answered.id, author_id=user.id, text=COMMENT, created_at=NOON))
    other = make_response(session, survey_id=survey.id, rating=7, claimed_email=ADDRESS.upper())
    keep(session, Note(response_id=other.id, text=f"Ask {ADDRESS}, please", created_at=NOON))
    fold_batch(session)
    make_response(session, **given, person_id=person.id, rating=4)  # not folded yet


def fill_mail(app: Flask, session: Session, person: Person, survey: Survey) -> None:
    address_hash = app.extensions["feedback_vault"].address_hash(ADDRESS.lower())
    for reason in (SuppressionReason.UNSUBSCRIBED, SuppressionReason.BOUNCED):
        suppress(
            session, address_hash, reason, survey_id=survey.id, person_id=person.id, detail="550", now=NOON
        )
    session.commit()
    source = make_source(session)
    facts = {"contact": {"email": ADDRESS}, "interaction_id": "84213"}
    event = {"source_id": source.id, "received_at": NOON, "body": f'{{"by": "{ADDRESS}"}}'.encode()}
    keep(session, Event(**event, state="done", facts=facts, headers={"From": ADDRESS}, person_id=person.id))
    copied = b"cc=dana.moss%40harrow.example&to=dana.moss@harrow.example.org&\xff"
    keep(session, Event(source_id=source.id, received_at=NOON, body=copied, state="unreadable"))
    report = {"provider": "mail", "state": "done", "received_at": NOON, "body": ADDRESS.encode()}
    keep(session, MailEvent(**report, dedupe_key=ADDRESS, address_hash=address_hash, facts={"to": ADDRESS}))


def fill_others(session: Session, person: Person, survey: Survey) -> None:
    run = keep(session, ImportRun(kind="people", file_name="a.csv", size=1, created_at=NOON))
    keep(session, ImportReject(run_id=run.id, line=2, reason="?", cells=[ADDRESS, "Dana"]))
    values = {"name": "CRM", "sealed_url": "", "host": "", "sealed_secret": "", "created_at": NOON}
    endpoint = keep(session, Endpoint(**values))
    told = {"created_at": NOON, "next_attempt_at": NOON, "payload": COMMENT, "answers": [{"body": COMMENT}]}
    ids = {"endpoint_id": endpoint.id, "event_id": "e1", "kind": "survey_response.created"}
    keep(session, WebhookDelivery(**ids, **told, person_id=person.id))
    keep(session, Happening(kind="unsubscribe.created", survey_id=survey.id, person_id=person.id, at=NOON))
    key = session.scalars(select(ApiKey)).one()
    said = f'{{"comment":"{COMMENT}","person":"{person.id}"}}'.encode()
    for number, body in enumerate([said, f'{{"email":"{ADDRESS}"}}'.encode(), b'{"person":"99"}']):
        names = {"idempotency_key": str(number), "fingerprint": "f", "body": body, "at": NOON}
        keep(session, IdempotentAnswer(api_key_id=key.id, **names))


def everything(session: Session) -> str:
    """Every row of every table."""
    rows = [
        f"{table.name}: {tuple(row)!r}"
        for table in Base.metadata.sorted_tables
        for row in afresh(session).connection().execute(select(table))
    ]
    return "\n".join(rows)


def test_nothing_of_the_person_is_left_in_any_table(program: Program, session: Session, dana: int) -> None:
    before = everything(session)
    assert (ADDRESS in before, NUMBER in before, COMMENT in before) == (True, True, True)
    assert program.delete(f"/people/email:{ADDRESS}").status_code == 202
    after = everything(session)
    rest = after.replace(f"not.{ADDRESS}", "").lower().replace(f"not.{ADDRESS.lower()}", "")
    assert ADDRESS.lower() not in rest.replace("dana.moss@harrow.example.org", "")
    assert "dana.moss%40" not in rest
    assert (NUMBER in after, COMMENT in after) == (False, False)
    models = (
        Invitation,
        Reminder,
        LinkVisit,
        PlanMember,
        CampaignMember,
        PeopleListMember,
        EarlierAsk,
        Happening,
    )
    assert {
        model.__name__: session.query(model).count() for model in models if session.query(model).count()
    } == {}
    assert session.query(SurveyPerson).count() == 0


@pytest.mark.only("sqlite")
def test_the_file_holds_no_byte_of_it(app: Flask, program: Program, session: Session, dana: int) -> None:
    file = Path(str(db.engine.url.database))
    session.rollback()

    def found() -> list[int]:
        db.session.remove()
        with db.engine.connect().execution_options(begin="") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        held = b"".join(
            part.read_bytes() for part in (file, file.with_name(f"{file.name}-wal")) if part.exists()
        )
        held = (
            held.lower().replace(f"not.{ADDRESS.lower()}".encode(), b"").replace(b"harrow.example.org", b"")
        )
        return [
            held.count(one) for one in (ADDRESS.lower().encode(), COMMENT.lower().encode(), NUMBER.encode())
        ]

    assert all(count > 0 for count in found())
    assert program.delete(f"/people/phone_number:{NUMBER}").status_code == 202
    assert found() == [0, 0, 0]


def test_what_stays_is_the_hash_alone_and_nobody_is_mailed_until_staff_lift_it(
    app: Flask, program: Program, session: Session, dana: int, post: MemoryTransport, noon: Any
) -> None:
    program.delete(f"/people/{dana}")
    address_hash = app.extensions["feedback_vault"].address_hash(ADDRESS.lower())
    [entry] = afresh(session).scalars(select(Suppression))
    assert (entry.address_hash, entry.reason, entry.survey_id) == (address_hash, "erased", None)
    assert (entry.person_id, entry.detail, entry.created_at) == (None, "", NOON)
    assert erased_among(session, [address_hash]) == {address_hash}
    again = program.post("/people", email=ADDRESS)
    assert again.status_code == 201
    assert int(again.json["id"]) > dana
    noon.move_to(NOON + timedelta(hours=2), tick=False)
    sender().send_due()
    assert post.sent == []
    reasons = list(afresh(session).scalars(select(Invitation.reason)))
    assert reasons == ["The person asked to be forgotten."]
    assert program.get("/unsubscribes").json == []


def test_scores_no_longer_count_them(program: Program, session: Session, survey: Survey, dana: int) -> None:
    assert rating_counts(session, survey.id, since=None, until=None) == {3: 1, 4: 1, 7: 1, 9: 1}
    program.delete(f"/people/{dana}")
    assert rating_counts(afresh(session), survey.id, since=None, until=None) == {7: 1}
    assert [cell.rating for cell in session.scalars(select(DailyCount))] == [7]
    assert [row.rating for row in session.scalars(select(Response))] == [7]


def test_the_ledger_still_adds_up_without_a_name(program: Program, session: Session, dana: int) -> None:
    from feedback_app.ledger.balance import balance

    before = balance(session.connection(), None, None)
    program.delete(f"/people/{dana}")
    after = balance(afresh(session).connection(), None, None)
    assert (after.received, after.entries) == (before.received, before.entries)
    assert after.erased == 1
    assert list(session.scalars(select(LedgerEntry.person_id).distinct())) == [None]


def test_what_was_still_to_be_told_to_others_is_not(program: Program, session: Session, dana: int) -> None:
    program.delete(f"/people/{dana}")
    delivery = afresh(session).scalars(select(WebhookDelivery)).one()
    assert (delivery.state, delivery.payload, delivery.answers, delivery.person_id) == (
        "failed",
        "",
        [],
        None,
    )


def test_others_keep_what_is_theirs(program: Program, session: Session, dana: int) -> None:
    program.delete(f"/people/{dana}")
    colleague = afresh(session).scalars(select(Person)).one()
    assert (colleague.email, colleague.properties) == (f"not.{ADDRESS}", {"Deputy": f"[erased {dana}]"})
    assert list(session.scalars(select(Note.text))) == [f"Ask [erased {dana}], please"]
    assert session.scalars(select(Response.claimed_email)).one() == f"[erased {dana}]"
    assert [row.body for row in session.scalars(select(IdempotentAnswer))] == [b'{"person":"99"}']
    bodies = list(session.scalars(select(Event.body).order_by(Event.id)))
    assert bodies == [b"", b"cc=" + b"*" * 26 + b"&to=dana.moss@harrow.example.org&\xff"]


def test_the_audit_trail_names_the_row_and_who_it_was(
    app: Flask, program: Program, session: Session, dana: int
) -> None:
    user = make_user(session, Role.ADMIN)
    erase_person(session, dana, user_id=user.id, vault=app.extensions["feedback_vault"], now=NOON)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.erased")).one()
    assert (entry.user_id, entry.subject_id, entry.detail) == (user.id, dana, {})


def test_one_who_is_gone_cannot_be_erased_again(app: Flask, session: Session, dana: int) -> None:
    vault = app.extensions["feedback_vault"]
    erase_person(session, dana, vault=vault, now=NOON)
    with pytest.raises(NotFound):
        erase_person(session, dana, vault=vault, now=NOON)


def test_if_it_fails_half_way_nothing_has_happened(
    app: Flask, session: Session, dana: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(session)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("feedback_app.directory.erasing.record_audit", fail)
    with pytest.raises(RuntimeError):
        erase_person(session, dana, vault=app.extensions["feedback_vault"], now=NOON)
    assert everything(session) == before


def test_one_known_by_number_alone_leaves_nothing(program: Program, session: Session) -> None:
    person_id = program.post("/people", phone_number=NUMBER, send=False).json["id"]
    assert program.delete(f"/people/{person_id}").status_code == 202
    assert NUMBER not in everything(session)
    assert session.scalar(select(func.count()).select_from(Suppression)) == 0
