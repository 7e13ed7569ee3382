"""How long the slowest of a hundred answers waits while eight people write at once: SQLite has one writer."""

from collections import Counter
from collections.abc import Iterator

from benchmarks.answer import answer
from benchmarks.databases import SQLITE
from benchmarks.load import Outcome, Plan, run_load
from benchmarks.place import Place
from benchmarks.product import Installation, invite
from benchmarks.report import Goal, Row, ratios, spread

SECONDS = 10.0  # `make soak` writes for a minute
RUNS = 3
ANSWERS_PER_SECOND = 2_000  # more than two processors manage
WARM_UP = 400
GOAL = Goal("<=", 5, unit="x")


def measure(place: Place) -> Iterator[Row]:
    """p99 to p50 of answers on SQLite, and errors, "database is locked" among them."""
    outcomes = write_for(place.install(SQLITE, "latency"), SECONDS, runs=RUNS)
    middle = [outcome.percentile(50) for outcome in outcomes]
    slowest = [outcome.percentile(99) for outcome in outcomes]
    rates = spread(outcome.per_second for outcome in outcomes)
    detail = f"p50 {spread(middle)} ms, p99 {spread(slowest)} ms, {rates}/s; {RUNS} runs of {SECONDS:.0f} s"
    yield Row("answer, POST, 8 writers: p99 to p50", SQLITE, ratios(slowest, middle), GOAL, detail)
    errors = sum((Counter(outcome.errors) for outcome in outcomes), Counter[str]())
    detail = ", ".join(f"{count} {what}" for what, count in errors.items())
    yield Row("answer, POST, 8 writers: errors", SQLITE, spread([errors.total()]), Goal("<=", 0), detail)


def write_for(installation: Installation, seconds: float, *, runs: int = 1) -> list[Outcome]:
    """Answer from eight connections for so long, each answer to an invitation of its own."""
    each = int(seconds * ANSWERS_PER_SECOND)
    tokens = invite(installation, WARM_UP + runs * each)
    requests = [answer(token, number) for number, token in enumerate(tokens)]
    with installation.server() as server:
        run_load(Plan(server.port, requests[:WARM_UP], 303, seconds=60))
        begins = [WARM_UP + number * each for number in range(runs)]
        return [run_load(Plan(server.port, requests[at : at + each], 303, seconds)) for at in begins]
