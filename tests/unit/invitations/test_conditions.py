"""Which events a trigger is about, and why the others are not."""

from datetime import timedelta
from typing import Any

import pytest

from feedback_app.errors import Invalid
from feedback_app.invitations.conditions import (
    Condition,
    Previous,
    checked_conditions,
    is_own_case,
    of_json,
    previous_of,
    read_condition,
    unmet,
)
from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.invitations.throttle import Asked
from tests.factories import NOON

EVENT = ParsedEvent(
    EventKind.INTERACTION_CLOSED,
    "84213",
    NOON,
    channel="email",
    subject="Wrong  seat count on the Invoice",
    contact=Contact(email="dana@harrow.example", company="Harrow Finch GmbH", company_id="hf-9"),
    agent=Agent("17", "Priya Raman", "priya@northlight.example", "Billing"),
    tags=("vip", "refund_requested"),
    properties={"plan": "Pro", "seats": 40, "Trial": False, "note": None},
)
SILENT = ParsedEvent(EventKind.INTERACTION_CLOSED, "1", NOON)


def why_not(written: str, event: ParsedEvent = EVENT, previous: Previous = Previous.NEVER_ASKED) -> str:
    return unmet([read_condition(written)], event, previous)


@pytest.mark.parametrize(
    "written",
    [
        "tag is vip",
        "tag is gold, VIP",
        "tag is not gold",
        "tag contains vip",
        "tag does not contain refund",  # tags compare whole
        "group is billing",
        "channel is not chat, phone",
        "agent is Priya Raman",
        "agent is 17",
        "agent is PRIYA@northlight.example",
        "organization is harrow finch gmbh",
        "organization is HF-9",
        "organization contains finch",
        "subject contains seat count",
        "subject does not contain test",
        "property:plan is pro",
        "property:PLAN is not Free",
        "property:seats is 40",
        "property:trial is no",
        "auto_closed is no",
        "own_case is not yes",
        "previous is never_asked",
    ],
)
def test_a_condition_that_holds_has_nothing_to_say(written: str) -> None:
    assert why_not(written) == ""


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("tag is gold", "the tag is not gold"),
        ("tag is gold, silver", "the tag is not gold or silver"),
        ("tag is not vip, gold", "the tag is vip"),
        ("tag contains refund", "the tag is not refund"),
        ("group is Sales", "the group is not Sales"),
        ("subject contains parrot", "the subject does not contain parrot"),
        ("subject does not contain INVOICE", "the subject contains INVOICE"),
        ("property:plan is Free", "the property plan is not Free"),
        ("property:note is x", "the property note is not x"),
        ("auto_closed is yes", "it was not closed automatically"),
        ("own_case is yes", "it is not the agent's own case"),
        ("previous is answered", "the person was never asked this survey"),
    ],
)
def test_one_that_does_not_hold_says_so_in_words(written: str, why: str) -> None:
    assert why_not(written) == why


FIELDS = ("tag", "group", "channel", "agent", "organization", "subject", "property:plan")


@pytest.mark.parametrize("field", FIELDS)
def test_what_the_event_does_not_tell_fits_no_value(field: str) -> None:
    assert why_not(f"{field} is x", SILENT)
    assert why_not(f"{field} contains x", SILENT)
    assert why_not(f"{field} is not x", SILENT) == ""
    assert why_not(f"{field} does not contain x", SILENT) == ""


def test_of_several_the_first_that_does_not_hold_is_told() -> None:
    conditions = [read_condition(written) for written in ("tag is vip", "channel is chat", "group is Sales")]
    assert unmet(conditions, EVENT, Previous.NEVER_ASKED) == "the channel is not chat"
    assert unmet([], EVENT, Previous.NEVER_ASKED) == ""


@pytest.mark.parametrize(
    ("is_auto_closed", "why"), [(True, "it was closed automatically"), (False, ""), (None, "")]
)
def test_who_does_not_say_how_it_was_closed_has_closed_it_by_hand(
    is_auto_closed: bool | None, why: str
) -> None:
    event = ParsedEvent(EventKind.INTERACTION_CLOSED, "1", NOON, is_auto_closed=is_auto_closed)
    assert why_not("auto_closed is no", event) == why_not("auto_closed is not yes", event) == why


@pytest.mark.parametrize(
    ("customer", "agent", "is_own"),
    [
        ("priya@northlight.example", "Priya@Northlight.example", True),
        ("erik@northlight.example", "priya@northlight.example", True),
        ("dana@harrow.example", "priya@northlight.example", False),
        ("dana@mail.northlight.example", "priya@northlight.example", False),
        ("dana@gmail.com", "priya@gmail.com", False),
        ("priya@gmail.com", "priya@gmail.com", True),
        (None, None, False),
        ("dana@harrow.example", None, False),
    ],
)
def test_a_case_of_the_agents_own_company_is_told_by_the_domain(
    customer: str | None, agent: str | None, is_own: bool
) -> None:
    event = ParsedEvent(
        EventKind.INTERACTION_CLOSED, "1", NOON, contact=Contact(email=customer), agent=Agent(email=agent)
    )
    assert is_own_case(event) is is_own


def test_the_last_invitation_of_the_same_survey_counts() -> None:
    def asked(days_ago: int, survey_id: int, *, is_answered: bool) -> Asked:
        return Asked(1, survey_id, NOON - timedelta(days=days_ago), is_answered)

    earlier = [asked(40, 7, is_answered=True), asked(9, 7, is_answered=False), asked(1, 8, is_answered=True)]
    assert previous_of(earlier, 7) is Previous.UNANSWERED
    assert previous_of(earlier[:1], 7) is Previous.ANSWERED
    assert previous_of(earlier, 9) is Previous.NEVER_ASKED
    assert why_not("previous is not unanswered", previous=Previous.UNANSWERED) == (
        "the person did not answer this survey last time"
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("tag is vip,gold ", "tag is vip or gold"),
        ("property:Plan  Name is not Free", "property Plan Name is not Free"),
        ("subject does not contain is not", "subject does not contain is not"),
        ("AUTO_CLOSED is not yes", "not closed automatically"),
        ("own_case is no", "not the agent's own case"),
        (
            "previous is not answered",
            "never asked this survey before or did not answer this survey last time",
        ),
    ],
)
def test_a_condition_is_told_in_words(written: str, words: str) -> None:
    condition = read_condition(written)
    assert condition.words() == words
    assert read_condition(condition.written()) == condition


def test_json_gives_the_same_conditions_back() -> None:
    conditions = (Condition("tag", "is_not", ("vip", "gold")), Condition("property:plan", "is", ("Pro",)))
    assert of_json([one.to_json() for one in conditions]) == conditions


def test_texts_are_tidied_and_nothing_is_kept_twice() -> None:
    given = [Condition(" tag", "is", (" vip ", "vip", "")), Condition("tag", "is", ("vip",))]
    assert checked_conditions(given) == (Condition("tag", "is", ("vip",)),)


@pytest.mark.parametrize(
    ("field", "op", "values", "sentence"),
    [
        ("colour", "is", ["red"], "cannot be about 'colour'"),
        ("property:", "is", ["red"], "cannot be about 'property:'"),
        ("tag", "equals", ["vip"], "cannot say 'equals'"),
        ("tag", "is", [" "], "about the tag says nothing to compare with"),
        ("tag", "is", ["x" * 201], "too long"),
        ("tag", "is", [str(number) for number in range(51)], "too long"),
        ("auto_closed", "contains", ["yes"], "one of: yes, no"),
        ("previous", "is", ["maybe"], "one of: never_asked, answered, unanswered"),
        ("auto_closed", "is", ["yes", "no"], "always or never"),
        ("own_case", "is_not", ["yes", "no"], "always or never"),
    ],
)
def test_what_is_no_condition_is_refused_in_a_sentence(
    field: str, op: str, values: list[str], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        checked_conditions([Condition(field, op, tuple(values))])
    assert "nothing was saved" in refused.value.message.lower()


def test_a_trigger_has_no_more_conditions_than_anybody_can_read() -> None:
    many: Any = [Condition("tag", "is", (str(number),)) for number in range(21)]
    with pytest.raises(Invalid, match="at most 20"):
        checked_conditions(many)


@pytest.mark.parametrize("written", ["", "tag", "tag vip", "tag equals vip", "is vip"])
def test_words_that_are_no_condition_are_refused(written: str) -> None:
    with pytest.raises(Invalid, match="is not a condition"):
        read_condition(written)
