"""Where a run takes place: its folder on the databases' disk, its databases, how long a round is."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import Databases, databases
from benchmarks.load import ROOT
from benchmarks.product import Installation, install


@dataclass(frozen=True)
class Place:
    """What every benchmark is given."""

    folder: Path
    databases: Databases
    rounds: int = 5
    seconds: float = 3.0  # of one side in one round
    rows: int = 10_000  # of a measurement that takes as many as it is told

    def install(self, kind: str, name: str) -> Installation:
        """A new installation of the product on this kind of database."""
        folder = self.folder / f"{name}-{kind.lower()}"
        folder.mkdir()
        return install(folder, self.databases.new(kind, folder.name))

    def floor_url(self, kind: str, name: str) -> str:
        """An empty database for the floor."""
        return self.databases.new(kind, f"floor-{name}-{kind.lower()}")


@contextmanager
def place(*, rounds: int = 5, seconds: float = 3.0, rows: int = 10_000) -> Iterator[Place]:
    """A folder below `instance/`, removed at the end: a folder in memory would make every commit free."""
    home = ROOT / "instance" / "benchmarks"
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=home))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Place(folder, stack.enter_context(databases(folder)), rounds, seconds, rows)
