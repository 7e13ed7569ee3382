"""Placeholders in place of personal data."""

from hypothesis import given
from hypothesis import strategies as st

from feedback_app.privacy.masking import mask_pieces, masked, masked_beginning, masked_value
from feedback_app.privacy.personal import Kind

MAIL = "Slow! Write to dana@example.com or call +44 20 7946 0123."


def test_each_kind_has_its_own_placeholder():
    text = "Dana: dana@example.com, 07700 900123, 4111 1111 1111 1111, GB29 NWBK 6016 1331 9268 19"
    assert masked(text, ["Dana"]) == "[name]: [e-mail], [phone], [card], [IBAN]"


def test_only_the_kinds_that_are_asked_for_are_masked():
    assert masked(MAIL, kinds=[Kind.PHONE]) == "Slow! Write to dana@example.com or call [phone]."


def test_a_masked_text_has_nothing_left_to_mask():
    assert masked(masked(MAIL)) == masked(MAIL)


def test_values_of_objects_and_lists_are_masked_and_their_names_kept():
    value = {"comment": MAIL, "rating": 3, "tags": ["dana@example.com", None]}
    assert masked_value(value) == {
        "comment": "Slow! Write to [e-mail] or call [phone].",
        "rating": 3,
        "tags": ["[e-mail]", None],
    }


def test_a_placeholder_in_marked_pieces_has_the_look_of_where_it_begins():
    pieces = [("Slow", "bad"), (": dana@exa", None), ("mple.com is", "good"), (" mine", None)]
    assert mask_pieces(pieces) == [("Slow", "bad"), (": [e-mail]", None), (" is", "good"), (" mine", None)]


def test_a_piece_that_is_all_within_a_masked_stretch_goes():
    assert mask_pieces([("dana@", 1), ("exam", 2), ("ple.com", 3)]) == [("[e-mail]", 1)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["Dana ", "x@y.de", " 0", "7700 900123", "4111 1111 ", "a", ""]), st.none())
    )
)
def test_pieces_are_masked_as_the_whole_text_is(pieces):
    whole = "".join(text for text, _ in pieces)
    assert "".join(text for text, _ in mask_pieces(pieces, ["Dana"])) == masked(whole, ["Dana"])


def test_the_end_of_a_text_that_was_cut_is_left_out_as_it_may_be_half_a_number():
    begin = "Charged twice, and nobody answers. " * 8
    cut = f"{begin}My card is 4111 1111 11"
    assert masked_beginning(cut) == cut[: len(cut) - 64]
    whole = f"{begin}Mail dana@example.com, " + "x" * 50  # begins before what goes
    assert masked_beginning(whole) == f"{begin}Mail [e-mail]"
