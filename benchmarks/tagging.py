"""`feedback tag --jsonl` from its start to its first tag, and that it does so without Flask."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.load import ROOT
from benchmarks.place import Place
from benchmarks.report import Goal, Row, ratios, spread

COMMENT = "Support was quick and friendly, but the export still fails."
LINE = json.dumps({"text": COMMENT}) + "\n"
COMMAND = ("-m", "feedback_app.cli", "tag", "--jsonl")
BARE = ("-c", f"from textblob import TextBlob; print(TextBlob({COMMENT!r}).sentiment)")
WEB = ("flask", "sqlalchemy", "werkzeug")
GOAL = Goal("<=", 0)


def measure(place: Place) -> Iterator[Row]:
    """Start to first tag, beside TextBlob alone; and which parts of the web stack were loaded on the way."""
    ours, bare = [], []
    for _ in range(place.rounds):
        ours.append(seconds_to_first_line(COMMAND))
        bare.append(seconds_to_first_line(BARE))
    detail = f"first tag after {spread(ours)} s; python with TextBlob alone {spread(bare)} s"
    yield Row(
        "feedback tag --jsonl: start to first tag, to TextBlob alone",
        "none",
        ratios(ours, bare),
        None,
        detail,
    )
    loaded = [name for name in WEB if name in imported(COMMAND)]
    detail = ", ".join(loaded) or f"none of {', '.join(WEB)}"
    yield Row(
        "feedback tag --jsonl: parts of the web stack loaded", "none", spread([len(loaded)]), GOAL, detail
    )


def seconds_to_first_line(arguments: Sequence[str]) -> float:
    """Seconds from the start of this Python command to its first line of output."""
    begun = time.perf_counter()
    with start(arguments, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(LINE)
        process.stdin.flush()
        first = process.stdout.readline()
        took = time.perf_counter() - begun
        process.stdin.close()
        process.wait(timeout=60)
    if not first.strip():
        raise RuntimeError(f"{' '.join(arguments)} gave no line")
    return took


def imported(arguments: Sequence[str]) -> set[str]:
    """Every module that this Python command imports on one line of input."""
    done = start(("-X", "importtime", *arguments), stderr=subprocess.PIPE)
    _, report = done.communicate(LINE, timeout=60)
    lines = [line for line in report.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def start(arguments: Sequence[str], stderr: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
