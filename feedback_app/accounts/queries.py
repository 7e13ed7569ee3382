"""Finding accounts."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account, account_name_key

_BY_EXTERNAL_ID = select(Account.id).where(Account.external_id == bindparam("external_id"))
_BY_NAME = select(Account.id).where(Account.name_key == bindparam("name_key"))


def account_id_of(session: Session, name: str, external_id: str | None = None) -> int | None:
    """The account with this external id, else the one with exactly this normalised name; None if there is none."""
    if external_id:
        found = session.scalar(_BY_EXTERNAL_ID, {"external_id": external_id})
        if found is not None:
            return found
    return session.scalar(_BY_NAME, {"name_key": account_name_key(name)})
