"""What a viewer sees of a text in pieces."""

from typing import NamedTuple

import pytest

from feedback_app.staff import seeing


class Piece(NamedTuple):
    text: str
    is_marked: bool = False


def shown(monkeypatch: pytest.MonkeyPatch, sees: bool, *pieces: Piece) -> str:
    monkeypatch.setattr(seeing, "sees_people", lambda: sees)
    return "|".join(piece.text for piece in seeing.comment_pieces(pieces))


CUT = (
    Piece("…"),
    Piece("11 1111 was the card, "),
    Piece("slow", True),
    Piece(" answer to dana 4111 11"),
    Piece("…"),
)


def test_beside_dots_a_viewer_sees_no_half_of_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, False, *CUT) == "…| was the card, |slow| answer to dana |…"
    assert shown(monkeypatch, True, *CUT) == "…|11 1111 was the card, |slow| answer to dana 4111 11|…"


def test_without_dots_numbers_that_are_none_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        shown(monkeypatch, False, Piece("4711 was "), Piece("late", True), Piece(" by 12"))
        == "4711 was |late| by 12"
    )


def test_numbers_beside_dots_cost_little_in_a_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = Piece("a1 " * 50_000 + "x")
    assert shown(monkeypatch, False, Piece("…"), Piece("so"), hostile, Piece("…")).endswith("a1 x|…")
    assert shown(monkeypatch, False, Piece("…"), hostile, Piece("…")) == "…| x|…"
