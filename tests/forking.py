"""`feedback` commands as processes forked from one that has the program loaded, which costs more than most commands.

What a test sees is a process of its own with its own environment, files and exit code; only the imports are shared.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

_READY = "ready"


class Forker:
    """The process that forks; it starts with the first command and ends when the tests do."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = Lock()

    def run(
        self, arguments: Iterable[str], environment: Mapping[str, str], stdin: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run `feedback ARGUMENTS` to its end."""
        with tempfile.TemporaryDirectory() as folder, self._lock:
            files = [Path(folder) / name for name in ("in", "out", "err")]
            files[0].write_text(stdin or "")
            asked = {
                "arguments": list(arguments),
                "environment": dict(environment),
                "files": list(map(str, files)),
            }
            code = int(self._ask(json.dumps(asked)))
            return subprocess.CompletedProcess(
                asked["arguments"], code, files[1].read_text(), files[2].read_text()
            )

    def _ask(self, line: str) -> str:
        process = self._running()
        assert process.stdin
        assert process.stdout
        print(line, file=process.stdin, flush=True)
        return process.stdout.readline()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            command = [sys.executable, "-m", "tests.forking"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert self._process.stdout
            assert self._process.stdout.readline().strip() == _READY
        return self._process

    def close(self) -> None:
        if self._process is not None:
            with self._process:
                pass  # its input closes, which ends it
            self._process = None


def serve() -> None:
    """Fork a command for each line of the input, and say how it ended."""
    from feedback_app import cli
    from feedback_app.app import create_app
    from tests.conftest import make_settings

    with tempfile.TemporaryDirectory() as folder:
        create_app(make_settings(Path(folder)))  # which loads every part of the program
    answer(_READY)
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            become(**json.loads(line))
            sys.exit(cli.main())
        _, status = os.waitpid(child, 0)
        answer(str(os.waitstatus_to_exitcode(status)))


def answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def become(arguments: list[str], environment: dict[str, str], files: list[str]) -> None:
    """Take the command's environment, and its files in place of the standard ones."""
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(files[0], os.O_RDONLY), 0)
    os.dup2(os.open(files[1], os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(os.open(files[2], os.O_WRONLY | os.O_CREAT), 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the old one has read ahead
    sys.argv = ["feedback", *arguments]


if __name__ == "__main__":
    serve()
