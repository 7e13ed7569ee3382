"""find(): what is personal data in a text, and what only looks like it. The labelled set has many more."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.privacy.personal import Kind, find


def found(text: str, *names: str) -> list[tuple[str, str]]:
    return [(one.kind.value, text[one.start : one.end]) for one in find(text, names)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to dana.whitfield@example.com.", [("email", "dana.whitfield@example.com")]),
        ("dana (at) example.com", [("email", "dana (at) example.com")]),
        ("My mail is dana at example dot com", [("email", "dana at example dot com")]),
        ("Call 07700 900123!", [("phone", "07700 900123")]),
        ("(202) 555-0142", [("phone", "(202) 555-0142")]),
        ("My card 4111 1111 1111 1111 12/28", [("card", "4111 1111 1111 1111")]),
        ("DE89 3704 0044 0532 0130 00 and thanks", [("iban", "DE89 3704 0044 0532 0130 00")]),
        ("my name is Dana Whitfield and I wait", [("name", "Dana Whitfield")]),
        ("Slow.\nKind regards,\nDana van Whitfield", [("name", "Dana van Whitfield")]),
    ],
)
def test_each_kind_is_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "we look at example dot com",
        "@support never answers; see you @ 10",
        "order 2025550123",
        "192.168.10.254 on 2026-03-14 10:30, version 2.14.3.2025, 1,299.00 EUR",
        "4111 1111 1111 1112",
        "DE88 3704 0044 0532 0130 00",
        "Amount 612 345 678",
        "My name is spelled wrong. Dear Support, call me maybe. Dr Pepper. Thanks, Team",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert found(text) == []


def test_the_persons_own_name_is_found_with_its_parts_but_not_as_a_word():
    assert found("DANA waited, Whitfield said so", "Dana Whitfield") == [
        ("name", "DANA"),
        ("name", "Whitfield"),
    ]
    assert found("It will do; ask Will Price or will.price", "Will Price") == [
        ("name", "Will Price"),
        ("name", "will.price"),
    ]
    assert found("Ask Whitfield", "d.whitfield@example.com") == [("name", "Whitfield")]


def test_of_two_that_overlap_the_more_certain_one_stays():
    assert found("dana@example.com", "Dana") == [("email", "dana@example.com")]


def test_a_list_of_numbers_is_masked_by_their_length_once_it_is_too_long_to_look_up():
    listed = "\n".join(f"1234567{n:04}" for n in range(200))
    assert 0 < len(find(listed)) <= 100
    assert find(listed)[-1].end == len(listed)


HOSTILE = ("a@", "1((((", "DE12 ", "Regards\n", "a at b dot ", "+49 30 23125 12 ", "Thanks ", "A'a", "(at)")


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_costs_time_by_its_length_only(piece):
    find("+1 202-555-0100")  # the libraries are loaded once
    text = piece * (40_000 // len(piece))
    begun = time.perf_counter()
    find(text, ("Dana Whitfield",))
    assert time.perf_counter() - begun < 2


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_is_searched_and_what_is_found_lies_apart_and_in_order(text, names):
    spans = find(text, names)
    ends = [0, *(one.end for one in spans)]
    assert all(end <= one.start < one.end <= len(text) for end, one in zip(ends, spans, strict=False))


def test_the_libraries_are_loaded_only_for_a_text_with_digits():
    code = (
        "import sys; from feedback_app.privacy.personal import find; find('Great, Dana', ['Dana']);"
        "assert not {'phonenumbers', 'stdnum', 'flask', 'sqlalchemy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_kind_has_its_placeholder():
    from feedback_app.privacy.masking import PLACEHOLDERS

    assert set(PLACEHOLDERS) == set(Kind)
