"""Background work: jobs by name, nudged over Huey, whose store is chosen from the settings.

No fact lives only in the queue. The rows say what is due; a job takes what is due, in batches, and may run twice.
It is started by a nudge after a commit and once a minute by the worker's clock, so that a lost nudge costs
seconds, never data.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app

from feedback_app.config import Settings

NUDGE_AFTER_SECONDS = 0.5
LONGEST_NUDGE_SECONDS = 300  # what is due later is found by the minute's clock


@dataclass(frozen=True)
class Job:
    """A function without arguments that does what is due; `name` is how the queue calls it."""

    name: str
    run: Callable[[], object]


JOBS: dict[str, Job] = {}


def job(function: Callable[[], object]) -> Job:
    """Make a function a job, known to every worker under its own name."""
    made = Job(function.__name__, function)
    JOBS[made.name] = made
    return made


def nudge(work: Job, *, delay_seconds: float = 0) -> None:
    """Ask a worker to run the job soon (or after the delay); never fails, as the minute's clock will do it too."""
    queue: WorkQueue = current_app.extensions["feedback_queue"]
    try:
        queue.nudge(work.name, delay_seconds)
    except Exception as error:
        current_app.logger.warning("nudge lost: %s (%s)", work.name, type(error).__name__)


class WorkQueue:
    """The queue of one installation. Nothing is opened before the first nudge, so that a server can fork."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._covered_until: dict[str, float] = {}
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._huey: Any = None
        self._run_job: Any = None

    def nudge(self, name: str, delay_seconds: float) -> None:
        """Schedule one run; answers that come before it starts need no run of their own."""
        if delay_seconds > LONGEST_NUDGE_SECONDS:
            return
        if delay_seconds > NUDGE_AFTER_SECONDS:
            self.task.schedule(args=(name,), delay=delay_seconds)
            return
        with self._lock:
            if time.monotonic() < self._covered_until.get(name, 0):
                return
            self._covered_until[name] = time.monotonic() + NUDGE_AFTER_SECONDS
        self.task.schedule(args=(name,), delay=NUDGE_AFTER_SECONDS)

    @property
    def huey(self) -> Any:
        """Huey with our one task on it."""
        if self._run_job is None:
            self._open()
        return self._huey

    @property
    def task(self) -> Any:
        if self._run_job is None:
            self._open()
        return self._run_job

    def close(self) -> None:
        """Give back the store's connection; the next nudge opens it again."""
        if self._huey is not None:
            self._huey.storage.close()

    def _open(self) -> None:
        with self._opening:
            if self._run_job is None:
                self._huey = open_huey(self._settings)
                self._run_job = self._huey.task(name="run_job")(self._run)

    def _run(self, name: str) -> None:
        """What the worker does with one nudge: one job inside an application context of its own."""
        with self._app.app_context():
            JOBS[name].run()


def open_huey(settings: Settings) -> Any:
    """Huey over the store that FEEDBACK_QUEUE_URL names; beside the database if it names none."""
    import huey

    url = settings.queue_url or default_queue_url(settings)
    if url.startswith("sqlite"):
        path = Path(urlsplit(url).path)
        path.parent.mkdir(parents=True, exist_ok=True)
        return huey.SqliteHuey("feedback", filename=str(path), fsync=False, results=False)
    if url.startswith("postgresql"):
        return huey.PostgresHuey("feedback", dsn=url, results=False)
    return huey.RedisHuey("feedback", url=url, results=False)


def default_queue_url(settings: Settings) -> str:
    if settings.is_sqlite:
        return f"sqlite://{settings.instance / 'queue.db'}"
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://")
