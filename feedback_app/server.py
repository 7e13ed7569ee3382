"""The production web server: gunicorn with threads enough for slow phones.

Threads buy safety, not speed: with 8 of them 40 idle connections stop the server, with 100 none do. The database
pool stays at 8 with a bounded wait, so that a burst waits in line instead of opening connections.
"""

import gc
import importlib
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from sqlalchemy.orm import configure_mappers

THREADS = 100


class ServerLog(Logger):
    """gunicorn's lines take the way of all others (logs.py): it would write addresses with the tokens in them."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):
    """gunicorn around an application that is loaded once and forked."""

    def __init__(self, app: Flask, *, bind: str, workers: int) -> None:
        self._app = app
        self._bind = bind
        self._workers = workers
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": self._workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 15,
            "max_requests": 0,
            "control_socket_disable": True,
            "when_ready": share_memory,
            "post_fork": forget_connections,
            "proc_name": "feedback",
            "loglevel": "warning",
            "logger_class": ServerLog,
            "forwarded_allow_ips": "",  # FEEDBACK_TRUSTED_PROXIES decides, inside the application
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def share_memory(_server: Any) -> None:
    """Before the first fork, load what each worker would load for itself, and keep the collector off all of it.

    A page that nobody writes to is there once for all workers; the collector writes into every object it looks at.
    """
    importlib.import_module("huey")
    configure_mappers()
    gc.collect()
    gc.freeze()


def forget_connections(_server: Any, worker: Any) -> None:
    """A forked worker opens its own connections; the ones of its parent stay the parent's."""
    from feedback_app.db import db

    app: Flask = worker.app.callable or worker.app.wsgi()
    with app.app_context():
        db.engine.dispose(close=False)
