"""What /v1 answers with, as JSON Schemas; the values are made in responses/payload.py."""

from typing import Any

from feedback_app.responses.payload import person_brief, person_item, response_item, unix

__all__ = [
    "OK",
    "PERSON",
    "PERSON_BRIEF",
    "RESPONSE",
    "a_list_of",
    "either",
    "map_of_texts",
    "nullable",
    "object_of",
    "person_brief",
    "person_item",
    "response_item",
    "unix",
]

Shape = dict[str, Any]


def object_of(**properties: Shape) -> Shape:
    """An object in which every one of these is always there."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def a_list_of(shape: Shape) -> Shape:
    return {"type": "array", "items": shape}


def nullable(shape: Shape) -> Shape:
    """The same, or null."""
    return shape | {"type": [shape["type"], "null"]}


def either(*shapes: Shape) -> Shape:
    return {"anyOf": list(shapes)}


def map_of_texts(description: str) -> Shape:
    return {"type": "object", "additionalProperties": {"type": "string"}, "description": description}


ID: Shape = {"type": "string", "pattern": "^[0-9]+$"}
TIME: Shape = {"type": "integer", "description": "Unix seconds."}
TEXT: Shape = {"type": "string"}

OK = object_of(ok={"type": "boolean", "const": True})

_WHO: dict[str, Shape] = {
    "id": ID,
    "email": nullable(TEXT | {"description": "null for a person known by phone only."}),
    "name": nullable(TEXT),
    "created_at": TIME,
    "phone_number": nullable(TEXT | {"description": "E.164."}),
}
PERSON_BRIEF = object_of(**_WHO)
PERSON = object_of(
    **_WHO,
    last_sent_at=nullable(TIME),
    last_responded_at=nullable(TIME),
    next_survey_scheduled_at=nullable(TIME),
)

NOTE = object_of(id=ID, text=TEXT, user_email=nullable(TEXT), created_at=TIME)
_QUESTION = object_of(
    id=TEXT, type={"enum": ["free_response", "scale", "select_one", "select_many"]}, text=TEXT
)
_OPTION = object_of(id=TEXT, text=TEXT)
ADDITIONAL_ANSWER = object_of(
    id=TEXT,
    question=_QUESTION,
    value=object_of(
        free_response=nullable(TEXT),
        scale=nullable({"type": "integer"}),
        select_one=nullable(_OPTION),
        select_many=nullable(a_list_of(_OPTION)),
    ),
)
RESPONSE = object_of(
    id=ID,
    person=either(nullable(ID), PERSON),
    survey_type={"type": "string"},
    score={"type": "integer"},
    comment=nullable(TEXT),
    permalink=TEXT,
    created_at=TIME,
    updated_at=TIME,
    person_properties=nullable(map_of_texts("What was known of the person when they answered.")),
    notes=a_list_of(NOTE),
    tags=a_list_of(TEXT),
    additional_answers=a_list_of(ADDITIONAL_ANSWER),
)
