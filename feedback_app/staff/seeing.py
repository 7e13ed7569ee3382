"""What of people's data the signed-in member of staff may see: all of it, or masked. The database stays as it is."""

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask_security import current_user

from feedback_app.privacy.masking import initials, mask_pieces, masked, masked_beginning, masked_email
from feedback_app.staff.models import Role

DOTS = "…"
LONGEST_END = 128  # characters of a cut text in which halves of numbers are looked for
_NUMBERS_FIRST = re.compile(r"\A(?:\s*+[^\s\d@]*+[\d@]\S*)++")
_NUMBERS_LAST = re.compile(r"(?:[^\s\d@]*+[\d@]\S*\s*+)++\Z")
ADDRESS = re.compile(r"[^\s<>\"'()]+@[^\s<>\"'()]+")


def set_up_filters(app: Flask) -> None:
    """Give the templates the filters that mask."""
    app.jinja_env.filters.update(
        personal_email=personal_email,
        personal_name=personal_name,
        personal_text=personal_text,
        comment_text=comment_text,
        comment_pieces=comment_pieces,
    )


def sees_people() -> bool:
    """Whether personal data are shown in full, and people may be searched."""
    return bool(current_user.role >= Role.CSM)


def personal_email(address: str | None) -> str:
    """The address; masked for a viewer. Nothing where there is none: dots would tell of somebody who is hidden."""
    if not address:
        return ""
    return address if sees_people() else masked_email(address)


def personal_name(name: str | None) -> str:
    """The name; initials for a viewer."""
    return (name or "") if sees_people() else initials(name or "")


def personal_text(text: str | None) -> str:
    """The text; without addresses for a viewer, as mail servers name them in their answers."""
    given = text or ""
    return given if sees_people() else masked(ADDRESS.sub(lambda found: masked_email(found.group()), given))


def comment_text(text: str | None, *names: str | None, cut_at: int = 0) -> str:
    """What somebody wrote; for a viewer with placeholders for what is personal.

    `names`: who is known to be spoken of. `cut_at`: the length at which the database cut longer texts.
    """
    given = text or ""
    if sees_people():
        return given
    known = [name for name in names if name]
    is_cut = bool(cut_at) and len(given) >= cut_at
    return masked_beginning(given, known) if is_cut else masked(given, known)


def comment_pieces(pieces: Iterable[Any], *names: str | None) -> list[Any]:
    """The same for a text in pieces: named tuples with their `text`, which stay what they are otherwise.

    Beside dots that stand for what was left out, numbers and addresses go: they may be halves.
    """
    given = list(pieces)
    if sees_people():
        return given
    if len(given) > 2 and given[0].text == DOTS:
        given[1] = given[1]._replace(text=_NUMBERS_FIRST.sub("", given[1].text))
    if len(given) > 2 and given[-1].text == DOTS:
        text = given[-2].text
        given[-2] = given[-2]._replace(text=text[:-LONGEST_END] + _NUMBERS_LAST.sub("", text[-LONGEST_END:]))
    cut = mask_pieces([(piece.text, piece) for piece in given], [name for name in names if name])
    return [piece._replace(text=text) for text, piece in cut]
