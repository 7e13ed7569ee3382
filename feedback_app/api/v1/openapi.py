"""The OpenAPI 3.1 document of /v1, drawn from the endpoints as they are declared."""

import inspect
import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from feedback_app.api.v1.endpoints import ENDPOINTS, Endpoint
from feedback_app.api.v1.errors import phrase
from feedback_app.api.v1.examples import example_of, kept_answers, name_of
from feedback_app.api.v1.fields import Field
from feedback_app.api.v1.idempotency import LONGEST_KEY
from feedback_app.api.v1.paging import CURSOR_FIELD

Json = dict[str, Any]

ABOUT = (
    "A key belongs to one survey and selects it. Show it as the user name of HTTP Basic, with an empty password. "
    "Every path also works with .json behind it, and every answer is JSON unless its endpoint says otherwise."
)
JSON_TYPE, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
# Every status beside success: when it comes, and the headers that come with it.
ERRORS: dict[int, tuple[str, tuple[str, ...]]] = {
    400: ("The connection ended before the whole body was here; nothing was done.", ()),
    401: ("The key is missing, wrong or revoked.", ()),
    403: ("The key's scope, or this installation, does not allow this.", ()),
    404: ("There is nothing under this path or id.", ()),
    406: ("The Accept header leaves no format that there is.", ()),
    409: ("The first request with this Idempotency-Key is still at work.", ("Retry-After",)),
    413: ("The body is larger than 1 MB; nothing was done.", ()),
    422: ("Something about the parameters; `errors` names each. Nothing was done.", ()),
    429: ("The key has asked too often.", ("Retry-After",)),
    500: ("A fault of ours; the log has it under the X-Request-Id.", ()),
    503: ("It passes: nothing was done, the same request can be sent again.", ("Retry-After",)),
}
OF_BODIES, OF_POSTS = (400, 413), (409,)


@cache
def document() -> Json:
    """The document of this release's endpoints."""
    return build(ENDPOINTS)


def build(endpoints: Sequence[Endpoint]) -> Json:
    """The document of these endpoints."""
    paths: Json = {}
    for one in sorted(endpoints, key=lambda one: (one.tag, one.path)):
        paths.setdefault(one.path, {})[one.method.lower()] = operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Feedback API", "version": version("feedback-app"), "description": ABOUT},
        "servers": [{"url": "/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": tag} for tag in sorted({one.tag for one in endpoints})],
        "paths": paths,
        "components": components(),
    }


def operation(endpoint: Endpoint) -> Json:
    """One method on one path."""
    made: Json = {
        "operationId": operation_id(endpoint),
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": f"{inspect.getdoc(endpoint.view) or endpoint.summary}\n\nScopes: {scopes(endpoint)}.",
        "parameters": parameters(endpoint),
        "responses": answers(endpoint),
    }
    if fields := [one for one in endpoint.fields if one.where == "body"]:
        made["requestBody"] = request_body(endpoint, fields)
    return made


def operation_id(endpoint: Endpoint) -> str:
    """For example get_people_identifier."""
    return "_".join([endpoint.method.lower(), *re.findall(r"\w+", endpoint.path)])


def scopes(endpoint: Endpoint) -> str:
    return ", ".join(sorted(str(scope) for scope in endpoint.scope))


def parameters(endpoint: Endpoint) -> list[Json]:
    """Those of path, query and headers."""
    made = [parameter(one, endpoint) for one in endpoint.fields if one.where != "body"]
    if endpoint.method == "POST":
        made.append({"$ref": "#/components/parameters/IdempotencyKey"})
    return made


def parameter(field: Field, endpoint: Endpoint) -> Json:
    made: Json = {
        "name": field.name,
        "in": field.where,
        "required": field.where == "path" or field.required,
        "description": field.meaning,
        "schema": field.schema,
    }
    if "object" in field.schema.get("type", ""):
        made |= {"style": "deepObject", "explode": True}
    if endpoint.example is not None and field.name in endpoint.example:
        made["example"] = endpoint.example[field.name]
    return made


def request_body(endpoint: Endpoint, fields: Sequence[Field]) -> Json:
    """One JSON object, or a form with the same names."""
    schema: Json = {
        "type": "object",
        "properties": {one.name: {"description": one.meaning} | one.schema for one in fields},
    }
    needed = [one.name for one in fields if one.required]
    if needed:
        schema["required"] = needed
    example = example_of(endpoint)
    shown = {"example": example.body} if example is not None and example.body is not None else {}
    return {
        "required": bool(needed),
        "content": {JSON_TYPE: {"schema": schema} | shown, FORM_TYPE: {"schema": schema}},
    }


def answers(endpoint: Endpoint) -> Json:
    """By status: what comes on success, and every refusal that can come."""
    kept = kept_answers().get(name_of(endpoint))
    made: Json = {}
    for status in endpoint.statuses:
        if status >= 400:
            continue
        content: Json = {"schema": endpoint.answer if endpoint.answer is not None else {}}
        if endpoint.mimetype != JSON_TYPE:
            content = {"schema": {"type": "string"}}
        if kept is not None and kept["status"] == status:
            content["example"] = kept["body"]
        made[str(status)] = {"description": phrase(status), "content": {endpoint.mimetype: content}}
        if CURSOR_FIELD in endpoint.fields:
            made[str(status)]["headers"] = {"Link": {"$ref": "#/components/headers/Link"}}
    has_body = any(one.where == "body" for one in endpoint.fields)
    for status in ERRORS:
        is_possible = (has_body or status not in OF_BODIES) and (
            endpoint.method == "POST" or status not in OF_POSTS
        )
        if is_possible:
            made[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return made


def components() -> Json:
    """What the operations refer to."""
    error: Json = {
        "type": "object",
        "properties": {
            "status": {"type": "integer"},
            "message": {"type": "string"},
            "detail": {"type": "string", "description": "More for people, where there is more to say."},
            "errors": {
                "type": "object",
                "description": "With 422: what is wrong, by parameter; `base` where none fits.",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        },
        "required": ["status", "message"],
    }
    return {
        "securitySchemes": {"key": {"type": "http", "scheme": "basic", "description": ABOUT}},
        "schemas": {"Error": error},
        "responses": {
            str(status): refusal(status, text, headers) for status, (text, headers) in ERRORS.items()
        },
        "headers": {
            "Link": {
                "description": 'The next page, as <URL>; rel="next"; the last page has none.',
                "schema": {"type": "string"},
            },
            "Retry-After": {
                "description": "Whole seconds to wait.",
                "required": True,
                "schema": {"type": "integer", "minimum": 1},
            },
        },
        "parameters": {
            "IdempotencyKey": {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "For 24 hours the same request with it is done once, and answered as the first time.",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
            }
        },
    }


def refusal(status: int, text: str, headers: Sequence[str]) -> Json:
    made: Json = {
        "description": text,
        "content": {
            JSON_TYPE: {
                "schema": {"$ref": "#/components/schemas/Error"},
                "example": {"status": status, "message": phrase(status)},
            }
        },
    }
    if headers:
        made["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return made
