"""feedback serve and feedback worker: the web server and the background worker."""

import os
import sys

import click

from feedback_app.cli.processes import Family, refuse_a_taken_address
from feedback_app.config import LOOPBACK

THREADS = 8  # six of them may send mail at once (queue.LEFT_TO_OTHERS)


def read_bind(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """HOST:PORT or unix:PATH, as gunicorn reads it."""
    host, _, port = value.rpartition(":")
    is_port = port.isascii() and port.isdigit() and 0 < int(port) < 65536
    if value.removeprefix("unix:") not in ("", value) or (host and is_port):
        return value
    raise click.BadParameter(
        f"'{value}' is not an address; write it like 127.0.0.1:8000, 0.0.0.0:8000 or unix:/run/feedback.sock."
    )


@click.command()
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    callback=read_bind,
    show_default=True,
    help="Address and port, or unix:PATH.",
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--worker/--no-worker", default=True, help="Run a background worker beside it.")
def serve(bind: str, workers: int, worker: bool) -> None:
    """Serve the web pages in production, with a background worker beside them.

    A worker that ends is started again, while the pages go on.
    """
    from feedback_app.config import read_settings, require_public_settings

    if not is_loopback(bind):
        require_public_settings(os.environ)
    settings = read_settings()
    refuse_a_taken_address(bind, "Choose another with --bind, for example --bind 127.0.0.1:8001")
    if not worker:
        serve_web(bind, workers)
        return
    click.echo(f"Data: {settings.instance}\nListening on {bind}, reached as {settings.base_url}")
    family = Family()
    family.start("web server", ["serve", "--no-worker", "--bind", bind, "--workers", str(workers)])
    family.is_up("web server", bind)  # first alone, so that what is wrong with the database is said once
    if family.lives("web server"):
        family.start("worker", ["worker"], is_restarted=True)
    sys.exit(family.wait())


@click.command()
@click.option(
    "--threads", default=THREADS, show_default=True, type=click.IntRange(1, 64), help="Jobs at once."
)
def worker(threads: int) -> None:
    """Do the background work: read events, send what is due, tag comments."""
    from feedback_app.cli.context import ready_app
    from feedback_app.logs import set_up_logging
    from feedback_app.worker import run_worker

    app = ready_app()
    set_up_logging()
    run_worker(app, threads=threads)


def serve_web(bind: str, workers: int) -> None:
    from feedback_app.cli.context import ready_app
    from feedback_app.logs import set_up_logging
    from feedback_app.server import Server

    app = ready_app()
    set_up_logging()
    sys.argv[1:] = []  # gunicorn reads the command line too, and ours is not for it
    Server(app, bind=bind, workers=workers).run()


def is_loopback(bind: str) -> bool:
    """Whether nobody beyond this machine can reach the address."""
    host = bind.rpartition(":")[0].strip("[]")
    return bind.startswith("unix:") or host in LOOPBACK or host.startswith("127.")
