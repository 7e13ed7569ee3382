"""Themes are made, changed and joined, with their history; people's words are kept."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.errors import Invalid, NotFound
from feedback_app.staff.models import AuditEntry, Role
from feedback_app.themes.models import Theme
from feedback_app.themes.queries import active_themes, all_themes
from feedback_app.themes.services import (
    MOST_THEMES,
    ChangedMeanwhile,
    NameTaken,
    PatternsWrong,
    TooManyThemes,
    add_theme,
    change_theme,
    merge_themes,
    use_starter_set,
)
from tests.factories import make_user
from tests.integration.themes.conftest import make_comment, rows, say, walk


def add(session: Session, name: str, patterns: str = "", **given: object) -> int:
    now = datetime.fromisoformat("2026-11-20T12:00+00:00")
    return add_theme(session, name, patterns, user_id=None, now=now, **given)  # type: ignore[arg-type]


def theme(session: Session, theme_id: int) -> Theme:
    session.expire_all()
    return session.get_one(Theme, theme_id)


def audits(session: Session) -> list[tuple[str, int | None, dict[str, object]]]:
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.subject_id, entry.detail) for entry in entries]


def test_a_new_theme_is_due_in_all_comments_and_stands_in_the_audit(session: Session, now: datetime) -> None:
    user = make_user(session, Role.LEAD)
    added = add_theme(session, " Late  bills ", "  bill* \n", user_id=user.id, now=now)
    made = theme(session, added)
    assert (made.name, made.name_key, made.patterns) == ("Late bills", "late bills", "bill*")
    assert (made.version, made.applied_up_to, made.active) == (1, 0, True)
    (entry,) = session.scalars(select(AuditEntry))
    assert (entry.user_id, entry.action, entry.subject_id) == (user.id, "theme.added", added)


@pytest.mark.only("sqlite")
def test_a_rename_keeps_the_rows_and_both_names_in_the_history(session: Session, now: datetime) -> None:
    added = add(session, "Bills", "bill*")
    response = make_comment(session, "A bill")
    walk(session)
    change_theme(session, added, name="Billing", user_id=None, now=now)
    assert audits(session)[-1] == ("theme.changed", added, {"name": ["Bills", "Billing"]})
    assert rows(session) == [(response, added, "rule")]
    renamed = theme(session, added)
    assert (renamed.version, renamed.applied_up_to, renamed.name_key) == (1, None, "billing")


def test_new_patterns_are_a_new_version_with_the_old_ones_in_the_history(
    session: Session, now: datetime
) -> None:
    added = add(session, "Billing", "bill*")
    walk(session)
    change_theme(session, added, patterns="invoice*", seen_version=1, user_id=None, now=now)
    assert (theme(session, added).version, theme(session, added).applied_up_to) == (2, 0)
    assert audits(session)[-1][2] == {"patterns": ["bill*", "invoice*"]}
    with pytest.raises(ChangedMeanwhile):
        change_theme(session, added, patterns="fee", seen_version=1, user_id=None, now=now)


@pytest.mark.only("sqlite")
def test_a_change_of_nothing_is_none(session: Session, now: datetime) -> None:
    added = add(session, "Billing", "bill*")
    change_theme(session, added, name="Billing", patterns="bill*\n", active=True, user_id=None, now=now)
    assert len(audits(session)) == 1


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "DELIVERY "}, NameTaken),
        ({"name": " "}, Invalid),
        ({"patterns": "ok\n*"}, PatternsWrong),
        ({"colour": "red"}, Invalid),
    ],
)
def test_what_does_not_fit_changes_nothing(
    session: Session, now: datetime, change: dict[str, str], error: type[Exception]
) -> None:
    add(session, "Delivery")
    added = add(session, "Billing", "bill*")
    with pytest.raises(error):
        change_theme(session, added, **change, user_id=None, now=now)  # type: ignore[arg-type]
    assert (theme(session, added).name, theme(session, added).version) == ("Billing", 1)


def test_a_merge_gives_one_theme_the_comments_and_patterns_of_both(session: Session, now: datetime) -> None:
    bills, fees = add(session, "Bills", "bill*\npaid"), add(session, "Fees", "fee*\npaid")
    bill, fee, both = (make_comment(session, words) for words in ("A bill", "A fee", "A bill, a fee"))
    walk(session)
    merge_themes(session, bills, fees, user_id=None, now=now)
    assert rows(session) == [(bill, fees, "rule"), (fee, fees, "rule"), (both, fees, "rule")]
    assert theme(session, fees).patterns == "fee*\npaid\nbill*"
    assert (theme(session, fees).version, theme(session, fees).applied_up_to) == (2, 0)
    walk(session)
    assert rows(session) == [(bill, fees, "rule"), (fee, fees, "rule"), (both, fees, "rule")]


@pytest.mark.only("sqlite")
def test_a_merged_theme_is_kept_off_with_the_history_of_both(session: Session, now: datetime) -> None:
    bills, fees = add(session, "Bills", "bill*"), add(session, "Fees", "fee*")
    make_comment(session, "A bill")
    walk(session)
    merge_themes(session, bills, fees, user_id=None, now=now)
    merged = theme(session, bills)
    assert (merged.name, merged.patterns, merged.active) == ("Bills", "bill*", False)
    assert merged.merged_into_id == fees
    assert audits(session)[-2:] == [
        ("theme.merged", bills, {"into": fees, "moved": 1, "active": True}),
        ("theme.took_over", fees, {"from": bills, "moved": 1, "patterns": ["fee*", "fee*\nbill*"]}),
    ]
    with pytest.raises(Invalid, match="merged into “Fees”"):
        change_theme(session, bills, active=True, user_id=None, now=now)
    assert [one.id for one in active_themes(session)] == [fees]
    assert [one.id for one in all_themes(session)] == [fees, bills]


def test_of_two_rows_of_a_comment_the_merge_keeps_the_stronger(session: Session, now: datetime) -> None:
    bills, fees = add(session, "Bills", "bill"), add(session, "Fees", "fee")
    words = "A bill, a fee"
    person_says_no, no_against_yes, yes_stays, no_moves = (make_comment(session, words) for _ in range(4))
    walk(session)
    say(session, person_says_no, bills, removed=True)  # the rule of the other one says yes
    say(session, no_against_yes, bills)
    say(session, no_against_yes, fees, removed=True)
    say(session, yes_stays, fees)
    say(session, no_moves, bills, removed=True)
    say(session, no_moves, fees, removed=True)
    merge_themes(session, bills, fees, user_id=None, now=now)
    expected = [
        (person_says_no, fees, "-person"),
        (no_against_yes, fees, "person"),
        (yes_stays, fees, "person"),
        (no_moves, fees, "-person"),
    ]
    assert rows(session) == expected
    walk(session)
    assert rows(session) == expected


@pytest.mark.only("sqlite")
def test_a_theme_cannot_be_merged_into_itself_or_into_too_many_patterns(
    session: Session, now: datetime
) -> None:
    many = add(session, "Many", "\n".join(f"word{n}" for n in range(200)))
    more = add(session, "More", "another")
    with pytest.raises(Invalid, match="into itself"):
        merge_themes(session, many, many, user_id=None, now=now)
    with pytest.raises(PatternsWrong, match="up to 200 patterns"):
        merge_themes(session, more, many, user_id=None, now=now)
    assert theme(session, more).active


@pytest.mark.only("sqlite")
def test_a_starter_set_leaves_the_names_that_are_taken(session: Session, now: datetime) -> None:
    mine = add(session, "phone", "ring")
    added = use_starter_set(session, "shop", user_id=None, now=now)
    assert len(added) == 13
    assert theme(session, mine).patterns == "ring"
    assert use_starter_set(session, "shop", user_id=None, now=now) == []
    with pytest.raises(NotFound):
        use_starter_set(session, "zoo", user_id=None, now=now)


@pytest.mark.only("sqlite")
def test_only_so_many_themes_can_be_switched_on(session: Session, now: datetime) -> None:
    first = add(session, "Theme")
    for number in range(1, MOST_THEMES):
        add(session, f"Theme {number}")
    with pytest.raises(TooManyThemes):
        add(session, "One more")
    change_theme(session, first, active=False, user_id=None, now=now)
    add(session, "One more")
    with pytest.raises(TooManyThemes):
        change_theme(session, first, active=True, user_id=None, now=now)
