"""feedback redact: personal data go from every place, for good; everything else stays as it was."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from feedback_app.api.keys import create_key
from feedback_app.api.models import ApiKey, IdempotentAnswer, Scope
from feedback_app.cli import context
from feedback_app.cli.redact import redact as redact_command
from feedback_app.clock import now
from feedback_app.db import Base, db
from feedback_app.deliveries.models import MailEvent
from feedback_app.directory.mentions import TEXTS
from feedback_app.directory.purging import purge
from feedback_app.directory.redacting import PLACES, look_for, redact
from feedback_app.directory.redacting import Scope as Wanted
from feedback_app.happenings import Happening
from feedback_app.imports.models import ImportChunk, ImportReject, ImportRun
from feedback_app.invitations.models import Event, Invitation, LedgerEntry, Reminder
from feedback_app.people.models import Person, Suppression
from feedback_app.privacy.personal import Kind
from feedback_app.responses.models import Response, ResponseVersion
from feedback_app.reviews.models import Note
from feedback_app.search.kinds import INDEXES
from feedback_app.staff.models import AuditEntry
from feedback_app.webhooks.models import Endpoint, WebhookDelivery
from tests.conftest import NOON
from tests.factories import keep, make_invitation, make_person, make_response, make_source
from tests.pages import afresh

SAID = (
    "My name is Ulrike Zwetschge. Mail zqx@other.example, ring +44 20 7946 0123, card 4111 1111 1111 1111, "
    "IBAN DE89 3704 0044 0532 0130 00."
)
LEFT = "My name is [name]. Mail [e-mail], ring [phone], card [card], IBAN [IBAN]."
NEEDLES = ("zwetschge", "zqx", "7946 0123", "4111 1111", "0532 0130")
OWN = "dana.moss@harrow.example"  # whose response it is: that stays
CLEAN = "Order 2025550123 of 14.03.2026 never came. Thanks, Team"

# Texts of TEXTS in which nobody writes: settings, keys and who somebody is.
NOT_WRITTEN = {
    "event": {"delivery_id", "natural_key"},
    "mail_event": {"dedupe_key"},
    "response": {
        "claimed_email",
        "tags",
        "evidence",
        "external_id",
    },  # the evidence is emptied with its comment
    "note": {"author_name"},
    "person": {"name", "properties", "external_id"},
    "account": {"name", "name_key", "properties", "external_id"},
    "plan_member": {"properties"},
    "people_list": {"name"},
    "saved_filter": {"name", "filter"},
    "campaign": {"name", "audience"},
    "import_run": {"file_name", "columns", "mapping", "options"},
    "import_chunk": {"data"},  # deleted when the import has ended
    "workspace_fact": {"value"},
    "theme": {"name", "name_key", "patterns"},
    "idempotent_answer": {"idempotency_key"},
}


def test_every_text_is_redacted_or_left_on_purpose() -> None:
    assert {name: set(columns) for name, columns in TEXTS.items()} == {
        name: set(PLACES.get(name, ())) | NOT_WRITTEN.get(name, set()) for name in TEXTS
    }


@pytest.fixture
def response_id(app: Flask, session: Session) -> int:
    """A response of a known person; what was written around it has personal data in every place."""
    person = make_person(session, email=OWN, name="Dana Moss", properties={"Mail": OWN})
    asked = make_invitation(
        session, person_id=person.id, reason=SAID, context={"topic": SAID, "contact": OWN}
    )
    given = {
        "additional_answers": [{"id": "1", "value": {"free_response": SAID}}],
        "properties": {"Said": SAID},
    }
    response = make_response(
        session,
        survey_id=asked.survey_id,
        person_id=person.id,
        invitation_id=asked.id,
        comment=SAID,
        evidence=[{"start": 18, "end": 27, "word": "Zwetschge", "weight": 1.0}],
        tagger="lexigram 1",
        tagged_at=NOON,
        sentiment="negative",
        sentiment_source="person",
        **given,
    )
    keep(
        session, ResponseVersion(response_id=response.id, rating=3, comment=SAID, state="confirmed", at=NOON)
    )
    keep(session, Note(response_id=response.id, text=SAID, created_at=NOON))
    fill_mail(session, person, asked)
    fill_others(session, person, response)
    return response.id


def fill_mail(session: Session, person: Person, asked: Invitation) -> None:
    source = make_source(session)
    body = json.dumps({"ticket": {"id": 4111111111111111, "text": SAID}, "requester": {"email": OWN}})
    event = {"source_id": source.id, "received_at": NOON, "state": "done", "person_id": person.id}
    headers, facts = {"X-Note": SAID}, {"topic": SAID, "contact": {"email": OWN}}
    keep(session, Event(**event, body=body.encode(), headers=headers, facts=facts))
    keep(session, Event(**event, body=b"who=" + OWN.encode() + b"&said=" + SAID.replace(" ", "+").encode()))
    keep(session, Event(**event, body=f"\udcff {SAID}".encode("utf-8", "surrogateescape"), problem=SAID))
    report = {"provider": "mail", "state": "done", "received_at": NOON, "dedupe_key": "1"}
    keep(session, MailEvent(**report, body=SAID.encode(), facts={"text": SAID}, problem=SAID))
    times = {"created_at": NOON, "changed_at": NOON, "due_at": NOON, "expires_at": NOON}
    ids = {"invitation_id": asked.id, "survey_id": asked.survey_id, "person_id": person.id}
    keep(session, Reminder(**ids, **times, reason=SAID))
    keep(session, LedgerEntry(person_id=person.id, outcome="throttled", at=NOON, reason=SAID))
    keep(session, Suppression(address_hash="0" * 64, reason="bounced", detail=SAID, created_at=NOON))


def fill_others(session: Session, person: Person, response: Response) -> None:
    run = {"kind": "people", "file_name": "a.csv", "size": 1, "created_at": NOON, "problem": SAID}
    ended, waiting = (keep(session, ImportRun(**run, state=state)) for state in ("finished", "waiting"))
    keep(session, ImportChunk(run_id=ended.id, position=0, data=SAID.encode()))
    keep(session, ImportChunk(run_id=waiting.id, position=0, data=OWN.encode()))
    keep(session, ImportReject(run_id=ended.id, line=2, reason=SAID, cells=[OWN, SAID]))
    sealed = {"sealed_url": "", "host": "", "sealed_secret": "", "created_at": NOON}
    endpoint = keep(session, Endpoint(name="CRM", **sealed))
    item = {
        "id": "1",
        "comment": SAID,
        "person": {"email": OWN},
        "notes": [{"text": SAID, "user_email": OWN}],
    }
    payload = json.dumps({"event_type": "x", "event_id": "e1", "event_data": item})
    times = {"created_at": NOON, "next_attempt_at": NOON}
    told = {"payload": payload, "answers": [{"body": SAID}], **times}
    keep(session, WebhookDelivery(endpoint_id=endpoint.id, event_id="e1", kind="x", **told))
    keep(session, Happening(kind="bounce.created", person_id=person.id, detail={"reason": SAID}, at=NOON))
    keep(session, AuditEntry(at=NOON, action="x", subject_kind="response", detail={"why": SAID}))
    survey_slug = response.survey_id and session.execute(text("SELECT slug FROM survey")).scalar_one()
    session.rollback()
    create_key(session, survey_slug, scope=Scope.FULL, name="", now=NOON)
    key = session.scalars(select(ApiKey)).one()
    for number, body in enumerate([json.dumps(item), json.dumps({"person": {"email": OWN}})]):
        names = {"idempotency_key": str(number), "fingerprint": "f", "body": body.encode(), "at": NOON}
        keep(session, IdempotentAnswer(api_key_id=key.id, **names))


def everything(session: Session) -> str:
    """Every row of every table, of the index too, in lower case."""
    connection = afresh(session).connection()
    rows = [
        f"{table.name}: {tuple(row)!r}"
        for table in Base.metadata.sorted_tables
        for row in connection.execute(select(table))
    ]
    rows += [repr(row) for name in INDEXES for row in connection.execute(text(f"SELECT * FROM {name}"))]
    return "\n".join(rows).lower()


def found_in(held: str) -> list[str]:
    return [needle for needle in NEEDLES if needle in held]


@pytest.mark.only("sqlite", "postgresql")
def test_nothing_is_left_anywhere_and_who_it_is_about_stays(session: Session, response_id: int) -> None:
    assert found_in(everything(session)) == list(NEEDLES)
    tally = redact(session, Wanted(), now=NOON)
    after = everything(session)
    assert [line for line in after.splitlines() if found_in(line)] == []
    assert tally["response", Kind.CARD] == 3  # the comment, a further answer, a property
    assert tally["note", Kind.NAME] == 1
    response = session.get_one(Response, response_id)
    assert (response.comment, response.updated_at) == (LEFT, NOON)
    assert session.scalars(select(Person.email)).one() == OWN
    events = list(session.scalars(select(Event.body).order_by(Event.id)))
    ticket = json.loads(events[0])
    assert ticket == {"ticket": {"id": 4111111111111111, "text": LEFT}, "requester": {"email": OWN}}
    assert events[1].startswith(b"who=dana.moss%40harrow.example&said=My+name")
    assert events[2] == b"\xff " + LEFT.encode()
    assert session.scalars(select(ImportReject.cells)).one() == [OWN, LEFT]
    sent = json.loads(session.scalars(select(WebhookDelivery.payload)).one())["event_data"]
    assert sent == {
        "id": "1",
        "comment": LEFT,
        "person": {"email": OWN},
        "notes": [{"text": LEFT, "user_email": OWN}],
    }
    assert session.scalars(select(ImportChunk.data)).all() == [OWN.encode()]  # not imported yet
    assert session.scalars(select(IdempotentAnswer.idempotency_key)).all() == ["1"]


def test_the_comment_is_read_again_and_what_a_person_said_of_it_stays(
    session: Session, response_id: int
) -> None:
    redact(session, Wanted(), now=NOON)
    response = afresh(session).get_one(Response, response_id)
    assert (response.tagged_at, response.evidence) == (None, [])
    assert (response.sentiment, response.sentiment_source) == ("negative", "person")
    assert (
        response.tagger == "lexigram 1"
    )  # or themes given by hand would be taken for those of another comment


def test_a_second_time_there_is_nothing_more_and_what_is_clean_is_not_touched(
    session: Session, response_id: int
) -> None:
    clean = make_response(session, comment=CLEAN, tagged_at=NOON, updated_at=NOON)
    redact(session, Wanted(), now=now())
    assert redact(session, Wanted(), now=now()).total() == 0
    row = afresh(session).get_one(Response, clean.id)
    assert (row.comment, row.updated_at, row.tagged_at) == (CLEAN, NOON, NOON)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action != "x")).all()
    assert actions == ["key.made", "comments.redacted", "comments.redacted"]


def test_one_kind_alone_goes_and_only_of_what_is_new(session: Session, response_id: int) -> None:
    before = everything(session)
    tally = look_for(Wanted((Kind.CARD,)))
    assert {kind for _, kind in tally} == {Kind.CARD}
    assert everything(session) == before
    assert redact(session, Wanted((Kind.CARD,), since=now()), now=now())["note", Kind.CARD] == 0
    redact(session, Wanted((Kind.CARD,)), now=NOON)
    assert found_in(everything(session)) == [one for one in NEEDLES if one != "4111 1111"]


@pytest.mark.only("sqlite")
def test_the_files_hold_no_byte_of_it(session: Session, response_id: int) -> None:
    file = Path(str(db.engine.url.database))

    def held() -> str:
        parts = (file, file.with_name(f"{file.name}-wal"))
        return b"".join(part.read_bytes() for part in parts if part.exists()).decode("latin-1").lower()

    session.rollback()
    assert found_in(held()) == list(NEEDLES)
    redact(session, Wanted(), now=NOON)
    db.session.remove()
    assert purge(db.engine)
    assert found_in(held()) == []


@pytest.fixture
def called(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(context, "ready_app", lambda: app)
    return CliRunner()


@pytest.mark.only("sqlite", "postgresql")
def test_the_command_asks_tells_counts_and_shows_nobodys_data(
    called: CliRunner, session: Session, response_id: int
) -> None:
    declined = called.invoke(redact_command, input="n\n")
    assert (declined.exit_code, declined.output.endswith("Nothing was changed.\n")) == (1, True)
    dry = called.invoke(redact_command, ["--dry-run", "--kind", "iban"])
    assert found_in(everything(session)) == list(NEEDLES)
    assert "note\tiban\t1\n" in dry.output
    assert "nothing was changed" in dry.output
    done: Any = called.invoke(redact_command, ["--yes"])
    assert done.exit_code == 0, done.output
    assert found_in(everything(session)) == []
    assert found_in(done.output.lower()) == []
    assert "1 uploaded files are not imported yet" in done.output
