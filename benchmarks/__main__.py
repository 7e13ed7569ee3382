"""`python -m benchmarks [NAME ...]`: measure, print a table, keep the rows as JSON lines.

Ends with 1 if something that must hold was missed.
"""

import argparse
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.load import ROOT
from benchmarks.machine import description, look
from benchmarks.place import Place, place
from benchmarks.report import Row, markdown

# name on the command line -> what it measures; each is a module of this package with a function `measure`
BENCHMARKS = {
    "answer": "the answer page and the answer, beside the floor",
    "events": "events of helpdesks, beside the floor",
    "api": "responses by /v1, beside the floor, and its 10,000th page",
    "latency": "p99 to p50 with eight writers on SQLite",
    "mail": "mails a second, beside a naive loop",
    "connections": "mails a second to a server that answers after 50 ms",
    "drain": "due invitations drained by two worker processes",
    "imports": "rows of a file of people beside csv and bulk insert, and memory",
    "webhooks": "messages to others a second, beside a naive loop",
    "inbox": "page 10,000 of the inbox beside page 1",
    "search": "words among a million comments beside a bare query of the database's own index",
    "memory": "memory of the web workers, and what they never load",
    "tagging": "feedback tag --jsonl beside TextBlob: speed, memory, start",
    "slow": "a GET beside 80 half-sent requests",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen benchmarks; gives the exit code."""
    chosen = read_arguments(arguments)
    warnings.simplefilter("ignore")
    say(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {description()}")
    with place(rounds=chosen.rounds, seconds=chosen.seconds, rows=chosen.rows) as here:
        rows, broken = run(chosen.names, here)
    print(markdown(rows), flush=True)
    say(f"Rows as data: {keep(rows)}")
    missed = [row for row in rows if row.verdict == "MISSED"]
    for row in missed:
        say(f"Missed: {row.what} ({row.database})")
    for name in broken:
        say(f"Not measured: {name}")
    return 1 if missed or broken else 0


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = ", ".join(f"{name} ({what})" for name, what in BENCHMARKS.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all unless named: {known}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=3.0, help="of one side in one round of load (%(default)s)"
    )
    parser.add_argument(
        "--rows", type=int, default=10_000, help="due invitations for drain (%(default)s; a full run: 100000)"
    )
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark called {unknown[0]}; there are: {', '.join(BENCHMARKS)}")
    chosen.names = chosen.names or list(BENCHMARKS)
    return chosen


def run(names: Sequence[str], here: Place) -> tuple[list[Row], list[str]]:
    """The rows of these benchmarks and the names of those that broke off; says what the machine did meanwhile."""
    rows: list[Row] = []
    broken: list[str] = []
    for name in names:
        say(f"{name}: {look(here.folder)}")
        begun = time.monotonic()
        try:
            rows.extend(measured(name)(here))
        except Exception:  # the others are still worth measuring
            traceback.print_exc()
            broken.append(name)
        say(f"  took {time.monotonic() - begun:.0f} s")
    say(f"end: {look(here.folder)}")
    return rows, broken


def measured(name: str) -> Callable[[Place], Iterator[Row]]:
    measure: Callable[[Place], Iterator[Row]] = import_module(f"benchmarks.{name}").measure
    return measure


def keep(rows: Sequence[Row]) -> Path:
    """Write the rows to a file of JSON lines below `instance/`; gives its path."""
    path = ROOT / "instance" / "benchmarks" / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}.jsonl"
    path.write_text("".join(f"{row.as_json()}\n" for row in rows))
    return path.relative_to(ROOT)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
