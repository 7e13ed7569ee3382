"""How often people agree with the tagger: counted once a comment, blind checks apart."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from feedback_app.tagging.agreement import (
    Agreement,
    MonthOfAgreement,
    agreement_by_month,
    agreement_chart,
)
from feedback_app.tagging.models import Judgement
from tests.factories import keep, make_response

BERLIN = ZoneInfo("Europe/Berlin")
NONE = Agreement(0, 0)


def judge(session: Session, response_id: int, words: str, at: datetime, **given: object) -> None:
    tagger, person = words.split()
    said = {"tagger_said": tagger, "person_said": person, "tagger": "words 1", "kind": "sentiment"}
    keep(session, Judgement(response_id=response_id, at=at, **said | given))


def test_agreement_is_counted_by_month_version_and_kind_with_the_last_word(session: Session) -> None:
    one, two, three = (make_response(session, comment="Hm").id for _ in range(3))
    october, november = datetime(2026, 10, 31, 22, 30, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)
    judge(session, one, "negative positive", october, blind=True)
    judge(session, one, "negative negative", october, blind=True)  # thought again
    judge(session, two, "neutral positive", october, blind=True)
    judge(session, three, "neutral neutral", october)
    judge(session, three, "positive neutral", november, tagger="words 2", blind=True)
    judge(session, three, "no yes", november, kind="theme")
    judge(session, two, "- positive", november, tagger_said=None)
    assert agreement_by_month(session.connection(), BERLIN) == [
        MonthOfAgreement(date(2026, 11, 1), "words 2", Agreement(0, 1), NONE),
        MonthOfAgreement(date(2026, 10, 1), "words 1", Agreement(1, 2), Agreement(1, 1)),
    ]


def test_a_month_begins_at_midnight_where_the_reader_is(session: Session) -> None:
    judge(
        session,
        make_response(session, comment="Hm").id,
        "neutral neutral",
        datetime(2026, 10, 31, 23, 30, tzinfo=UTC),
    )
    (berlin,) = agreement_by_month(session.connection(), BERLIN)
    (utc,) = agreement_by_month(session.connection(), ZoneInfo("UTC"))
    assert (berlin.month, utc.month) == (date(2026, 11, 1), date(2026, 10, 1))


def test_a_share_has_an_interval_from_five_on() -> None:
    assert (Agreement(4, 4).percent, Agreement(4, 4).interval) == (100.0, None)
    interval = Agreement(45, 60).interval
    assert interval is not None
    assert (round(interval.low, 1), round(interval.high, 1)) == (62.8, 84.2)
    assert Agreement(0, 0).percent is None


def month(number: int, blind: Agreement) -> MonthOfAgreement:
    return MonthOfAgreement(date(2026, number, 1), "words 1", blind, NONE)


def test_the_chart_goes_from_old_to_new_and_leaves_out_what_says_little() -> None:
    chart = agreement_chart(
        [month(11, Agreement(10, 10)), month(10, Agreement(1, 2)), month(9, Agreement(5, 10))]
    )
    assert chart is not None
    assert [(dot.month.month.month, dot.x, dot.y) for dot in chart.dots] == [
        (9, 150.5, 84.0),
        (11, 363.5, 12.0),
    ]
    assert all(dot.high <= dot.y <= dot.low for dot in chart.dots)
    assert chart.ticks[0] == (156.0, 0)


@pytest.mark.parametrize("months", [[], [month(11, Agreement(10, 10))]])
def test_one_point_is_no_chart(months: list[MonthOfAgreement]) -> None:
    assert agreement_chart(months) is None
