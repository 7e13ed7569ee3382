"""Who may call a route. Every view says it with one of these decorators; one that does not is refused.

@bp.get("/inbox")
@staff(Role.VIEWER)
def inbox(): ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.errors import Forbidden, SignedOut
from feedback_app.staff.models import Role
from feedback_app.written import written

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Who may call: anybody (`role` None, and then why) or staff from a role upwards."""

    role: Role | None
    why: str


# Routes that libraries bring along, which cannot carry a decorator.
OF_LIBRARIES = {
    "static": Access(None, "style sheets and scripts of the staff pages hold nothing of anybody's"),
}


def anyone(why: str) -> Callable[[View], View]:
    """Open to the world, because: `why`."""
    return _declare(Access(None, why))


def staff(role: Role) -> Callable[[View], View]:
    """Open to signed-in staff who have this role or a higher one."""
    return _declare(Access(role, f"staff from {role.key} upwards"))


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the route's view declared; None if it declared nothing."""
    view = app.view_functions[endpoint]
    return getattr(view, "access", None) or OF_LIBRARIES.get(endpoint)


def guard(app: Flask) -> None:
    """Check every request against its route's declaration."""

    @app.before_request
    def admit() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # no such route: the 404 page
        access = access_of(current_app, request.endpoint)
        if access is None:
            raise Forbidden("This page does not say who may open it, so nobody may.")
        if access.role is None:
            return None
        if not current_user.is_authenticated:
            if written():
                raise SignedOut  # whose page gives the words back
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("staff.sign_in", next=wanted))
        if current_user.role < access.role:
            raise Forbidden(
                f"This needs the role {access.role.key}; yours is {current_user.role.key}. Nothing was changed. "
                "Ask an administrator if you should have it."
            )
        return None


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark
