"""Taking personal data out of what databases keep."""

import json

import pytest

from feedback_app.privacy.personal import Kind
from feedback_app.privacy.redactor import Redactor

MAIL = "Mail zqx@other.example"


def test_what_was_written_goes_whole_and_is_counted() -> None:
    redactor = Redactor()
    assert redactor.written({"free": [MAIL, "Fine", 7, None]}) == {"free": ["Mail [e-mail]", "Fine", 7, None]}
    assert redactor.counts == {Kind.EMAIL: 1}


def test_a_value_that_only_says_who_stays_where_programs_sent_it() -> None:
    sent = {"email": "zqx@other.example", "from": "Dana Moss <dana@example.com>", "phone": "+44 20 7946 0123"}
    assert Redactor(names=["Dana Moss"]).kept_apart(sent) == sent
    assert Redactor().kept_apart({"note": MAIL}) == {"note": "Mail [e-mail]"}


def test_colleagues_and_companies_with_the_customers_name_keep_theirs() -> None:
    sent = {"agent": {"name": "Dana Gallagher"}, "company": "Maison Moss", "subject": "Call Dana Gallagher"}
    left = Redactor(names=["Dana Moss"]).kept_apart(sent)
    assert left == sent | {"subject": "Call [name] Gallagher"}


def test_a_card_goes_even_where_it_stands_alone_or_is_a_number_but_ids_stay() -> None:
    sent = {
        "card": "4111111111111111",
        "number": 4111111111111111,
        "id": 4111111111111111,
        "case_id": "4242424242424242",
    }
    assert Redactor().kept_apart(sent) == sent | {"card": "[card]", "number": "[card]"}


def test_only_the_kinds_that_are_asked_for_go() -> None:
    text = f"{MAIL}, 4111 1111 1111 1111"
    assert Redactor([Kind.CARD]).written(text) == f"{MAIL}, [card]"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (b'{"ticket": {"text": "Mail zqx@other.example"}}', b'{"ticket": {"text": "Mail [e-mail]"}}'),
        (b'{"a" :1}', b'{"a" :1}'),  # nothing found: byte for byte
        (
            b"who=zqx%40other.example&said=Mail+zqx%40other.example",
            b"who=zqx%40other.example&said=Mail+%5Be-mail%5D",
        ),
        (b"\xffMail zqx@other.example", b"\xffMail [e-mail]"),
        (b"[" * 100_000, b"[" * 100_000),
        (b"", b""),
    ],
)
def test_a_body_keeps_its_form(body: bytes, left: bytes) -> None:
    assert Redactor().body(body) == left


def test_a_message_loses_what_was_written_and_says_who_as_before() -> None:
    person = {"email": "dana@example.com", "name": "Dana Moss"}
    sent = {
        "comment": "dana@example.com",
        "person": person,
        "feedback": {"evidence": [{"word": "zqx@other.example"}]},
    }
    left = json.loads(Redactor(names=["Dana Moss"]).message_text(json.dumps({"event_data": sent})))[
        "event_data"
    ]
    assert (left["comment"], left["person"]) == ("[e-mail]", person)
    assert left["feedback"] == {"evidence": [{"word": "[e-mail]"}]}


def test_a_message_in_which_nothing_is_found_stays_byte_for_byte() -> None:
    assert Redactor().message_bytes(b'{"score" : 3}') == b'{"score" : 3}'
