"""The names that Delighted's programs know a survey's kind by."""

from types import SimpleNamespace

import pytest

from feedback_app.scoring.metrics import METRICS
from feedback_app.surveys.types import SURVEY_TYPES, survey_type


@pytest.mark.parametrize(
    ("metric_key", "points", "name"),
    [
        ("nps", 11, "nps"),
        ("enps", 11, "enps"),
        ("ces", 5, "ces"),
        ("ces", 7, "ces7"),
        ("csat", 5, "csat"),
        ("csat", 3, "csat3"),
        ("smileys", 5, "smileys"),
        ("stars", 5, "stars_five"),
        ("thumbs", 2, "thumbs"),
        ("pmf", 3, "pmf"),
    ],
)
def test_a_survey_has_delighteds_name(metric_key: str, points: int, name: str) -> None:
    assert survey_type(SimpleNamespace(metric_key=metric_key, points=points)) == name


def test_every_metric_on_every_scale_has_a_name_of_its_own() -> None:
    assert {(one.key, one.points) for one in METRICS} == set(SURVEY_TYPES)
    assert len(set(SURVEY_TYPES.values())) == len(SURVEY_TYPES)
