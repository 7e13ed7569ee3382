"""The smallest honest survey application: one page, one durable transaction, nothing else.

GET is one indexed SELECT and a page of 5.9 KB; POST is a SELECT, an INSERT, an UPDATE and an UPSERT in one commit.
An event is checked to be JSON and stored by one INSERT in one commit. The API looks its key up by the hash, takes a
response by a SELECT and an INSERT in one commit, and lists 100 by one indexed SELECT. All go through SQLAlchemy Core
with statements built once. It shares no code with the product.
"""

import os
from datetime import UTC, datetime
from typing import Any

from flask import Flask, abort, redirect, render_template, request
from sqlalchemy import Engine, bindparam, create_engine, insert, select, update
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.floor.api import offer_api
from benchmarks.floor.tables import daily, event, invitation, response
from benchmarks.floor.writing import WriteLine

POOL_SIZE = 8
FIND = select(invitation.c.id, invitation.c.brand, invitation.c.answered_at).where(
    invitation.c.token == bindparam("wanted")
)
STORE = insert(response)
STORE_EVENT = insert(event)
MARK = (
    update(invitation).where(invitation.c.id == bindparam("row")).values(answered_at=bindparam("answered_at"))
)


def create_app(engine: Engine | None = None) -> Flask:
    """The application over this engine, or over the database that FLOOR_DATABASE_URL names."""
    app = Flask(__name__)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    engine = engine or open_engine(os.environ["FLOOR_DATABASE_URL"])
    line = WriteLine(engine)
    count_one = upsert(engine)

    @app.get("/a/<token>")
    def show(token: str) -> str:
        with engine.connect() as connection:
            found = connection.execute(FIND, {"wanted": token}).one_or_none()
        if found is None:
            abort(404)
        return render_template("page.html", brand=found.brand, token=token)

    @app.post("/a/<token>")
    def submit(token: str) -> Any:
        rating = request.form.get("rating", type=int)
        comment = request.form.get("comment", "")
        if rating is None or not 0 <= rating <= 10 or len(comment) > 10_000:
            abort(422)
        now = datetime.now(UTC)
        with line.turn() as connection:
            found = connection.execute(FIND, {"wanted": token}).one_or_none()
            if found is None:
                abort(404)
            answer = {"invitation_id": found.id, "rating": rating, "comment": comment, "created_at": now}
            connection.execute(STORE, answer)
            connection.execute(MARK, {"row": found.id, "answered_at": now})
            connection.execute(count_one, {"day": now.date(), "rating": rating})
        return redirect(f"/a/{token}/thanks", 303)

    @app.post("/events")
    def take_event() -> Any:
        body = request.get_data()
        if not isinstance(request.get_json(), dict):
            abort(422)
        row = {"delivery_id": request.headers["webhook-id"], "body": body, "received_at": datetime.now(UTC)}
        with line.turn() as connection:
            connection.execute(STORE_EVENT, row)
        return {"result": "received"}

    offer_api(app, engine, line)
    return app


def open_engine(url: str) -> Engine:
    """The recommended set-up: pooled connections; on SQLite WAL, a durable commit and explicit transactions."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=POOL_SIZE, max_overflow=0)
    engine = create_engine(
        url, pool_size=POOL_SIZE, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @sqlalchemy_event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def upsert(engine: Engine) -> Any:
    """Add one to the histogram."""
    dialect: Any = sqlite if engine.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(daily).values(day=bindparam("day"), rating=bindparam("rating"), responses=1)
    return statement.on_conflict_do_update(
        index_elements=["day", "rating"], set_={"responses": daily.c.responses + 1}
    )
