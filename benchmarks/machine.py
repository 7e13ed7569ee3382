"""What the measuring machine can do at the moment: its disk's commits a second, its load, its versions."""

import os
import platform
import sqlite3
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

FSYNC_SECONDS = 1.0
LIBRARIES = ("flask", "sqlalchemy", "gunicorn", "psycopg", "jinja2")


@dataclass(frozen=True)
class Moment:
    """The machine at one moment of a run."""

    fsyncs_per_second: float
    load_average: float
    busy_percent: float  # of all processors, over a second in which we only waited

    def __str__(self) -> str:
        return (
            f"{self.fsyncs_per_second:,.0f} fsync/s, load average {self.load_average:.1f}, "
            f"{self.busy_percent:.0f} % busy with other things"
        )


def look(folder: Path) -> Moment:
    """Measure the machine for about two seconds; `folder` is on the disk that the databases use."""
    busy = psutil.cpu_percent(interval=1.0)
    return Moment(fsyncs_per_second(folder), os.getloadavg()[0], busy)


def fsyncs_per_second(folder: Path) -> float:
    """Durable appends of 4 KB a second, by one process."""
    path = folder / "fsync"
    count, start = 0, time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while (elapsed := time.perf_counter() - start) < FSYNC_SECONDS:
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            count += 1
    path.unlink()
    return count / elapsed


def description() -> str:
    """Processors, Python and the libraries that matter, on one line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    )
