"""Log lines: JSON, with ids and never a person's address, comment, token or key."""

import logging
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

TOKENS = re.compile(r"/(a|u|t|r|login|hooks/[a-z]+|hooks/mail/[a-z]+)/[^/\s?\"]+")
LINE_BREAKS = str.maketrans({"\r": "\\r", "\n": "\\n", "\x1b": "\\x1b", "\x00": "\\x00"})


def masked_path(path: str) -> str:
    """A request path without the token in it and without control characters."""
    return TOKENS.sub(r"/\1/***", path.split("?", 1)[0]).translate(LINE_BREAKS)


def what_failed(error: BaseException) -> dict[str, str]:
    """Kind and place of an error for a log line; its message stays out, because databases put people's data there."""
    steps = traceback.extract_tb(error.__traceback__)
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
                structlog.processors.format_exc_info,
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
