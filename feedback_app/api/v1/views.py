"""/v1/…: who asks, how often, what for, and one answer in JSON whatever happens on the way."""

import secrets
from contextlib import suppress
from hashlib import sha256
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, request
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import HTTPException

from feedback_app import clock
from feedback_app.access import anyone
from feedback_app.api.keys import KnownKey, key_in_header, known_key, note_use
from feedback_app.api.v1 import (  # noqa: F401 (each declares its endpoints)
    accounts,
    autopilot,
    bounces,
    events,
    exports,
    goals,
    idempotency,
    invitations,
    metrics,
    pending,
    people,
    reviews,
    series,
    sources,
    survey_responses,
    surveys,
    themes,
    triggers,
    unsubscribes,
)
from feedback_app.api.v1.endpoints import Answer, Call, Endpoint, found_endpoint
from feedback_app.api.v1.errors import JSON, ApiError, error_answer, json_answer
from feedback_app.api.v1.paging import Page, link_header
from feedback_app.api.v1.parsing import given_values, repeated
from feedback_app.db import db, is_passing
from feedback_app.errors import FeedbackError, Forbidden, NotFound, TooMany, Unavailable
from feedback_app.limiting import seconds_to_wait
from feedback_app.logs import what_failed
from feedback_app.scales import RatingOffScale

bp = Blueprint("api", __name__)
log = structlog.get_logger(__name__)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@bp.route("/v1", methods=METHODS, defaults={"path": ""}, provide_automatic_options=False)
@bp.route("/v1/<path:path>", methods=METHODS, provide_automatic_options=False)
@anyone("an API key proves who asks")
def call(path: str) -> Response:
    """Answer one request. Never a redirect, never HTML, never an empty body: no client can read those."""
    request_id = secrets.token_hex(8)
    try:
        answer = answered(f"/{path}")
    except ApiError as error:
        answer = error_answer(error)
    except (FeedbackError, RatingOffScale, HTTPException) as error:
        answer = error_answer(as_api_error(error))
    except Exception as error:
        answer = error_answer(surprise(error, request_id))
    answer.headers["X-Request-Id"] = request_id
    return answer


def answered(path: str) -> Response:
    """The answer of the endpoint to whom may have it."""
    key = asking_key()
    check_rate(key)
    asked, parts = found_endpoint(request.method, path)
    if key.scope not in asked.scope:
        raise ApiError(403, detail=f"This key has the scope {key.scope}, which does not allow this.")
    check_format(asked, path)
    sent = sent_values(asked)
    given = sent | parts
    call = Call(key, asked.values_of(given), given, db.session(), clock.now())
    with suppress(Unavailable):  # whoever reads need not wait for those who write; the next request notes it
        note_use(call.session, key, now=call.now)
    if request.method != "POST" or "Idempotency-Key" not in request.headers:
        return as_response(asked.view(call), path, sent)
    return once(asked, call, path, sent)


def sent_values(asked: Endpoint) -> dict[str, Any]:
    """What came in query and body; of a list in the query every value, of others the first."""
    lists = {
        one.name: values
        for one in asked.fields
        if is_list(one.schema) and (values := repeated(request, one.name))
    }
    return given_values(request) | lists


def once(asked: Endpoint, call: Call, path: str, sent: dict[str, Any]) -> Response:
    """The answer to a request with an Idempotency-Key: the one of the first time, if there was one."""
    name = request.headers["Idempotency-Key"]
    parts = (path.encode(), request.query_string, request.get_data())
    fingerprint = sha256(b"\n".join(parts)).hexdigest()
    kept = idempotency.begin(call.session, call.key.id, name, fingerprint, now=call.now)
    if kept is not None:
        return Response(kept.body, kept.status, {"Idempotent-Replayed": "true"}, content_type=JSON)
    try:
        response = as_response(asked.view(call), path, sent)
    except BaseException:
        call.session.rollback()
        with suppress(Unavailable):  # then it is taken for abandoned in a while
            idempotency.forget(call.session, call.key.id, name)
        raise
    with suppress(Unavailable):  # it is done, and whoever gets this answer will not repeat it
        idempotency.keep(call.session, call.key.id, name, response.status_code, response.get_data())
    return response


def asking_key() -> KnownKey:
    """The key that the request shows; raises ApiError (401)."""
    key = known_key(key_in_header(request.headers.get("Authorization", "")), now=clock.now())
    if key is None:
        raise ApiError(401)
    return key


def check_rate(key: KnownKey) -> None:
    """Count the request, before anything about it is looked at; raises ApiError (429) with Retry-After."""
    settings = current_app.extensions["feedback_settings"]
    per_minute = settings.api_rate if key.per_minute is None else key.per_minute
    if not per_minute:
        return
    if wait := seconds_to_wait(RateLimitItemPerMinute(per_minute), "api", str(key.id)):
        raise ApiError(429, retry_after_seconds=min(60, wait))


def check_format(asked: Endpoint, path: str) -> None:
    """Raises ApiError (406) unless the other side takes what the endpoint gives, or names it in the address."""
    if path.endswith((".json", ".csv")) or not request.headers.get("Accept"):
        return
    if not request.accept_mimetypes.quality(asked.mimetype):
        raise ApiError(406)


def as_response(made: Any, path: str, sent: dict[str, Any]) -> Response:
    """What a view gave as an HTTP answer; a page that is not the last one gets its Link."""
    answer = made if isinstance(made, Answer) else Answer(made)
    headers = dict(answer.headers)
    body = answer.body
    if isinstance(body, Page):
        if body.next_cursor is not None:
            base_url = current_app.extensions["feedback_settings"].base_url
            headers["Link"] = link_header(base_url, f"/v1{path}", sent, body.next_cursor)
        body = list(body.rows)
    is_json = answer.mimetype == "application/json"
    response = (
        json_answer(body, answer.status)
        if is_json
        else Response(body, answer.status, mimetype=answer.mimetype)
    )
    response.headers.update(headers)
    return response


def as_api_error(error: FeedbackError | RatingOffScale | HTTPException) -> ApiError:
    """The house's own errors, and Werkzeug's, in the shape of /v1."""
    if isinstance(error, HTTPException):  # a body that is too large, or that broke off
        return ApiError(error.code or 400)
    if isinstance(error, RatingOffScale):
        return ApiError(422, {"score": [str(error)]})
    if isinstance(error, Unavailable | TooMany):
        return ApiError(error.status, detail=error.message, retry_after_seconds=error.retry_after_seconds)
    if isinstance(error, NotFound | Forbidden):
        return ApiError(error.status, detail=error.message)
    return ApiError(422, {"base": [error.message]}, detail=error.message)


def surprise(error: Exception, request_id: str) -> ApiError:
    """A fault of ours, noted in the log under the id that the answer carries; passing trouble is told as such."""
    if is_passing(error):
        return as_api_error(Unavailable())
    log.error("api call failed", method=request.method, request=request_id, **what_failed(error))
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return ApiError(500)


def is_list(schema: dict[str, Any]) -> bool:
    return "array" in schema.get("type", "")
