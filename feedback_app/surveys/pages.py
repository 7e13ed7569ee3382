"""What all pages for respondents share: their look, their headers, and the kind page when something is wrong.

A page is one request: style and script stand in it, and the policy names their hashes, so nothing else can run.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from flask import Blueprint, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import ClientDisconnected, HTTPException

from feedback_app.errors import FeedbackError
from feedback_app.http import wants_json
from feedback_app.mail.colours import contrast, palette
from feedback_app.surveys.wording import best_language, direction_of, page_texts
from feedback_app.written import written

ACCENT = "#3b5bdb"  # where no survey is known
NIGHT_TEXT = "#14161a"

# By the error's class name, so that this layer need not import what comes after it; texts are in words/*.toml.
KIND_PAGES: Mapping[str, str] = {
    "LinkUnknown": "unknown",
    "LinkExpired": "expired",
    "SurveyClosed": "closed",
    "AlreadyReceived": "already",
    "ChangedTooOften": "often",
    "DatabaseBusy": "busy",
    "Unavailable": "busy",
    "HalfABody": "half",
}


@dataclass(frozen=True, slots=True)
class Look:
    """In which language a page speaks, for which brand, in which colour."""

    language: str
    brand: str = ""
    accent: str = ACCENT


def browser_language(*wanted: str | None, default: str = "en") -> str:
    """The language for this request: as wanted, else `?lang=`, else the browser's, else the default."""
    return best_language(
        *wanted, request.args.get("lang"), accept=request.headers.get("Accept-Language"), default=default
    )


def look_is(look: Look) -> Look:
    """Remember the look for the rest of the request, in case that it ends on a kind page."""
    g.look = look
    return look


def page(template: str, look: Look, *, script: str = "", **context: Any) -> str:
    """The page as HTML; style and script are our own text and stand in it."""
    return render_template(
        template,
        look=look,
        direction=direction_of(look.language),
        ui=page_texts(look.language),
        style=Markup(style_for(look.accent)),  # noqa: S704  our own file and a checked colour
        script=Markup(script),  # noqa: S704  our own file
        **context,
    )


def respond(html: str, policy: str, status: int = 200) -> Response:
    """The page with the headers that all pages for respondents have."""
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]
    return Response(html, status, headers)


def plain_page(template: str, look: Look, status: int = 200, **context: Any) -> Response:
    """A page without a script."""
    return respond(page(template, look, **context), policy_for(style_for(look.accent)), status)


@lru_cache(maxsize=256)
def policy_for(style: str, script: str = "") -> str:
    """The Content-Security-Policy that lets this style and this script through, and nothing else."""
    scripts = f" script-src {_hash(script)}; connect-src 'self';" if script else ""
    return (
        f"default-src 'none'; style-src {_hash(style)};{scripts} img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@lru_cache(maxsize=256)
def style_for(accent: str) -> str:
    """The style sheet in the colours of a brand, each made legible on its ground."""
    colours = palette(accent)
    on_accent = max(("#ffffff", NIGHT_TEXT), key=lambda text: contrast(text, accent))
    css = render_template("responses/style.css", colours=colours, accent=accent, on_accent=on_accent)
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


def handle_trouble(bp: Blueprint) -> None:
    """Give a blueprint's errors a kind page in the respondent's language; programs still get JSON."""
    bp.register_error_handler(FeedbackError, show_trouble)
    bp.register_error_handler(HTTPException, show_http_trouble)


def show_trouble(error: FeedbackError) -> ResponseReturnValue:
    """The error's status and its page: what happened, what became of the answer, what to do next."""
    if wants_json():
        status = error.status if error.status >= 400 else 409  # a program must not take it for stored
        response = current_app.json.response(status=status, message=error.title, detail=error.message)
        response.status_code = status
    else:
        response = kind_page(_kind_of(error), error.status, **_facts(error))
    if error.retry_after_seconds:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def show_http_trouble(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's own errors (405, 413, ...) on the same page."""
    if error.code is None or error.code < 400:
        return error
    if wants_json():
        return {"status": error.code, "message": error.name, "detail": error.description or ""}, error.code
    response = kind_page("half" if isinstance(error, ClientDisconnected) else "problem", error.code)
    for key, value in error.get_headers():
        if key in ("Allow", "Retry-After"):
            response.headers[key] = value
    return response


def kind_page(kind: str, status: int = 200, **facts: str) -> Response:
    """A page with a heading and a sentence or two, named in words/*.toml, and what was written in vain."""
    look = g.get("look") or Look(browser_language())
    ui = page_texts(look.language)
    text = ui[f"{kind}_text"].format(brand=look.brand, **facts)
    lost = ui.get(f"{kind}_lost", ui["lost"])
    return plain_page(
        "responses/message.html",
        look,
        status,
        title=ui[f"{kind}_title"],
        text=text,
        lost=lost,
        written=written(),
    )


def long_date(moment: datetime, language: str) -> str:
    """The day in the workspace's zone, written out."""
    zone = current_app.extensions["feedback_settings"].zone
    return str(format_date(moment.astimezone(zone), "long", locale=language))


def _kind_of(error: FeedbackError) -> str:
    names = (KIND_PAGES.get(base.__name__) for base in type(error).__mro__)
    return next((name for name in names if name), "problem")


def _facts(error: FeedbackError) -> dict[str, str]:
    """The error's date, in the words of the page's language."""
    look = g.get("look") or Look(browser_language())
    moment = getattr(error, "expired_at", None) or getattr(error, "closed_at", None)
    return {"date": long_date(moment, look.language) if moment else "…"}


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
