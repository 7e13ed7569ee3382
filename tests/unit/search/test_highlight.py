"""What is marked in a text, and whether what is shown of it fits."""

import pytest

from feedback_app.excerpts import Piece
from feedback_app.search.highlight import LONGEST, excerpt, fits, highlighted
from feedback_app.search.query import Query


def marked(text: str, query: str, language: str = "english") -> str:
    return "".join(
        f"<{piece.text}>" if piece.is_marked else piece.text
        for piece in highlighted(text, Query.read(query), language)
    )


@pytest.mark.parametrize(
    ("text", "query", "language", "wanted"),
    [
        ("Exports fail, exporting fails", "export", "english", "<Exports> fail, <exporting> fails"),
        ("It is not good. Good, not bad", '"not good"', "english", "It is <not good>. Good, not bad"),
        ("The export, exported", '"export"', "english", "The <export>, exported"),
        ("connect the connector", "connec* the", "english", "<connect> <the> <connector>"),
        ("at the Café", "cafe", "english", "at the <Café>"),
        ("Zwei Rechnungen", "rechnung", "german", "Zwei <Rechnungen>"),
        ("Zwei Rechnungen", "rechnung", "", "Zwei Rechnungen"),
        ("Mail dana@x.example now", "dana@x.example", "", "Mail <dana@x.example> now"),
        ("slow slow slow", '"slow slow"', "", "<slow slow slow>"),
        ("<b>slow</b>", "slow", "", "<b><slow></b>"),
        ("slow but fine", "slow -fine", "", "<slow> but fine"),
        ("", "slow", "", ""),
        ("slow", "", "", "slow"),
    ],
)
def test_the_words_that_were_looked_for_are_marked(text: str, query: str, language: str, wanted: str) -> None:
    assert marked(text, query, language) == wanted


def test_a_long_text_is_shown_from_shortly_before_its_first_hit() -> None:
    text = "word " * 200 + "needle " + "tail " * 200
    pieces = excerpt(text, Query.read("needle"), "")
    assert pieces[0] == Piece("… ", False)
    assert pieces[1].text == "word " * 11
    assert pieces[2] == Piece("needle", True)
    assert pieces[-1] == Piece(" …", False)
    assert len("".join(piece.text for piece in pieces)) <= LONGEST + 4
    assert excerpt("short needle", Query.read("needle"), "") == [
        Piece("short ", False),
        Piece("needle", True),
    ]


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("ask again", True),
        ("dana", False),
        ("again -dana", True),
        ("again -ask", False),
        ('"ask dana"', False),
        ('"ask again"', False),
        ("dan*", False),
        ("whitfield again", False),
        ("", False),
        ("-nothing", False),
    ],
)
def test_what_is_hidden_is_not_there(query: str, is_shown: bool) -> None:
    assert fits("Ask Dana Whitfield again", Query.read(query), "english", [(4, 18)]) is is_shown
