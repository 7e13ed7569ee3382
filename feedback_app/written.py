"""What somebody wrote into a form that could not be kept: every page that says so gives it back."""

from flask import request
from werkzeug.exceptions import HTTPException

# Comments of customers, notes of staff, words of themes. Named, so that no password and no key comes back.
_PROSE = ("comment", "text", "patterns")


def written() -> list[str]:
    """The words in the form that was sent."""
    if request.method != "POST":
        return []
    try:
        found = [request.form.get(name, "") for name in _PROSE]
    except HTTPException:
        return []  # a body that cannot be read cannot be given back
    return [text for text in found if text.strip()]
