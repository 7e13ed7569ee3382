"""A server under test is a process group: it can be measured, killed and started again."""

import sys
from pathlib import Path

import pytest

from benchmarks.floor.running import floor_server, prepare
from benchmarks.load import Connection, get
from benchmarks.machine import fsyncs_per_second
from benchmarks.servers import Server, ServerTrouble, free_port


def test_a_killed_server_leaves_no_process_and_can_be_started_again(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'floor.db'}"
    page = get(f"/a/{prepare(url, 1)[0]}").encode()
    with floor_server(tmp_path, url) as server:
        assert status_of(server, page) == 200
        first = server.processes()
        assert len(first) >= 2  # the master and its workers
        assert server.memory_mb() > 10
        server.kill()
        assert not any(process.is_running() for process in first)
        with pytest.raises(OSError, match="refused"):
            status_of(server, page)
        server.start()
        assert status_of(server, page) == 200
        again = server.processes()
    assert not any(process.is_running() for process in again)


def status_of(server: Server, request: bytes) -> int:
    connection = Connection(server.port)
    try:
        return connection.exchange(request)
    finally:
        connection.close()


def test_a_server_that_does_not_start_says_why(tmp_path: Path):
    command = [sys.executable, "-c", "raise SystemExit('no such database')"]
    server = Server(command, free_port(), {}, tmp_path / "log")
    with pytest.raises(ServerTrouble, match="no such database"):
        server.start()


def test_the_disk_is_measured_and_left_clean(tmp_path: Path):
    assert fsyncs_per_second(tmp_path) > 1
    assert list(tmp_path.iterdir()) == []
