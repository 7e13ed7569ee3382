"""The worker: Huey's consumer over our jobs, started by nudges and by the minute's clock."""

import signal
import time
from contextlib import suppress
from threading import Thread
from typing import Any

from flask import Flask

from feedback_app.queue import JOBS, WorkQueue

ENDING = (signal.SIGTERM, signal.SIGINT)
PATIENCE_SECONDS = 12  # for what was begun; whoever started us waits a little longer (cli/processes.py)


def run_worker(app: Flask, *, threads: int) -> None:
    """Do background work until a signal ends it; what was begun is finished, or found again by its lease."""
    queue: WorkQueue = app.extensions["feedback_queue"]
    queue.threads = threads
    add_clock(queue)
    consumer = queue.huey.create_consumer(
        workers=threads,
        periodic=True,
        max_delay=0.5,
        scheduler_interval=1,
        check_worker_health=True,
    )
    for name in JOBS:
        queue.task(name)  # whatever became due while no worker ran
    consumer.start()
    end_gently(queue, consumer)  # after the start, which sets Huey's own handlers
    look_after(consumer)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for _, thread in consumer.worker_threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    for number in ENDING:  # Python takes our handlers away before it is gone: one more signal would kill it
        signal.signal(number, signal.SIG_IGN)


def end_gently(queue: WorkQueue, consumer: Any) -> None:
    """Let a signal end the worker between two messages, however often it comes.

    Huey takes a second signal for impatience; systemd and a terminal send it to parent and child, and the parent
    passes it on.
    """

    def stop() -> None:
        queue.stopping.set()
        consumer.stop_flag.set()

    def on_signal(_number: int, _frame: object) -> None:
        Thread(target=stop).start()  # the signal may have come while this thread holds the flag's own lock

    for number in ENDING:
        signal.signal(number, on_signal)


def look_after(consumer: Any) -> None:
    """Replace threads that died, until the worker is to end."""
    from huey.consumer import ConsumerStopped

    seen = time.monotonic()
    with suppress(ConsumerStopped):
        while True:
            seen = consumer.loop(seen)


def add_clock(queue: WorkQueue) -> None:
    """Once a minute every job looks for what is due, in case a nudge was lost."""
    from huey import crontab

    def run_every_job() -> None:
        for name in JOBS:
            queue.task(name)

    clock: Any = queue.huey.periodic_task(crontab(minute="*"), name="every_minute")
    clock(run_every_job)
