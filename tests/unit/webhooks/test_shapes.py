"""Messages as they go out, compared with files in snapshots/."""

import json
from pathlib import Path

import pytest

from feedback_app.webhooks.models import Shape
from feedback_app.webhooks.shapes import LONGEST_COMMENT, Story, message, shortened, without_personal_data

SNAPSHOTS = Path(__file__).resolve().parents[2] / "snapshots" / "webhooks"
STORY = Story(
    kind="survey_response.created",
    event_id="a" * 64,
    data={"id": "7", "score": 3, "comment": "Slow & <!channel> *broken*\nTwice."},
    title="New response: detractor, 3 of 10",
    text="Slow & <!channel> *broken*\nTwice.",
    about=("Dana <Whitfield>", "Relationship"),
    link="https://feedback.example.org/r/ALmUkRpgBNPkvxcniCKw7gCeS9RjnLw8",
)


@pytest.mark.parametrize("shape", list(Shape))
def test_a_message_is_the_one_that_is_kept(shape: Shape) -> None:
    kept = json.loads((SNAPSHOTS / f"{shape}.json").read_text())
    assert json.loads(message(shape, STORY)) == kept


def test_an_event_has_the_envelope_of_delighted_and_nothing_else() -> None:
    assert list(json.loads(message(Shape.EVENT, STORY))) == ["event_type", "event_id", "event_data"]


def test_nobody_is_mentioned_by_what_a_customer_wrote() -> None:
    written = message(Shape.SLACK, STORY)
    assert "<!channel>" not in written
    assert "&lt;!channel&gt;" in written
    assert "Slow &amp; " in written


def test_a_message_without_text_or_link_has_no_empty_parts() -> None:
    bare = Story("ping", "b" * 64, {}, "A test")
    slack, teams = json.loads(message(Shape.SLACK, bare)), json.loads(message(Shape.TEAMS, bare))
    assert [block["text"]["text"] for block in slack["blocks"]] == ["*A test*"]
    card = teams["attachments"][0]["content"]
    assert (len(card["body"]), "actions" in card) == (1, False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  short  ", "short"),
        ("x" * LONGEST_COMMENT, "x" * LONGEST_COMMENT),
        ("word " * 60 + "and more", "word " * 58 + "word…"),
        ("x" * 400, "x" * (LONGEST_COMMENT - 1) + "…"),
    ],
    ids=["short", "just as long", "words", "one long word"],
)
def test_a_long_comment_is_shortened(text: str, shown: str) -> None:
    assert shortened(text) == shown
    assert len(shown) <= LONGEST_COMMENT


def test_without_personal_data_notes_and_further_answers_are_masked_too() -> None:
    written = {"id": "1", "text": "Rang 07700 900123", "user_email": "marta@example.com"}
    answer = {"question": {"text": "Why?"}, "value": {"free_response": "Mail dana@example.com"}}
    item = {"comment": None, "notes": [written], "additional_answers": [answer], "score": 3}
    story = Story("survey_response.tagged", "7", {"survey_response": item, "status": "open"}, "Now open")
    told = without_personal_data(story).data["survey_response"]
    assert told["notes"] == [{"id": "1", "text": "Rang [phone]", "user_email": "marta@example.com"}]
    assert told["additional_answers"][0]["value"] == {"free_response": "Mail [e-mail]"}
    assert item["notes"] == [written]  # another endpoint gets it in full
