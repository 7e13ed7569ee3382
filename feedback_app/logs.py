"""Log lines: JSON, with ids and never a person's address, comment, token or key."""

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict

TOKENS = re.compile(r"/(a|u|t|r|login|hooks/mail/[a-z]+|hooks/[a-z]+)/[^/\s?\"']+")


def without_tokens(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """A processor: addresses in the line's text lose the token in them."""
    if isinstance(line.get("event"), str):
        line["event"] = TOKENS.sub(r"/\1/***", line["event"])
    return line


def without_messages(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """A processor: an exception is told by its kinds and its way through the code.

    Its message stays out, because databases and parsers repeat in it what people wrote.
    """
    given = line.pop("exc_info", None)
    error = sys.exception() if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["error"] = " from ".join(type(one).__name__ for one in chain_of(error))
        line["trace"] = [f"{Path(s.filename).name}:{s.lineno} {s.name}" for s in steps_of(error)]
    return line


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def steps_of(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


def what_failed(error: BaseException) -> dict[str, str]:
    """Kind and place of an error for a log line; its message stays out, because databases put people's data there."""
    steps = steps_of(error)
    ours = [step for step in steps if "feedback_app" in step.filename] or steps
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}" if ours else "unknown"
    return {"error": type(error).__name__, "place": place}


def set_up_logging(level: str = "INFO") -> None:
    """One JSON line an event on stderr, for our own and the libraries' loggers alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_messages,
                without_tokens,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("huey", "alembic"):
        logging.getLogger(chatty).setLevel("WARNING")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
