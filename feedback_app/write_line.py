"""The line in front of SQLite's one writer: a mutex for the threads of a process, a lock on a file for its processes.

Between processes the kernel wakes whoever waits, so that nobody polls and nobody is passed over for long. It knows no
limit of time, though, so the waiting is done by a thread of its own, which can be left behind.
"""

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedback_app.errors import DatabaseBusy


class WriteLine:
    """Turns to write, one after the other, on all of a machine."""

    def __init__(self, path: Path, *, seconds: float) -> None:
        """`path`: the file that the processes lock; `seconds`: how long to wait for a turn at most."""
        self.path = path
        self._seconds = seconds
        self._mutex = threading.Lock()
        self._descriptor: int | None = None
        self._pid: int | None = None
        self._waiting: Wait | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for our turn; DatabaseBusy if it does not come in time."""
        deadline = time.monotonic() + self._seconds
        if not self._mutex.acquire(timeout=self._seconds):
            raise DatabaseBusy
        try:
            descriptor = self._opened()
            self._lock(descriptor, deadline)
            try:
                yield
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        finally:
            self._mutex.release()

    def _lock(self, descriptor: int, deadline: float) -> None:
        """Hold the lock between processes; behind the mutex, so that one thread at most waits for it."""
        waiting, self._waiting = self._waiting, None
        if waiting is None or not waiting.is_joined():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting = Wait(descriptor)
            else:
                return
        if not waiting.ends_before(deadline):
            self._waiting = waiting  # the next one goes on where we gave up
            raise DatabaseBusy

    def _opened(self) -> int:
        """The lock file, opened anew in a forked process: a lock belongs to the open file, not to its path."""
        if self._descriptor is None or self._pid != os.getpid():
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._pid = os.getpid()
            self._waiting = None
            weakref.finalize(self, os.close, self._descriptor)
        return self._descriptor


class Wait:
    """A thread that waits for the lock. What it gets when nobody wants it any more, it gives back at once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = os.dup(descriptor)  # the same lock, open until this thread has done with it
        self._state = threading.Lock()
        self._is_wanted = True
        self._is_over = False
        self._got = threading.Event()
        threading.Thread(target=self._wait, name="write line", daemon=True).start()

    def is_joined(self) -> bool:
        """Wait here again after giving up; False if it has ended meanwhile."""
        with self._state:
            self._is_wanted = not self._is_over
            return self._is_wanted

    def ends_before(self, deadline: float) -> bool:
        """Whether the lock is ours now."""
        self._got.wait(max(0.0, deadline - time.monotonic()))
        with self._state:
            self._is_wanted = self._got.is_set()
            return self._is_wanted

    def _wait(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        with self._state:
            if self._is_wanted:
                self._got.set()
            else:
                self._is_over = True
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
