"""The ledger as CSV, in short reads: however long the download takes, it holds no transaction open."""

import csv
import io
from collections.abc import Iterator

from feedback_app.db import reading
from feedback_app.ledger.queries import LedgerFilter, LedgerLine, ledger_page
from feedback_app.spreadsheet import Cell, safe_cell

BATCH = 1_000
COLUMNS = (
    ("entry", "id"),
    ("at", "at"),
    ("outcome", "outcome"),
    ("reason", "reason"),
    ("event", "event_id"),
    ("case_number", "case_number"),
    ("subject", "subject"),
    ("source", "source_name"),
    ("trigger", "trigger_id"),
    ("trigger_name", "trigger_name"),
    ("campaign", "campaign_id"),
    ("campaign_name", "campaign_name"),
    ("plan", "plan_id"),
    ("survey", "survey_id"),
    ("survey_name", "survey_name"),
    ("person", "person_id"),
    ("person_email", "person_email"),
    ("person_name", "person_name"),
    ("account", "account_id"),
    ("account_name", "account_name"),
    ("duplicate_of", "duplicate_of_id"),
    ("invitation", "invitation_id"),
    ("state", "state"),
    ("state_reason", "state_reason"),
    ("state_since", "changed_at"),
    ("due_at", "due_at"),
    ("sent_at", "sent_at"),
    ("reminder_state", "reminder_state"),
    ("reminder_sent_at", "reminder_sent_at"),
    ("response", "response_id"),
)


def ledger_csv(wanted: LedgerFilter) -> Iterator[str]:
    """The file in pieces: a header line, then the entries, newest first. Entries that arrive meanwhile are left out."""
    yield csv_lines([[name for name, _ in COLUMNS]])
    place = None
    while True:
        with reading() as connection:
            page = ledger_page(connection, wanted, after=place, size=BATCH)
        if page.lines:
            yield csv_lines([cells(line) for line in page.lines])
        place = page.older
        if place is None:
            return


def cells(line: LedgerLine) -> list[Cell]:
    return [safe_cell(getattr(line.row, column)) for _, column in COLUMNS]


def csv_lines(rows: list[list[Cell]]) -> str:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue()
