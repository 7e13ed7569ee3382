"""Themes made, changed, joined: each change with its entry in the audit trail, and no word of a person's lost.

A new rule is at once looked for in the comments that come, and by the job `apply_themes` in those that are there.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.queue import nudge
from feedback_app.sentiment.patterns import PatternsRefused, read_patterns
from feedback_app.staff.services import record_audit
from feedback_app.themes.models import SHORT_NAME, ResponseTheme, Theme
from feedback_app.themes.starter_themes import COLOURS, StarterTheme
from feedback_app.themes.starters import starter_set

MOST_THEMES = 50  # switched on
WALK = "apply_themes"  # the job that looks for rules in the comments that are there


class PatternsWrong(Invalid):
    """Patterns that cannot be read; `problems` has a sentence for each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{' '.join(self.problems)} Nothing was saved.")


class NameTaken(Invalid):
    """Two themes cannot have the same name, however it is written."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is a theme called “{name}” already. Choose another name; nothing was saved.")


class ChangedMeanwhile(Invalid):
    """Somebody else has changed the patterns since they were shown."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed these patterns since you opened them, so nothing was saved. "
            "The lines in which they differ stand below yours: put together what you want, and save again."
        )


class TooManyThemes(Invalid):
    """More themes than a page, or the reading of a comment, can take."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_THEMES} themes are switched on, which is the most there can be. Switch one off first; "
            "nothing was saved."
        )


def add_theme(
    session: Session,
    name: str,
    patterns: str,
    *,
    colour: str = COLOURS[0],
    user_id: int | None,
    now: datetime,
) -> int:
    """A new theme, looked for in all comments; return its id. Raises PatternsWrong, NameTaken or TooManyThemes."""
    with transaction(session):
        theme = _add(session, StarterTheme(name, colour, patterns), user_id, now)
    nudge(WALK)
    return theme


def use_starter_set(session: Session, key: str, *, user_id: int | None, now: datetime) -> list[int]:
    """Add the themes of a starter set whose names are free; return their ids. Raises NotFound or TooManyThemes."""
    found = starter_set(key)
    if found is None:
        raise NotFound("There is no such set of themes, so nothing was added.")
    with transaction(session):
        taken = set(session.scalars(select(Theme.name_key)))
        new = [theme for theme in found.themes if _key(theme.name) not in taken]
        added = [_add(session, theme, user_id, now) for theme in new]
    nudge(WALK)
    return added


def change_theme(
    session: Session,
    theme_id: int,
    *,
    name: str | None = None,
    patterns: str | None = None,
    colour: str | None = None,
    active: bool | None = None,
    seen_version: int | None = None,
    user_id: int | None,
    now: datetime,
) -> None:
    """Change what is given of a theme. New patterns are looked for in all comments; people's words stay.

    `seen_version`: of the patterns that the person had before them. Raises NotFound, PatternsWrong, NameTaken,
    TooManyThemes or ChangedMeanwhile; then nothing was changed.
    """
    with transaction(session):
        theme = _standing(session, theme_id)
        if seen_version not in (None, theme.version):
            raise ChangedMeanwhile
        changes = _changes(session, theme, name=name, patterns=patterns, colour=colour, active=active)
        if not changes:
            return
        detail = {column: [getattr(theme, column), value] for column, value in changes.items()}
        for column, value in changes.items():
            setattr(theme, column, value)
        if "name" in changes:
            theme.name_key = _key(theme.name)
            _keep_name(session, theme.name)
        if "patterns" in changes:
            theme.version += 1
        if "patterns" in changes or changes.get("active"):
            theme.applied_up_to = 0
        theme.changed_at = now
        record_audit(session, user_id, "theme.changed", "theme", theme_id, detail, now)
    nudge(WALK)


def merge_themes(
    session: Session, theme_id: int, into_id: int, *, user_id: int | None, now: datetime
) -> None:
    """Make one theme of two: the second has the comments and patterns of both, the first is kept, switched off.

    Where both had a row of the same comment the stronger stays: a person's before the rule's, of two people's the
    "yes". Raises NotFound or Invalid; then nothing was changed.
    """
    with transaction(session):
        if theme_id == into_id:
            raise Invalid("A theme cannot be merged into itself. Choose another one; nothing was changed.")
        themes = {one: _standing(session, one) for one in sorted((theme_id, into_id))}  # locked in one order
        source, target = themes[theme_id], themes[into_id]
        was_active, had = source.active, target.patterns
        patterns = patterns_of_both(source, target)
        moved = _move_rows(session, source.id, target.id)
        if patterns != target.patterns:
            target.patterns = patterns
            target.version += 1
            target.applied_up_to = 0
        source.active, source.merged_into_id = False, target.id
        source.changed_at = target.changed_at = now
        gave: dict[str, Any] = {"into": target.id, "moved": moved, "active": was_active}
        took: dict[str, Any] = {"from": source.id, "moved": moved, "patterns": [had, patterns]}
        record_audit(session, user_id, "theme.merged", "theme", source.id, gave, now)
        record_audit(session, user_id, "theme.took_over", "theme", target.id, took, now)
    nudge(WALK)


def patterns_of_both(source: Theme, target: Theme) -> str:
    """What finds the second theme once the first is merged into it; raises PatternsWrong if it is too much."""
    return checked_patterns(_joined(target.patterns, source.patterns))


def checked_patterns(patterns: str) -> str:
    """The patterns, tidied up; raises PatternsWrong."""
    lines = [line.strip() for line in patterns.splitlines()]
    tidy = "\n".join(lines).strip()
    try:
        read_patterns(tidy)
    except PatternsRefused as refused:
        raise PatternsWrong(refused.problems) from refused
    return tidy


def _add(session: Session, given: StarterTheme, user_id: int | None, now: datetime) -> int:
    name = _free_name(session, given.name)
    patterns = checked_patterns(given.patterns)
    _check_room(session)
    theme = Theme(
        name=name,
        name_key=_key(name),
        patterns=patterns,
        colour=_colour(given.colour),
        version=1,
        active=True,
        applied_up_to=0,
        created_at=now,
        changed_at=now,
    )
    session.add(theme)
    _keep_name(session, name)
    detail = {"name": name, "patterns": patterns, "colour": theme.colour}
    record_audit(session, user_id, "theme.added", "theme", theme.id, detail, now)
    return theme.id


def _changes(session: Session, theme: Theme, **given: Any) -> dict[str, Any]:
    """The columns that really change, with their new values, checked."""
    new = {column: value for column, value in given.items() if value is not None}
    if "name" in new:
        new["name"] = _free_name(session, new["name"], but=theme.id)
    if "patterns" in new:
        new["patterns"] = checked_patterns(new["patterns"])
    if "colour" in new:
        new["colour"] = _colour(new["colour"])
    if new.get("active") and not theme.active:
        _check_room(session)
    return {column: value for column, value in new.items() if getattr(theme, column) != value}


def _standing(session: Session, theme_id: int) -> Theme:
    """The theme, locked; raises NotFound, or Invalid if it was merged into another."""
    theme = session.get(Theme, theme_id, with_for_update={"key_share": True})
    if theme is None:
        raise NotFound("There is no such theme, so nothing was changed.")
    if theme.merged_into_id is not None:
        other = session.get_one(Theme, theme.merged_into_id)
        raise Invalid(f"This theme was merged into “{other.name}”. Change that one; nothing was changed.")
    return theme


def _key(name: str) -> str:
    return name.casefold()[:SHORT_NAME]


def _free_name(session: Session, name: str, *, but: int | None = None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= SHORT_NAME:
        raise Invalid(f"A theme's name has 1 to {SHORT_NAME} characters. Nothing was saved.")
    found = session.scalar(select(Theme).where(Theme.name_key == _key(name)))
    if found is not None and found.id != but:
        raise NameTaken(found.name)
    return name


def _keep_name(session: Session, name: str) -> None:
    """Let the database say whether nobody else takes the name at this moment."""
    try:
        session.flush()
    except IntegrityError as error:
        raise NameTaken(name) from error


def _colour(colour: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise Invalid("A colour is written like #3b82f6. Nothing was saved.")
    return colour.lower()


def _check_room(session: Session) -> None:
    """Raise TooManyThemes if no further theme can be switched on."""
    active = session.scalar(select(func.count()).select_from(Theme).where(Theme.active)) or 0
    if active >= MOST_THEMES:
        raise TooManyThemes


def _joined(patterns: str, more: str) -> str:
    """The lines of both, none twice."""
    return "\n".join(dict.fromkeys(line for line in (*patterns.splitlines(), *more.splitlines()) if line))


def _move_rows(session: Session, source_id: int, target_id: int) -> int:
    """Give the first theme's comments to the second; return how many rows it had."""
    mine, theirs = aliased(ResponseTheme), aliased(ResponseTheme)
    had = session.scalar(select(func.count()).select_from(mine).where(mine.theme_id == source_id)) or 0
    is_stronger = or_(
        and_(mine.source == "person", ResponseTheme.source == "rule"),
        and_(mine.source == ResponseTheme.source, ResponseTheme.removed, mine.removed.is_(False)),
    )
    same = mine.theme_id == source_id, mine.response_id == ResponseTheme.response_id
    weaker = ResponseTheme.theme_id == target_id, exists().where(*same, is_stronger)
    session.execute(delete(ResponseTheme).where(*weaker), execution_options={"synchronize_session": False})
    is_taken = exists().where(theirs.theme_id == target_id, theirs.response_id == ResponseTheme.response_id)
    session.execute(
        update(ResponseTheme)
        .where(ResponseTheme.theme_id == source_id, ~is_taken)
        .values(theme_id=target_id),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        delete(ResponseTheme).where(ResponseTheme.theme_id == source_id),
        execution_options={"synchronize_session": False},
    )
    return had
