"""/people/suppressions: which addresses get no mail, why, and how that ends."""

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import Invalid
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.queries import suppressions
from feedback_app.people.services import lift_suppression, suppress
from feedback_app.staff.models import AuditEntry, Role
from tests.factories import NOON, make_invitation, make_person, make_survey
from tests.pages import Browser, afresh, signed_in

PAGE = "/people/suppressions"


def listed(app: Flask, session: Session, address: str, **given: object) -> int:
    """The id of a new entry about this address."""
    fingerprint = app.extensions["feedback_vault"].address_hash(address)
    reason = given.pop("reason", SuppressionReason.BOUNCED)
    with transaction(session):
        suppress(session, fingerprint, reason, now=NOON, **given)  # type: ignore[arg-type]
    return session.scalars(select(Suppression.id).order_by(Suppression.id.desc())).first() or 0


def test_the_page_counts_by_reason_and_names_whom_it_can(app: Flask, csm: Browser, session: Session) -> None:
    survey = make_survey(session, name="After support")
    dana = make_person(session, name="Dana Whitfield", email="dana@x.example")
    listed(app, session, "dana@x.example", person_id=dana.id, detail="550 no such user", survey_id=survey.id)
    listed(app, session, "nobody@x.example", reason=SuppressionReason.COMPLAINED)
    page = csm.get(PAGE).text
    tabs = re.findall(r'<a href="/people/suppressions[^"]*"[^>]*>([^<]+)</a>', page)
    assert tabs == ["All 2", "Unsubscribed 0", "Bounced 1", "Complained of spam 1", "Asked to be forgotten 0"]
    for words in ("Dana Whitfield", "550 no such user", "After support", "known only as a fingerprint"):
        assert words in page
    assert "<summary>Lift</summary>" not in page
    only = csm.get(f"{PAGE}?reason=complained").text
    assert "Dana Whitfield" not in only
    assert "There is none for this reason." in csm.get(f"{PAGE}?reason=erased").text
    assert "Dana Whitfield" in csm.get(f"{PAGE}?reason=nonsense").text


def test_an_empty_list_says_that_it_fills_by_itself(csm: Browser) -> None:
    assert "appears here by itself" in csm.get(PAGE).text


def test_a_viewer_reads_masks_and_can_look_up_nobody(app: Flask, viewer: Browser, session: Session) -> None:
    dana = make_person(session, name="Dana Whitfield", email="dana@x.example")
    listed(app, session, "dana@x.example", person_id=dana.id, detail="550 dana@x.example is unknown")
    page = viewer.get(PAGE).text
    assert "D. W." in page
    assert "dana@" not in page
    assert "Look up" not in page


def test_a_typed_address_is_looked_up(app: Flask, csm: Browser, session: Session) -> None:
    listed(app, session, "dana@x.example", detail="550 no such user")

    def told(address: str) -> str:
        return csm.send(f"{PAGE}/look-up", form_on=PAGE, email=address).text

    assert "No mail</span> dana@X.example" in told(" dana@X.example ")
    assert "Nothing stands against writing to bo@x.example." in told("bo@x.example")
    assert "is not an e-mail address" in told("dana")
    assert csm.get(f"{PAGE}/look-up").status_code == 405


def test_an_entry_that_stands_on_the_page_twice_has_two_fields(
    app: Flask, lead: Browser, session: Session
) -> None:
    listed(app, session, "dana@x.example")
    page = lead.send(f"{PAGE}/look-up", form_on=PAGE, email="dana@x.example").text
    ids = re.findall(r'<input[^>]* id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 6  # the search box at the top is one of them


def test_an_address_that_is_nobodys_is_stopped_by_hand(app: Flask, csm: Browser, session: Session) -> None:
    sent = csm.send(PAGE, form_on=PAGE, email="Box@x.example", survey="", reason="Former customer")
    assert (sent.status_code, sent.location) == (303, PAGE)
    entry = afresh(session).scalars(select(Suppression)).one()
    assert (entry.reason, entry.person_id, entry.survey_id) == ("unsubscribed", None, None)
    assert entry.address_hash == app.extensions["feedback_vault"].address_hash("box@x.example")
    assert entry.detail == "by staff: Former customer"
    refused = csm.send(PAGE, form_on=PAGE, email="box", survey="", reason="")
    assert refused.status_code == 422
    assert "is not an e-mail address" in refused.text
    assert "Say why" in refused.text


def test_stopping_the_address_of_somebody_we_know_cancels_their_mail(csm: Browser, session: Session) -> None:
    dana = make_person(session, email="dana@x.example")
    due = make_invitation(session, person_id=dana.id, sent_at=None)
    csm.send(PAGE, form_on=PAGE, email="DANA@x.example", survey="", reason="Asked us")
    afresh(session).refresh(due)
    assert due.state == "cancelled"
    assert session.scalars(select(Suppression.person_id)).one() == dana.id


def test_a_lead_lifts_with_a_reason_that_the_audit_trail_keeps(
    app: Flask, lead: Browser, session: Session
) -> None:
    dana = make_person(session, email="dana@x.example")
    entry = listed(app, session, "dana@x.example", person_id=dana.id)
    nothing = lead.send(f"{PAGE}/{entry}/lift", form_on=PAGE, reason=" ")
    assert nothing.status_code == 422
    assert "Say why this address may be written to again; nothing was changed." in nothing.text
    lifted = lead.send(f"{PAGE}/{entry}/lift?person={dana.id}", form_on=PAGE, reason="New mailbox")
    assert lifted.location == f"/people/{dana.id}"
    assert afresh(session).scalars(select(Suppression)).all() == []
    audit = session.scalars(select(AuditEntry)).one()
    assert (audit.action, audit.subject_kind, audit.subject_id) == ("suppression.lift", "person", dana.id)
    assert audit.detail == {
        "suppression": "bounced",
        "survey": None,
        "since": NOON.isoformat(),
        "reason": "New mailbox",
    }
    gone = lead.send(f"{PAGE}/{entry}/lift", form_on=PAGE, reason="Again")
    assert gone.status_code == 404


def test_only_an_administrator_lifts_what_an_erased_person_asked_for(
    app: Flask, lead: Browser, session: Session
) -> None:
    entry = listed(app, session, "gone@x.example", reason=SuppressionReason.ERASED)
    assert "<summary>Lift</summary>" not in lead.get(PAGE).text
    refused = lead.send(f"{PAGE}/{entry}/lift", form_on=PAGE, reason="Why not")
    assert refused.status_code == 403
    assert len(afresh(session).scalars(select(Suppression)).all()) == 1
    admin = signed_in(app, Role.ADMIN)
    assert "<summary>Lift</summary>" in admin.get(PAGE).text
    assert admin.send(f"{PAGE}/{entry}/lift", form_on=PAGE, reason="Signed up anew").status_code == 303
    assert afresh(session).scalars(select(Suppression)).all() == []


def test_a_stop_outlives_the_person_and_holds_when_they_come_back(
    app: Flask, csm: Browser, session: Session
) -> None:
    dana = make_person(session, email="dana@x.example").id
    csm.send(PAGE, form_on=PAGE, email="dana@x.example", survey="", reason="Asked us")
    with transaction(session):
        session.delete(session.get_one(Person, dana))
    again = make_person(session, email="Dana@x.example", email_key="dana@x.example")
    fingerprint = app.extensions["feedback_vault"].address_hash("dana@x.example")
    assert suppressions(session, [fingerprint]).reason(fingerprint, 1) == SuppressionReason.UNSUBSCRIBED
    assert "Nothing is sent to this person." in csm.get(f"/people/{again.id}").text


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_lifted_without_a_reason(session: Session, reason: str) -> None:
    with pytest.raises(Invalid, match="Say why"):
        lift_suppression(session, 1, reason=reason, user_id=1, now=NOON)
