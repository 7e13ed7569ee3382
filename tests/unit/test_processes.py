"""A command's children end with it, from the first moment on."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from feedback_app.cli.processes import Child, is_listening, refuse_a_taken_address
from tests.installation import free_port, wait_for

SCRIPT = """
import os, signal, sys
from feedback_app.cli import processes
processes.FEEDBACK = [sys.executable, "-c", "import time; time.sleep(60)"]
family = processes.Family()
family.start("sleeper", [])
print(family._children["sleeper"].process.pid, flush=True)
os.kill(os.getpid(), signal.SIGTERM)
family.is_up("sleeper", "127.0.0.1:1")
sys.exit(family.wait())
"""


def test_a_signal_before_everything_is_up_leaves_no_child_behind() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


FAMILY = """
import sys
from feedback_app.cli import processes
processes.RESTART_SECONDS = (0.1, 0.2)
processes.FEEDBACK = [sys.executable, "-c", "import os, sys, time; "
    "print(os.getpid(), file=open(sys.argv[1], 'a'), flush=True); time.sleep(float(sys.argv[2]))"]
family = processes.Family()
family.start("web server", [sys.argv[1] + "/web", "60"])
family.start("worker", [sys.argv[1] + "/worker", sys.argv[2]], is_restarted=True)
sys.exit(family.wait())
"""


@contextmanager
def family(folder: Path, worker_seconds: float) -> Iterator[subprocess.Popen[str]]:
    """A web server that stays and a worker that ends after so long, each time it is started."""
    arguments = [sys.executable, "-c", FAMILY, str(folder), str(worker_seconds)]
    parent = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    try:
        yield parent
    finally:
        parent.kill()
        parent.communicate()


def starts(folder: Path, name: str) -> list[int]:
    """The process ids that a child has had."""
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_worker_that_ends_is_started_again_and_the_web_server_goes_on(tmp_path: Path) -> None:
    with family(tmp_path, worker_seconds=0) as parent:
        wait_for(lambda: len(starts(tmp_path, "worker")) >= 3, seconds=20, what="three starts")
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(20) == 0
        assert parent.stderr is not None
        said = parent.stderr.read().splitlines()
    assert said[:2] == [
        "The worker ended (exit code 0); it starts again in 0.1 s.",
        "The worker ended (exit code 0); it starts again in 0.2 s.",
    ]
    assert len(starts(tmp_path, "web")) == 1


def test_a_web_server_that_ends_ends_everything(tmp_path: Path) -> None:
    with family(tmp_path, worker_seconds=60) as parent:
        wait_for(lambda: starts(tmp_path, "web") and starts(tmp_path, "worker"), seconds=20, what="both")
        os.kill(starts(tmp_path, "web")[0], signal.SIGKILL)
        assert parent.wait(20) != 0
    assert is_gone(starts(tmp_path, "worker")[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_children_of_a_parent_that_was_killed_end_too(tmp_path: Path) -> None:
    with family(tmp_path, worker_seconds=60) as parent:
        wait_for(lambda: starts(tmp_path, "web") and starts(tmp_path, "worker"), seconds=20, what="both")
        parent.kill()
        parent.wait()
        for name in ("web", "worker"):
            [pid] = starts(tmp_path, name)
            wait_for(lambda pid=pid: is_gone(pid), seconds=10, what=f"the end of the {name}")  # type: ignore[misc]


def test_the_waits_grow_until_a_child_has_lived_for_a_minute() -> None:
    child = Child("worker", [], True, None, started_at=0)  # type: ignore[arg-type]
    assert [child.put_off(now) for now in (1, 5, 20, 59)] == [1, 5, 30, 30]
    assert child.due_at == 89
    assert child.put_off(61) == 1


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "[::1]")])
def test_a_taken_address_is_refused_in_one_sentence(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as other:
        other.bind((host.strip("[]"), 0))
        bind = f"{host}:{other.getsockname()[1]}"
        assert not is_listening(bind)
        other.listen()
        assert is_listening(bind)
        with pytest.raises(click.ClickException) as refused:
            refuse_a_taken_address(bind, "Choose another.")
    assert refused.value.message == f"The address {bind} is in use; nothing was started. Choose another."
    refuse_a_taken_address(bind, "Choose another.")


def test_an_address_of_another_machine_is_refused_with_the_reason() -> None:
    with pytest.raises(click.ClickException, match=r"cannot be used \(Cannot assign requested address\)"):
        refuse_a_taken_address(f"192.0.2.1:{free_port()}", "")


def test_a_socket_in_a_folder_is_left_to_the_server(tmp_path: Path) -> None:
    refuse_a_taken_address(f"unix:{tmp_path / 'feedback.sock'}", "")
    assert not is_listening(f"unix:{tmp_path / 'feedback.sock'}")
