"""Turns to write come one after the other, and waiting for one has an end."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedback_app.errors import DatabaseBusy
from feedback_app.write_line import WriteLine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db.write-lock"


@contextmanager
def another_process(path: Path) -> Iterator[int]:
    """Holds the lock as another process does: by an open file of its own."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_free(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def wait_until_free(path: Path) -> None:
    deadline = time.monotonic() + 5
    while not is_free(path):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_turn_holds_the_lock_and_gives_it_back(path: Path) -> None:
    line = WriteLine(path, seconds=1)
    for _ in range(2):
        with line.turn():
            assert not is_free(path)
        assert is_free(path)


def test_a_turn_that_fails_gives_the_lock_back(path: Path) -> None:
    line = WriteLine(path, seconds=1)
    with pytest.raises(ZeroDivisionError), line.turn():
        raise ZeroDivisionError
    assert is_free(path)


def test_another_process_that_does_not_end_is_told_as_busy(path: Path) -> None:
    line = WriteLine(path, seconds=0.2)
    with another_process(path):
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(DatabaseBusy), line.turn():
                pass
            assert 0.15 < time.monotonic() - begun < 2


def test_another_thread_that_does_not_end_is_told_as_busy(path: Path) -> None:
    line = WriteLine(path, seconds=0.1)
    told: list[bool] = []

    def write() -> None:
        with pytest.raises(DatabaseBusy), line.turn():
            pass
        told.append(True)

    with line.turn():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(5)
    assert told == [True]


def test_the_turn_comes_when_the_other_process_ends(path: Path) -> None:
    line = WriteLine(path, seconds=5)
    turns: list[bool] = []

    def write() -> None:
        with line.turn():
            turns.append(is_free(path))

    with another_process(path):
        thread = threading.Thread(target=write)
        thread.start()
        time.sleep(0.1)
        assert turns == []
    thread.join(5)
    assert turns == [False]
    assert is_free(path)


def test_a_lock_that_comes_after_giving_up_is_given_back(path: Path) -> None:
    line = WriteLine(path, seconds=0.1)
    with another_process(path), pytest.raises(DatabaseBusy), line.turn():
        pass
    wait_until_free(path)
    with line.turn():
        assert not is_free(path)
    assert is_free(path)


def test_whoever_comes_after_one_that_gave_up_goes_on_waiting_there(path: Path) -> None:
    line = WriteLine(path, seconds=0.1)
    with another_process(path) as descriptor:
        with pytest.raises(DatabaseBusy), line.turn():
            pass
        line._seconds = 5
        threading.Timer(0.2, fcntl.flock, (descriptor, fcntl.LOCK_UN)).start()
        with line.turn():
            assert not is_free(path)
    assert is_free(path)


def test_two_lines_over_one_file_lose_no_turn(path: Path) -> None:
    held: list[int] = []
    most: list[int] = []

    def write(line: WriteLine) -> None:
        for _ in range(50):
            with line.turn():
                held.append(1)
                most.append(len(held))
                held.pop()

    lines = [WriteLine(path, seconds=20) for _ in range(2)]  # as two processes have
    threads = [threading.Thread(target=write, args=(line,)) for line in lines * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(most), set(most)) == (300, {1})
    assert is_free(path)


def test_a_forked_process_has_a_lock_of_its_own(path: Path) -> None:
    line = WriteLine(path, seconds=0.2)
    with line.turn():
        child = os.fork()
        if not child:
            line._mutex = threading.Lock()  # held by the thread that the child is a copy of
            try:
                with line.turn():
                    os._exit(1)
            except DatabaseBusy:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
