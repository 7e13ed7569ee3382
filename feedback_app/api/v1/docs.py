"""GET /v1/openapi.json and /docs/api: the same declarations for programs and for people."""

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from feedback_app.access import anyone
from feedback_app.api.v1.endpoints import ENDPOINTS, Endpoint
from feedback_app.api.v1.errors import json_answer, phrase
from feedback_app.api.v1.examples import example_of, kept_answers, name_of
from feedback_app.api.v1.openapi import ERRORS, document, operation_id, scopes
from feedback_app.config import Settings

bp = Blueprint("api_docs", __name__)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Entry:
    """An endpoint as the page shows it."""

    id: str
    endpoint: Endpoint
    scopes: str
    about: str
    places: Mapping[str, list[tuple[str, str, str, str]]]
    curl: str
    status: int | None
    answer: str


@bp.get("/v1/openapi.json")
@anyone("it says what the API offers and holds nothing of anybody's")
def openapi() -> Response:
    """The OpenAPI document."""
    return json_answer(document())


@bp.get("/docs/api")
@anyone("it says what the API offers and holds nothing of anybody's")
def page() -> str:
    """The same for people."""
    settings: Settings = current_app.extensions["feedback_settings"]
    ordered = sorted(ENDPOINTS, key=lambda one: (one.tag, one.path, METHODS.index(one.method)))
    groups = [
        (tag, [entry(one, settings.base_url) for one in members])
        for tag, members in groupby(ordered, key=lambda one: one.tag)
    ]
    errors = [(status, phrase(status), text) for status, (text, _) in ERRORS.items()]
    return render_template(
        "api/docs.html", groups=groups, errors=errors, base_url=settings.base_url, rate=settings.api_rate
    )


def entry(endpoint: Endpoint, base_url: str) -> Entry:
    """What the page says of the endpoint."""
    example = example_of(endpoint)
    kept = kept_answers().get(name_of(endpoint))
    return Entry(
        id=operation_id(endpoint),
        endpoint=endpoint,
        scopes=scopes(endpoint),
        about=inspect.getdoc(endpoint.view) or "",
        places=by_place(endpoint),
        curl=example.as_curl(base_url) if example is not None else "",
        status=kept["status"] if kept else None,
        answer=shown(kept["body"]) if kept else "",
    )


def by_place(endpoint: Endpoint) -> dict[str, list[tuple[str, str, str, str]]]:
    """Where parameters stand: of each its name, type, need or default, and meaning."""
    places: dict[str, list[tuple[str, str, str, str]]] = {}
    for one in endpoint.fields:
        need = "needed" if one.required or one.where == "path" else said_default(one.schema)
        places.setdefault(one.where, []).append((one.name, said_type(one.schema), need, one.meaning))
    return places


def said_type(schema: Mapping[str, Any]) -> str:
    """For example `integer`, `asc or desc`, `string or null`."""
    if "enum" in schema:
        return " or ".join(str(one) for one in schema["enum"])
    kinds = schema.get("type", "any")
    if kinds == "array":
        return f"list of {said_type(schema.get('items', {}))}"
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def said_default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema:
        return ""
    default = schema["default"]
    return f"else {default if isinstance(default, str) else json.dumps(default)}"


def shown(body: Any) -> str:
    """An answer as it is read best."""
    return body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
