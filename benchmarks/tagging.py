"""`feedback tag --jsonl` beside TextBlob with nothing around it: comments a second, memory, start to first tag."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from benchmarks.load import ROOT
from benchmarks.place import Place
from benchmarks.report import Goal, Row, ratios, spread

OURS = ("-m", "feedback_app.cli", "tag", "--jsonl")
THEIRS = ("-m", "benchmarks.naive.tagging")
COMMENTS = ROOT / "training" / "data" / "own.csv"
AT_ONCE, ONE_BY_ONE = 9_000, 3_000  # comments of one side in one round
FOREIGN = (
    json.dumps({"text": "Die Lieferung hat leider sehr lange gedauert."}) + "\n"
)  # has the language model loaded
WEB = ("flask", "sqlalchemy", "werkzeug")
SPEED = Goal(">=", 1, 1.5, unit="x")
NONE = Goal("<=", 0)

Process = subprocess.Popen[str]
Work = Callable[[Sequence[str]], float]


def measure(place: Place) -> Iterator[Row]:
    """Speed in three ways, memory, start to first tag, and which parts of the web stack were loaded on the way."""
    for name, work in (("at once", at_once), ("one by one", one_by_one), ("in two processes", in_two)):
        ours, theirs = taking_turns(work, place.rounds)
        detail = f"{spread(ours)}/s; TextBlob {spread(theirs)}/s"
        yield Row(f"tagging {name}, comments/s to TextBlob's", "none", ratios(ours, theirs), SPEED, detail)
    ours, theirs = taking_turns(megabytes, place.rounds)
    detail = f"the most it held in {AT_ONCE:,} comments; TextBlob {spread(theirs)} MB"
    yield Row("tagging: memory", "none", spread(ours), Goal("<=", 50, 30, unit=" MB"), detail)
    ours, theirs = taking_turns(seconds_to_first_tag, place.rounds)
    detail = f"TextBlob {spread(theirs)} s"
    yield Row("tagging: start to first tag", "none", spread(ours), Goal("<=", 0.5, 0.2, unit=" s"), detail)
    loaded = [name for name in WEB if name in imported(OURS)]
    detail = ", ".join(loaded) or f"none of {', '.join(WEB)}"
    yield Row("tagging: parts of the web stack loaded", "none", spread([len(loaded)]), NONE, detail)


def taking_turns(work: Work, rounds: int) -> tuple[list[float], list[float]]:
    """What each round of ours and of theirs gave."""
    pairs = [(work(OURS), work(THEIRS)) for _ in range(rounds)]
    return [ours for ours, _ in pairs], [theirs for _, theirs in pairs]


def at_once(command: Sequence[str]) -> float:
    """Comments a second of a process that is given all of them."""
    with talking(command) as process:
        return rate(lambda: answer_all(process, lines(AT_ONCE)), AT_ONCE)


def one_by_one(command: Sequence[str]) -> float:
    """Comments a second of a process that is asked the next when it has answered the last."""
    with talking(command) as process:
        return rate(lambda: ask_in_turn(process, lines(ONE_BY_ONE)), ONE_BY_ONE)


def in_two(command: Sequence[str]) -> float:
    """Comments a second of two processes together, half of the comments each."""
    with talking(command) as one, talking(command) as other, ThreadPoolExecutor(2) as pool:
        half = lines(AT_ONCE // 2)
        return rate(lambda: list(pool.map(lambda process: answer_all(process, half), (one, other))), AT_ONCE)


def megabytes(command: Sequence[str]) -> float:
    """The most memory that a process held that was given all comments at once."""
    with talking(command) as process:
        answer_all(process, lines(AT_ONCE))
        status = Path(f"/proc/{process.pid}/status").read_text()
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak) / 1024


def seconds_to_first_tag(command: Sequence[str]) -> float:
    """Seconds from the start of the process to its first answer."""
    begun = time.perf_counter()
    with start(command, stderr=subprocess.DEVNULL) as process, stream(process.stdin):
        ask(process, lines(1)[0])
        return time.perf_counter() - begun


def imported(command: Sequence[str]) -> set[str]:
    """Every module that this Python command imports on one line of input."""
    with start(("-X", "importtime", *command), stderr=subprocess.PIPE) as process:
        _, report = process.communicate("".join(lines(1)), timeout=60)
    timed = [line for line in report.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in timed}


def lines(count: int) -> list[str]:
    """That many comments as JSON lines; those that we wrote for the tagger to learn from, over and over."""
    with COMMENTS.open(encoding="utf-8", newline="") as file:
        written = [json.dumps({"text": row["text"]}) + "\n" for row in csv.DictReader(file)]
    return list(islice(written * (count // len(written) + 1), count))


def rate(work: Callable[[], object], count: int) -> float:
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def answer_all(process: Process, asked: Sequence[str]) -> None:
    """Have all of them answered, while they are still being written."""
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, stream(process.stdin), "".join(asked))
        answered = sum(bool(stream(process.stdout).readline()) for _ in asked)
        writing.result()
    if answered != len(asked):
        raise RuntimeError(f"{answered} answers to {len(asked)} comments")


def ask_in_turn(process: Process, asked: Sequence[str]) -> None:
    for line in asked:
        ask(process, line)


def ask(process: Process, line: str) -> None:
    write(stream(process.stdin), line)
    if not stream(process.stdout).readline():
        raise RuntimeError("no answer to a comment")


def write(pipe: IO[str], text: str) -> None:
    pipe.write(text)
    pipe.flush()


def stream(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@contextmanager
def talking(command: Sequence[str]) -> Iterator[Process]:
    """The command running, with two comments answered, so that everything is loaded."""
    with ExitStack() as stack:
        process = stack.enter_context(start(command, stderr=subprocess.DEVNULL))
        stack.callback(stream(process.stdin).close)
        ask(process, lines(1)[0])
        ask(process, FOREIGN)
        yield process


def start(arguments: Sequence[str], stderr: int) -> Process:
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
