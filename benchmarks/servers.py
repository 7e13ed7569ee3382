"""Web servers under test: gunicorn as a process group of its own that can be measured, stopped and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType

import psutil

from benchmarks.load import HOST, ROOT
from feedback_app.server import THREADS

WORKERS = 2
START_SECONDS = 60
STOP_SECONDS = 15


def product_command(port: int, workers: int = WORKERS) -> list[str]:
    """The product's web server as it is shipped, without the background worker."""
    serve = [sys.executable, "-m", "feedback_app.cli", "serve", "--no-worker", "--workers", str(workers)]
    return [*serve, "--bind", f"{HOST}:{port}"]


def floor_command(port: int, workers: int = WORKERS) -> list[str]:
    """The floor under the same server with the same settings."""
    options = ["--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "15", "--preload"]
    where = ["--workers", str(workers), "--bind", f"{HOST}:{port}", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", *options, *where, "benchmarks.floor.app:create_app()"]


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class ServerTrouble(Exception):
    """A server that did not start; the message ends with the last lines of its log."""


class Server:
    """One server and its processes, from entering the block to leaving it."""

    def __init__(self, command: Sequence[str], port: int, environ: Mapping[str, str], log: Path) -> None:
        self.port = port
        self.log = log
        self._command = list(command)
        self._environ = {**os.environ, **environ, "PYTHONWARNINGS": "ignore"}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it in a session of its own and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerTrouble(self.log.read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End every process of it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def kill_one_worker(self) -> None:
        """End one of its web processes at once; the others go on, and a new one takes its place."""
        self.processes()[-1].kill()

    def stop(self) -> None:
        """End it as an operator would, and by force if that takes too long."""
        self._end(signal.SIGTERM)

    def cpu_seconds(self) -> float:
        """Processor time that its living processes have used so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def memory_mb(self) -> float:
        """Proportional set size of all its processes: pages that they share count once."""
        return float(sum(process.memory_full_info().pss for process in self.processes())) / 2**20

    def processes(self) -> list[psutil.Process]:
        assert self._process is not None
        top = psutil.Process(self._process.pid)
        return [top, *top.children(recursive=True)]

    def _answers(self) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        workers = self.processes()[1:] if process.poll() is None else []
        for now in (how, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, now)
            if process_has_ended(process) and not psutil.wait_procs(workers, STOP_SECONDS)[1]:
                break
        self._process = None


def process_has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it ends within the time that a server may take to stop."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True
