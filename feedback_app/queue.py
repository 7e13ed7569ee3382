"""Background work: jobs by name, nudged over Huey, whose store is chosen from the settings.

No fact lives only in the queue. The rows say what is due; a job takes what is due, in batches, and may run twice.
It is started by a nudge after a commit and once a minute by the worker's clock, so that a lost nudge costs
seconds, never data.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app

from feedback_app.config import Settings
from feedback_app.errors import Unavailable
from feedback_app.logs import what_failed

NUDGE_AFTER_SECONDS = 0.5
LONGEST_NUDGE_SECONDS = 300  # what is due later is found by the minute's clock
LEFT_TO_OTHERS = 2  # threads of a worker that a job which may use several leaves to the other jobs

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """A function without arguments that does what is due; `name` is how the queue calls it.

    One thread of a worker is enough for it, unless it mostly waits for somebody else (`waits`): then several share it.
    """

    name: str
    run: Callable[[], object]
    waits: bool = False


JOBS: dict[str, Job] = {}


def job(function: Callable[[], object]) -> Job:
    """Make a function a job, known to every worker under its own name."""
    return _known(Job(function.__name__, function))


def waiting_job(function: Callable[[], object]) -> Job:
    """The same for a job that waits for others most of the time, so that several threads may do it at once."""
    return _known(Job(function.__name__, function, waits=True))


def _known(made: Job) -> Job:
    JOBS[made.name] = made
    return made


def is_stopping() -> bool:
    """Whether the worker is to end: a job then leaves what it has not begun to the next one."""
    queue: WorkQueue = current_app.extensions["feedback_queue"]
    return queue.stopping.is_set()


def nudge(work: Job | str, *, delay_seconds: float = 0) -> None:
    """Ask a worker to run the job soon (or after the delay); never fails, as the minute's clock will do it too.

    A job of a package that comes later in the house is asked for by its name.
    """
    queue: WorkQueue = current_app.extensions["feedback_queue"]
    name = work if isinstance(work, str) else work.name
    try:
        queue.nudge(name, delay_seconds)
    except Exception as error:
        current_app.logger.warning("nudge lost: %s (%s)", name, type(error).__name__)


class WorkQueue:
    """The queue of one installation. Nothing is opened before the first nudge, so that a server can fork."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self.threads = LEFT_TO_OTHERS + 1  # of this worker
        self.stopping = threading.Event()
        self._running: Counter[str] = Counter()
        self._wanted_again: set[str] = set()
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
        """What the worker does with one nudge. A job under way is not begun anew, but looks once more at its end:

        else a backlog of one kind would take a thread with every nudge, until all other work stands still.
        """
        job = JOBS[name]
        while self._begin(job):
            try:
                with self._app.app_context():
                    job.run()
            except Unavailable:
                log.warning("job put off: the database was busy", job=name)
            except Exception as error:
                log.error("job failed", job=name, **what_failed(error))
            if not self._is_wanted_after(job):
                return

    def _begin(self, job: Job) -> bool:
        """Whether this thread may do the job; if not, those who are at it are told to look again."""
        with self._lock:
            if self.stopping.is_set():
                return False
            at_once = max(1, self.threads - LEFT_TO_OTHERS) if job.waits else 1
            if self._running[job.name] >= at_once:
                self._wanted_again.add(job.name)
                return False
            self._running[job.name] += 1
            return True

    def _is_wanted_after(self, job: Job) -> bool:
        """The job is done; whether somebody asked for it meanwhile."""
        with self._lock:
            self._running[job.name] -= 1
            is_wanted = job.name in self._wanted_again
            self._wanted_again.discard(job.name)
            return is_wanted


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
