"""Log lines name an error and its place, and nothing of what it was about."""

from feedback_app.logs import what_failed
from feedback_app.scales import RatingOffScale, Scale


def test_an_error_is_named_with_its_place_and_without_its_message() -> None:
    try:
        Scale(1, 5).check("dana@harrow.example")
    except RatingOffScale as error:
        said = what_failed(error)
    assert said["error"] == "RatingOffScale"
    assert said["place"].startswith("scales.py:")
    assert said["place"].endswith(" check")
    assert "dana" not in str(said)


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert what_failed(ValueError("x")) == {"error": "ValueError", "place": "unknown"}
