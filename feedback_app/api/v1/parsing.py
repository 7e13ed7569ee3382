"""What came with a request, in whatever of the allowed spellings: one mapping of names to values.

JSON, forms (of either kind, also without a Content-Type), `properties[key]=value`, `expand[]=person` and
`expand=person`; of a doubled name in the query the first one counts.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from feedback_app.api.v1.errors import ApiError

MOST_FIELDS = 5_000
_NESTED = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]")


def given_values(request: Request) -> dict[str, Any]:
    """The values of query and body together; a body of GET and HEAD is ignored, and in doubt the body counts."""
    query = query_values(request)
    if request.method in ("GET", "HEAD"):
        return query
    return query | body_values(request)


def query_values(request: Request) -> dict[str, Any]:
    """The values of the query alone."""
    text = request.query_string.decode("utf-8", "replace")
    try:
        return nested(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise ApiError(422, {"base": [f"has more than {MOST_FIELDS} parameters"]}) from error


def body_values(request: Request) -> dict[str, Any]:
    """The values of the body: one JSON object or a form. Raises ApiError for JSON that is none."""
    data = request.get_data()
    if not data.strip():
        return {}
    if "json" in request.mimetype or data.lstrip()[:1] == b"{":  # `curl -d '{…}'` calls it a form
        return json_values(data)
    if request.mimetype == "multipart/form-data":
        return nested(request.form.items(multi=True))
    try:
        text = data.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise ApiError(422, {"base": ["is neither JSON nor a form"]}) from error
    return nested(pairs)


def json_values(data: bytes) -> dict[str, Any]:
    """The JSON object of a body."""
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ApiError(422, {"base": ["is not valid JSON"]}) from error
    if not isinstance(value, dict):
        raise ApiError(422, {"base": ["must be one JSON object"]})
    return value


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Pairs as values: `a[b]=c` makes a map, `a[]=c` a list, and of a name that comes again the first one stays.

    >>> nested([("a", "1"), ("a", "2"), ("p[x]", "y"), ("expand[]", "person")])
    {'a': '1', 'p': {'x': 'y'}, 'expand': ['person']}
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        parts = _NESTED.fullmatch(name)
        if parts is None:
            found.setdefault(name, value)
        elif parts[2]:
            inside = found.setdefault(parts[1], {})
            if isinstance(inside, dict):
                inside.setdefault(parts[2], value)
        else:
            inside = found.setdefault(parts[1], [])
            if isinstance(inside, list):
                inside.append(value)
    return found


def repeated(request: Request, name: str) -> list[str]:
    """Every value of a list parameter in the query, `name=a&name=b` as well as `name[]=a&name[]=b`."""
    return request.args.getlist(name) + request.args.getlist(f"{name}[]")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
