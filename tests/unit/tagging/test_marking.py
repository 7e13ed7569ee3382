"""A comment cut in pieces: what led to the tag, and what is about a theme."""

from feedback_app.tagging.marking import marked


def word(start: int, text: str, weight: float) -> dict[str, object]:
    return {"start": start, "end": start + len(text), "word": text, "weight": weight}


def test_evidence_is_marked_where_it_stands() -> None:
    comment = "👍 great app, awful <b>export</b>"
    assert list(marked(comment, [word(13, "awful", -1.0), word(2, "great", 0.8)])) == [
        ("👍 ", ""),
        ("great", "good"),
        (" app, ", ""),
        ("awful", "bad"),
        (" <b>export</b>", ""),
    ]


def test_evidence_of_an_earlier_wording_is_left_out() -> None:
    assert list(marked("grim now", [word(0, "great", 0.8)])) == [("grim now", "")]


def test_overlapping_evidence_is_marked_once() -> None:
    assert list(marked("not good", [word(0, "not good", -0.5), word(4, "good", 0.7)])) == [
        ("not good", "bad")
    ]


def test_words_can_lead_to_the_tag_and_be_about_a_theme() -> None:
    pieces = list(marked("bad invoice again", [word(0, "bad invoice", -0.5)], [(4, 17), (90, 95)]))
    assert pieces == [("bad ", "bad"), ("invoice", "bad theme"), (" again", "theme")]


def test_an_empty_comment_has_no_pieces() -> None:
    assert list(marked("", [], [(0, 4)])) == []
