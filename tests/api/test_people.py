"""POST, PUT, GET and DELETE of people, and of what is scheduled for them."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.api.models import Scope
from feedback_app.invitations.jobs import sender
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry, Outcome
from feedback_app.mail.memory import MemoryTransport
from feedback_app.people.models import Person, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.responses.models import Response
from feedback_app.responses.services import record_response
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import LONG_AGO, NOON, make_invitation, make_person, make_response, make_survey
from tests.pages import afresh, new_browser

AT_NOON = int(NOON.timestamp())
DAY = 86_400


pytestmark = pytest.mark.usefixtures("noon")


def invitations(session: Session) -> list[Invitation]:
    return list(afresh(session).scalars(select(Invitation).order_by(Invitation.id)))


def test_a_new_person_is_taken_in_and_asked(program: Program, session: Session) -> None:
    answer = program.post("/people", email="Jo@Customer.example")
    assert answer.status_code == 201
    assert answer.json == {
        "id": "1",
        "email": "Jo@Customer.example",
        "name": None,
        "survey_scheduled_at": AT_NOON,
        "properties": {},
    }
    [invitation] = invitations(session)
    assert (invitation.state, invitation.due_at, invitation.channel) == ("scheduled", NOON, "email")
    entry = session.scalars(select(LedgerEntry)).one()
    assert (entry.outcome, entry.invitation_id, entry.person_id) == (Outcome.INVITED, invitation.id, 1)


def test_everything_that_can_be_said_of_a_person_is_kept(program: Program, session: Session) -> None:
    answer = program.post(
        "/people",
        email="jo@customer.example",
        phone_number="+1 (713) 274-6524",
        name="Jo Wong",
        channel="email",
        delay=3600,
        send=True,
        properties={"State": "CA", "Age": 42, "Pro": True, "Empty": "", "None": None},
    )
    assert answer.json == {
        "id": "1",
        "email": "jo@customer.example",
        "name": "Jo Wong",
        "phone_number": "+17132746524",
        "survey_scheduled_at": AT_NOON + 3600,
        "properties": {"State": "CA", "Age": "42", "Pro": "true"},
    }
    assert invitations(session)[0].properties == {"State": "CA", "Age": "42", "Pro": "true"}


def test_one_who_is_known_is_brought_up_to_date_and_keeps_what_is_not_said(program: Program) -> None:
    program.post("/people", email="jo@customer.example", name="Jo", phone_number="+17132746524")
    again = program.post("/people", email="JO@customer.example")
    assert (again.status_code, again.json["id"], again.json["name"]) == (200, "1", "Jo")
    renamed = program.post("/people", phone_number="+17132746524", name="Jo Wong", send=False)
    assert (renamed.status_code, renamed.json["id"], renamed.json["name"]) == (200, "1", "Jo Wong")


def test_put_is_post(program: Program) -> None:
    assert (
        program.put("/people", email="jo@customer.example", id="77", survey_scheduled_at=1).status_code == 201
    )


def test_without_sending_nothing_is_scheduled(program: Program, session: Session) -> None:
    answer = program.post("/people", email="jo@customer.example", send="false", delay=60)
    assert (answer.status_code, answer.json["survey_scheduled_at"]) == (201, None)
    assert invitations(session) == []


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"email": ["can't be blank"]}),
        ({"email": "  "}, {"email": ["is invalid"]}),
        (
            {"email": "jo@", "name": "x" * 255},
            {"email": ["is invalid"], "name": ["must be less than 255 characters"]},
        ),
        ({"name": "x" * 255}, {"email": ["can't be blank"], "name": ["must be less than 255 characters"]}),
        ({"email": "jo@b.example", "phone_number": "0171 123"}, {"phone_number": ["is invalid"]}),
        ({"email": "jo@b.example", "channel": "fax"}, {"channel": ["is not included in the list"]}),
        ({"email": "jo@b.example", "channel": "sms"}, {"phone_number": ["can't be blank"]}),
        ({"phone_number": "+17132746524"}, {"email": ["can't be blank"]}),
        ({"email": "jo@b.example", "delay": -1}, {"delay": ["must be between 0 and 3153600000"]}),
        ({"email": "jo@b.example", "delay": "soon"}, {"delay": ["is not a number"]}),
        ({"email": "jo@b.example", "send": "perhaps"}, {"send": ["is invalid"]}),
        ({"email": "jo@b.example", "last_sent_at": "now"}, {"last_sent_at": ["is not a number"]}),
        ({"email": "jo@b.example", "last_sent_at": AT_NOON + DAY + 1}, {"last_sent_at": ["is invalid"]}),
        ({"email": "jo@b.example", "properties": {"Tags": ["a"]}}, {"properties": ["is invalid"]}),
        ({"email": "jo@b.example", "properties": "a"}, {"properties": ["is invalid"]}),
    ],
)
def test_what_is_wrong_is_said_all_at_once_and_changes_nothing(
    program: Program, session: Session, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert errors_of(program.call("POST", "/people", body)) == errors
    assert (afresh(session).query(Person).count(), session.query(Invitation).count()) == (0, 0)


def test_no_survey_goes_out_by_sms(program: Program) -> None:
    answer = program.post("/people", phone_number="+17132746524", channel="sms")
    assert (answer.status_code, answer.json["message"]) == (403, "Forbidden")
    answer = program.post("/people", phone_number="+17132746524", channel="sms", send=False)
    assert (answer.status_code, answer.json["email"]) == (201, None)


def test_the_number_of_another_person_is_taken(program: Program) -> None:
    program.post("/people", email="jo@b.example", phone_number="+17132746524")
    program.post("/people", email="ada@b.example")
    for address in ("ada@b.example", "new@b.example"):
        answer = program.post("/people", email=address, phone_number="+17132746524")
        assert errors_of(answer) == {"phone_number": ["has already been taken"]}


def test_a_person_moves_to_a_new_address_also_when_the_call_is_repeated(program: Program) -> None:
    program.post("/people", email="old@b.example", send=False)
    for _ in range(2):
        moved = program.post("/people", email="old@b.example", email_update="new@b.example", send=False)
        assert (moved.json["id"], moved.json["email"]) == ("1", "new@b.example")
    program.post("/people", email="other@b.example", send=False)
    taken = program.post("/people", email="other@b.example", email_update="new@b.example")
    assert errors_of(taken) == {"email_update": ["has already been taken"]}


def test_a_person_gets_a_new_number(program: Program) -> None:
    program.post("/people", phone_number="+17132746524", send=False)
    moved = program.post(
        "/people", phone_number="+17132746524", phone_number_update="+4917012345", send=False
    )
    assert (moved.json["id"], moved.json["phone_number"]) == ("1", "+4917012345")


def test_who_unsubscribed_stays_so_at_a_new_address(program: Program, post: MemoryTransport) -> None:
    program.post("/people", email="old@b.example", send=False)
    program.post("/unsubscribes", person_email="old@b.example")
    program.post("/people", email="old@b.example", email_update="new@b.example")
    sender().send_due()
    assert post.sent == []
    assert [one["email"] for one in program.get("/unsubscribes").json] == ["new@b.example"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", ""])
def test_a_form_says_the_same_as_json(program: Program, session: Session, content_type: str) -> None:
    form = "email=jo%40b.example&delay=60&send=true&properties%5BState%5D=CA&properties[Plan]=Pro"
    answer = program.call("POST", "/people.json", data=form, content_type=content_type)
    assert (answer.status_code, answer.json["survey_scheduled_at"]) == (201, AT_NOON + 60)
    assert invitations(session)[0].properties == {"State": "CA", "Plan": "Pro"}


def test_a_survey_goes_out_when_it_is_due(program: Program, post: MemoryTransport, noon: Any) -> None:
    program.post("/people", email="jo@b.example", delay=60)
    sender().send_due()
    assert post.sent == []
    noon.move_to(NOON + timedelta(seconds=60), tick=False)
    sender().send_due()
    assert [mail.to.address for mail in post.sent] == ["jo@b.example"]
    [person] = program.get("/people").json
    assert (person["last_sent_at"], person["next_survey_scheduled_at"]) == (AT_NOON + 60, None)


@pytest.mark.parametrize(("seconds_ago", "sent"), [(60, 0), (30 * DAY - 1, 0), (30 * DAY, 1), (400 * DAY, 1)])
def test_last_sent_at_counts_for_the_limit(
    program: Program, session: Session, post: MemoryTransport, seconds_ago: int, sent: int
) -> None:
    told = AT_NOON - seconds_ago
    answer = program.post("/people", email="jo@b.example", last_sent_at=told)
    assert answer.json["survey_scheduled_at"] == AT_NOON
    assert program.get("/people").json[0]["last_sent_at"] == told
    sender().send_due()
    assert len(post.sent) == sent
    assert invitations(session)[0].state == ("sent" if sent else "cancelled")


def test_of_several_requests_the_first_is_sent_and_the_others_are_dropped_for_good(
    program: Program, session: Session, post: MemoryTransport, noon: Any
) -> None:
    for _ in range(3):
        program.post("/people", email="jo@b.example")
    assert [one.state for one in invitations(session)] == ["scheduled"] * 3
    sender().send_due()
    noon.move_to(NOON + timedelta(days=2), tick=False)
    sender().send_due()
    assert len(post.sent) == 1
    first, *others = invitations(session)
    assert (first.state, {one.state for one in others}) == ("sent", {"cancelled"})
    assert {one.reason for one in others} == {
        f"Not before 2026-12-20 12:00 UTC, because of invitation {first.id}."
    }


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (SuppressionReason.UNSUBSCRIBED, "The person unsubscribed."),
        (SuppressionReason.BOUNCED, "Mail to the address came back."),
        (SuppressionReason.ERASED, "The person asked to be forgotten."),
    ],
)
def test_one_who_must_not_be_written_to_is_accepted_and_dropped(
    app: Flask,
    program: Program,
    session: Session,
    post: MemoryTransport,
    reason: SuppressionReason,
    said: str,
) -> None:
    vault = app.extensions["feedback_vault"]
    suppress(session, vault.address_hash("jo@b.example"), reason, now=LONG_AGO)
    session.commit()
    assert program.post("/people", email="jo@b.example").status_code == 201
    sender().send_due()
    assert post.sent == []
    assert [(one.state, one.reason) for one in invitations(session)] == [("cancelled", said)]


def test_properties_become_those_of_the_response(program: Program, session: Session) -> None:
    program.post("/people", email="jo@b.example", properties={"State": "CA"})
    [invitation] = invitations(session)
    record_response(session, invitation.id, 9, locale="en", now=NOON)
    program.post("/people", email="jo@b.example", properties={"State": "NY"})
    assert afresh(session).scalars(select(Response)).one().properties == {"State": "CA"}


def test_special_properties_change_the_mail(program: Program, post: MemoryTransport) -> None:
    program.post(
        "/people",
        email="jo@b.example",
        properties={
            "Question Product Name": "Acme Pro {name}",
            "Delighted Email Subject": "Hi {first_name}, 100% sure?",
            "delightedIntroMessage": "<b>Hello</b> {agent}",
        },
    )
    program.post("/people", email="ada@b.example")
    sender().send_due()
    special, usual = post.sent
    assert special.subject == "Hi {first_name}, 100% sure?"
    assert "How likely are you to recommend Acme Pro name to a friend" in special.text
    assert "<b>Hello</b> {agent}" in special.text
    assert "&lt;b&gt;Hello&lt;/b&gt; {agent}" in special.html
    assert usual.subject == "How likely are you to recommend Northlight?"


def test_special_properties_change_the_page_and_its_language(
    app: Flask, program: Program, session: Session, post: MemoryTransport
) -> None:
    program.post(
        "/people", email="jo@b.example", properties={"locale": "de-x-du", "question_product_name": "Acme"}
    )
    sender().send_due()
    assert "Wie wahrscheinlich" in post.sent[0].text
    link = (
        app.extensions["feedback_links"].answer(invitations(session)[0].id).removeprefix("http://localhost")
    )
    page = new_browser(app).get(link, headers={"Accept-Language": "fr"}).text
    assert '<html lang="de"' in page
    assert "Acme" in page
    assert "Northlight einem" not in page


def test_people_are_listed_in_the_order_in_which_they_came(program: Program, session: Session) -> None:
    program.post("/people", email="jo@b.example", name="Jo", delay=600)
    program.post("/people", phone_number="+17132746524", send=False)
    make_response(session, survey_id=1, person_id=1, created_at=NOON - timedelta(days=1))
    make_response(session, survey_id=make_survey(session).id, person_id=1)
    nobody = {"last_sent_at": None, "last_responded_at": None, "next_survey_scheduled_at": None}
    assert program.get("/people").json == [
        {
            "id": "1",
            "email": "jo@b.example",
            "name": "Jo",
            "created_at": AT_NOON,
            "phone_number": None,
            "last_sent_at": None,
            "last_responded_at": AT_NOON - DAY,
            "next_survey_scheduled_at": AT_NOON + 600,
        },
        {"id": "2", "email": None, "name": None, "created_at": AT_NOON, "phone_number": "+17132746524"}
        | nobody,
    ]


def test_a_key_sees_whom_its_survey_asked_and_who_came_through_it(
    app: Flask, program: Program, session: Session, survey: Survey
) -> None:
    asked, other = make_person(session), make_person(session)
    make_invitation(session, survey_id=survey.id, person_id=asked.id)
    make_invitation(session, person_id=other.id)
    assert [one["id"] for one in program.get("/people").json] == [str(asked.id)]
    assert program.get(f"/people/{other.id}").status_code == 404
    assert program.delete(f"/people/{other.id}").status_code == 404
    assert program.get("/people", email=other.email).json == []
    program.post("/people", email=other.email, send=False)
    assert [one["id"] for one in program.get("/people").json] == [str(asked.id), str(other.id)]


def test_pages_follow_the_link_and_lose_nobody_when_earlier_people_go(program: Program) -> None:
    for number in range(5):
        program.post("/people", email=f"p{number}@b.example", send=False)
    first = program.get("/people", per_page=2, since=AT_NOON)
    assert [one["id"] for one in first.json] == ["1", "2"]
    link = first.headers["Link"]
    assert link.endswith('; rel="next"')
    address = link[1:].partition(">")[0]
    assert address.startswith("http://localhost/v1/people?page_info=")
    assert f"per_page=2&since={AT_NOON}" in address
    assert "," not in address
    program.delete("/people/1")
    program.delete("/people/2")
    # As the singer tap does it: the link, and the parameters once more behind it.
    second = program.call("GET", address.removeprefix("http://localhost/v1") + "&per_page=7&since=0")
    assert [one["id"] for one in second.json] == ["3", "4"]
    third = program.call(
        "GET", second.headers["Link"][1:].partition(">")[0].removeprefix("http://localhost/v1")
    )
    assert ([one["id"] for one in third.json], "Link" in third.headers) == (["5"], False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"since": AT_NOON}, 1),
        ({"since": AT_NOON + 1}, 0),
        ({"until": AT_NOON}, 1),
        ({"until": AT_NOON - 1}, 0),
        ({"since": AT_NOON, "until": AT_NOON}, 1),
        ({"email": "JO+x@b.example"}, 1),
        ({"email": "ada@b.example"}, 0),
        ({"phone_number": "+17132746524"}, 1),
        ({"phone_number": "+17132746525"}, 0),
        ({"per_page": 1000}, 1),
        ({"since": 0, "until": 253_402_300_799}, 1),
        ({"auto_handle_rate_limits": "True"}, 1),
    ],
)
def test_bounds_are_included_and_filters_hold(
    program: Program, noon: Any, query: dict[str, Any], found: int
) -> None:
    noon.move_to(NOON + timedelta(milliseconds=600), tick=False)
    program.post("/people", email="jo+x@b.example", phone_number="+17132746524", send=False)
    answer = program.get("/people", **query)
    assert (answer.status_code, len(answer.json)) == (200, found)


def test_a_plus_in_a_query_may_come_as_it_is(program: Program) -> None:
    program.post("/people", email="jo+x@b.example", phone_number="+17132746524", send=False)
    assert len(program.call("GET", "/people?email=jo+x@b.example").json) == 1
    assert len(program.call("GET", "/people?phone_number=+17132746524").json) == 1


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({"per_page": 0}, {"per_page"}),
        ({"per_page": "all"}, {"per_page"}),
        ({"since": "yesterday", "until": -1}, {"since", "until"}),
        ({"email": "jo"}, {"email"}),
        ({"email": "jo@b.example", "phone_number": "+17132746524"}, {"phone_number"}),
        ({"page_info": "broken"}, {"page_info"}),
    ],
)
def test_a_query_that_cannot_be_understood_is_refused(
    program: Program, query: dict[str, Any], errors: set[str]
) -> None:
    assert set(errors_of(program.get("/people", **query))) == errors


SPELLINGS = (
    "/people/1",
    "/people/1.json",
    "/people/1/",
    "/people/email:jo+x@b.example",
    "/people/email%3AJo%2Bx%40b.example",
    "/people/email:jo+x@b.example.json",
    "/people/phone_number:+17132746524",
    "/people/phone_number%3A%2B17132746524",
)


@pytest.mark.parametrize("path", SPELLINGS)
def test_one_person_is_shown_and_erased_by_every_spelling(program: Program, path: str) -> None:
    program.post("/people", email="jo+x@b.example", phone_number="+17132746524", send=False)
    if path.endswith("example.json"):  # what stands behind `email:` may be an address that ends in .json
        assert (program.get(path).status_code, program.delete(path).status_code) == (404, 404)
        return
    assert (program.get(path).status_code, program.get(path).json["id"]) == (200, "1")
    erased = program.delete(path)
    assert (erased.status_code, erased.json) == (202, {"ok": True})
    assert (program.get(path).status_code, program.delete(path).status_code) == (404, 404)


@pytest.mark.parametrize(
    "name", ["0", "99", "999999999999999999999", "jo@b.example", "email:", "email:x", "x:1"]
)
def test_nobody_by_that_name_is_404(program: Program, name: str) -> None:
    answer = program.delete(f"/people/{name}")
    assert (answer.status_code, answer.json) == (404, {"status": 404, "message": "Not Found"})


def test_what_is_pending_is_cancelled_and_the_person_stays(
    app: Flask, program: Program, session: Session, post: MemoryTransport
) -> None:
    for delay in (0, 60):
        program.post("/people", email="jo+x@b.example", delay=delay)
    other = make_invitation(session, person_id=1, sent_at=None, due_at=NOON + timedelta(days=1))
    for path in ("/people/jo+x@b.example", "/people/jo%2Bx%40b.example"):
        answer = program.delete(f"{path}/survey_requests/pending")
        assert (answer.status_code, answer.json) == (200, {"ok": True})
    sender().send_due()
    assert post.sent == []
    assert [one.state for one in invitations(session)] == ["cancelled", "cancelled", "scheduled"]
    assert session.get_one(Invitation, other.id).state == InvitationState.SCHEDULED
    assert program.get("/people/1").json["next_survey_scheduled_at"] is None


@pytest.mark.parametrize("address", ["ada@b.example", "no-address", "1"])
def test_nothing_is_pending_for_whom_we_do_not_know(program: Program, address: str) -> None:
    assert program.delete(f"/people/{address}/survey_requests/pending.json").status_code == 404


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [(Scope.FULL, (201, 200, 202)), (Scope.INGEST, (201, 403, 403)), (Scope.READ, (403, 200, 403))],
)
def test_a_key_does_what_its_scope_allows(
    app: Flask, session: Session, survey: Survey, program: Program, scope: Scope, statuses: tuple[int, ...]
) -> None:
    program.post("/people", email="jo@b.example", send=False)
    key = program_of(app, session, survey, scope)
    done = (key.post("/people", email="ada@b.example"), key.get("/people"), key.delete("/people/1"))
    assert tuple(answer.status_code for answer in done) == statuses


def test_the_python_client_asks_with_a_body_that_is_ignored(app: Flask, program: Program) -> None:
    header = {"Authorization": "Basic " + base64.b64encode(program.key.encode()).decode()}
    answer = new_browser(app).get("/v1/people", data=b"{}", headers=header)
    assert (answer.status_code, answer.json) == (200, [])


def test_the_outcomes_add_up_for_what_programs_asked(program: Program, session: Session) -> None:
    from feedback_app.ledger.balance import balance

    for _ in range(2):
        program.post("/people", email="jo@b.example")
    program.delete("/people/jo@b.example/survey_requests/pending")
    program.post("/people", email="ada@b.example")
    found = balance(afresh(session).connection(), None, None)
    assert (found.is_even, found.invited, dict(found.states)) == (True, 3, {"cancelled": 2, "scheduled": 1})


def test_one_who_is_named_by_many_at_once_is_one_person(
    app: Flask, program: Program, session: Session
) -> None:
    barrier = Barrier(4)

    def send(_: int) -> int:
        barrier.wait()
        return Program(app, program.key).post("/people", email="jo@b.example", name="Jo").status_code

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(send, range(4)))
    assert statuses == [200, 200, 200, 201]
    assert afresh(session).query(Person).count() == 1
    assert len(invitations(session)) == 4
