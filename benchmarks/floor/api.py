"""The floor's API: take a response as JSON, list a hundred as JSON."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from flask import Flask, abort, request
from sqlalchemy import Engine, bindparam, insert, select

from benchmarks.floor.tables import invitation, kept_elsewhere
from benchmarks.floor.writing import WriteLine

PER_PAGE = 100
# The token of an invitation stands for a key, its row for a person: the floor has neither.
FIND_KEY = select(invitation.c.id).where(invitation.c.token == bindparam("wanted"))
FIND_PERSON = select(invitation.c.id).where(invitation.c.id == bindparam("wanted"))
STORE = insert(kept_elsewhere).returning(kept_elsewhere.c.id)
LIST = select(kept_elsewhere).order_by(kept_elsewhere.c.created_at, kept_elsewhere.c.id).limit(PER_PAGE)


def offer_api(app: Flask, engine: Engine, line: WriteLine) -> None:
    """Add the two routes to the application."""

    def check_key() -> None:
        given = request.authorization
        digest = hashlib.sha256((given.username or "").encode() if given else b"").hexdigest()[:40]
        with engine.connect() as connection:
            if connection.execute(FIND_KEY, {"wanted": digest}).one_or_none() is None:
                abort(401)

    @app.post("/v1/survey_responses")
    def add() -> Any:
        check_key()
        given = request.get_json()
        rating = given["score"]
        if not isinstance(rating, int) or not 0 <= rating <= 10:
            abort(422)
        row = {
            "person_id": int(given["person"]),
            "rating": rating,
            "comment": given.get("comment", ""),
            "properties": given.get("person_properties", {}),
            "created_at": datetime.now(UTC),
        }
        with line.turn() as connection:
            if connection.execute(FIND_PERSON, {"wanted": row["person_id"]}).one_or_none() is None:
                abort(422)
            row["id"] = connection.execute(STORE, row).scalar_one()
        return item(row), 201

    @app.get("/v1/survey_responses")
    def index() -> Any:
        check_key()
        with engine.connect() as connection:
            return [item(row._mapping) for row in connection.execute(LIST)]


def item(row: Any) -> dict[str, Any]:
    """A response with the fields that Delighted's clients know."""
    at = int(row["created_at"].timestamp())
    return {
        "id": str(row["id"]),
        "person": str(row["person_id"]),
        "survey_type": "nps",
        "score": row["rating"],
        "comment": row["comment"] or None,
        "permalink": f"http://localhost/r/{row['id']}",
        "created_at": at,
        "updated_at": at,
        "person_properties": row["properties"] or None,
        "notes": [],
        "tags": [],
        "additional_answers": [],
    }
