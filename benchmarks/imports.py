"""A file of people: rows a second beside `csv` and a bulk insert of the same columns, and what it needs of memory.

`python -m benchmarks.imports --rows 500000` measures with so many rows on SQLite.
"""

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import insert

from benchmarks.databases import BOTH, SQLITE
from benchmarks.load import ROOT
from benchmarks.place import Place, place
from benchmarks.product import Installation
from benchmarks.report import Goal, Row, markdown, ratios, spread

ROWS = 50_000
FEW_ROWS = 10_000
BATCH = 1_000
GOAL = Goal(">=", 0.1, 0.5, unit="x")
MEMORY_GOAL = Goal("<=", 20, unit=" MB")
HEADINGS = ("Email", "Name", "External ID", "Language", "Time zone", "Plan", "Phone")
# One side in a process of its own: its seconds and its greatest memory.
SIDE = """
import json, resource, sys, time
from pathlib import Path
from benchmarks import imports
from benchmarks.product import Installation
side, folder, url, file = sys.argv[1:]
took = getattr(imports, side)(Installation(Path(folder), url), Path(file))
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def measure(place: Place, rows: int = ROWS) -> Iterator[Row]:
    """Rows a second on both databases, then the growth of memory with the number of rows."""
    for kind in BOTH:
        yield beside_bulk_insert(place, kind, rows, max(1, min(place.rounds, 3)))
    yield growth(place, rows)


def beside_bulk_insert(place: Place, kind: str, rows: int, rounds: int) -> Row:
    file = written(place.folder / f"people-{rows}.csv", rows)
    rates: dict[str, list[float]] = {"import_file": [], "insert_file": []}
    for number in range(rounds):
        for side, found in rates.items():
            seconds, _ = run_side(side, place.install(kind, f"{side}-{number}"), file)
            found.append(rows / seconds)
    ours, theirs = rates["import_file"], rates["insert_file"]
    detail = f"product {spread(ours)} rows/s, csv and executemany {spread(theirs)} rows/s, {rows:,} rows"
    return Row("import: rows/s to csv and bulk insert", kind, ratios(ours, theirs), GOAL, detail)


def growth(place: Place, rows: int) -> Row:
    """Greatest memory with many rows less that with few."""
    used = []
    for count in (FEW_ROWS, rows):
        file = written(place.folder / f"people-{count}.csv", count)
        used.append(run_side("import_file", place.install(SQLITE, f"memory-{count}"), file)[1])
    detail = f"{used[0]:.0f} MB with {FEW_ROWS:,} rows, {used[1]:.0f} MB with {rows:,}"
    grown = spread([used[1] - used[0]])
    return Row("import: growth of memory with the rows", SQLITE, grown, MEMORY_GOAL, detail)


def run_side(side: str, installation: Installation, file: Path) -> tuple[float, float]:
    """Seconds and megabytes of one side."""
    arguments = [side, str(installation.folder), installation.url, str(file)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SIDE, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def import_file(installation: Installation, file: Path) -> float:
    """Import the file as the command does, into an empty database; the seconds it took."""
    from flask import current_app

    from feedback_app.db import db, transaction
    from feedback_app.imports.columns import plan_for
    from feedback_app.imports.files import look_at
    from feedback_app.imports.people import PeopleFile, Tally, sample_of, store

    with installation.app():
        session, vault = db.session(), current_app.extensions["feedback_vault"]
        begun = time.perf_counter()
        shape = look_at(lambda: file.open("rb"))
        plan = plan_for(sample_of(lambda: file.open("rb"), shape))
        people = PeopleFile.scanned(session, lambda: file.open("rb"), shape, plan)
        done = Tally()
        for batch in people.batches():
            with transaction(session):
                done += store(session, batch, plan, vault=vault, now=datetime.now(UTC))
        took = time.perf_counter() - begun
    if done.added != people.rows:
        raise RuntimeError(f"not every row went in: {done}")
    return took


def insert_file(installation: Installation, file: Path) -> float:
    """Put the same columns into the same table without a look at them; the seconds it took."""
    from feedback_app.db import db, transaction
    from feedback_app.people.models import Person

    with installation.app(), file.open(newline="", encoding="utf-8") as lines:
        session = db.session()
        begun = time.perf_counter()
        rows = csv.DictReader(lines)
        while batch := [a_person(row) for row in islice(rows, BATCH)]:
            with transaction(session):
                session.connection().execute(insert(Person), batch)
        return time.perf_counter() - begun


def a_person(row: dict[str, str]) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "email": row["Email"],
        "email_key": row["Email"].lower(),
        "name": row["Name"],
        "external_id": row["External ID"],
        "locale": row["Language"],
        "time_zone": row["Time zone"],
        "properties": {"Plan": row["Plan"], "Phone": row["Phone"]},
        "created_at": now,
        "updated_at": now,
    }


def written(path: Path, rows: int) -> Path:
    """A file of so many people, made once."""
    if not path.exists():
        with path.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines)
            writer.writerow(HEADINGS)
            for number in range(rows):
                email = f"ana.number{number}@customer{number % 997}.example"
                language = ("de", "en", "sv")[number % 3]
                more = (language, "Europe/Berlin", ("pro", "free")[number % 2], f"+49 170 {number}")
                writer.writerow((email, f"Ana Number {number}", f"u-{number}", *more))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the file (%(default)s)")
    rows = parser.parse_args().rows
    with place(rounds=1) as here:
        print(markdown([beside_bulk_insert(here, SQLITE, rows, 1), growth(here, rows)]))


if __name__ == "__main__":
    main()
