"""What holds for every metric on every scale, and how one is found."""

from collections import Counter
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feedback_app.scales import RatingOffScale
from feedback_app.scoring.metrics import METRICS, UnknownMetric, merge, metric

every_metric = pytest.mark.parametrize("one", METRICS, ids=lambda one: f"{one.key}{one.points}")


@st.composite
def metrics_with_samples(draw, samples=1, least=0):
    one = draw(st.sampled_from(METRICS))
    counts = st.dictionaries(
        st.sampled_from(one.scale.values), st.integers(0, 5000), max_size=one.points
    ).filter(lambda sample: sum(sample.values()) >= least)
    return one, *(draw(counts) for _ in range(samples))


def test_what_can_be_chosen():
    assert {(one.key, one.points) for one in METRICS} == {
        ("nps", 11),
        ("enps", 11),
        ("ces", 7),
        ("ces", 5),
        ("csat", 5),
        ("csat", 3),
        ("stars", 5),
        ("smileys", 5),
        ("thumbs", 2),
        ("pmf", 3),
    }
    assert len(METRICS) == 10


@every_metric
def test_a_metric_is_found_by_its_key_and_points(one):
    assert metric(one.key, one.points) is one


def test_without_points_the_usual_scale_is_meant():
    assert (metric("ces").points, metric("csat").points, metric("stars").points) == (7, 5, 5)


@pytest.mark.parametrize(
    ("key", "points"), [("npx", None), ("", None), ("NPS", None), ("ces", 6), ("nps", 5)]
)
def test_an_unknown_metric_is_refused_with_what_there_is(key, points):
    with pytest.raises(UnknownMetric, match=r"choose one of .*ces \(7 points\)") as refused:
        metric(key, points)
    assert (refused.value.key, refused.value.points) == (key, points)


@every_metric
def test_the_bands_cover_the_scale_once_and_get_better(one):
    covered = [rating for band in one.bands for rating in range(band.low, band.high + 1)]
    assert covered == list(one.scale.values)
    tones = [band.tone for band in one.bands]
    assert tones == sorted(tones, key=["bad", "middle", "good"].index)
    assert {"bad", "good"} <= set(tones)
    assert len({band.key for band in one.bands}) == len(one.bands)


@every_metric
def test_each_rating_has_the_band_that_holds_it_and_others_have_none(one):
    for rating in one.scale.values:
        band = one.band_of(rating)
        assert band.low <= rating <= band.high
    for rating in (one.scale.low - 1, one.scale.high + 1):
        with pytest.raises(RatingOffScale):
            one.band_of(rating)


@pytest.mark.parametrize(
    ("key", "points", "keys"),
    [
        ("nps", 11, ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2),
        ("enps", 11, ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2),
        ("ces", 7, ["difficult"] * 3 + ["neutral"] + ["easy"] * 3),
        ("ces", 5, ["difficult"] * 2 + ["neutral"] + ["easy"] * 2),
        ("csat", 5, ["dissatisfied"] * 2 + ["neutral"] + ["satisfied"] * 2),
        ("csat", 3, ["dissatisfied", "neutral", "satisfied"]),
        ("stars", 5, ["poor"] * 2 + ["fair"] + ["good"] * 2),
        ("smileys", 5, ["unhappy"] * 2 + ["neutral"] + ["happy"] * 2),
        ("thumbs", 2, ["down", "up"]),
        ("pmf", 3, ["not_disappointed", "somewhat_disappointed", "very_disappointed"]),
    ],
)
def test_band_of_every_rating(key, points, keys):
    one = metric(key, points)
    assert [one.band_of(rating).key for rating in one.scale.values] == keys


@every_metric
def test_all_at_the_best_and_all_at_the_worst_are_the_ends_of_the_score(one):
    low, high = one.score_range
    assert (one.score({one.scale.low: 8}), one.score({one.scale.high: 8})) == (low, high)
    assert one.unit == ("points" if low < 0 else "percent")


@every_metric
@pytest.mark.parametrize("nobody", [{}, {1: 0}])
def test_nobody_has_neither_score_nor_interval(one, nobody):
    assert one.score(nobody) is None
    assert one.interval(nobody) is None
    assert one.mean(nobody) is None


@given(metrics_with_samples(), st.randoms(use_true_random=False))
def test_order_does_not_matter(sample, random: Random):
    one, counts = sample
    ratings = [rating for rating, count in counts.items() for _ in range(count % 20)]
    in_order = one.summary(Counter(ratings))
    random.shuffle(ratings)
    assert one.summary(Counter(ratings)) == in_order


@given(metrics_with_samples(samples=2, least=1))
def test_merging_two_samples_equals_scoring_their_union(samples):
    one, left, right = samples
    left_n, right_n = sum(left.values()), sum(right.values())
    together = one.summary(merge(left, right))
    union = left_n + right_n
    assert together.n == union
    assert together.score == pytest.approx(
        (one.score(left) * left_n + one.score(right) * right_n) / union, abs=1e-9
    )
    for rating in one.scale.values:
        assert together.counts[rating] == left.get(rating, 0) + right.get(rating, 0)
    assert together == one.summary(merge(right, left))


@given(metrics_with_samples(least=1), st.integers(2, 50))
def test_the_interval_narrows_when_all_counts_grow_alike(sample, times):
    one, counts = sample
    many = {rating: times * count for rating, count in counts.items()}
    assert one.score(many) == pytest.approx(one.score(counts), abs=1e-9)
    assert one.interval(many).width < one.interval(counts).width


@given(metrics_with_samples(least=1))
def test_score_interval_and_mean_never_leave_their_scales(sample):
    one, counts = sample
    low, high = one.score_range
    summary = one.summary(counts)
    assert low <= summary.score <= high
    assert low <= summary.interval.low < summary.interval.high <= high
    assert (summary.mean is None) == (one.key not in ("ces", "stars"))
    assert one.scale.low <= (summary.mean or one.scale.low) <= one.scale.high


@given(metrics_with_samples(least=2))
def test_from_two_answers_on_the_interval_contains_the_score(sample):
    one, counts = sample
    assert one.score(counts) in one.interval(counts)


@given(metrics_with_samples(least=1))
def test_bands_and_ratings_add_up_to_everybody(sample):
    one, counts = sample
    summary = one.summary(counts)
    assert sum(band.count for band in summary.bands) == sum(summary.counts.values()) == summary.n
    assert sum(band.percent for band in summary.bands) == pytest.approx(100)


@given(metrics_with_samples(least=1), st.data())
def test_a_better_rating_never_lowers_the_score(sample, data):
    one, counts = sample
    worse = data.draw(st.sampled_from([rating for rating, count in counts.items() if count]))
    assume(worse < one.scale.high)
    better = data.draw(st.integers(worse + 1, one.scale.high))
    improved = merge(counts, {better: 1}, {worse: -1})
    assert one.score(improved) >= one.score(counts)
