"""Jobs in a worker's threads: a backlog of one kind leaves the others their threads, and no nudge is lost."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from feedback_app import queue
from feedback_app.errors import DatabaseBusy
from feedback_app.queue import Job, WorkQueue, is_stopping


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    known: dict[str, Job] = {}
    monkeypatch.setattr(queue, "JOBS", known)
    return known


@pytest.fixture
def work(app: Flask) -> WorkQueue:
    made: WorkQueue = app.extensions["feedback_queue"]
    made.threads = 4
    return made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


class Gate:
    """A job that is under way until the gate opens."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.inside = threading.Semaphore(0)
        self.runs = 0

    def __call__(self) -> None:
        self.runs += 1
        self.inside.release()
        assert self.open.wait(10)


@pytest.mark.only("sqlite")
def test_a_long_job_holds_one_thread_and_looks_once_more_when_asked(
    jobs: dict[str, Job], work: WorkQueue, pool: ThreadPoolExecutor
) -> None:
    gate = Gate()
    jobs["long"] = Job("long", gate)
    first = pool.submit(work._run, "long")
    assert gate.inside.acquire(timeout=10)
    for _ in range(5):
        pool.submit(work._run, "long").result(10)  # returns at once: somebody is at it
    assert gate.runs == 1
    gate.open.set()
    first.result(10)
    assert gate.runs == 2


@pytest.mark.only("sqlite")
def test_a_job_that_waits_for_others_leaves_two_threads_to_the_rest(
    jobs: dict[str, Job], work: WorkQueue, pool: ThreadPoolExecutor
) -> None:
    gate = Gate()
    jobs["post"] = Job("post", gate, waits=True)
    started = [pool.submit(work._run, "post") for _ in range(2)]
    assert all(gate.inside.acquire(timeout=10) for _ in started)
    pool.submit(work._run, "post").result(10)
    assert gate.runs == 2
    gate.open.set()
    for one in started:
        one.result(10)


def failing(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.only("sqlite")
def test_a_job_that_fails_is_named_without_what_it_was_about_and_can_run_again(
    jobs: dict[str, Job], work: WorkQueue, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for error in (ValueError("dana@harrow.example"), DatabaseBusy(), ValueError("dana@harrow.example")):
        jobs["poor"] = Job("poor", failing(error))
        work._run("poor")
    said = caplog.text + "".join(capfd.readouterr())
    assert said.count("job failed") == 2
    assert said.count("put off") == 1
    assert "dana" not in said


@pytest.mark.only("sqlite")
def test_a_worker_that_is_to_end_begins_nothing(app: Flask, jobs: dict[str, Job], work: WorkQueue) -> None:
    gate = Gate()
    jobs["long"] = Job("long", gate)
    assert not is_stopping()
    work.stopping.set()
    work._run("long")
    assert (gate.runs, is_stopping()) == (0, True)
