"""What the columns of Delighted's files mean, and what is kept under a property's name."""

import re
from collections.abc import Mapping, Sequence

from feedback_app.imports.columns import (
    SYNONYMS,
    Field,
    Sample,
    columns_of_addresses,
    heading_key,
    kind_of_property,
    named_by,
)

_PERSON_IDS = ("personid", "delightedid", "delightedpersonid")
_PHONES = ("phonenumber", "personphonenumber", "phone", "mobile", "mobilenumber", "telefon")
_CREATED = ("createdat", "created", "createdon", "createddate")

OF_RESPONSES: dict[Field, tuple[str, ...]] = {
    Field.RESPONSE_ID: ("id", "responseid", "surveyresponseid"),
    Field.PERSON_ID: (*_PERSON_IDS, "person"),
    Field.EMAIL: SYNONYMS[Field.EMAIL],
    Field.PHONE_NUMBER: ("personphonenumber", "phonenumber", "personphone"),
    Field.NAME: ("personname", *SYNONYMS[Field.NAME]),
    Field.SCORE: ("score", "rating", "surveyscore", "surveyresponsescore", "npsscore", "csatscore", "cesscore"),
    Field.COMMENT: ("comment", "comments", "surveyresponsecomment", "feedback", "verbatim"),
    Field.CREATED_AT: (
        "createdat", "respondedat", "responsecreatedat", "surveyrespondedat", "timestamp", "responsedate", "date",
        *_CREATED[1:],
    ),
    Field.UPDATED_AT: ("updatedat", "responseupdatedat", "lastupdatedat"),
    Field.TAGS: ("tags", "responsetags"),
    Field.NOTES: ("notes", "responsenotes"),
    Field.ANSWERS: ("additionalanswers",),
    Field.COMPANY: SYNONYMS[Field.COMPANY],
    Field.COMPANY_ID: SYNONYMS[Field.COMPANY_ID],
}  # fmt: skip

# What a file of people may say beside what any such file does; looked for first.
OF_PEOPLE: dict[Field, tuple[str, ...]] = {
    Field.PERSON_ID: (*_PERSON_IDS, "id"),
    Field.PHONE_NUMBER: _PHONES,
    Field.CREATED_AT: ("createdat", "personcreatedat", *_CREATED[1:]),
    Field.LAST_SENT_AT: ("lastsentat", "lastsurveyedat", "lastsent", "lastsurveysentat"),
    Field.UNSUBSCRIBED_AT: SYNONYMS[Field.UNSUBSCRIBED],
    Field.BOUNCED_AT: ("bouncedat", "bounced", "isbounced", "hasbounced"),
}  # fmt: skip

# What Delighted works out itself or what led nowhere since it closed; and the warehouse's own columns.
OF_NO_USE = frozenset(
    (
        "permalink", "surveytype", "personproperties", "properties", "additionalanswers", "personcreatedat", "person",
        "lastrespondedat", "nextsurveyscheduledat", "personlastsentat", "personlastrespondedat",
        "personnextsurveyscheduledat", "surveyscheduledat",
    )
)  # fmt: skip
_OF_WAREHOUSES = re.compile(r"_(?:sdc|fivetran|airbyte)_|__hevo", re.IGNORECASE)
_PROPERTY_PREFIX = re.compile(r"(?:person[\s_.]*)?properties[\s_.:]+(?=\S)", re.IGNORECASE)


def meaning_of(sample: Sample, *, is_of_people: bool, answers: Sequence[str] = ()) -> dict[str, Field]:
    """What each column is; `answers`: those that hold additional answers whatever their heading."""
    synonyms: Mapping[Field, tuple[str, ...]] = OF_RESPONSES
    if is_of_people:
        taken = (Field.UNSUBSCRIBED, Field.EXTERNAL_ID)
        ours = {means: words for means, words in SYNONYMS.items() if means not in taken}
        synonyms = {**OF_PEOPLE, **ours, Field.EXTERNAL_ID: SYNONYMS[Field.EXTERNAL_ID]}
    plain = [
        column for column in sample.columns if column not in answers and not _PROPERTY_PREFIX.match(column)
    ]
    meaning = named_by(plain, synonyms)
    if Field.EMAIL not in meaning.values() and (found := columns_of_addresses(sample, plain)):
        meaning[found[0]] = Field.EMAIL
    return {
        column: meaning.get(column) or _other(sample, column, answers, is_of_people=is_of_people)
        for column in sample.columns
    }


def _other(sample: Sample, column: str, answers: Sequence[str], *, is_of_people: bool) -> Field:
    if heading_key(column) in OF_NO_USE or _OF_WAREHOUSES.match(column):
        return Field.IGNORE
    if is_of_people:
        return kind_of_property(column)
    is_question = column.rstrip().endswith("?") and bool(sample.values(column))
    return Field.ANSWER if column in answers or is_question else Field.PROPERTY


def property_name(column: str) -> str:
    """What the property is called: the heading without what says that it is one.

    >>> property_name("person_properties__Plan"), property_name("Person properties: Plan"), property_name("Plan")
    ('Plan', 'Plan', 'Plan')
    """
    return _PROPERTY_PREFIX.sub("", column, count=1)
