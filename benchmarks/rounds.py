"""Two servers that take turns: ours, the floor, ours, the floor, so that both meet the same machine."""

from dataclasses import dataclass, field

from benchmarks.load import Outcome, Plan, run_load
from benchmarks.servers import Server

WARM_UP_SECONDS, WARM_UP_REQUESTS = 2, 400  # not counted: imports, statement caches, connections


@dataclass
class Side:
    """One server and the requests that are left for it; those that do not repeat are used up."""

    server: Server
    requests: list[str]
    expect: int
    repeat: bool = False
    rounds: list[Outcome] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)  # of the server, for each answered request
    failed: int = 0

    def run(self, seconds: float, most: int) -> None:
        """One round: send for so long, at most so many."""
        chosen = self.requests if self.repeat else self.requests[:most]
        before = self.server.cpu_seconds()
        outcome = run_load(Plan(self.server.port, chosen, self.expect, seconds, repeat=self.repeat))
        used = self.server.cpu_seconds() - before
        if not outcome.answered:
            raise RuntimeError(f"No request was answered with {self.expect}: {outcome.errors}")
        if not self.repeat:
            self.requests = self.requests[outcome.answered + outcome.failed :]
        self.failed += outcome.failed
        self.rounds.append(outcome)
        self.cpu_ms.append(used / outcome.answered * 1000)

    def warm_up(self) -> None:
        """Answer some requests before anything counts."""
        self.run(WARM_UP_SECONDS, WARM_UP_REQUESTS)
        self.rounds.clear()
        self.cpu_ms.clear()

    @property
    def rates(self) -> list[float]:
        """Answered requests per second, round by round."""
        return [outcome.per_second for outcome in self.rounds]


def alternate(ours: Side, floor: Side, *, rounds: int, seconds: float, most: int = 10**9) -> None:
    """Run that many rounds of each side, in turn."""
    for side in (ours, floor):
        side.warm_up()
    for _ in range(rounds):
        for side in (ours, floor):
            side.run(seconds, most)
