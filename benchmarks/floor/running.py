"""The floor as a server beside the product's."""

from pathlib import Path

from benchmarks.floor.app import open_engine
from benchmarks.floor.tables import fill
from benchmarks.servers import WORKERS, Server, floor_command, free_port


def prepare(url: str, invitations: int) -> list[str]:
    """Fill the floor's database; gives the answer tokens."""
    engine = open_engine(url)
    try:
        return fill(engine, invitations)
    finally:
        engine.dispose()


def floor_server(folder: Path, url: str, workers: int = WORKERS) -> Server:
    """The floor's web server, not yet started."""
    port = free_port()
    return Server(floor_command(port, workers), port, {"FLOOR_DATABASE_URL": url}, folder / "floor.log")
