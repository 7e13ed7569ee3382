"""How programs name a person, in parameters and in addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row

from feedback_app.api.v1.endpoints import Call
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import BLANK, INVALID, Field, Wrong, email, phone_number, row_id, text
from feedback_app.db import reading
from feedback_app.errors import Invalid
from feedback_app.people.knowing import Unfit, who_is
from feedback_app.responses.people import find_person

EMAIL = {"type": "string", "format": "email"}
PHONE = {"type": "string", "description": "E.164, such as +17132746524"}
NAME = Field(
    "name", text(254), {"type": "string", "maxLength": 254}, "Without it, the name stays.", where="body"
)
IDENTIFIER = Field(
    "identifier",
    text(400),
    {"type": "string"},
    "An id, `email:` and an address, or `phone_number:` and a number in E.164.",
    where="path",
    required=True,
)


@dataclass(frozen=True)
class NeedsOneOf(Field):
    """A parameter without which, if the `others` are missing as well, nobody is named."""

    others: tuple[str, ...] = ()

    def value(self, values: dict[str, Any]) -> Any:
        """The value that came; raises Wrong if neither it nor one of the others did."""
        if not any(is_given(values, name) for name in (self.name, *self.others)):
            raise Wrong(BLANK)
        return super().value(values)


def is_given(values: dict[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "")


def in_query(read: Any) -> Any:
    """The same in a query, where a plus that was not encoded has become a blank."""

    def mended(given: Any) -> Any:
        return read(given.strip("\t\r\n").replace(" ", "+") if isinstance(given, str) else given)

    return mended


email_in_query = in_query(email)
phone_in_query = in_query(phone_number)


def who(identifier: str) -> ColumnElement[bool]:
    """The condition for the person that a path names; raises ApiError (404) for what can be nobody's name."""
    kind, _, rest = identifier.partition(":")
    try:
        if kind == "email" and rest:
            return who_is(email=email(rest))
        if kind == "phone_number" and rest:
            return who_is(phone_number=phone_number(rest))
        if identifier.isdecimal():
            return who_is(person_id=row_id(identifier))
    except Wrong:
        pass
    raise ApiError(404)


def seen(call: Call, condition: ColumnElement[bool]) -> Row[Any]:
    """The person of this condition, if the key sees them; raises ApiError (404)."""
    with reading() as connection:
        row = find_person(connection, call.key.survey_id, condition)
    if row is None:
        raise ApiError(404)
    return row


@contextmanager
def told_by_name(**names: str) -> Iterator[None]:
    """What is wrong with a person's naming is told under the parameter's name; `names`: where it has another one."""
    try:
        yield
    except Unfit as error:
        raise ApiError(422, {names.get(error.name, error.name): [error.what]}) from error
    except Invalid as error:
        raise ApiError(422, {names.get("email", "email"): [INVALID]}) from error
