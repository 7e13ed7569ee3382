"""What the columns of a file of responses mean, whatever tool wrote it, and what speaks against beginning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from feedback_app.imports.columns import (
    LABELS,
    MANY,
    SYNONYMS,
    Field,
    Sample,
    first_open,
    heading_key,
    headings_beside,
    named_by,
    parts_of_names,
)
from feedback_app.imports.delighted.meaning import OF_NO_USE, property_name
from feedback_app.imports.values import DateOrder, date_order

# What --map can make of a column, and how it is called.
MEANINGS: dict[Field, str] = {
    Field.SCORE: "Score",
    Field.COMMENT: "Comment",
    Field.CREATED_AT: "When it was answered",
    Field.UPDATED_AT: "When it was last changed",
    Field.SURVEY: "Survey",
    Field.RESPONSE_ID: "The other tool's id of the response",
    Field.EMAIL: LABELS[Field.EMAIL],
    Field.NAME: LABELS[Field.NAME],
    Field.FIRST_NAME: LABELS[Field.FIRST_NAME],
    Field.LAST_NAME: LABELS[Field.LAST_NAME],
    Field.EXTERNAL_ID: LABELS[Field.EXTERNAL_ID],
    Field.PHONE_NUMBER: "Phone number",
    Field.COMPANY: LABELS[Field.COMPANY],
    Field.COMPANY_ID: LABELS[Field.COMPANY_ID],
    Field.LOCALE: LABELS[Field.LOCALE],
    Field.TAGS: "Tags",
    Field.NOTES: "Notes",
    Field.ANSWERS: "Additional answers",
    Field.PERMALINK: "Permalink",
    Field.STATE: "Whether it counts",
    Field.PROPERTY: "A property of the response",
    Field.IGNORE: LABELS[Field.IGNORE],
}
HEADINGS = headings_beside(__file__)
_OF_PEOPLE = (
    Field.EMAIL, Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.EXTERNAL_ID, Field.LOCALE, Field.COMPANY,
    Field.COMPANY_ID,
)  # fmt: skip
SYNONYMS_OF_RESPONSES = HEADINGS | {means: SYNONYMS[means] for means in _OF_PEOPLE}
# Our own exports name what they hold, and their id of a person is nobody's own.
_OF_OUR_EXPORTS: dict[Field, tuple[str, ...]] = {
    **{means: words for means, words in SYNONYMS_OF_RESPONSES.items() if means != Field.EXTERNAL_ID},
    Field.LOCALE: ("feedbacklocale",),
    Field.RESPONSE_ID: ("id",),
    Field.PERMALINK: ("permalink",),
}
_MARK_OF_OURS = "feedbackband"
_IN_UTC = re.compile(r"\b(?:UTC|GMT)\b")


@dataclass(frozen=True)
class Plan:
    """What each column is, which number of 03/04/2026 is the day, and whether we wrote the file."""

    meaning: Mapping[str, Field]
    dates: DateOrder | None
    is_ours: bool

    def column_of(self, wanted: Field) -> str | None:
        return next((column for column, means in self.meaning.items() if means == wanted), None)

    def zone(self, otherwise: tzinfo) -> tzinfo:
        """Where moments without a zone are: their heading may say, as in “Submit Date (UTC)”."""
        return UTC if _IN_UTC.search(self.column_of(Field.CREATED_AT) or "") else otherwise


def plan_for(sample: Sample, changes: Mapping[str, Field], dates: DateOrder | None = None) -> Plan:
    """The plan that headings and values suggest, with the changes made by hand."""
    is_ours = any(heading_key(column) == _MARK_OF_OURS for column in sample.columns)
    plain = [column for column in sample.columns if column not in changes and property_name(column) == column]
    named = named_by(plain, _OF_OUR_EXPORTS if is_ours else SYNONYMS_OF_RESPONSES)
    named |= parts_of_names(sample, named)
    found = {column: means for column, means in named.items() if means not in set(changes.values())}
    meaning = {
        column: changes.get(column) or found.get(column) or _other(column, is_ours=is_ours)
        for column in sample.columns
    }
    plan = Plan(meaning, dates, is_ours)
    values = sample.values(plan.column_of(Field.CREATED_AT))
    return Plan(meaning, dates or date_order(value.split()[0] for value in values), is_ours)


def _other(column: str, *, is_ours: bool) -> Field:
    key = heading_key(column)
    works_itself_out = key.startswith("feedback") or key in OF_NO_USE or key in ("personid", "surveytype")
    is_property = property_name(column) != column
    return Field.IGNORE if is_ours and works_itself_out and not is_property else Field.PROPERTY


def problems(plan: Plan, sample: Sample) -> list[str]:
    """What must be decided before the import can begin, one sentence each; empty if nothing."""
    return [*_missing(plan), *_double(plan), *_open_dates(plan, sample)]


def _missing(plan: Plan) -> list[str]:
    needed = ((Field.SCORE, "the score"), (Field.CREATED_AT, "when it was answered"))
    return [
        f'No column is {what}; name it with --map "COLUMN={means}".'
        for means, what in needed
        if plan.column_of(means) is None
    ]


def _double(plan: Plan) -> list[str]:
    meanings: Sequence[Field] = [means for means in plan.meaning.values() if means not in MANY]
    twice = [means for means in dict.fromkeys(meanings) if meanings.count(means) > 1]
    return [f"Two columns are “{MEANINGS[means]}”; leave it to one of them." for means in twice]


def _open_dates(plan: Plan, sample: Sample) -> list[str]:
    column = plan.column_of(Field.CREATED_AT)
    unclear = "" if plan.dates else first_open(sample.values(column))
    if not unclear:
        return []
    return [
        f"“{column}” has dates such as {unclear}; say with --dates whether the day or the month is first."
    ]
