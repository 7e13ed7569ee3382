"""The day that an answer belongs to, in the workspace's time zone, also after that zone was changed."""

from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.responses.models import Response
from feedback_app.workspace import fact, keep_fact

ZONE_FACT = "histogram_zone"  # {"zone": name, "done_to": id of the last response moved; None: all are}

MOVE = (
    update(Response)
    .where(Response.id == bindparam("response_id"))
    .values(answered_on=bindparam("day"), fold_due=True)
)


def move_days(session: Session, zone: ZoneInfo, limit: int = 1000) -> int:
    """Bring up to `limit` responses to the days of `zone`; return how many it looked at, 0 once all are there.

    Only those whose day differs are written, and are then due to be folded anew.
    """
    if fact(session, ZONE_FACT) == _done(zone):
        return 0
    with transaction(session):
        kept = fact(session, ZONE_FACT) or {}
        done_to = (kept.get("done_to") or 0) if kept.get("zone") == zone.key else 0
        rows = session.execute(
            select(Response.id, Response.created_at, Response.answered_on)
            .where(Response.id > done_to)
            .order_by(Response.id)
            .limit(limit)
            .with_for_update()
        ).all()
        days = [(row.id, row.created_at.astimezone(zone).date(), row.answered_on) for row in rows]
        moves = [{"response_id": id, "day": day} for id, day, before in days if day != before]
        if moves:
            session.connection().execute(MOVE, moves)
        progress = {"zone": zone.key, "done_to": rows[-1].id} if rows else _done(zone)
        keep_fact(session, ZONE_FACT, progress)
    return len(rows)


def _done(zone: ZoneInfo) -> dict[str, str | None]:
    return {"zone": zone.key, "done_to": None}
