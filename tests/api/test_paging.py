"""Pages by number and by cursor, and the Link to the next one."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.api.v1 import endpoints
from feedback_app.api.v1.endpoints import READS, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import Field, Wrong, text, words
from feedback_app.api.v1.paging import (
    CURSOR_FIELD,
    PAGE_FIELD,
    PER_PAGE_FIELD,
    Page,
    cursor_of,
    link_header,
    place_of,
)
from tests.api.conftest import Program

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


@pytest.fixture(autouse=True)
def _numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offers /numbers, a list of 1 to 45 by cursor."""
    monkeypatch.setattr(endpoints, "ENDPOINTS", list(endpoints.ENDPOINTS))
    since = Field("since", text(), {"type": "string"}, "A filter.")
    tags = Field("tags", words(), {"type": "array", "items": {"type": "string"}}, "A list.")

    @endpoint(
        "GET",
        "/numbers",
        summary="Numbers",
        scope=READS,
        tag="Test",
        fields=(PER_PAGE_FIELD, CURSOR_FIELD, since, tags),
    )
    def numbers(call: Call) -> Page:
        (last,) = place_of(call["page_info"], int) if call["page_info"] else (0,)
        rows = list(range(last + 1, min(last + call["per_page"], 45) + 1))
        return Page(rows, cursor_of(rows[-1]) if rows and rows[-1] < 45 else None)


def pages(program: Program, path: str) -> Iterator[tuple[list[int], str | None]]:
    """Each page and its Link, by following the links as node's client does."""
    url: str | None = path
    while url:
        answer = program.call("GET", url)
        link = answer.headers.get("Link")
        yield answer.json, link  # type: ignore[misc]
        url = re.fullmatch(r'<http://localhost/v1(\S+)>; rel="next"', link)[1] if link else None  # type: ignore[index]


def test_following_the_links_gives_every_row_once_and_ends(program: Program) -> None:
    found = list(pages(program, "/numbers"))
    assert [len(rows) for rows, _ in found] == [20, 20, 5]
    assert [row for rows, _ in found for row in rows] == list(range(1, 46))
    assert found[-1][1] is None


def test_the_link_repeats_the_filters_and_holds_no_comma_or_semicolon(program: Program) -> None:
    answer = program.call(
        "GET", "/numbers.json", query_string="per_page=10&since=1,2;3&tags[]=a,b&tags[]=c&page_info="
    )
    link = answer.headers["Link"]
    assert link.startswith("<http://localhost/v1/numbers.json?")
    assert not set(",;") & set(link.removesuffix('; rel="next"'))
    asked = parse_qs(urlsplit(link[1:].partition(">")[0]).query)
    assert asked == {
        "page_info": [cursor_of(10)],
        "per_page": ["10"],
        "since": ["1,2;3"],
        "tags[]": ["a,b", "c"],
    }


def test_a_map_in_the_query_and_odd_names_in_the_path_are_repeated_too() -> None:
    link = link_header("https://x.example", "/v1/people/a,b;c/x", {"properties": {"Plan": "Pro"}}, "abc")
    assert link == (
        '<https://x.example/v1/people/a%2Cb%3Bc/x?page_info=abc&properties%5BPlan%5D=Pro>; rel="next"'
    )


def test_the_tap_that_appends_its_parameters_to_the_link_gets_the_next_page(program: Program) -> None:
    link = program.get("/numbers", per_page=10).headers["Link"]
    path = re.search(r"/v1(/[^>]+)", link)[1]  # type: ignore[index]
    assert program.call("GET", f"{path}&per_page=3&since=0").json == list(range(11, 21))


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!",
        cursor_of("text"),
        cursor_of(1, 2),
        cursor_of(2**70),
        "W10",
        "bnVsbA",
        "e30",
        "a" * 499,
        "é",
        "a" * 501,
    ],
)
def test_a_cursor_that_is_not_ours_is_422(program: Program, cursor: str) -> None:
    answer = program.get("/numbers", page_info=cursor)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["page_info"]  # type: ignore[index]


@given(st.text(max_size=40))
def test_no_cursor_is_a_fault_of_ours(cursor: str) -> None:
    with suppress(ApiError):
        assert isinstance(place_of(cursor, int)[0], int)


@given(st.integers(-(2**62), 2**62), st.text(max_size=20))
def test_a_cursor_names_its_place(number: int, name: str) -> None:
    cursor = cursor_of(number, name)
    assert place_of(cursor, int, str) == (number, name)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)


@pytest.mark.parametrize(("came", "rows"), [(None, 20), ("1", 1), ("100", 100), ("101", 100), (10**6, 100)])
def test_more_than_a_hundred_a_page_are_cut(came: Any, rows: int) -> None:
    assert PER_PAGE_FIELD.value({"per_page": came}) == rows


@pytest.mark.parametrize("field", [PER_PAGE_FIELD, PAGE_FIELD])
@pytest.mark.parametrize("came", ["0", "-1", "many", "1.5", True])
def test_a_page_that_is_no_number_is_refused(field: Field, came: Any) -> None:
    with pytest.raises(Wrong):
        field.value({field.name: came})


def test_a_page_far_behind_the_last_can_be_asked_for() -> None:
    assert PAGE_FIELD.value({"page": "999999999999"}) == 10**9
