"""What /v1 offers: each endpoint is declared once, and called, checked and documented from that.

@endpoint("GET", "/people/{id}", summary="One person", scope=READS, fields=(ID,), answer=PERSON)
def show_person(call: Call) -> dict[str, Any]: ...
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from feedback_app.api.keys import KnownKey
from feedback_app.api.models import Scope
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import Field, Wrong

READS = frozenset({Scope.FULL, Scope.READ})
INGESTS = frozenset({Scope.FULL, Scope.INGEST})
CHANGES = frozenset({Scope.FULL})
Schema: TypeAlias = Mapping[str, Any]  # JSON Schema


@dataclass(frozen=True)
class Call:
    """One request: whose key, the checked values by name, and what came beside them (`given`)."""

    key: KnownKey
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    session: Session
    now: datetime

    def __getitem__(self, name: str) -> Any:
        """The checked value of a parameter: what came, or its default."""
        return self.values[name]

    def has(self, name: str) -> bool:
        """Whether the parameter came at all, be it as null: a PUT leaves alone what did not."""
        return name in self.given


@dataclass(frozen=True)
class Answer:
    """An answer that needs more than its body: another status, more headers, or text instead of JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    mimetype: str = "application/json"


View: TypeAlias = Callable[[Call], Any]


@dataclass(frozen=True)
class Endpoint:
    """One method on one path. `path` names its parts in braces; every path also works with `.json` behind it."""

    method: str
    path: str
    summary: str
    scope: frozenset[Scope]
    fields: tuple[Field, ...]
    answer: Schema | None
    statuses: tuple[int, ...]
    view: View
    tag: str
    example: Mapping[str, Any] | None = None
    mimetype: str = "application/json"
    suffix_only_after_digits: bool = False  # what is left may be an address that ends in .json
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        names = re.split(r"(\{\w+\})", self.path)
        parts = [f"(?P<{name[1:-1]}>[^/]+)" if name[:1] == "{" else re.escape(name) for name in names]
        object.__setattr__(self, "pattern", re.compile("".join(parts)))

    def values_of(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The checked values; raises ApiError with everything that is wrong, not only the first."""
        found, wrong = {}, {}
        for one in self.fields:
            try:
                found[one.name] = one.value(dict(given))
            except Wrong as trouble:
                wrong[one.name] = [str(trouble)]
        if wrong:
            raise ApiError(422, wrong)
        return found


ENDPOINTS: list[Endpoint] = []


def endpoint(
    method: str,
    path: str,
    *,
    summary: str,
    scope: frozenset[Scope],
    tag: str,
    fields: tuple[Field, ...] = (),
    answer: Schema | None = None,
    statuses: tuple[int, ...] = (200,),
    example: Mapping[str, Any] | None = None,
    mimetype: str = "application/json",
    suffix_only_after_digits: bool = False,
) -> Callable[[View], View]:
    """Offer the view under the method and path. `example`: values that make the request succeed, for the docs."""

    def declare(view: View) -> View:
        ENDPOINTS.append(
            Endpoint(
                method,
                path,
                summary,
                scope,
                fields,
                answer,
                statuses,
                view,
                tag,
                example,
                mimetype,
                suffix_only_after_digits,
            )
        )
        return view

    return declare


def found_endpoint(method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint of a request and what its path names; raises ApiError (404) for none, 405 is not used."""
    path = path.rstrip("/") or "/"
    bare = path.removesuffix(".json")
    for one in ENDPOINTS:
        if one.method != ("GET" if method == "HEAD" else method):
            continue
        for candidate in dict.fromkeys((bare, path)):
            match = one.pattern.fullmatch(candidate)
            if match is None:
                continue
            last = candidate.rpartition("/")[2]
            if candidate != path and one.suffix_only_after_digits and not last.isdigit():
                continue
            return one, match.groupdict()
    raise ApiError(404)
