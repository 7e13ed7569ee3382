"""Which people are meant: a filter that a page, a saved filter and a campaign all read the same way."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, or_, select, union_all
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.db import db
from feedback_app.people.models import PeopleList, PeopleListMember, Person
from feedback_app.search import index
from feedback_app.search.kinds import Kind
from feedback_app.search.query import How, Query
from feedback_app.staff.models import StaffUser

UNQUOTABLE = ('"', "\\")  # SQLite's JSON paths have no way to name a key that holds one of these


@dataclass(frozen=True)
class PeopleFilter:
    """Whom a list of people is narrowed to; an empty value narrows nothing.

    `q` is looked for in account names and, by the beginnings of words, in names and addresses. `locale` is a language
    ("de" also means "de-AT"). A `property` alone asks that it is there, with a `value` that it is exactly that.
    """

    q: str = ""
    list_id: int | None = None
    account_id: int | None = None
    owner_id: int | None = None  # of the account
    locale: str = ""
    property: str = ""
    value: str = ""

    def to_json(self) -> dict[str, Any]:
        """What differs from the empty filter; `of_json` reads it again."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """The filter that was kept; names that this release does not know are passed over."""
        return cls(**{field.name: kept[field.name] for field in fields(cls) if field.name in kept})

    def words(self, named: Mapping[str, str] | None = None) -> str:
        """The filter as staff read it. `named`: what list_id, account_id and owner_id are called."""
        return "; ".join(self._phrases(named or {})) or "everybody"

    def _phrases(self, named: Mapping[str, str]) -> Iterator[str]:
        if self.q:
            yield f"“{self.q}” in name, address or account"
        if self.list_id is not None:
            yield f"on the list {named.get('list_id', self.list_id)}"
        if self.account_id is not None:
            yield f"of the account {named.get('account_id', self.account_id)}"
        if self.owner_id is not None:
            yield f"in accounts of {named.get('owner_id', self.owner_id)}"
        if self.locale:
            yield f"language {self.locale}"
        if self.property:
            yield f"{self.property} is {self.value}" if self.value else f"with {self.property}"


def matching(filter: PeopleFilter, *, may_search_people: bool = True) -> Select[int]:
    """The ids of the people who fit, in no order yet.

    Without `may_search_people` (a viewer, who sees names masked) the text is looked for in account names alone, and
    properties, which a viewer does not see, find nobody.
    """
    return select(Person.id).where(*conditions(filter, may_search_people=may_search_people))


def count_people(session: Session, filter: PeopleFilter, *, may_search_people: bool = True) -> int:
    """How many people fit."""
    fitting = matching(filter, may_search_people=may_search_people).subquery()
    return session.scalar(select(func.count()).select_from(fitting)) or 0


def described(session: Session, filter: PeopleFilter) -> str:
    """The filter in words, with the names of its list, account and owner as they are now."""
    named = {
        "list_id": session.scalar(select(PeopleList.name).where(PeopleList.id == filter.list_id)),
        "account_id": session.scalar(select(Account.name).where(Account.id == filter.account_id)),
        "owner_id": session.scalar(
            select(func.coalesce(func.nullif(StaffUser.name, ""), StaffUser.email)).where(
                StaffUser.id == filter.owner_id
            )
        ),
    }
    return filter.words({key: name for key, name in named.items() if name})


def conditions(filter: PeopleFilter, *, may_search_people: bool) -> Iterator[ColumnElement[bool]]:
    """What a person's row must meet. The rows of accounts and lists are found once, not for each person."""
    if filter.q.strip():
        yield mentions(filter.q.strip(), with_people=may_search_people)
    if filter.list_id is not None:
        members = select(PeopleListMember.person_id).where(PeopleListMember.list_id == filter.list_id)
        yield Person.id.in_(members)
    if filter.account_id is not None:
        yield Person.account_id == filter.account_id
    if filter.owner_id is not None:
        yield Person.account_id.in_(select(Account.id).where(Account.owner_id == filter.owner_id))
    if filter.locale:
        yield speaks(filter.locale)
    if filter.property:
        yield has_property(filter.property, filter.value) if may_search_people else false()


def mentions(text: str, *, with_people: bool) -> ColumnElement[bool]:
    """Whether the account's name has this text or (if wanted) name and address have words that begin like its words."""
    accounts = select(Account.id).where(Account.name.icontains(text, autoescape=True))
    of_accounts = select(Person.id).where(Person.account_id.in_(accounts))
    if not with_people:
        return Person.id.in_(of_accounts)
    named = index.matching(db.engine.dialect.name, Kind.PERSON, Query.read(text, How.NAMES))
    return Person.id.in_(union_all(of_accounts, named))


def speaks(language: str) -> ColumnElement[bool]:
    """Whether the person's language is this one or a variety of it, however it is written: de, de-AT, de_AT."""
    wanted = language.strip().lower().replace("_", "-")
    locale: Any = func.replace(func.lower(Person.locale), "_", "-")
    return or_(locale == wanted, locale.startswith(f"{wanted}-", autoescape=True))


def has_property(name: str, value: str) -> ColumnElement[bool]:
    """Whether the property is there, or (given a value) is exactly that text or number."""
    if any(sign in name for sign in UNQUOTABLE):
        return false()
    kept = cast(Person.properties[name].as_string(), String)
    return kept == value if value else and_(kept.is_not(None), kept != "")
