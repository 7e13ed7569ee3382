"""In which spellings values may come, and how each is read."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import (
    Wrong,
    boolean,
    choice,
    email,
    integer,
    moment,
    phone_number,
    properties,
    row_id,
    text,
    words,
)
from feedback_app.api.v1.parsing import given_values

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def sent(data: bytes = b"", kind: str = "", query: str = "", method: str = "POST") -> dict[str, Any]:
    """What is read of such a request; no `kind`: without a Content-Type."""
    builder = EnvironBuilder(method=method, data=data, query_string=query)
    environ = builder.get_environ()
    environ["CONTENT_TYPE"] = kind
    return given_values(Request(environ))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"email": "a@b.c", "properties": {"Plan": "Pro"}}', JSON),
        (b'{"email": "a@b.c", "properties": {"Plan": "Pro"}}', "application/json; charset=utf-8"),
        (b'\xef\xbb\xbf{"email": "a@b.c", "properties": {"Plan": "Pro"}}', JSON),  # a byte order mark
        (b'{"email": "a@b.c", "properties": {"Plan": "Pro"}}', ""),
        (b'{"email": "a@b.c", "properties": {"Plan": "Pro"}}', FORM),  # what `curl -d` calls it
        (b"email=a%40b.c&properties%5BPlan%5D=Pro", FORM),
        (b"email=a@b.c&properties[Plan]=Pro", ""),  # plain Go programs
    ],
)
def test_a_body_is_read_in_every_spelling(data: bytes, kind: str) -> None:
    assert sent(data, kind) == {"email": "a@b.c", "properties": {"Plan": "Pro"}}


def test_a_form_of_several_parts_is_read() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="properties[Plan]"\r\n\r\nPro\r\n--x--\r\n'
    assert sent(body, "multipart/form-data; boundary=x") == {"properties": {"Plan": "Pro"}}


@pytest.mark.parametrize("kind", [JSON, FORM, ""])
def test_no_body_is_nothing(kind: str) -> None:
    assert sent(b"", kind) == {}
    assert sent(b" \n", kind) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[1]",
        b"null",
        b'"a"',
        b"7",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"\xff",
        b"[" * 100_000,
        b"1" * 5000,
    ],
)
def test_json_that_is_none_or_no_object_is_422(data: bytes) -> None:
    with pytest.raises(ApiError) as refused:
        sent(data, JSON)
    assert refused.value.status == 422
    assert list(refused.value.errors) == ["base"]


def test_a_form_that_is_no_text_is_422() -> None:
    with pytest.raises(ApiError) as refused:
        sent(b"\xff\xfe=1", FORM)
    assert refused.value.status == 422


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("data", [b"{}", b"{", b'{"page": 9}'])
def test_the_body_of_a_get_is_ignored(method: str, data: bytes) -> None:
    assert sent(data, JSON, "page=2", method) == {"page": "2"}


def test_query_and_body_are_merged_and_the_body_counts() -> None:
    assert sent(b'{"a": 1, "b": 2}', JSON, "b=3&c=4", "DELETE") == {"a": 1, "b": 2, "c": "4"}


def test_of_a_doubled_name_the_first_counts() -> None:
    assert sent(query="per_page=5&per_page=100&p[a]=1&p[a]=2", method="GET") == {
        "per_page": "5",
        "p": {"a": "1"},
    }


def test_plus_is_a_blank_in_a_query() -> None:
    assert sent(query="name=Ann+Lee&phone_number=%2B49", method="GET") == {
        "name": "Ann Lee",
        "phone_number": "+49",
    }


@pytest.mark.parametrize("query", ["expand[]=person&expand[]=notes", "expand=person&expand=notes"])
@pytest.mark.usefixtures("done")
def test_a_list_in_a_query_is_read_in_both_spellings(program: Any, query: str) -> None:
    answer = program.call("GET", "/echo", query_string=query.replace("expand", "tags"))
    assert answer.json["tags"] == ["person", "notes"]


@given(
    data=st.binary(max_size=60),
    kind=st.sampled_from([JSON, FORM, "", "multipart/form-data; boundary=x", "a/b"]),
)
@settings(max_examples=200)
def test_no_body_is_a_fault_of_ours(data: bytes, kind: str) -> None:
    with suppress(ApiError):
        assert isinstance(sent(data, kind), dict)


READERS = {
    "text": text(254),
    "integer": integer(0, 10),
    "boolean": boolean,
    "moment": moment,
    "row_id": row_id,
    "email": email,
    "phone_number": phone_number,
    "choice": choice("asc", "desc"),
    "words": words(),
    "properties": properties,
}


@pytest.mark.parametrize(
    ("reader", "came", "read"),
    [
        ("text", 7, "7"),
        ("text", "a\0b\ud800", "ab?"),
        ("integer", "7", 7),
        ("integer", 7.0, 7),
        ("boolean", "True", True),
        ("boolean", 0, False),
        ("boolean", "1", True),
        ("row_id", 36880165, 36880165),
        ("row_id", "0036", 36),
        ("row_id", "-1", 0),
        ("row_id", 2**40, 0),
        ("email", " Jo@Example.com ", "Jo@Example.com"),
        ("phone_number", "+1 713-274 6524", "+17132746524"),
        ("words", "shipping", ["shipping"]),
        (
            "properties",
            {"a": 1, "b": True, "c": "", "d": None, "e": 1.5},
            {"a": "1", "b": "true", "e": "1.5"},
        ),
    ],
)
def test_a_value_is_read_as(reader: str, came: object, read: object) -> None:
    assert READERS[reader](came) == read


@pytest.mark.parametrize(
    ("reader", "came", "words_of_it"),
    [
        ("text", "x" * 255, "must be less than 255 characters"),
        ("text", ["a"], "is invalid"),
        ("text", True, "is invalid"),
        ("integer", "seven", "is not a number"),
        ("integer", 7.5, "is not a number"),
        ("integer", True, "is not a number"),
        ("integer", "٧", "is not a number"),
        ("integer", 11, "must be between 0 and 10"),
        ("boolean", "yes", "is invalid"),
        ("moment", "yesterday", "is not a number"),
        ("email", "nobody", "is invalid"),
        ("phone_number", "0171", "is invalid"),
        ("choice", "ASC", "is not included in the list"),
        ("choice", ["asc"], "is not included in the list"),
        ("properties", {"a": ["b"]}, "is invalid"),
        ("properties", "a=b", "is invalid"),
    ],
)
def test_a_value_is_refused_with_words(reader: str, came: object, words_of_it: str) -> None:
    with pytest.raises(Wrong) as refused:
        READERS[reader](came)
    assert str(refused.value) == words_of_it


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=JSON_VALUES)
@settings(max_examples=300)
def test_no_value_is_a_fault_of_ours(value: object) -> None:
    for read in READERS.values():
        try:
            made = read(value)
        except Wrong:
            continue
        json.dumps(made, default=str).encode()
        assert "\\u0000" not in json.dumps(made, default=str)
