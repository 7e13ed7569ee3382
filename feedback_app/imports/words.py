"""What became of an import, in words."""

from feedback_app.imports.models import ImportState
from feedback_app.imports.people import Tally

STATE_WORDS: dict[str, str] = {
    ImportState.UPLOADED: "Not begun",
    ImportState.WAITING: "Waiting for a worker",
    ImportState.RUNNING: "Running",
    ImportState.FINISHED: "Finished",
    ImportState.FAILED: "Failed",
    ImportState.CANCELLED: "Cancelled",
}


def summary(done: Tally) -> str:
    """The counts in one or two sentences, without those that are nothing."""
    if done.rows and done.unchanged == done.rows:
        return f"{counted(done.rows, 'row')}: everything was known already, nothing changed."
    parts = [
        f"{done.added:,} added",
        f"{done.changed:,} changed",
        f"{done.unchanged:,} unchanged",
        f"{done.repeated:,} repeated further down" if done.repeated else "",
        f"{done.erased:,} erased for good and left out" if done.erased else "",
        f"{done.rejected:,} rejected",
    ]
    said = f"{counted(done.rows, 'row')}: {', '.join(filter(None, parts))}."
    return (
        f"{said} {done.unsubscribed:,} of them get no mail: the file says so." if done.unsubscribed else said
    )


def people_who_came(number: int) -> str:
    """For example 12 people came with responses."""
    return f"{counted(number, 'person').replace('persons', 'people')} came with responses."


def counted(number: int, thing: str) -> str:
    """For example 1 row, 12,000 rows."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
