"""Children of one command: started together, ended together."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

import click

PATIENCE_SECONDS = 15
START_SECONDS = 60
FEEDBACK = [sys.executable, "-m", "feedback_app.cli"]


class Family:
    """Child processes of `feedback` itself. When one ends, the others are ended too, so that nothing runs half."""

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)  # before the first child, so that none is ever left behind

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Run `feedback ARGUMENTS` as a child called `name`."""
        self._children[name] = subprocess.Popen([*FEEDBACK, *arguments])  # noqa: S603 - our own commands

    def is_up(self, name: str, port: int) -> bool:
        """Whether the child listens on the port of this machine before START_SECONDS are over."""
        deadline = time.monotonic() + START_SECONDS
        while not self._stopping and self._children[name].poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return True
            time.sleep(0.1)
        return False

    def wait(self) -> int:
        """Wait until a signal comes or a child ends; end the rest and return the exit code."""
        while not self._stopping:
            for name, child in self._children.items():
                if child.poll() is not None and not self._stopping:
                    click.echo(
                        f"The {name} ended (exit code {child.returncode}), so everything stops.", err=True
                    )
                    self.end()
                    return 1
            time.sleep(0.2)
        self.end()
        return 0

    def end(self) -> None:
        """Ask every child to finish; after PATIENCE_SECONDS end it."""
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
