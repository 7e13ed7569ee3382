"""The worker: Huey's consumer over our jobs, started by nudges and by the minute's clock."""

from typing import Any

from flask import Flask

from feedback_app.queue import JOBS, WorkQueue


def run_worker(app: Flask, *, threads: int) -> None:
    """Do background work until a signal ends it; what was begun is finished, or found again by its lease."""
    queue: WorkQueue = app.extensions["feedback_queue"]
    add_clock(queue)
    consumer = queue.huey.create_consumer(
        workers=threads,
        periodic=True,
        max_delay=0.5,
        scheduler_interval=1,
        check_worker_health=True,
        graceful_signal="TERM",
        shutdown_timeout=30,
    )
    for name in JOBS:
        queue.task(name)  # whatever became due while no worker ran
    consumer.run()


def add_clock(queue: WorkQueue) -> None:
    """Once a minute every job looks for what is due, in case a nudge was lost."""
    from huey import crontab

    def run_every_job() -> None:
        for name in JOBS:
            queue.task(name)

    clock: Any = queue.huey.periodic_task(crontab(minute="*"), name="every_minute")
    clock(run_every_job)
