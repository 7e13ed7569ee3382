"""How long the slowest of a hundred answers waits while eight people write at once: SQLite has one writer."""

from collections.abc import Iterator

from benchmarks.answer import answer
from benchmarks.databases import SQLITE
from benchmarks.load import Outcome, Plan, run_load
from benchmarks.place import Place
from benchmarks.product import Installation, invite
from benchmarks.report import Goal, Row, spread

SECONDS = 10.0  # `make soak` writes for a minute
ANSWERS_PER_SECOND = 2_000  # more than two processors manage
GOAL = Goal("<=", 5, unit="x")


def measure(place: Place) -> Iterator[Row]:
    """p99 to p50 of answers on SQLite, and errors, "database is locked" among them."""
    installation = place.install(SQLITE, "latency")
    outcome = write_for(installation, SECONDS)
    middle, slowest = outcome.percentile(50), outcome.percentile(99)
    detail = (
        f"p50 {middle:.1f} ms, p99 {slowest:.1f} ms, {outcome.per_second:,.0f}/s for {outcome.seconds:.0f} s"
    )
    yield Row("answer, POST, 8 writers: p99 to p50", SQLITE, spread([slowest / middle]), GOAL, detail)
    refused = spread([outcome.failed])
    yield Row("answer, POST, 8 writers: errors", SQLITE, refused, Goal("<=", 0), str(outcome.errors or ""))


def write_for(installation: Installation, seconds: float) -> Outcome:
    """Answer from eight connections for so long, each answer to an invitation of its own."""
    tokens = invite(installation, int(seconds * ANSWERS_PER_SECOND))
    requests = [answer(token, number) for number, token in enumerate(tokens)]
    with installation.server() as server:
        run_load(Plan(server.port, requests[:400], 303, seconds=5))
        return run_load(Plan(server.port, requests[400:], 303, seconds))
