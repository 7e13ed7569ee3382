"""A tagger in a process of its own, so that one that hangs, leaks or crashes costs a comment and not the worker.

A thread that hangs cannot be stopped; a process can. The worker holds one, which runs the JSON-lines filter, and
feeds it comments without waiting for each answer. A comment that brings it down is reported, the process is replaced,
and the comments after it are read as if nothing had happened. The process ends by itself when its input closes, thus
also when the worker is killed.
"""

import json
import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Self

from feedback_app.sentiment.registry import DEFAULT
from feedback_app.sentiment.soundness import unsound
from feedback_app.sentiment.tagger import Tag

_CHUNK = 65_536  # bytes to or from the process at a time: what a pipe holds


class TaggerFailed(Exception):
    """A tagger raised, hung or crashed on one comment; the reason has not a word of the comment."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class TaggerNotStarted(TaggerFailed):
    """The tagger's process did not come up, so no comment is to blame."""


class GuardedTagger:
    """Tags comments behind a wall. Threads may share one; the process starts with the first comment."""

    def __init__(
        self,
        name: str = DEFAULT,
        *,
        weights: Path | None = None,
        called: str = "",
        seconds: float = 10.0,
        start_seconds: float = 60.0,
    ) -> None:
        """A comment may take up to `seconds`, the start of the process (it loads a library) `start_seconds`.

        `weights` and `called`: the file of a model that takes the place of the shipped one, and how tags name it.
        """
        self.name = name
        self._options = ["--tagger", name]
        if weights:
            self._options += ["--weights", str(weights), "--called", called]
        self._seconds = seconds
        self._start_seconds = start_seconds
        self._child: _Child | None = None
        self._lock = Lock()

    def tag(self, text: str) -> Tag:
        """The tag of one comment; raises TaggerFailed."""
        (result,) = self.tag_many([text])
        if isinstance(result, TaggerFailed):
            raise result
        return result

    def tag_many(self, texts: Sequence[str]) -> list[Tag | TaggerFailed]:
        """For each comment its tag, or why there is none; one that fails costs the others nothing.

        If the tagger cannot even be started, every comment fails with that reason.
        """
        results: list[Tag | TaggerFailed] = []
        with self._lock:
            while len(results) < len(texts):
                results += self._tag_until_one_breaks_it(texts[len(results) :])
        return results

    def close(self) -> None:
        """End the process; a later comment would start another."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tag_until_one_breaks_it(self, texts: Sequence[str]) -> list[Tag | TaggerFailed]:
        try:
            child = self._running()
        except TaggerFailed as failure:
            return [failure] * len(texts)
        requests = [json.dumps({"n": n, "text": text}).encode() for n, text in enumerate(texts)]
        results: list[Tag | TaggerFailed] = []
        try:
            for line in child.answers(requests, self._seconds):
                results.append(_understand(line, len(results), texts[len(results)]))
        except TaggerFailed as failure:
            self._stop()
            results.append(failure)
        except BaseException:  # interrupted: the answers still on their way must not meet the next comments
            self._stop()
            raise
        return results

    def _running(self) -> "_Child":
        if self._child and not self._child.is_alive():
            self._stop()
        if not self._child:
            self._child = _Child(self._options)
            try:
                self._child.wait_for_greeting(self._start_seconds)
            except BaseException:
                self._stop()
                raise
        return self._child

    def _stop(self) -> None:
        if self._child:
            self._child.kill()
            self._child = None


class _Child:
    """The process, and the lines that go to and fro."""

    def __init__(self, options: Sequence[str]) -> None:
        command = [sys.executable, "-m", "feedback_app.sentiment", "--greet", *options]
        self._process = subprocess.Popen(  # noqa: S603 - our own module, a name from the settings, and a file of ours
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            start_new_session=True,  # Ctrl-C is for the worker, which then closes this
        )
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._in.fileno(), False)
        self._lines: deque[bytes] = deque()
        self._rest = b""

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._in.close()
        self._process.kill()
        self._process.wait()
        self._out.close()

    def wait_for_greeting(self, seconds: float) -> None:
        """Return when the tagger is loaded; raises TaggerNotStarted."""
        try:
            next(self._receive(b"", count=1, seconds=seconds))
        except TaggerFailed as failure:
            raise TaggerNotStarted(f"the tagger did not start: {failure.reason}") from failure

    def answers(self, requests: Sequence[bytes], seconds: float) -> Iterator[bytes]:
        """One line for each request, in order, as they come; raises TaggerFailed at the one that fails."""
        return self._receive(b"".join(request + b"\n" for request in requests), len(requests), seconds)

    def _receive(self, outgoing: bytes, count: int, seconds: float) -> Iterator[bytes]:
        left = memoryview(outgoing)
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if left:
                selector.register(self._in, selectors.EVENT_WRITE)
            for _ in range(count):
                deadline = monotonic() + seconds
                while not self._lines:
                    ready = [key.fileobj for key, _ in selector.select(max(0.0, deadline - monotonic()))]
                    if self._in in ready:
                        left = self._send(left)
                        if not left:
                            selector.unregister(self._in)
                    if self._out in ready:
                        self._read()
                    elif monotonic() >= deadline:
                        raise TaggerFailed(f"no answer within {seconds:g} s")
                yield self._lines.popleft()

    def _send(self, left: memoryview) -> memoryview:
        """Send what the pipe takes; return what is left of it."""
        try:
            return left[os.write(self._in.fileno(), left[:_CHUNK]) :]
        except BrokenPipeError:  # it has ended; what it answered before is still to be read
            return left[:0]

    def _read(self) -> None:
        received = os.read(self._out.fileno(), _CHUNK)
        if not received:
            raise TaggerFailed(f"its process ended with {self._exit_code()}")
        *lines, self._rest = (self._rest + received).split(b"\n")
        self._lines.extend(lines)

    def _exit_code(self) -> str:
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "its output closed"
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _understand(line: bytes, n: int, text: str) -> Tag | TaggerFailed:
    """The tag, or the failure that the filter reports or that it is no sound tag; raises TaggerFailed for the rest."""
    try:
        answer = json.loads(line)
        if answer["n"] != n:
            raise ValueError("an answer to another comment")
        if "error" in answer:
            return TaggerFailed(str(answer["error"]))
        tag = Tag.from_dict(answer)
        why = unsound(tag, text)
        return TaggerFailed(f"its tag is refused: {why}") if why else tag
    except (ValueError, KeyError, TypeError) as error:
        raise TaggerFailed("its answer cannot be understood") from error
