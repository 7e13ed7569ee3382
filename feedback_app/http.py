"""What holds for every request: its size, its headers, its answer to trouble."""

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, g, render_template, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from feedback_app.api.v1.errors import ApiError, error_answer
from feedback_app.config import Settings
from feedback_app.db import LARGEST_ID, is_passing
from feedback_app.errors import FeedbackError, Invalid, NotFound, SignedOut, Unavailable
from feedback_app.scales import RatingOffScale
from feedback_app.written import written

LARGEST_BODY = 1_000_000  # bytes; an import says otherwise on its own route
STAFF_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class RowNumber(IntegerConverter):
    """The number of a row in an address, `<row:survey_id>`: one that no row can have is 404, not a database error."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=0, max=LARGEST_ID)


View = TypeVar("View", bound=Callable[..., Any])


def takes_files(largest: int) -> Callable[[View], View]:
    """Let those who may call the view send it files of so many bytes; they go to the disk, not to memory."""

    def mark(view: View) -> View:
        view.largest_body = largest + LARGEST_BODY  # type: ignore[attr-defined]
        return view

    return mark


def set_up_requests(app: Flask, settings: Settings) -> None:
    """Limits, headers and error pages, the same for every part."""
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=200,
        TRUSTED_HOSTS=None,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    # Before all others: whoever reads the form first leaves nothing to count.
    app.before_request_funcs.setdefault(None, []).insert(0, refuse_half_a_body)
    app.before_request(refuse_nul)
    app.url_map.converters["row"] = RowNumber
    app.url_map.merge_slashes = False  # the redirect would be built from the Host header
    app.after_request(add_headers)
    app.session_interface = Sessions()
    app.register_error_handler(FeedbackError, show_problem)
    app.register_error_handler(
        RatingOffScale, lambda error: show_problem(Invalid(f"{error} Nothing was stored."))
    )
    app.register_error_handler(HTTPException, show_http_problem)
    app.register_error_handler(Exception, show_surprise)


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions, but without making ready to verify a cookie that is not there."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def refuse_half_a_body() -> None:
    """A body shorter than its Content-Length is half a comment: gunicorn hands it on as if it were whole.

    A form with a file is not read here: its last boundary says whether it is whole, and werkzeug looks for it.
    """
    if largest := largest_body():
        request.max_content_length = largest
        return
    announced = request.content_length
    if announced and len(request.get_data(cache=True, parse_form_data=False)) < announced:
        raise HalfABody


def largest_body() -> int | None:
    """How large this request may be, if its view takes files and whoever sends it may call it."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    largest: int | None = getattr(view, "largest_body", None)
    if largest is None or request.mimetype != "multipart/form-data":
        return None
    return largest if current_user.is_authenticated and current_user.role >= view.access.role else None


def refuse_nul() -> None:
    """No name in an address has a NUL, and PostgreSQL does not even look for one."""
    if "\0" in request.path:
        raise NotFound(WORDS[404][1])


class HalfABody(Invalid):
    """The connection ended before the whole body was here."""

    status = 400
    title = "Only part of this arrived"

    def __init__(self) -> None:
        super().__init__(
            "The connection broke off before everything was here, so nothing was saved. Please send it again."
        )


def add_headers(response: Response) -> Response:
    """Safe defaults; a page that needs others has set them already."""
    headers = response.headers
    if "X-Content-Type-Options" in headers:
        return response  # a page for respondents: it brings all of these, see surveys/pages.py
    headers.setdefault("Content-Security-Policy", STAFF_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def show_problem(error: FeedbackError) -> ResponseReturnValue:
    """The error's own status and sentence, as JSON to programs and as a page to people."""
    headers = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    return problem(error.status, error.title, error.message), error.status, headers


def show_http_problem(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's own errors (404, 405, 413, ...) in our words where we have some."""
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, CSRFError):
        return show_problem(SignedOut())
    title, message = WORDS.get(error.code, (error.name, error.description or ""))
    headers = {key: value for key, value in error.get_headers() if key in ("Allow", "Retry-After")}
    if is_api() and error.code == 405:
        return error_answer(ApiError(404))  # no client of /v1 knows 405
    return problem(error.code, title, message), error.code, headers


def show_surprise(error: Exception) -> ResponseReturnValue:
    """A fault of ours: the log has it under the reference that the page shows. Passing trouble answers 503."""
    if is_passing(error):
        return show_problem(Unavailable())
    reference = g.setdefault("reference", secrets.token_hex(4))
    current_app.logger.error("unexpected %s, reference %s", type(error).__name__, reference, exc_info=error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    message = (
        f"Something went wrong on our side (reference {reference}), and we have noted it. "
        "What you sent may not be saved; please try again in a minute."
    )
    return problem(500, "Our mistake", message), 500


def wants_json() -> bool:
    """Whether the other side is a program: a hook, the API, or whoever asks for JSON before HTML."""
    if is_api() or request.path.startswith(("/hooks/", "/healthz", "/readyz")):
        return True
    if request.path.endswith("/intent"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def is_api() -> bool:
    """Whether this is a request to /v1, whose clients know one shape of errors."""
    return request.path == "/v1" or request.path.startswith("/v1/")


def problem(status: int, title: str, message: str) -> str | dict[str, Any] | Response:
    if is_api():
        return error_answer(ApiError(status, detail=message))
    if wants_json():
        return {"status": status, "message": title, "detail": message}
    return render_template("problem.html", status=status, title=title, message=message, written=written())


WORDS = {
    404: (
        "Not found",
        "There is nothing at this address. It may have been moved, or the link is not complete.",
    ),
    405: ("Not like this", "This address does not take that kind of request; nothing was changed."),
    413: (
        "Too large",
        "This was larger than we take, so nothing of it was stored. Please send less at once.",
    ),
    400: (
        "We could not read this",
        "The request was not complete or not in a form that we know; nothing was stored.",
    ),
    429: (
        "Too many requests",
        "This was tried too often. Please wait a minute and try again; nothing was lost.",
    ),
}
