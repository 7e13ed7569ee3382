"""Log lines name an error and its place, and nothing of what it was about."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from feedback_app.logs import set_up_logging, what_failed
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


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    before = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:], logger.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize("name", ["huey", "feedback_app.app", "gunicorn.error", "sqlalchemy.pool"])
def test_an_exception_in_any_log_is_told_by_kind_and_place(
    name: str, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging()
    try:
        try:
            Scale(1, 5).check("dana@harrow.example")
        except RatingOffScale as error:
            raise RuntimeError("Key (email)=(dana@harrow.example) already exists") from error
    except RuntimeError:
        logging.getLogger(name).exception("Error handling request POST %s", "/a/3f.S1gnature/intent?rating=9")
    said = capsys.readouterr().err
    line = json.loads(said)
    assert line["event"] == "Error handling request POST /a/***/intent?rating=9"
    assert line["error"] == "RuntimeError from RatingOffScale"
    assert line["trace"][0].startswith("test_what_failed.py:")
    assert "dana" not in said


def test_our_own_lines_lose_tokens_too(root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    for path in ("/u/3f.S1g", "/login/S1g", "/hooks/generic/S1g", "/hooks/mail/any/S1g", "'GET /r/S1g'"):
        structlog.get_logger("any").warning(f"odd request {path}")
    said = capsys.readouterr().err
    assert (said.count("/***"), "S1g" in said) == (5, False)
