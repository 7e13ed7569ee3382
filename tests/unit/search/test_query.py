"""Whatever is typed is a query."""

from hypothesis import given
from hypothesis import strategies as st

from feedback_app.search.highlight import fits, highlighted
from feedback_app.search.query import MOST_TERMS, How, Query, Term, match_expression


def test_a_query_is_read_into_terms() -> None:
    query = Query.read('Slow "Not Good" conn* -refund -"very bad" it\'s a* 客服')
    assert query.wanted == (
        Term(("slow",)),
        Term(("not", "good"), is_exact=True),
        Term(("conn",), is_beginning=True),
        Term(("it", "s")),
        Term(("a",)),
        Term(("客服",)),
    )
    assert query.excluded == (
        Term(("refund",), is_excluded=True),
        Term(("very", "bad"), is_exact=True, is_excluded=True),
    )


def test_a_name_is_looked_for_by_its_beginnings() -> None:
    assert match_expression(Query.read("whit dana@x", How.NAMES), ()) == ('"whit" * AND "dana" * AND "x" *')


def test_a_word_is_looked_for_in_every_form_it_may_have() -> None:
    assert (
        match_expression(Query.read("exports"), ["english", "german"])
        == '("exports" OR "export" OR "¬export")'
    )
    assert (
        match_expression(Query.read('"exports" -fine'), ["english"])
        == '("exports") NOT (("fine" OR "¬fine"))'
    )
    assert match_expression(Query.read("-fine"), ["english"]) == '""'


def test_what_is_excluded_may_be_left_in() -> None:
    assert match_expression(Query.read("slow -fine", How.WANTED), ()) == '("slow")'


def test_a_very_long_query_is_cut_short() -> None:
    assert len(Query.read("ab cd " * 5000).wanted) == MOST_TERMS
    assert Query.read("x" * 10_000).wanted == (Term(("x" * 400,)),)
    whole, more = "word " * MOST_TERMS, "word " * (MOST_TERMS + 1)
    assert [Query.read(text).is_cut for text in (whole, more, "x" * 400, "x" * 401)] == [
        False,
        True,
        False,
        True,
    ]


@given(st.text(max_size=60), st.text(max_size=120), st.sampled_from(["english", "german", "hindi", ""]))
def test_no_input_is_an_error_and_marking_loses_nothing(typed: str, text: str, language: str) -> None:
    query = Query.read(typed)
    pieces = highlighted(text, query, language)
    assert "".join(piece.text for piece in pieces) == text
    if fits(text, query, language):
        assert any(piece.is_marked for piece in pieces)
