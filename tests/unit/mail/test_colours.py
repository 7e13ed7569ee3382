import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.mail.colours import NIGHT, WHITE, contrast, mixed, palette

ANY_COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#123456", "#123456") == 1


def test_colours_mix_by_their_share():
    assert mixed("#000000", "#ffffff", 1) == "#000000"
    assert mixed("#000000", "#ffffff", 0.25) == "#bfbfbf"


@given(ANY_COLOUR)
def test_letters_can_be_read_whatever_the_brand_colour(accent):
    colours = palette(accent)
    assert contrast(colours.ink, colours.tint) >= 4.5
    assert contrast(colours.ink, WHITE) >= 4.5
    assert contrast(colours.night_ink, colours.night_tint) >= 4.5
    assert contrast(colours.night_ink, NIGHT) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert palette("#3b5bdb").ink == "#3b5bdb"


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#3b5bdb;x", "#3b5bdg", "3b5bdb", "#3b5bdb\n"])
def test_what_is_no_colour_is_refused(accent):
    with pytest.raises(ValueError, match="accent"):
        palette(accent)
