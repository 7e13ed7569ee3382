import pytest

from feedback_app.scoring.counts import mean_rating, merge


def test_samples_are_added_rating_by_rating_and_stay_as_they_were():
    march, april = {9: 2, 3: 1}, {3: 4, 10: 1}
    assert list(merge(march, april).items()) == [(3, 5), (9, 2), (10, 1)]
    assert (march, april) == ({9: 2, 3: 1}, {3: 4, 10: 1})


def test_any_number_of_samples_can_be_merged():
    assert merge() == {}
    assert merge({1: 1}, {1: 2}, {1: 3}) == {1: 6}


def test_the_mean_weighs_each_rating_by_its_people():
    assert mean_rating({1: 1, 7: 3}) == pytest.approx(22 / 4)


@pytest.mark.parametrize("counts", [{}, {4: 0}])
def test_nobody_has_no_mean(counts):
    assert mean_rating(counts) is None
