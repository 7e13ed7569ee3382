"""Lists of people as staff look after them: what uses a list, and renaming and deleting it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Campaign, CampaignState
from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.lists import ListLine, checked_name
from feedback_app.people.models import PeopleList, PeopleListMember, SavedFilter
from feedback_app.staff.services import record_audit

ENDED = (CampaignState.FINISHED, CampaignState.STOPPED)


@dataclass(frozen=True)
class Use:
    """What needs the list: a campaign that has not ended, or a saved filter."""

    kind: Literal["campaign", "filter"]
    id: int
    name: str

    @property
    def words(self) -> str:
        return f"the {'campaign' if self.kind == 'campaign' else 'saved filter'} “{self.name}”"


def require_list(session: Session, list_id: int) -> ListLine:
    """The list and how many people are on it; raises NotFound."""
    found = session.get(PeopleList, list_id)
    if found is None:
        raise NotFound("There is no such list. It may have been deleted.")
    members = select(func.count()).where(PeopleListMember.list_id == list_id)
    return ListLine(found.id, found.name, session.scalar(members) or 0)


def uses_by_list(session: Session) -> dict[int, list[Use]]:
    """What needs each list; a list that nothing needs is not in it."""
    uses: dict[int, list[Use]] = {}
    for list_id, use in _all_uses(session):
        uses.setdefault(list_id, []).append(use)
    return uses


def rename_list(session: Session, list_id: int, name: str, *, user_id: int | None, now: datetime) -> None:
    """Call the list by another name; raises Invalid for a name that is taken or empty, and NotFound."""
    name = checked_name(name)
    try:
        with transaction(session):
            require_list(session, list_id)
            session.execute(update(PeopleList).where(PeopleList.id == list_id).values(name=name))
            record_audit(session, user_id, "list.rename", "people_list", list_id, {}, now)
    except IntegrityError as error:
        raise Invalid(
            f"There is a list “{name}” already, so nothing was changed. Choose another name."
        ) from error


def delete_list(session: Session, list_id: int, *, user_id: int | None, now: datetime) -> ListLine:
    """Forget the list, and nobody on it; what it was. Raises Invalid if something needs it, and NotFound."""
    with transaction(session):
        line = require_list(session, list_id)
        if uses := uses_by_list(session).get(list_id):
            raise Invalid(
                f"The list was not deleted, because {' and '.join(use.words for use in uses)} "
                f"{'needs' if len(uses) == 1 else 'need'} it. A campaign needs it until it has ended or its draft is "
                "deleted, a saved filter until it is deleted."
            )
        session.execute(delete(PeopleList).where(PeopleList.id == list_id))
        record_audit(session, user_id, "list.delete", "people_list", list_id, {"people": line.people}, now)
    return line


def _all_uses(session: Session) -> Iterator[tuple[int, Use]]:
    campaigns = select(Campaign.id, Campaign.name, Campaign.audience).where(Campaign.state.not_in(ENDED))
    for campaign_id, name, audience in session.execute(campaigns.order_by(Campaign.id)):
        if list_id := PeopleFilter.of_json(audience).list_id:
            yield list_id, Use("campaign", campaign_id, name)
    for filter_id, name, kept in session.execute(
        select(SavedFilter.id, SavedFilter.name, SavedFilter.filter).order_by(SavedFilter.id)
    ):
        if list_id := PeopleFilter.of_json(kept).list_id:
            yield list_id, Use("filter", filter_id, name)
