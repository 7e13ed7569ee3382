"""Schemathesis over the application: requests made up from /v1/openapi.json, and what is wrong with their answers.

What is made up alone seldom gets past the first check, so a part of it is laid over the endpoint's own example.
"""

from contextvars import Context
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from feedback_app.api.v1.endpoints import ENDPOINTS
from feedback_app.api.v1.examples import name_of
from tests.api.conftest import basic

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


def found_by_fuzzing(app: Flask, key: str, *, examples: int, is_same_every_time: bool = True) -> list[str]:
    """What such requests have found, by operation; `examples`: how many for each."""
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", app)
    known = {name_of(one): dict(one.example or {}) for one in ENDPOINTS}
    operations = [result.ok() for result in schema.get_all_operations()]
    # What is deleted is gone for all that comes after.
    operations.sort(key=lambda one: one.method.upper() == "DELETE")
    headers = {"Authorization": basic(f"{key}:")}
    return [
        problem
        for one in operations
        for problem in problems_of(one, headers, known[one.label], examples, is_same_every_time)
    ]


def problems_of(
    operation: Any, headers: dict[str, str], known: dict[str, Any], examples: int, is_same_every_time: bool
) -> list[str]:
    """What is wrong with the answers of one operation."""

    @hypothesis_settings(
        max_examples=examples,
        database=None,
        derandomize=is_same_every_time,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), names=st.booleans(), kept=st.sets(st.sampled_from([*known, ""])))
    def ask(case: Any, names: bool, kept: set[str]) -> None:
        lay_over(case, known, names, kept)
        # Each request meets the application afresh, as behind a server.
        response = Context().run(case.call, headers=headers)
        case.validate_response(response, checks=CHECKS)

    try:
        ask()
    except (Failure, FailureGroup, Flaky) as trouble:  # flaky: the same request went well the second time
        return [f"{operation.label}: {trouble}"]
    return []


def lay_over(case: Any, known: dict[str, Any], names: bool, kept: set[str]) -> None:
    """Put the names of rows that exist into the path, and into the body the values of the example named in `kept`."""
    if not names:
        return
    in_path = dict(case.path_parameters or {})
    case.path_parameters = {name: known.get(name, value) for name, value in in_path.items()}
    if isinstance(case.body, dict):
        given = {name: value for name, value in known.items() if name in kept and name not in in_path}
        case.body = case.body | given
