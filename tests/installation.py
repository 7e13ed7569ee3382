"""A real installation for tests: its own folder, the real commands, a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.forking import Forker

FEEDBACK = [sys.executable, "-m", "feedback_app.cli"]
FORKER = Forker()
SECRET = "secret-of-the-journeys-which-is-long-enough"
Value = TypeVar("Value")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Installation:
    """Commands and servers over one instance folder; everything it started ends with `stop`."""

    folder: Path
    database_url: str
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBACK_")}
        return kept | {
            "FEEDBACK_INSTANCE": str(self.folder),
            "FEEDBACK_DATABASE_URL": self.database_url,  # empty: the default
            "FEEDBACK_SECRET_KEY": SECRET,
            "FEEDBACK_BASE_URL": self.base_url,
            **self.more,
        }

    def feedback(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run `feedback ARGUMENTS` to its end."""
        return FORKER.run(arguments, self.environment, stdin)

    def printed(self, *arguments: str) -> str:
        """What a command that must succeed printed."""
        done = self.feedback(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, *arguments: str, shown: Path | None = None) -> subprocess.Popen[bytes]:
        """Start `feedback ARGUMENTS` in a process group of its own; what it prints goes to the file `shown`."""
        with (self.folder / f"{arguments[0]}.log").open("ab") as log, open(shown or os.devnull, "wb") as out:
            process = subprocess.Popen(
                [*FEEDBACK, *arguments], env=self.environment, stdout=out, stderr=log, start_new_session=True
            )
        self._running.append(process)
        return process

    def serve(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `feedback serve` and wait until it is ready."""
        process = self.start("serve", "--bind", f"127.0.0.1:{self.port}", *arguments)
        wait_for(lambda: is_ready(self.base_url), seconds=30, what="the server to be ready")
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and all of its children as a power cut would: SIGKILL to the group."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._running.remove(process)

    def stop(self) -> None:
        """End what is still running, gently first."""
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


def is_ready(base_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base_url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_for(look: Callable[[], Value], *, seconds: float, what: str) -> Value:
    """The first value that is not empty; fails with a sentence when none came in time."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)
