"""/ledger, its event and invitation pages, the decisions, and the CSV."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.deliveries.models import MailEvent, MailEventState, MailOutcome
from feedback_app.invitations.models import EventState, Invitation, InvitationState, Outcome, Reminder
from feedback_app.invitations.pausing import pause
from feedback_app.ledger import export, views
from feedback_app.ledger.export import COLUMNS
from feedback_app.staff.models import AuditEntry, Role
from tests.factories import NOON, keep, make_person, make_response
from tests.integration.ledger.rows import make_entry, make_event, make_invited
from tests.pages import afresh, signed_in

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "ledger.md"


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that the pages nudge. It is noon for them; sessions go by the real clock."""
    names: list[str] = []
    monkeypatch.setattr(views, "nudge", lambda work: names.append(work.name))
    monkeypatch.setattr(views, "now", lambda: NOON)
    return names


def make_reminder(session: Session, invitation: Invitation, state: InvitationState) -> Reminder:
    times = dict.fromkeys(("created_at", "changed_at", "due_at", "expires_at"), NOON)
    whom = {"survey_id": invitation.survey_id, "person_id": invitation.person_id}
    return keep(session, Reminder(invitation_id=invitation.id, state=state, **whom, **times))


def test_an_empty_ledger_says_what_to_do_next(app: Flask) -> None:
    page = signed_in(app, Role.VIEWER).get("/ledger")
    assert page.status_code == 200
    assert "Nothing has happened yet" in page.text
    assert "Everything adds up" in page.text
    assert "Needs attention" not in page.text


def test_a_line_says_what_became_of_the_event_and_links_on(app: Flask, session: Session) -> None:
    invitation = make_invited(session, state=InvitationState.ANSWERED)
    response = make_response(session, survey_id=invitation.survey_id, invitation_id=invitation.id)
    throttled = f"Not before 2026-12-01 10:00 UTC, because of invitation {invitation.id}."
    first = make_event(session, "first")
    make_entry(session, Outcome.THROTTLED, reason=throttled)
    make_entry(session, Outcome.DUPLICATE, duplicate_of_id=first.id)
    page = signed_in(app).get("/ledger").text
    for part in (
        "4711 · <span",
        "Printer on fire",
        ">Answered</span>",
        f'href="/responses/{response.id}"',
        throttled,
        f'href="/ledger/invitations/{invitation.id}"',
        f'href="/ledger/events/{first.id}">Open the first event',
    ):
        assert part in page, part


def test_the_balance_counts_the_days_chosen_and_every_number_opens_its_rows(
    app: Flask, session: Session
) -> None:
    make_invited(session)
    make_entry(session, Outcome.NO_ADDRESS)
    browser = signed_in(app)
    page = browser.get("/ledger").text
    assert "14 Nov 2026 – now" in page
    assert '<a href="/ledger?outcome=no_address&amp;since=2026-11-14">1</a> no address' in page
    assert '<a href="/ledger/events?state=done&amp;since=2026-11-14">2</a> acted on' in page
    earlier = browser.get("/ledger?since=2026-11-01&until=2026-11-02").text
    assert "1 Nov 2026 – 2 Nov 2026" in earlier
    assert "<b>0</b>" in earlier
    assert "Balance" not in browser.get("/ledger?outcome=invited").text


def test_a_ledger_that_does_not_add_up_says_so_in_red(app: Flask, session: Session) -> None:
    make_event(session)  # acted on, and no entry
    page = signed_in(app).get("/ledger").text
    assert '<span class="chip bad">▲ Does not add up</span>' in page
    assert "Events that were acted on but have no outcome: 1." in page


def test_filters_that_are_not_understood_are_named_and_left_out(app: Flask, session: Session) -> None:
    make_entry(session)
    page = signed_in(app).get("/ledger?outcome=bogus&person=x&since=yesterday&trigger=99").text
    assert "Not understood and left out: From, Outcome, Trigger, Person." in page
    assert "No address</span>" in page


def test_a_case_is_found_by_its_number_with_or_without_a_hash(app: Flask, session: Session) -> None:
    make_entry(session, event_id=make_event(session, "84213").id)
    browser = signed_in(app)
    for wanted in ("84213", "%2384213", "%2084213%20"):
        assert "84213 ·" in browser.get(f"/ledger?q={wanted}").text
    assert "Nothing matches" in browser.get("/ledger?q=8421").text


def test_a_viewer_sees_no_personal_data(app: Flask, session: Session) -> None:
    person = make_person(session, email="dana@harrow.example", name="Dana Whitfield")
    said = "550 <dana@harrow.example> is unknown here"
    invitation = make_invited(session, person_id=person.id, state=InvitationState.BOUNCED, reason=said)
    browser = signed_in(app, Role.VIEWER)
    for url in (
        "/ledger",
        "/ledger/events",
        f"/ledger/events/{invitation.event_id}",
        f"/ledger/invitations/{invitation.id}",
    ):
        page = browser.get(url).text
        for secret in ("dana@", "Whitfield", "Printer on fire"):
            assert secret not in page, (url, secret)
    assert "d•••@harrow.example" in browser.get(f"/ledger/invitations/{invitation.id}").text
    assert browser.get("/ledger.csv").status_code == 403


def test_an_events_page_shows_how_it_came_and_what_was_understood(app: Flask, session: Session) -> None:
    headers = {"User-Agent": "Zendesk Webhook"}
    event = make_event(session, deliveries=3, headers=headers)
    make_entry(session, Outcome.NO_TRIGGER, event_id=event.id, reason="The source has no trigger.")
    again = make_event(session, "4711-again")
    make_entry(session, Outcome.DUPLICATE, event_id=again.id, duplicate_of_id=event.id)
    page = signed_in(app).get(f"/ledger/events/{event.id}").text
    for part in (
        "Case 4711",
        "3 times",
        "Zendesk Webhook",
        "contact.email",
        "The source has no trigger.",
        "{&#34;case&#34;: 4711",
        f'href="/ledger/events/{again.id}"',
    ):
        assert part in page, part


def test_an_unreadable_event_says_why(app: Flask, session: Session) -> None:
    event = make_event(session, state=EventState.UNREADABLE, facts={}, body=b"\xff\x00{", problem="Not JSON.")
    browser = signed_in(app)
    page = browser.get(f"/ledger/events/{event.id}").text
    assert "Not JSON." in page
    assert "��{" in page
    assert f'href="/ledger/events/{event.id}"' in browser.get("/ledger/events?state=unreadable").text


def test_unknown_events_and_invitations_are_not_found(app: Flask) -> None:
    browser = signed_in(app)
    assert browser.get("/ledger/events/404").status_code == 404
    assert browser.get("/ledger/invitations/404").status_code == 404
    assert browser.get("/ledger/events/99999999999").status_code == 404


def test_an_invitations_page_tells_its_history_in_order(app: Flask, session: Session) -> None:
    invitation = make_invited(session, state=InvitationState.DELIVERED, remote_id="remote-7", attempts=2)
    make_reminder(session, invitation, InvitationState.SCHEDULED)
    report = {"provider": "postmark", "state": MailEventState.DONE, "outcome": MailOutcome.DELIVERED}
    keep(
        session, MailEvent(invitation_id=invitation.id, dedupe_key="7", received_at=NOON, body=b"", **report)
    )
    page = signed_in(app).get(f"/ledger/invitations/{invitation.id}").text
    assert "remote-7" in page
    steps = ["Invitation scheduled", "Invitation sent", "Reminder goes out", "Report by postmark: delivered"]
    places = [page.index(step) for step in steps]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("action", "state", "left", "wakes"),
    [
        ("resend", InvitationState.UNCERTAIN, InvitationState.SCHEDULED, ["send_due_invitations"]),
        ("count-as-sent", InvitationState.UNCERTAIN, InvitationState.SENT, []),
        ("cancel", InvitationState.SCHEDULED, InvitationState.CANCELLED, []),
    ],
)
def test_a_lead_decides(
    app: Flask,
    session: Session,
    nudged: list[str],
    action: str,
    state: InvitationState,
    left: InvitationState,
    wakes: list[str],
) -> None:
    invitation = make_invited(session, state=state, marked_at=NOON)
    page = f"/ledger/invitations/{invitation.id}"
    lead, csm = signed_in(app, Role.LEAD), signed_in(app, Role.CSM)
    assert f'action="{page}/{action}"' in lead.get(page).text
    assert f'action="{page}/{action}"' not in csm.get(page).text
    assert csm.send(f"{page}/{action}", mail="survey").status_code == 403
    assert lead.send(f"{page}/{action}", mail="survey").status_code == 303
    assert afresh(session).scalar(select(Invitation.state).where(Invitation.id == invitation.id)) == left
    assert session.scalars(select(AuditEntry.subject_id)).all() == [invitation.id]
    assert nudged == wakes
    assert lead.send(f"{page}/{action}", mail="survey").status_code == 409


def test_a_lead_decides_about_a_reminder_without_touching_its_invitation(
    app: Flask, session: Session
) -> None:
    invitation = make_invited(session)
    make_reminder(session, invitation, InvitationState.UNCERTAIN)
    lead = signed_in(app, Role.LEAD)
    url = f"/ledger/invitations/{invitation.id}/count-as-sent"
    assert lead.send(url, mail="reminder").status_code == 303
    assert afresh(session).scalars(select(Reminder.state)).all() == ["sent"]
    assert session.scalars(select(Invitation.state)).all() == ["sent"]
    assert lead.send(url, mail="pigeon").status_code == 422


def test_a_reminder_that_is_not_there_cannot_be_decided_about(app: Flask, session: Session) -> None:
    invitation = make_invited(session)
    url = f"/ledger/invitations/{invitation.id}/cancel"
    assert signed_in(app, Role.LEAD).send(url, mail="reminder").status_code == 422


def test_the_page_names_what_needs_attention(app: Flask, session: Session) -> None:
    make_invited(session, state=InvitationState.UNCERTAIN)
    pause(session, "The mail server refuses the login.", now=NOON)
    browser = signed_in(app)
    page = browser.get("/ledger").text
    assert 'href="/ledger?state=uncertain">1 uncertain invitation</a>' in page
    assert "The mail server refuses the login." in page
    assert ">Uncertain</span>" in browser.get("/ledger?state=uncertain").text


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_has_the_same_rows_with_safe_cells(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH", 2)
    person = make_person(session, email="dana@harrow.example", name="=HYPERLINK(1)")
    for number in range(5):
        make_invited(session, f"＠{number}", person_id=person.id, at=NOON + timedelta(minutes=number))
    make_entry(session, Outcome.SAMPLED_OUT)
    got = signed_in(app).get("/ledger.csv?outcome=invited", buffered=True)
    assert got.mimetype == "text/csv"
    assert got.headers["Content-Disposition"] == f"attachment; filename=ledger-{NOON:%Y-%m-%d}.csv"
    rows = rows_of(got.text)
    assert [row["case_number"] for row in rows] == [f"'＠{number}" for number in (4, 3, 2, 1, 0)]
    assert rows[-1]["person_name"] == "'=HYPERLINK(1)"
    assert rows[-1]["at"] == "2026-11-20T12:00:00Z"
    assert (rows[-1]["outcome"], rows[-1]["state"], rows[-1]["duplicate_of"]) == ("invited", "sent", "")


def test_an_empty_csv_still_has_its_header(app: Flask) -> None:
    assert (
        signed_in(app).get("/ledger.csv", buffered=True).text
        == ",".join(name for name, _ in COLUMNS) + "\r\n"
    )


def test_a_csv_of_a_filter_that_is_not_understood_is_refused(app: Flask) -> None:
    answer = signed_in(app).get("/ledger.csv?outcome=bogus", buffered=True)
    assert answer.status_code == 422
    assert "Not understood: Outcome." in answer.text


def test_the_reference_names_every_column() -> None:
    section = REFERENCE.read_text().split("## The CSV")[1]
    assert [name for name, _ in COLUMNS if f"`{name}`" not in section] == []
