"""An example of each endpoint: shown in the documentation, and run by a test that keeps what was answered."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from feedback_app.api.v1.endpoints import Endpoint

ANSWERS = Path(__file__).with_name("example_answers.json")


@dataclass(frozen=True)
class Example:
    """One request that succeeds: path and query below /v1, and the body, if it has one."""

    method: str
    path: str
    body: Mapping[str, Any] | None

    def as_curl(self, base_url: str) -> str:
        """The request as a command; YOUR_KEY stands for the key."""
        parts = ["curl -u YOUR_KEY:"]
        if self.method != "GET":
            parts.append(f"-X {self.method}")
        parts.append(shlex.quote(f"{base_url}/v1{self.path}"))
        lines = [" ".join(parts)]
        if self.body is not None:
            lines.append("-H 'Content-Type: application/json'")
            lines.append(f"-d {shlex.quote(json.dumps(self.body, ensure_ascii=False))}")
        return " \\\n  ".join(lines)


def example_of(endpoint: Endpoint) -> Example | None:
    """The endpoint's example; None if it declares none, unless it needs no values."""
    if endpoint.example is None and (endpoint.method != "GET" or needs_values(endpoint)):
        return None
    values = dict(endpoint.example or {})
    path = re.sub(r"\{(\w+)\}", lambda name: quote(str(values.pop(name[1]))), endpoint.path)
    in_body = {one.name for one in endpoint.fields if one.where == "body"}
    body = {name: value for name, value in values.items() if name in in_body}
    query = {name: value for name, value in values.items() if name not in in_body}
    return Example(
        endpoint.method,
        path + (f"?{urlencode(query, doseq=True)}" if query else ""),
        body if body or (in_body and endpoint.method != "GET") else None,
    )


def needs_values(endpoint: Endpoint) -> bool:
    return "{" in endpoint.path or any(one.required for one in endpoint.fields)


def name_of(endpoint: Endpoint) -> str:
    """What the endpoint is called where each is listed once."""
    return f"{endpoint.method} {endpoint.path}"


@cache
def kept_answers() -> dict[str, dict[str, Any]]:
    """What the examples were answered in the sample installation: `status` and `body` by the endpoint's name."""
    kept: dict[str, dict[str, Any]] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return kept
