"""A command's children end with it, from the first moment on."""

import os
import subprocess
import sys
import time

import pytest

SCRIPT = """
import os, signal, sys
from feedback_app.cli import processes
processes.FEEDBACK = [sys.executable, "-c", "import time; time.sleep(60)"]
family = processes.Family()
family.start("sleeper", [])
print(family._children["sleeper"].pid, flush=True)
os.kill(os.getpid(), signal.SIGTERM)
family.is_up("sleeper", 1)
sys.exit(family.wait())
"""


def test_a_signal_before_everything_is_up_leaves_no_child_behind() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
