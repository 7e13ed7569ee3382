"""Pages of a list: numbered where the original numbers them, and by a cursor everywhere."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import Field, integer, text

PER_PAGE, MOST_PER_PAGE = 20, 100
LONGEST_CURSOR = 500
LAST_PAGE = 10**9  # whatever lies behind it is as empty


def _per_page(given: Any) -> int:
    return min(integer(1)(given), MOST_PER_PAGE)


def _page(given: Any) -> int:
    return min(integer(1)(given), LAST_PAGE)


PER_PAGE_FIELD = Field(
    "per_page",
    _per_page,
    {"type": "integer", "minimum": 1, "default": PER_PAGE},
    f"How many rows at most; more than {MOST_PER_PAGE} are cut to that.",
    default=PER_PAGE,
)
PAGE_FIELD = Field(
    "page", _page, {"type": "integer", "minimum": 1, "default": 1}, "The number of the page.", default=1
)
CURSOR_FIELD = Field(
    "page_info",
    text(LONGEST_CURSOR),
    {"type": "string"},
    "The cursor that the Link header of the page before carries; costs the same on every page.",
)


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursor of the next one; None on the last."""

    rows: Sequence[Any]
    next_cursor: str | None = None


def cursor_of(*place: int | str) -> str:
    """A place in an order as opaque text, without a comma or semicolon in it."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The place that a cursor names; raises ApiError (422) for one that we did not make."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise ApiError(422, {"page_info": ["is invalid"]}) from error
    is_ours = isinstance(place, list) and len(place) == len(kinds)
    if not is_ours or any(type(one) is not kind for one, kind in zip(place, kinds, strict=True)):
        raise ApiError(422, {"page_info": ["is invalid"]})
    if any(isinstance(one, int) and abs(one) > 2**62 for one in place):
        raise ApiError(422, {"page_info": ["is invalid"]})
    return tuple(place)


def link_header(base_url: str, path: str, given: dict[str, Any], cursor: str) -> str:
    """The Link header to the next page: absolute, on the public address, the same filters, rel in double quotes."""
    kept = [(name, value) for name, value in given.items() if name not in ("page_info", "page")]
    pairs = [("page_info", cursor)]
    for name, value in kept:
        if isinstance(value, list):
            pairs += [(f"{name}[]", str(one)) for one in value]
        elif isinstance(value, dict):
            pairs += [(f"{name}[{key}]", str(one)) for key, one in value.items()]
        else:
            pairs.append((name, str(value)))
    return f'<{base_url}{quote(path)}?{urlencode(pairs)}>; rel="next"'
