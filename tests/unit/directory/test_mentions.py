"""Finding a person's address in what others wrote, in whatever spelling, and nobody else's."""

import pytest

from feedback_app.directory.mentions import Mentions, blacked_out

DANA = Mentions(7, ("Dana+x@Harrow.example", "dana+x@harrow.example", "+17132746524"))
JOERG = Mentions(8, ("Jörg@harrow.example",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ask dana+x@harrow.example.", "Ask [erased 7]."),
        ("<DANA+X@HARROW.EXAMPLE>", "<[erased 7]>"),
        ("email=dana%2Bx%40harrow.example&a=1", "email=[erased 7]&a=1"),
        ("to%3Ddana%2bx%40harrow.example", "to%3D[erased 7]"),
        ("Hello,\\ndana+x@harrow.example", "Hello,\\n[erased 7]"),
        ("call +17132746524 now", "call [erased 7] now"),
        ("call %2B17132746524", "call [erased 7]"),
        ("verdana+x@harrow.example", "verdana+x@harrow.example"),
        ("dana+x@harrow.example.org", "dana+x@harrow.example.org"),
        ("x-dana+x@harrow.example", "x-dana+x@harrow.example"),
        ("+171327465240", "+171327465240"),
        ("dana@harrow.example", "dana@harrow.example"),
    ],
)
def test_a_text_loses_the_name_and_nothing_else(text: str, found: str) -> None:
    assert blacked_out(text, DANA) == found


def test_what_is_nested_is_searched_too_and_stays_of_its_kind() -> None:
    value = {"cc": ["dana+x@harrow.example", 3, None], "dana+x@harrow.example": True}
    assert blacked_out(value, DANA) == {"cc": ["[erased 7]", 3, None], "[erased 7]": True}


def test_bytes_keep_their_length_and_what_is_no_text_in_them() -> None:
    assert blacked_out(b"\xff\x00 Dana+x@harrow.example \xfe", DANA) == b"\xff\x00 " + b"*" * 21 + b" \xfe"


def test_letters_beyond_ascii_are_found_as_text_json_and_bytes() -> None:
    assert blacked_out("jörg@harrow.example", JOERG) == "[erased 8]"
    assert blacked_out(r'{"a": "J\u00f6rg@harrow.example"}', JOERG) == '{"a": "[erased 8]"}'
    assert blacked_out("Jörg@harrow.example".encode(), JOERG) == b"*" * 20
