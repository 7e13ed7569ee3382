"""Children of one command: started together, ended together."""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

import click

PATIENCE_SECONDS = 15
START_SECONDS = 60
RESTART_SECONDS = (1, 5, 30)  # before a child that ended is started again, by how often in a row
SETTLED_SECONDS = 60  # a child that lived so long begins anew with the shortest wait
FEEDBACK = [sys.executable, "-m", "feedback_app.cli"]
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process of the family. `due_at` is when one that ended starts again; None while it runs."""

    name: str
    arguments: Sequence[str]
    is_restarted: bool
    process: subprocess.Popen[bytes]
    started_at: float
    due_at: float | None = None
    ends_in_a_row: int = 0
    was_up: bool = False

    def put_off(self, now: float) -> float:
        """It ended: how many seconds to wait before the next start."""
        if now - self.started_at > SETTLED_SECONDS:
            self.ends_in_a_row = 0
        wait = RESTART_SECONDS[min(self.ends_in_a_row, len(RESTART_SECONDS) - 1)]
        self.ends_in_a_row += 1
        self.due_at = now + wait
        return wait

    def start_again(self, now: float) -> None:
        self.process, self.started_at, self.due_at = run(self.arguments), now, None


class Family:
    """Child processes of `feedback` itself; they end with it, even if it is killed.

    When one ends that is not to be started again, the others are ended too, so that nothing runs half.
    """

    def __init__(self) -> None:
        self._children: dict[str, Child] = {}
        self._stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)  # before the first child, so that none is ever left behind

    def start(self, name: str, arguments: Sequence[str], *, is_restarted: bool = False) -> None:
        """Run `feedback ARGUMENTS` as a child called `name`; with `is_restarted`, again whenever it ends."""
        process = run(arguments)
        self._children[name] = Child(name, arguments, is_restarted, process, time.monotonic())

    def is_up(self, name: str, bind: str) -> bool:
        """Whether the child listens there (HOST:PORT or unix:PATH) before START_SECONDS are over."""
        child = self._children[name]
        deadline = time.monotonic() + START_SECONDS
        while not self._stopping and child.process.poll() is None and time.monotonic() < deadline:
            if is_listening(bind):
                child.was_up = True
                return True
            time.sleep(0.1)
        return False

    def lives(self, name: str) -> bool:
        """Whether the child runs, and is to go on running."""
        return not self._stopping and self._children[name].process.poll() is None

    def wait(self) -> int:
        """Wait until a signal comes or a child ends for good; end the rest and return the exit code."""
        while not self._stopping:
            ended = next((child for child in self._children.values() if self._is_over(child)), None)
            if ended is not None and not self._stopping:
                code = int(ended.process.returncode)
                if ended.was_up:  # else it has just said what keeps it from starting
                    click.echo(f"The {ended.name} ended (exit code {code}), so everything stops.", err=True)
                self.end()
                return 1 if ended.was_up else code or 1
            time.sleep(0.2)
        self.end()
        return 0

    def end(self) -> None:
        """Ask every child to finish; after PATIENCE_SECONDS end it."""
        processes = [child.process for child in self._children.values()]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()

    def _is_over(self, child: Child) -> bool:
        """Whether the child ended for good; one that is to run again is put off, and started when its wait is over."""
        now = time.monotonic()
        if child.due_at is not None:
            if now >= child.due_at:
                child.start_again(now)
            return False
        if child.process.poll() is None:
            return False
        if child.is_restarted and not self._stopping:
            code, wait = child.process.returncode, child.put_off(now)
            click.echo(f"The {child.name} ended (exit code {code}); it starts again in {wait} s.", err=True)
            return False
        return True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def run(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """`feedback ARGUMENTS` as a child that gets SIGTERM when we are gone."""
    parent = os.getpid()
    return subprocess.Popen([*FEEDBACK, *arguments], preexec_fn=lambda: end_with(parent))  # noqa: S603 - our own commands


def end_with(parent: int) -> None:
    """In a new child: let the kernel end us when the parent is killed and cannot do it any more."""
    if sys.platform != "linux":
        return  # elsewhere nothing tells a child of its parent's end
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was quicker than we
        os._exit(1)


def refuse_a_taken_address(bind: str, remedy: str) -> None:
    """Say in one sentence that nothing can listen there, before anything is started."""
    family, address = address_of(bind)
    if family == socket.AF_UNIX:
        return  # gunicorn takes the place of a socket that nobody listens on
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise click.ClickException(f"The address {bind} {why}; nothing was started. {remedy}") from error


def is_listening(bind: str) -> bool:
    """Whether somebody answers there."""
    family, address = address_of(bind)
    with socket.socket(family) as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0


def address_of(bind: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    """The address as sockets want it; for "every address" the one of this machine.

    >>> address_of("[::]:8000")
    (<AddressFamily.AF_INET6: 10>, ('::', 8000))
    """
    if bind.startswith("unix:"):
        return socket.AF_UNIX, bind.removeprefix("unix:")
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    return (socket.AF_INET6 if ":" in host else socket.AF_INET), (host, int(port))
