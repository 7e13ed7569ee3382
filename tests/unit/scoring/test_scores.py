"""The score of each metric, against values worked out by hand or published."""

import pytest

from feedback_app.scales import RatingOffScale
from feedback_app.scoring.ces import customer_effort_score
from feedback_app.scoring.csat import customer_satisfaction
from feedback_app.scoring.metrics import metric
from feedback_app.scoring.nps import net_promoter_score

SCORES = [net_promoter_score, customer_effort_score, customer_satisfaction]


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ({9: 20, 10: 12, 7: 6, 8: 7, 6: 1, 0: 5}, 50.98),  # Delighted's sample: 32, 13 and 6
        ({10: 5}, 100.00),
        ({9: 3, 7: 1, 6: 1}, 40.00),
        ({10: 100, 8: 60, 5: 40}, 30.00),
        ({9: 500, 8: 300, 0: 200}, 30.00),
        ({0: 4}, -100.00),
        ({7: 9}, 0.00),
    ],
)
def test_nps_agrees_with_the_worked_values(counts, score):
    assert round(metric("nps").score(counts), 2) == score


def test_the_published_sample_has_its_published_percentages():
    summary = metric("nps").summary({10: 32, 8: 13, 6: 6})
    assert [(one.band.key, round(one.percent)) for one in summary.bands] == [
        ("detractor", 12),
        ("passive", 25),
        ("promoter", 63),
    ]


def test_the_impact_of_a_theme_can_be_worked_out_from_two_scores():
    everyone, without_theme = {10: 32, 8: 13, 0: 6}, {10: 31, 8: 12, 0: 2}
    nps = metric("nps")
    assert round(nps.score(without_theme), 2) == 64.44
    assert round(nps.score(everyone) - nps.score(without_theme), 2) == -13.46


@pytest.mark.parametrize(
    ("key", "points", "counts", "score"),
    [
        ("enps", 11, {9: 2, 8: 1, 3: 1}, 25.0),
        ("ces", 7, {1: 1, 3: 1, 4: 1, 5: 1, 6: 2, 7: 2}, 62.5),
        ("ces", 5, {2: 1, 3: 1, 4: 1, 5: 1}, 50.0),
        ("csat", 5, {5: 30, 4: 15, 3: 10, 1: 5}, 75.0),
        ("csat", 3, {3: 1, 2: 2, 1: 1}, 25.0),
        ("stars", 5, {5: 4, 4: 4, 3: 2}, 80.0),
        ("smileys", 5, {5: 1, 4: 1, 3: 1, 2: 1}, 50.0),
        ("thumbs", 2, {1: 9, 0: 1}, 90.0),
        ("pmf", 3, {3: 2, 2: 2, 1: 1}, 40.0),
    ],
)
def test_each_metric_counts_its_good_answers(key, points, counts, score):
    assert metric(key, points).score(counts) == score


def test_share_metrics_have_wilson_intervals_and_nps_the_adjusted_wald():
    csat = metric("csat").interval({5: 30, 4: 15, 3: 15})
    nps = metric("nps").interval({10: 32, 8: 13, 6: 6})
    assert (round(csat.low, 1), round(csat.high, 1)) == (62.8, 84.2)
    assert (round(nps.low, 2), round(nps.high, 2)) == (29.29, 67.00)


def test_a_metric_compares_two_periods_in_its_own_way():
    nps = metric("nps").change({10: 500, 8: 300, 0: 200}, {9: 430, 7: 310, 6: 260})
    ces = metric("ces").change({7: 60, 1: 40}, {5: 75, 4: 25})
    assert (round(nps.difference, 2), round(nps.z, 2), nps.direction) == (-13.00, -3.65, "down")
    assert (round(ces.difference, 2), round(ces.z, 2), ces.direction) == (15.00, 2.26, "up")


def test_only_effort_and_stars_show_a_mean_beside_the_score():
    assert metric("ces").mean({7: 3, 1: 1}) == 5.5
    assert metric("ces", 5).mean({5: 3, 1: 1}) == 4.0
    assert metric("stars").mean({5: 1, 4: 1}) == 4.5
    for key in ("nps", "enps", "csat", "smileys", "thumbs", "pmf"):
        assert metric(key).mean({1: 4}) is None


def test_a_set_of_ratings_can_be_scored_without_counting_it_first():
    assert net_promoter_score([10, 9, 8, 3]) == 25.0
    assert customer_effort_score([7, 6, 5, 4]) == 75.0
    assert customer_satisfaction(iter([5, 4, 3, 2, 1])) == 40.0


@pytest.mark.parametrize("score", SCORES)
def test_nobody_has_no_score(score):
    assert score([]) is None


@pytest.mark.parametrize("score", SCORES)
def test_a_rating_off_the_scale_is_never_scored(score):
    with pytest.raises(RatingOffScale):
        score([5, 11])


def test_summary_of_effort():
    summary = metric("ces").summary({7: 3, 4: 1, 2: 1})
    assert (summary.n, summary.score, summary.mean) == (5, 60.0, 5.4)
    assert summary.counts == {1: 0, 2: 1, 3: 0, 4: 1, 5: 0, 6: 0, 7: 3}
    assert [(one.band.key, one.count, one.percent) for one in summary.bands] == [
        ("difficult", 1, 20.0),
        ("neutral", 1, 20.0),
        ("easy", 3, 60.0),
    ]
    assert 60.0 in summary.interval


def test_summary_of_nobody_has_counts_and_nothing_made_up():
    summary = metric("thumbs").summary({})
    assert (summary.n, summary.score, summary.interval, summary.mean) == (0, None, None, None)
    assert summary.counts == {0: 0, 1: 0}
    assert [(one.count, one.percent) for one in summary.bands] == [(0, None), (0, None)]


@pytest.mark.parametrize(("n", "is_small"), [(0, True), (4, True), (5, False)])
def test_below_five_answers_a_sample_is_small(n, is_small):
    assert metric("csat").summary({5: n}).is_small is is_small


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="-2 people cannot have ticked 9"):
        metric("nps").score({9: -2})
