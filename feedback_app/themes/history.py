"""Who of staff did what with a theme, as its page tells it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.staff.models import AuditEntry, StaffUser
from feedback_app.themes.models import Theme

MOST = 50  # entries that are shown


class Deed(NamedTuple):
    """One change of a theme."""

    at: datetime
    who: str
    text: str
    gone: tuple[str, ...] = ()  # patterns
    new: tuple[str, ...] = ()


def history_of(session: Session, theme_id: int) -> list[Deed]:
    """What was done with the theme, newest first."""
    users = {user.id: user.display_name for user in session.scalars(select(StaffUser))}
    themes: dict[int, str] = {row.id: row.name for row in session.execute(select(Theme.id, Theme.name))}
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == "theme", AuditEntry.subject_id == theme_id)
        .order_by(AuditEntry.id.desc())
        .limit(MOST)
    )
    return [_deed(entry, users, themes) for entry in entries]


def _deed(entry: AuditEntry, users: dict[int, str], themes: dict[int, str]) -> Deed:
    who = users.get(entry.user_id or 0, "Somebody who has left") if entry.user_id else "A command"
    before, after = _patterns(entry.detail.get("patterns"))
    gone = tuple(line for line in before if line not in after)
    new = tuple(line for line in after if line not in before)
    return Deed(entry.at, who, _told(entry, themes), gone, new)


def _patterns(kept: Any) -> tuple[list[str], list[str]]:
    """The lines before and after; of a new theme there are none before, and all are told by the page itself."""
    if not isinstance(kept, list):
        return [], []
    before, after = kept
    return before.splitlines(), after.splitlines()


def _told(entry: AuditEntry, themes: dict[int, str]) -> str:
    detail = entry.detail
    if entry.action == "theme.added":
        return "added the theme"
    if entry.action == "theme.merged":
        return f"merged it into “{themes.get(detail['into'], 'another')}” ({_comments(detail['moved'])})"
    if entry.action == "theme.took_over":
        return f"merged “{themes.get(detail['from'], 'another')}” into it ({_comments(detail['moved'])})"
    return " and ".join(_changes(detail)) or entry.action


def _comments(n: int) -> str:
    return "1 comment" if n == 1 else f"{n:,} comments"


def _changes(detail: dict[str, Any]) -> Iterator[str]:
    if "name" in detail:
        yield f"renamed it from “{detail['name'][0]}” to “{detail['name'][1]}”"
    if "patterns" in detail:
        yield "changed the patterns"
    if "colour" in detail:
        yield "changed the colour"
    if "active" in detail:
        yield "switched it on" if detail["active"][1] else "switched it off"
