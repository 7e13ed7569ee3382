"""What was recognised in files, and what became of a move, in words."""

from collections.abc import Sequence

from feedback_app.imports.columns import LABELS, Field
from feedback_app.imports.delighted.comparing import Month
from feedback_app.imports.delighted.moving import Done
from feedback_app.imports.delighted.tables import Kind, Table
from feedback_app.imports.words import counted, people_who_came, summary

MEANINGS: dict[Field, str] = LABELS | {
    Field.RESPONSE_ID: "Delighted's id of the response",
    Field.PERSON_ID: "Delighted's id of the person",
    Field.PHONE_NUMBER: "Phone number",
    Field.SCORE: "Score",
    Field.COMMENT: "Comment",
    Field.CREATED_AT: "When it was given, or since when they are known",
    Field.UPDATED_AT: "When it was last changed",
    Field.TAGS: "Tags",
    Field.NOTES: "Notes",
    Field.ANSWERS: "Additional answers",
    Field.ANSWER: "Answer to an additional question",
    Field.LAST_SENT_AT: "When they were last asked",
    Field.UNSUBSCRIBED_AT: "Unsubscribed",
    Field.BOUNCED_AT: "Bounced",
}
OF_RESPONSES = "A property of the response"
KINDS = {
    Kind.RESPONSES: "response",
    Kind.PEOPLE: "row of people",
    Kind.UNSUBSCRIBES: "unsubscribe",
    Kind.BOUNCES: "bounce",
}
PLURALS = {Kind.PEOPLE: "rows of people"}


def recognised(table: Table) -> str:
    """For example people.csv: 1,200 rows of people (CSV, 9 columns)."""
    kind = KINDS[table.kind]
    rows = f"{table.rows:,} {PLURALS.get(table.kind, kind + 's')}" if table.rows != 1 else counted(1, kind)
    return f"{table.source.name}: {rows} ({table.form}, {counted(len(table.columns), 'column')})"


def meaning(table: Table, column: str) -> str:
    """What the column was taken for."""
    means = table.meaning[column]
    return OF_RESPONSES if means == Field.PROPERTY and not table.is_of_people else MEANINGS[means]


def summaries(done: Done) -> list[str]:
    """What became of the rows, a line for each kind of thing."""
    lines = [f"People: {summary(done.people)}"] if done.people.rows else []
    if done.responses.rows:
        lines.append(f"Responses: {summary(done.responses)}")
    if done.people_of_responses:
        lines.append(people_who_came(done.people_of_responses))
    stopped = [
        f"{number:,} {what}"
        for number, what in ((done.unsubscribed, "unsubscribed"), (done.bounced, "bounced"))
        if number
    ]
    if stopped:
        lines.append(f"Gets no mail: {' and '.join(stopped)} by these files.")
    return lines


LIMIT_LIFTED = (
    "The limit between any two surveys to one person is off, as Delighted had none; each survey has its own."
)
LIMIT_CHOSEN = "The limit between any two surveys to one person stays as your team has chosen it."


def verdict(months: Sequence[Month]) -> str:
    """Whether the files and the database agree."""
    differ = sum(not month.is_equal for month in months)
    if not months:
        return "The files hold no responses, so there is nothing to compare."
    if not differ:
        return f"All {counted(len(months), 'month')} agree." if len(months) > 1 else "The month agrees."
    verb = "differs" if differ == 1 else "differ"
    return f"{counted(differ, 'month')} of {len(months)} {verb}; the last column says why."


def score_text(score: float | None) -> str:
    return "–" if score is None else f"{score:.1f}"
