"""What kind of survey it is, by the names that Delighted's programs know."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

SURVEY_TYPES: Mapping[tuple[str, int], str] = MappingProxyType(
    {
        ("nps", 11): "nps",
        ("enps", 11): "enps",
        ("ces", 5): "ces",
        ("ces", 7): "ces7",
        ("csat", 5): "csat",
        ("csat", 3): "csat3",
        ("smileys", 5): "smileys",
        ("stars", 5): "stars_five",
        ("thumbs", 2): "thumbs",
        ("pmf", 3): "pmf",
    }
)


class Asks(Protocol):
    """A survey, or any row that says what its survey is made of."""

    @property
    def metric_key(self) -> str: ...

    @property
    def points(self) -> int: ...


def survey_type(survey: Asks) -> str:
    """The `survey_type` of /v1; a metric that Delighted did not have goes by its own key."""
    return SURVEY_TYPES.get((survey.metric_key, survey.points), survey.metric_key)
