"""What a file's columns mean: matched by their headings, changed by hand, and what speaks against beginning."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from feedback_app.imports.values import DateOrder, date_order, decimal_mark, looks_like_address


class Field(StrEnum):
    """What a column can be kept as."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EXTERNAL_ID = "external_id"
    LOCALE = "locale"
    TIME_ZONE = "time_zone"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"
    COMPANY = "company"
    COMPANY_ID = "company_id"
    OWNER = "owner"
    MRR = "mrr"
    ARR = "arr"
    CURRENCY = "currency"
    RENEWS_ON = "renews_on"
    PROPERTY = "property"
    ACCOUNT_PROPERTY = "account_property"
    IGNORE = "ignore"
    # What only files of responses and Delighted's files have (see imports/answers/ and imports/delighted/).
    RESPONSE_ID = "response_id"
    PERSON_ID = "person_id"
    PHONE_NUMBER = "phone_number"
    SCORE = "score"
    COMMENT = "comment"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    TAGS = "tags"
    NOTES = "notes"
    ANSWERS = "answers"
    ANSWER = "answer"
    LAST_SENT_AT = "last_sent_at"
    UNSUBSCRIBED_AT = "unsubscribed_at"
    BOUNCED_AT = "bounced_at"
    SURVEY = "survey"
    PERMALINK = "permalink"
    STATE = "state"


LABELS = {
    Field.EMAIL: "E-mail address",
    Field.NAME: "Name",
    Field.FIRST_NAME: "First name",
    Field.LAST_NAME: "Last name",
    Field.EXTERNAL_ID: "Your own id of the person",
    Field.LOCALE: "Language",
    Field.TIME_ZONE: "Time zone",
    Field.UNSUBSCRIBED: "Unsubscribed",
    Field.SUBSCRIBED: "May be asked",
    Field.COMPANY: "Company",
    Field.COMPANY_ID: "Your own id of the company",
    Field.OWNER: "Account owner",
    Field.MRR: "Monthly revenue (MRR)",
    Field.ARR: "Yearly revenue (ARR)",
    Field.CURRENCY: "Currency",
    Field.RENEWS_ON: "Renewal date",
    Field.PROPERTY: "A property of the person",
    Field.ACCOUNT_PROPERTY: "A property of the company",
    Field.IGNORE: "Ignore",
}


def heading_key(heading: str) -> str:
    """A heading as it is compared: letters and digits alone, without regard to case."""
    composed = unicodedata.normalize("NFC", heading)  # some systems write ä as an a and two dots
    return "".join(letter for letter in composed.casefold() if letter.isalnum())


def headings_beside(module: str) -> dict[Field, tuple[str, ...]]:
    """What headings.toml beside a module's file has, as headings are compared."""
    text = Path(module).with_name("headings.toml").read_text(encoding="utf-8")
    return {Field(name): tuple(map(heading_key, words)) for name, words in tomllib.loads(text).items()}


SYNONYMS = headings_beside(__file__)  # the first of them that a file has is the one
MANY = (
    Field.PROPERTY,
    Field.ACCOUNT_PROPERTY,
    Field.IGNORE,
    Field.ANSWER,
)  # what several columns may be
OF_ACCOUNTS = (Field.OWNER, Field.MRR, Field.ARR, Field.CURRENCY, Field.RENEWS_ON, Field.ACCOUNT_PROPERTY)
MONEY = (Field.MRR, Field.ARR)
_COMPANY_PREFIX = re.compile(r"(?:company|account|organi[sz]ation)[\s_\-.:]+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True)
class Plan:
    """How the rows of one file become people and accounts; `meaning` has a field for each column."""

    meaning: Mapping[str, Field]
    dates: DateOrder | None = None  # None: nothing tells
    decimals: str | None = None  # the mark before the cents; None: nothing tells
    list_name: str = ""

    def column_of(self, wanted: Field) -> str | None:
        return next((column for column, means in self.meaning.items() if means == wanted), None)

    def options(self) -> dict[str, Any]:
        """What ImportRun.options keeps of it."""
        return {"dates": self.dates, "decimals": self.decimals, "list": self.list_name}

    @classmethod
    def of(cls, mapping: Mapping[str, str], options: Mapping[str, Any]) -> "Plan":
        """The plan that was kept as an ImportRun's mapping and options."""
        dates = DateOrder(options["dates"]) if options.get("dates") else None
        meaning = {column: Field(means) for column, means in mapping.items()}
        return cls(meaning, dates, options.get("decimals"), options.get("list", ""))


@dataclass(frozen=True)
class Sample:
    """The values of each column in a file's first rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]] = field(default_factory=list)

    def values(self, column: str | None) -> list[str]:
        """What the column holds, without the empty cells."""
        if column is None:
            return []
        place = list(self.columns).index(column)
        return [row[place].strip() for row in self.rows if len(row) > place and row[place].strip()]

    def pairs(self, one: str, other: str) -> list[tuple[str, str]]:
        """What two columns hold in the rows where neither is empty."""
        places = [list(self.columns).index(column) for column in (one, other)]
        rows = ([row[place].strip() for place in places] for row in self.rows if len(row) > max(places))
        return [(first, second) for first, second in rows if first and second]


def plan_for(sample: Sample, changes: Mapping[str, Field] | None = None, **chosen: Any) -> Plan:
    """The plan that headings and values suggest, with the changes and choices made by hand."""
    plan = Plan(matched(sample) | dict(changes or {}))
    money = [value for wanted in MONEY for value in sample.values(plan.column_of(wanted))]
    dates = sample.values(plan.column_of(Field.RENEWS_ON))
    found = replace(plan, dates=date_order(dates), decimals=decimal_mark(money))
    return replace(found, **{name: value for name, value in chosen.items() if value})


def matched(sample: Sample) -> dict[str, Field]:
    """What each column means by its heading; the address also by what the column holds."""
    meaning = named_by(sample.columns, SYNONYMS)
    if Field.EMAIL not in meaning.values():
        meaning |= dict.fromkeys(columns_of_addresses(sample, sample.columns)[:1], Field.EMAIL)
    meaning |= parts_of_names(sample, meaning)
    return {column: meaning.get(column) or kind_of_property(column) for column in sample.columns}


def named_by(columns: Iterable[str], synonyms: Mapping[Field, Sequence[str]]) -> dict[str, Field]:
    """The columns whose headings name a field; of several for one field, the one whose synonym comes first."""
    keys = {column: heading_key(column) for column in columns}
    meaning: dict[str, Field] = {}
    for wanted, words in synonyms.items():
        known = [column for column, key in keys.items() if key in words and column not in meaning]
        if known:
            meaning[min(known, key=lambda column: words.index(keys[column]))] = wanted
    return meaning


def parts_of_names(sample: Sample, meaning: Mapping[str, Field]) -> dict[str, Field]:
    """The column of names as that of last names, if there is one of first names and no name has its row's in it.

    So it is in "Vorname, Name" and "Prénom, Nom"; the other way about in "Nombre, Apellidos".
    """
    columns = {means: column for column, means in meaning.items()}
    for given, other in ((Field.FIRST_NAME, Field.LAST_NAME), (Field.LAST_NAME, Field.FIRST_NAME)):
        if Field.NAME in columns and given in columns and other not in columns:
            pairs = sample.pairs(columns[Field.NAME], columns[given])
            if pairs and not any(part.casefold() in name.casefold() for name, part in pairs):
                return {columns[Field.NAME]: other}
    return {}


def columns_of_addresses(sample: Sample, columns: Iterable[str]) -> list[str]:
    """The columns that hold nothing but addresses; the owner's is not the person's."""
    held = {
        column: sample.values(column)
        for column in columns
        if heading_key(column) not in SYNONYMS[Field.OWNER]
    }
    return [column for column, values in held.items() if values and all(map(looks_like_address, values))]


def kind_of_property(column: str) -> Field:
    """A column that we know no field for: of the company if its heading begins so, else of the person."""
    return Field.ACCOUNT_PROPERTY if _COMPANY_PREFIX.match(column) else Field.PROPERTY


def property_name(column: str, means: Field) -> str:
    """What the property is called: the heading as given, without the word that says whose it is."""
    return _COMPANY_PREFIX.sub("", column, count=1) if means == Field.ACCOUNT_PROPERTY else column


def problems(plan: Plan, sample: Sample) -> list[str]:
    """What must be decided before the import can begin, one sentence each; empty if nothing."""
    return [*_double_columns(plan), *_missing_columns(plan), *_open_questions(plan, sample)]


def _double_columns(plan: Plan) -> list[str]:
    meanings = [means for means in plan.meaning.values() if means not in MANY]
    twice = [means for means in dict.fromkeys(meanings) if meanings.count(means) > 1]
    found = [f"Two columns are “{LABELS[means]}”. Leave it to one of them." for means in twice]
    if plan.column_of(Field.MRR) and plan.column_of(Field.ARR):
        found.append("Both monthly and yearly revenue are given. Keep one of them and ignore the other.")
    if plan.column_of(Field.SUBSCRIBED) and plan.column_of(Field.UNSUBSCRIBED):
        found.append("Two columns say who gets no mail. Keep one of them and ignore the other.")
    return found


def _missing_columns(plan: Plan) -> list[str]:
    found = []
    if plan.column_of(Field.EMAIL) is None:
        found.append("No column is the e-mail address. Choose the one that is.")
    if plan.column_of(Field.COMPANY) or plan.column_of(Field.COMPANY_ID):
        return found
    stray = [column for column, means in plan.meaning.items() if means in OF_ACCOUNTS]
    if stray:
        found.append(
            f"No column is the company, and “{stray[0]}” belongs to one. Choose the company's column, or keep "
            f"“{stray[0]}” as a property of the person."
        )
    return found


def _open_questions(plan: Plan, sample: Sample) -> list[str]:
    renews = plan.column_of(Field.RENEWS_ON)
    if renews is None or plan.dates or not needs_order(sample.values(renews)):
        return []
    return [
        f"“{renews}” has dates such as {first_open(sample.values(renews))}. Say whether the day or the month is first."
    ]


def needs_order(values: Iterable[str]) -> bool:
    return bool(first_open(values))


def first_open(values: Iterable[str]) -> str:
    """The first date that could be two days; empty if each is clear by itself."""
    return next((value for value in values if re.match(r"\d{1,2}[/-]\d{1,2}[/-]\d{4}", value)), "")
