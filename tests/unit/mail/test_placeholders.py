import html

import pytest

from feedback_app.mail.placeholders import Filling, Slot, Slots


def filled(text, **values):
    slots = Slots()
    return Filling(slots.mark_text(text), slots, str).fill(values)


@pytest.mark.parametrize(
    ("text", "with_value", "without"),
    [
        ("Hi {first_name},", "Hi Dana,", "Hi,"),
        ("Hi {first_name|there},", "Hi Dana,", "Hi there,"),
        ("Hi {{ first_name }},", "Hi Dana,", "Hi,"),
        ("{first_name}, how was it?", "Dana, how was it?", "How was it?"),
        ("{first_name}، كيف كانت؟", "Dana، كيف كانت؟", "كيف كانت؟"),
        ("{first_name|Hello}, how was it?", "Dana, how was it?", "Hello, how was it?"),
        (
            "How was it, really? {first_name}, tell us",
            "How was it, really? Dana, tell us",
            "How was it, really?, tell us",
        ),
        ("{first_name}", "Dana", ""),
        ("Line one\n{first_name}", "Line one\nDana", "Line one\n"),
        ("100 % of {first_name|you}", "100 % of Dana", "100 % of you"),
        ("{first_name} and {first_name}", "Dana and Dana", " and"),
        ("Help with “{first_name|your case}”?", "Help with “Dana”?", "Help with your case?"),
        ("Ça, «\u00a0{first_name}\u00a0»\u00a0?", "Ça, «\u00a0Dana\u00a0»\u00a0?", "Ça,\u00a0?"),
        ("Who (with {first_name})", "Who (with Dana)", "Who (with)"),
    ],
)
def test_a_missing_name_leaves_a_sentence_that_reads_well(text, with_value, without):
    assert filled(text, first_name="Dana") == with_value
    assert filled(text) == without


def test_every_listed_name_is_filled():
    text = filled(
        "{name} {first_name} {agent} {company} {topic}",
        name="Dana Whitfield",
        first_name="Dana",
        agent="Maya",
        company="Acme",
        topic="Export",
    )
    assert text == "Dana Whitfield Dana Maya Acme Export"


@pytest.mark.parametrize(
    "text",
    [
        "{password}",
        "{answer_url}",
        "{{ ''.__class__ }}",
        "{name.__class__}",
        "{name!r}",
        "{0}",
        "%(0)s",
        "%s",
        "{% for x in y %}",
        "{{ config }}",
    ],
)
def test_nothing_but_the_listed_names_is_ever_replaced(text):
    assert filled(text, name="Dana", password="secret", answer_url="https://x") == text


def test_wording_cannot_pass_for_a_marker():
    slots = Slots()
    slots.mark(Slot("unsubscribe_url"))
    text = slots.mark_text("see @0@ @.0@ %(0)s")
    assert Filling(text, slots, str).fill({"unsubscribe_url": "https://x"}) == "see @0@ @.0@ %(0)s"
    assert Slots().nonce != Slots().nonce


def test_a_template_sees_markers_in_ascii_and_nothing_of_the_wording():
    slots = Slots()
    marked = slots.mark_text('Grüße, {name} <b>"') + slots.mark_line("क्षि {topic}") + slots.mark_plain("👍")
    assert set(marked) <= set("@.0123456789abcdef")


def test_a_value_is_never_read_as_a_placeholder():
    assert filled("Hi {name}", name="{topic} %(0)s", topic="T") == "Hi {topic} %(0)s"


def test_a_line_goes_with_its_value():
    slots = Slots()
    text = "".join(
        slots.mark_line(line) for line in ("Case {topic} (closed)", "Agent: {agent}", "Always here")
    )
    assert Filling(text, slots, str).fill({"agent": "Maya"}) == "Agent: Maya\nAlways here\n"
    assert Filling(text, slots, str).fill({"topic": "7"}) == "Case 7 (closed)\nAlways here\n"


def test_marks_around_a_value_are_one_with_its_line():
    slots = Slots()
    text = slots.mark_line("Case “{topic}”")
    assert Filling(text, slots, str).fill({"topic": "7"}) == "Case “7”\n"


def test_what_surrounds_a_value_is_escaped_like_the_value():
    slots = Slots()
    text = slots.mark_line("<b>{topic}</b>") + slots.mark_text("Hi {name|<you>}")
    assert Filling(text, slots, html.escape).fill({"topic": "1 < 2"}) == (
        "&lt;b&gt;1 &lt; 2&lt;/b&gt;\nHi &lt;you&gt;"
    )
