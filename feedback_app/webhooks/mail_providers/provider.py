"""What every mail provider is to us: a way to prove a request, and a way to read it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple, Protocol

from feedback_app.deliveries.reports import MailReport, Unread
from feedback_app.webhooks.helpdesks.provider import HookRequest, Unreadable


class Parsed(NamedTuple):
    """What one request says: its reports, and the parts of it that could not be read."""

    reports: list[MailReport]
    unread: list[Unread]


class MailProvider(Protocol):
    """A mail provider: a module of this package that `registry.py` names."""

    kind: ClassVar[str]  # in the hook's address
    unreadable_status: ClassVar[int]  # what to answer when nothing of a genuine request could be read

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        """Raises BadSignature unless the request proves that it comes from the provider."""
        ...

    def parse(self, request: HookRequest) -> Parsed:
        """Every report of the request; raises Unreadable only if nothing of it can be read."""
        ...


def read_each(
    elements: Iterable[object], read: Callable[[Mapping[str, Any], bytes], Iterable[MailReport]]
) -> Parsed:
    """The reports of all elements; one that cannot be read costs its neighbours nothing."""
    parsed = Parsed([], [])
    for element in elements:
        body = json.dumps(element).encode()
        try:
            if not isinstance(element, dict):
                raise Unreadable("A report is JSON, but not an object.")
            parsed.reports.extend(replace(report, body=body) for report in read(element, body))
        except Unreadable as error:
            parsed.unread.append(Unread(body, str(error)))
        except Exception as error:
            parsed.unread.append(Unread(body, f"We could not read this report ({type(error).__name__})."))
    return parsed


def of_timestamp(value: object) -> datetime | None:
    """A moment given as seconds since 1970, as a number or in digits; None for anything else."""
    try:
        return datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def only_text(value: object) -> str:
    """The value if it is text, else nothing: what is compared in proofs is never converted."""
    return value if isinstance(value, str) else ""
