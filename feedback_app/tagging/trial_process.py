"""A trial in a process of its own, so that hours of computing neither hold up the worker nor outlive it.

The process is nice, bounded in time and memory, and writes nothing but its answer: if it or the worker is killed,
nothing half is left, and the rows still say that a training is due.
"""

import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from time import monotonic
from typing import Any

from feedback_app.tagging.own_models import Trained
from feedback_app.tagging.pairs import TOO_FEW, Pair
from feedback_app.tagging.tagger_in_use import Reading

SECONDS = 45 * 60.0
LOOKS_EVERY = 0.5  # seconds between two looks at whether the worker is to end


class TrialFailed(Exception):
    """The trial came to nothing; the reason has not a word of a comment."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class TrialStopped(Exception):
    """The worker is to end; nothing was wrong."""


class TooFew(TrialFailed):
    """Too few comments are in languages that can be learned."""

    def __init__(self) -> None:
        super().__init__("too few comments are in one language")


def run_trial(
    pairs: Sequence[Pair], rival: Reading, *, is_stopping: Callable[[], bool], seconds: float = SECONDS
) -> Trained:
    """What a training on these pairs comes to; raises TrialFailed."""
    with subprocess.Popen(
        [sys.executable, "-m", "feedback_app.tagging.trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
        start_new_session=True,  # Ctrl-C is for the worker, which then ends this
    ) as process:
        try:
            _tell(process, _request(pairs, rival))
            answer = _hear(process, is_stopping, monotonic() + seconds)
        finally:
            process.kill()
    return _understand(answer)


def _tell(process: "subprocess.Popen[bytes]", request: bytes) -> None:
    """Hand it all at once: it reads everything before it begins, and `communicate` forgets what it could not send."""
    assert process.stdin
    with suppress(BrokenPipeError):  # it has ended; what it says, or does not, tells why
        process.stdin.write(request)
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.stdin = None


def _hear(process: "subprocess.Popen[bytes]", is_stopping: Callable[[], bool], deadline: float) -> bytes:
    """Its answer, once it has one."""
    while not is_stopping():
        if monotonic() > deadline:
            raise TrialFailed("it took too long")
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=LOOKS_EVERY)[0]
    raise TrialStopped


def _request(pairs: Sequence[Pair], rival: Reading) -> bytes:
    """The tagger in use, which the new one must beat, then a line for each pair."""
    weights = str(rival.weights) if rival.weights else None
    lines: list[dict[str, Any]] = [{"name": rival.name, "weights": weights, "called": rival.called}]
    lines += (asdict(pair) for pair in pairs)
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _understand(answer: bytes) -> Trained:
    try:
        found = json.loads(answer or b"{}")
    except ValueError as error:
        raise TrialFailed("its answer cannot be understood") from error
    if not found:
        raise TrialFailed("its process was ended from outside, or ran out of memory or time")
    if found.get("error") == TOO_FEW:
        raise TooFew
    if "error" in found:
        raise TrialFailed(str(found["error"]))
    weights = found["weights"]
    return Trained(
        weights=None if weights is None else b64decode(weights),
        trained_on=found["trained_on"],
        tested_on=found["tested_on"],
        figures=found["figures"],
        base=found["base"],
    )
