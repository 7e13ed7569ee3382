"""Pages and filters of the ledger."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Campaign
from feedback_app.db import db
from feedback_app.invitations.models import EventState, InvitationState, Outcome, Reminder
from feedback_app.invitations.pausing import pause
from feedback_app.ledger import queries
from feedback_app.ledger.attention import Attention, attention
from feedback_app.ledger.pages import Page
from feedback_app.ledger.queries import REMINDER_UNCERTAIN, LedgerFilter, LedgerLine, ledger_page
from feedback_app.ledger.received import EventFilter, events_page
from tests.factories import NOON, keep, make_account, make_person, make_source, make_survey, make_trigger
from tests.integration.ledger.rows import make_entry, make_event, make_invited


def page(wanted: LedgerFilter = LedgerFilter(), **more: object) -> Page[LedgerLine]:  # noqa: B008  # it is frozen
    db.session.rollback()
    return ledger_page(db.session.connection(), wanted, **more)  # type: ignore[arg-type]


def ids(found: Page[LedgerLine]) -> list[int]:
    return [line.row.id for line in found.lines]


def test_pages_run_through_everything_newest_first_and_back(session: Session) -> None:
    # Two of the same moment stand in the order of their ids.
    made = [make_entry(session, at=NOON + timedelta(minutes=minute)).id for minute in (0, 1, 1, 2, 3)]
    first = page(size=2)
    assert (ids(first), first.newer) == ([made[4], made[3]], None)
    second = page(size=2, after=first.older)
    assert ids(second) == [made[2], made[1]]
    third = page(size=2, after=second.older)
    assert (ids(third), third.older) == ([made[0]], None)
    assert ids(page(size=2, before=third.newer)) == ids(second)
    assert ids(page(size=2, before=second.newer)) == ids(first)


def test_rows_that_arrive_meanwhile_move_nothing(session: Session) -> None:
    old = [make_entry(session, at=NOON + timedelta(minutes=minute)).id for minute in range(3)]
    first = page(size=2)
    make_entry(session, at=NOON + timedelta(minutes=9))
    assert ids(page(size=2, after=first.older)) == [old[0]]


def test_each_filter_finds_its_rows(session: Session) -> None:
    account = make_account(session)
    person = make_person(session, account_id=account.id)
    source, survey = make_source(session), make_survey(session)
    campaign = keep(session, Campaign(survey_id=survey.id, name="Autumn", created_at=NOON))
    trigger = make_trigger(session, source_id=source.id)
    event = make_event(session, "A-1", source_id=source.id)
    hit = make_entry(
        session,
        Outcome.THROTTLED,
        event_id=event.id,
        trigger_id=trigger.id,
        survey_id=trigger.survey_id,
        person_id=person.id,
    )
    asked = make_entry(session, Outcome.UNSUBSCRIBED, campaign_id=campaign.id, survey_id=survey.id)
    make_entry(session, Outcome.NO_TRIGGER, at=NOON - timedelta(days=1))
    for wanted in (
        LedgerFilter(outcome="throttled"),
        LedgerFilter(trigger_id=trigger.id),
        LedgerFilter(survey_id=trigger.survey_id),
        LedgerFilter(source_id=source.id),
        LedgerFilter(person_id=person.id),
        LedgerFilter(account_id=account.id),
        LedgerFilter(case="A-1"),
    ):
        assert ids(page(wanted)) == [hit.id], wanted
    assert ids(page(LedgerFilter(campaign_id=campaign.id))) == [asked.id]
    assert ids(page(LedgerFilter(is_from_list=True))) == [asked.id]
    assert ids(page(LedgerFilter(since=NOON))) == [asked.id, hit.id]
    assert len(page(LedgerFilter(until=NOON)).lines) == 1
    assert ids(page(LedgerFilter(case="A"))) == []


@pytest.mark.parametrize("few", [0, 100])
def test_a_state_finds_the_same_rows_whether_few_or_many_have_it(
    session: Session, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    source = make_source(session)
    sent = [make_invited(session, str(number), source=source) for number in range(3)]
    make_invited(session, "9", state=InvitationState.BOUNCED)
    found = page(LedgerFilter(state="sent"))
    assert [line.row.invitation_id for line in found.lines] == [one.id for one in reversed(sent)]
    assert len(page(LedgerFilter(state="sent", source_id=source.id)).lines) == 3


def test_an_uncertain_reminder_is_found_by_a_filter_of_its_own(session: Session) -> None:
    invitation = make_invited(session)
    make_invited(session, "2")
    times = dict.fromkeys(("created_at", "changed_at", "due_at", "expires_at"), NOON)
    whom = {"survey_id": invitation.survey_id, "person_id": invitation.person_id}
    keep(session, Reminder(invitation_id=invitation.id, state=InvitationState.UNCERTAIN, **whom, **times))
    found = page(LedgerFilter(state=REMINDER_UNCERTAIN))
    assert [line.row.invitation_id for line in found.lines] == [invitation.id]
    assert found.lines[0].reminder is not None
    assert found.lines[0].reminder.text == "Uncertain"
    assert page(LedgerFilter(state="uncertain")).lines == []


def test_a_line_names_the_invitation_that_is_in_the_way(session: Session) -> None:
    make_entry(
        session, Outcome.THROTTLED, reason="Not before 2026-12-01 10:00 UTC, because of invitation 12."
    )
    make_entry(session, Outcome.SAMPLED_OUT, reason="The trigger asks 50 % of the people.")
    assert [line.in_the_way for line in page().lines] == [None, 12]


def test_events_are_listed_whatever_came_of_them(session: Session) -> None:
    source = make_source(session)
    states = (EventState.DONE, EventState.IGNORED, EventState.UNREADABLE, EventState.RECEIVED)
    made = {state: make_event(session, str(state), state=state, source_id=source.id).id for state in states}
    connection = session.connection()
    assert [line.row.id for line in events_page(connection, EventFilter()).lines] == sorted(made.values())[
        ::-1
    ]
    for state, event_id in made.items():
        found = events_page(connection, EventFilter(state=state, source_id=source.id)).lines
        assert [line.row.id for line in found] == [event_id]
    assert events_page(connection, EventFilter(until=NOON)).lines == []
    assert len(events_page(connection, EventFilter(since=NOON), size=2).lines) == 2


def test_nothing_needs_attention_when_all_is_well(session: Session) -> None:
    make_invited(session)
    make_event(session, "new", state=EventState.RECEIVED)
    found = attention(session, NOON + timedelta(minutes=4))
    assert found == Attention(0, 0, 0, 0, 0, None)
    assert not found.is_needed


def test_attention_counts_what_does_not_settle_by_itself(session: Session) -> None:
    make_invited(session, "1", state=InvitationState.UNCERTAIN)
    make_invited(session, "2", state=InvitationState.FAILED)
    make_invited(session, "3", state=InvitationState.FAILED, due_at=NOON - timedelta(days=8))
    make_event(session, "4", state=EventState.UNREADABLE)
    make_event(session, "5", state=EventState.RECEIVED)
    paused = pause(session, "The mail server refuses the login.", now=NOON)
    assert attention(session, NOON + timedelta(minutes=6)) == Attention(1, 0, 1, 1, 1, paused)
