"""Responses and people as files: read in short stretches, so that a slow download holds no transaction and no memory.

The headings are those that `feedback migrate` and other importers look for; what is ours alone begins with `feedback_`.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import current_app, stream_with_context
from sqlalchemy import select

from feedback_app.accounts.models import Account
from feedback_app.api.v1.endpoints import READS, Answer, Call, endpoint
from feedback_app.api.v1.records import people_of, record_items, records_page
from feedback_app.api.v1.survey_responses import FILTERS, wanted_responses
from feedback_app.db import reading
from feedback_app.people.models import Person
from feedback_app.responses.listing import ResponseFilter, ResponsePlace, ordered, picked
from feedback_app.responses.models import Response
from feedback_app.responses.payload import masked_item
from feedback_app.responses.people import people_after
from feedback_app.spreadsheet import Cell, safe_cell

BATCH = 1_000
CSV_TEXT = "text/csv"
COLUMNS = (
    "id",
    "person_id",
    "person_email",
    "person_name",
    "person_phone_number",
    "company",
    "survey_type",
    "score",
    "comment",
    "created_at",
    "updated_at",
    "tags",
    "notes",
    "additional_answers",
    "permalink",
    "feedback_band",
    "feedback_state",
    "feedback_channel",
    "feedback_locale",
    "feedback_sentiment",
    "feedback_sentiment_source",
    "feedback_polarity",
    "feedback_language",
    "feedback_themes",
    "feedback_status",
    "feedback_assignee_email",
)
PEOPLE_COLUMNS = (
    "id",
    "email",
    "name",
    "phone_number",
    "created_at",
    "last_sent_at",
    "last_responded_at",
    "next_survey_scheduled_at",
)
PROPERTY = "properties: "


@endpoint(
    "GET",
    "/survey_responses.csv",
    summary="Every response as CSV",
    scope=READS,
    tag="Responses",
    fields=FILTERS,
    answer={"type": "string"},
    statuses=(200, 422),
    mimetype=CSV_TEXT,
)
def responses_file(call: Call) -> Answer:
    """All that the list gives with the same filters, times in ISO 8601 (UTC), a column for each property."""
    wanted = wanted_responses(call)
    call.session.rollback()  # a slow download holds no snapshot
    lines = responses_csv(wanted) if wanted else csv_lines([COLUMNS])
    return as_file(lines, "responses.csv")


@endpoint(
    "GET",
    "/people.csv",
    summary="Every person as CSV",
    scope=READS,
    tag="People",
    answer={"type": "string"},
    statuses=(200,),
    mimetype=CSV_TEXT,
)
def people_file(call: Call) -> Answer:
    """All that the list gives, times in ISO 8601 (UTC)."""
    call.session.rollback()
    return as_file(people_csv(call.key.survey_id), "people.csv")


def as_file(lines: Iterable[str], name: str) -> Answer:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Answer(stream_with_context(iter(lines)), 200, headers, CSV_TEXT)


def responses_csv(wanted: ResponseFilter, *, masks: bool = False) -> Iterator[str]:
    """The file in pieces: a header line, then the responses in the filter's order.

    `masks`: with placeholders for personal data in what was written.
    """
    names = property_names(wanted)
    yield from csv_lines([[*COLUMNS, *(safe_cell(f"{PROPERTY}{name}") for name in names)]])
    for rows, items, people in batches(wanted, masks=masks):
        yield from csv_lines(
            [safe_cell(value) for value in record_values(row, item, people.get(row.person_id, {}), names)]
            for row, item in zip(rows, items, strict=True)
        )


def responses_jsonl(wanted: ResponseFilter, *, masks: bool = False) -> Iterator[str]:
    """The same as lines of JSON, each as /v1 gives the response with its person."""
    for rows, items, people in batches(wanted, masks=masks):
        for row, item in zip(rows, items, strict=True):
            person = people.get(row.person_id)
            full = person and {name: value for name, value in person.items() if name != "company"}
            yield json.dumps(item | {"person": full or item["person"]}, ensure_ascii=False) + "\n"


def people_csv(survey_id: int) -> Iterator[str]:
    """The people of a survey in pieces, in the order in which we got to know them."""
    yield from csv_lines([PEOPLE_COLUMNS])
    last = 0
    while True:
        with reading() as connection:
            rows = people_after(connection, survey_id, after=last, limit=BATCH)
        yield from csv_lines([[safe_cell(getattr(row, name)) for name in PEOPLE_COLUMNS] for row in rows])
        if len(rows) < BATCH:
            return
        last = rows[-1].id


Batch = tuple[Sequence[Any], list[dict[str, Any]], dict[int, dict[str, Any]]]


def batches(wanted: ResponseFilter, *, masks: bool = False) -> Iterator[Batch]:
    """Rows, the rows as /v1 gives them, and their people with their company, a stretch at a time."""
    place = None
    while True:
        with reading() as connection:
            rows = records_page(connection, wanted, after=place, size=BATCH)
            links = current_app.extensions["feedback_links"]
            items = record_items(connection, rows, links, survey_id=wanted.survey_id)
            people = people_of(connection, rows, wanted.survey_id)
            of_companies = select(Person.id, Account.name).join(Account, Account.id == Person.account_id)
            for person_id, name in connection.execute(of_companies.where(Person.id.in_(list(people)))):
                people[person_id]["company"] = name
        if masks:
            items = [
                masked_item(item, names_of(people.get(row.person_id)))
                for row, item in zip(rows, items, strict=True)
            ]
        yield rows, items, people
        if len(rows) < BATCH:
            return
        at = rows[-1].updated_at if wanted.goes_by_change else rows[-1].created_at
        place = ResponsePlace(at, rows[-1].id)


def names_of(person: Mapping[str, Any] | None) -> list[str]:
    """What a person is called in what they write."""
    return [person[key] for key in ("name", "email") if person[key]] if person else []


def property_names(wanted: ResponseFilter) -> list[str]:
    """Every property that one of the responses has."""
    found: set[str] = set()
    place = None
    while True:
        shape = wanted.shape(place)
        chosen = picked(shape)
        query = select(chosen.c.at, chosen.c.id, Response.properties).join(
            Response, Response.id == chosen.c.id
        )
        with reading() as connection:
            values = wanted.values(after=place, size=BATCH)
            rows = connection.execute(query.order_by(*ordered(shape, chosen)), values).all()
        for row in rows:
            found.update(row.properties)
        if len(rows) < BATCH:
            return sorted(found)
        place = ResponsePlace(rows[-1].at, rows[-1].id)


def record_values(
    row: Any, item: Mapping[str, Any], person: Mapping[str, Any], names: Sequence[str]
) -> list[object]:
    """A response as a line of the file, before its cells are made safe."""
    ours = {f"feedback_{name}": value for name, value in item["feedback"].items()}
    known = {
        **item,
        **ours,
        "person_id": row.person_id,
        "person_email": person.get("email"),
        "person_name": person.get("name"),
        "person_phone_number": person.get("phone_number"),
        "company": person.get("company"),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "tags": tags_cell(item["tags"]),
        "feedback_themes": tags_cell([theme["name"] for theme in item["feedback"]["themes"]]),
        "notes": json_cell(item["notes"]),
        "additional_answers": json_cell(item["additional_answers"]),
    }
    return [known[name] for name in COLUMNS] + [row.properties.get(name) for name in names]


def tags_cell(tags: Sequence[str]) -> str:
    """Tags with commas between them; as JSON where one has a comma itself."""
    return json_cell(tags) if any("," in tag for tag in tags) else ", ".join(tags)


def json_cell(value: Sequence[Any]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The rows as one piece of text."""
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    yield made.getvalue()
