"""The OpenAPI document: complete, and true to what is declared."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from feedback_app.api.v1 import views
from feedback_app.api.v1.endpoints import ENDPOINTS, Endpoint
from feedback_app.api.v1.examples import example_of, name_of
from feedback_app.api.v1.openapi import build, operation_id
from tests.pages import new_browser

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

METHODS = {"get", "post", "put", "patch", "delete"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    assert views.bp  # importing it declares the endpoints
    return json.loads(json.dumps(build(ENDPOINTS)))


def test_it_is_served_to_everybody_as_json(app: Flask) -> None:
    answer = new_browser(app).get("/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json; charset=utf-8")
    assert answer.json is not None
    assert answer.json["openapi"] == "3.1.0"
    assert answer.json["servers"] == [{"url": "/v1"}]


def test_every_endpoint_is_in_it_once(document: dict[str, Any]) -> None:
    assert ENDPOINTS
    told = sorted(f"{method.upper()} {path}" for path, method, _ in operations(document))
    assert told == sorted(name_of(one) for one in ENDPOINTS)


def test_no_two_paths_differ_in_their_names_alone(document: dict[str, Any]) -> None:
    shapes = Counter(re.sub(r"\{\w+\}", "{}", path) for path in document["paths"])
    assert [shape for shape, count in shapes.items() if count > 1] == []


def test_operations_have_names_of_their_own() -> None:
    assert [name for name, count in Counter(map(operation_id, ENDPOINTS)).items() if count > 1] == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(references(document)):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_every_part_of_a_path_is_described(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        told = {one["name"] for one in operation["parameters"] if one.get("in") == "path"}
        assert told == set(re.findall(r"\{(\w+)\}", path)), (method, path)
        assert method in METHODS
        if method == "get":
            assert "requestBody" not in operation


def test_every_operation_says_what_it_does_and_how_it_ends(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation["summary"], (method, path)
        assert operation["tags"], (method, path)
        assert {"401", "403", "404", "406", "422", "429", "503"} <= set(operation["responses"]), (
            method,
            path,
        )
        assert any(status < "3" for status in operation["responses"]), (method, path)
        assert ("409" in operation["responses"]) == (method == "post"), (method, path)


def test_every_parameter_says_what_it_means(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for one in operation["parameters"]:
            assert "$ref" in one or (one["description"] and "schema" in one), (method, path, one)
        fields = (
            operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        )
        for name, schema in fields.get("properties", {}).items():
            assert schema["description"], (method, path, name)


def test_lists_by_cursor_announce_their_link(document: dict[str, Any]) -> None:
    people = document["paths"]["/people"]["get"]["responses"]["200"]
    assert people["headers"] == {"Link": {"$ref": "#/components/headers/Link"}}


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    def schemas(value: object) -> Iterator[Any]:
        if isinstance(value, dict):
            if isinstance(value.get("schema"), dict):
                yield value["schema"]
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                yield from schemas(inner)

    for schema in schemas(document):
        jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=name_of)
def test_what_an_example_sends_fits_its_own_schema(endpoint: Endpoint) -> None:
    example = example_of(endpoint)
    for field in endpoint.fields:
        if example is not None and field.name in (endpoint.example or {}) and field.where != "path":
            jsonschema_rs.validate(field.schema, (endpoint.example or {})[field.name])
