import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.scales import RatingOffScale, Scale

SCALES = st.builds(lambda low, steps: Scale(low, low + steps), st.integers(-5, 5), st.integers(1, 100))


def test_both_ends_of_a_scale_are_ratings():
    scale = Scale(0, 10)
    assert list(scale.values) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert scale.points == 11
    assert (scale.check(0), scale.check(10)) == (0, 10)


@pytest.mark.parametrize("rating", [0, 8, -1, 10**30, True, 7.0, "7", None, float("nan")])
def test_what_is_not_a_rating_of_the_scale_is_refused(rating):
    with pytest.raises(RatingOffScale, match="choose a whole number from 1 to 7") as refused:
        Scale(1, 7).check(rating)
    assert refused.value.rating is rating
    assert (refused.value.low, refused.value.high) == (1, 7)
    assert isinstance(refused.value, ValueError)


def test_the_sentence_names_the_rating_but_not_a_whole_page_of_it():
    assert str(RatingOffScale(12, 0, 10)) == (
        "A rating of 12 is not on the scale; choose a whole number from 0 to 10."
    )
    assert len(str(RatingOffScale("9" * 100_000, 0, 10))) < 150


@pytest.mark.parametrize(("low", "high"), [(5, 5), (5, 1)])
def test_a_scale_without_a_choice_is_refused(low, high):
    with pytest.raises(ValueError, match="two ratings or more"):
        Scale(low, high)


def test_positions_on_seven_points_are_rounded_down():
    assert [Scale(1, 7).position(rating) for rating in range(1, 8)] == [0, 16, 33, 50, 66, 83, 100]


def test_thumbs_stand_at_the_two_ends():
    assert (Scale(0, 1).position(0), Scale(0, 1).position(1)) == (0, 100)


def test_a_rating_off_the_scale_has_no_position():
    with pytest.raises(RatingOffScale):
        Scale(1, 5).position(6)


@given(SCALES)
def test_a_better_rating_stands_higher(scale):
    positions = [scale.position(rating) for rating in scale.values]
    assert positions == sorted(set(positions))
    assert (positions[0], positions[-1]) == (0, 100)
