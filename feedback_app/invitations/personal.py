"""Asking one person on a program's behalf, which is told at once what became of it.

The survey goes out by our mail, or the program gets the personal link and hands it over by its own means. Limits and
suppressions hold for both; a link that was handed over counts as sent, and no mail ever follows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.invitations.asking import EMAIL, LINK, Ask, Asking, ask
from feedback_app.invitations.requests import note_came_through
from feedback_app.people.knowing import Named, know_person


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a program wants somebody asked; without `by_mail` it hands the link over itself."""

    by_mail: bool = True
    delay: timedelta = timedelta(0)
    context: Mapping[str, Any] = field(default_factory=dict)  # agent, topic, ...: for the wording
    properties: Mapping[str, Any] = field(default_factory=dict)  # become those of the response


def invite_person(
    session: Session,
    survey_id: int,
    named: Named,
    wanted: Wanted,
    *,
    vault: Vault,
    zone: ZoneInfo,
    now: datetime,
) -> Asking:
    """Take in the person and ask them, or tell why not; either way the ledger has its entry.

    `zone` is the clock of people without one of their own. Raises Unfit.
    """
    with transaction(session):
        known = know_person(session, named, vault=vault, now=now)
        note_came_through(session, survey_id, known.person_id, now=now)
        wish = Ask(
            known.person_id,
            survey_id,
            now + wanted.delay if wanted.by_mail else now,
            context=wanted.context,
            properties=wanted.properties,
            channel=EMAIL if wanted.by_mail else LINK,
        )
        [asking] = ask(session, [wish], vault=vault, zone=zone, now=now)
    return asking
