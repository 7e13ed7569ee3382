"""One row of a file of people: what it says about a person and about the company, or why it does not fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from feedback_app.accounts.bulk import AccountKey, AccountRow
from feedback_app.imports import values
from feedback_app.imports.addresses import address_key
from feedback_app.imports.columns import MANY, OF_ACCOUNTS, Field, Plan, property_name
from feedback_app.imports.faults import Faults, spoilt_cells
from feedback_app.imports.values import RowRejected
from feedback_app.people.bulk import PersonRow

T = TypeVar("T")

LONGEST_ADDRESS, LONGEST_NAME, LONGEST_ID = 254, 254, 200
ACCOUNTS_KEPT = 10_000  # read accounts, so that a company's thousand people cost one reading
MONTHS = 12
NEED_A_COMPANY = (Field.OWNER, Field.MRR, Field.ARR, Field.RENEWS_ON)


@dataclass(slots=True)
class ReadRow:
    """What one row says; its account's id is known only in the database."""

    email: str
    email_key: str
    name: str = ""
    external_id: str = ""
    locale: str = ""
    time_zone: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    account: AccountRow | None = None
    account_key: AccountKey | None = None
    is_unsubscribed: bool = False

    def person(self, account_id: int | None) -> PersonRow:
        return PersonRow(
            self.email,
            self.email_key,
            self.name,
            self.external_id,
            self.locale,
            self.time_zone,
            account_id,
            self.properties,
        )


class RowReader:
    """Reads the rows of one file by its plan. `owners`: id of each colleague by address in lower case."""

    def __init__(self, columns: Sequence[str], plan: Plan, owners: Mapping[str, int]) -> None:
        self._columns = columns
        self._width = len(columns)
        self._plan = plan
        self._owners = owners
        self._place: dict[Field, int] = {
            means: place for place, name in enumerate(columns) if (means := plan.meaning[name]) not in MANY
        }
        self._column = {means: columns[place] for means, place in self._place.items()}
        self._column.setdefault(Field.NAME, self._column.get(Field.FIRST_NAME, ""))
        self._properties = self._named(columns, Field.PROPERTY)
        self._account_properties = self._named(columns, Field.ACCOUNT_PROPERTY)
        of_accounts = (Field.COMPANY, Field.COMPANY_ID, *OF_ACCOUNTS)
        self._of_accounts = [place for place, name in enumerate(columns) if plan.meaning[name] in of_accounts]
        self._accounts: dict[tuple[str, ...], tuple[AccountRow, AccountKey] | tuple[None, None]] = {}

    def address(self, cells: Sequence[str]) -> str:
        """The row's address as it stands there, in lower case; empty if the row has none."""
        place = self._place[Field.EMAIL]
        return cells[place].strip().lower() if place < len(cells) else ""

    def read(self, cells: list[str]) -> ReadRow:
        """What the row says; raises RowRejected with everything that is wrong with it."""
        self._check_width(cells)
        faults = spoilt_cells(self._columns, cells)
        email = cells[self._place[Field.EMAIL]].strip()
        read = ReadRow(email, self._read(faults, Field.EMAIL, address_key, email) or "")
        read.name = self._read(faults, Field.NAME, self._name, cells) or ""
        read.external_id = self._short(faults, cells, Field.EXTERNAL_ID, "id")
        if locale := self._cell(cells, Field.LOCALE):
            read.locale = self._read(faults, Field.LOCALE, values.language_of, locale) or ""
        if time_zone := self._cell(cells, Field.TIME_ZONE):
            read.time_zone = self._read(faults, Field.TIME_ZONE, values.time_zone_of, time_zone) or ""
        read.properties = {name: cell for name, place in self._properties if (cell := cells[place].strip())}
        if self._of_accounts:
            read.account, read.account_key = self._account(faults, cells)
        read.is_unsubscribed = self._gets_no_mail(faults, cells)
        faults.reject_any()
        return read

    def _check_width(self, cells: list[str]) -> None:
        if len(cells) != self._width:
            while len(cells) > self._width and not cells[-1]:
                cells.pop()  # a delimiter at the end of the line
            if len(cells) != self._width:  # which cell is whose nobody knows, so nothing else is said of them
                raise RowRejected(f"It has {len(cells)} cells and the headings are {self._width}.")

    def _read(self, faults: Faults, means: Field, part: Callable[..., T], *given: Any) -> T | None:
        return faults.read(self._column.get(means), part, *given)

    def _short(self, faults: Faults, cells: list[str], means: Field, what: str) -> str:
        return self._read(faults, means, short, self._cell(cells, means), LONGEST_ID, what) or ""

    def _cell(self, cells: list[str], means: Field) -> str:
        place = self._place.get(means)
        return "" if place is None else cells[place].strip()

    def _name(self, cells: list[str]) -> str:
        first_and_last = (self._cell(cells, Field.FIRST_NAME), self._cell(cells, Field.LAST_NAME))
        name = self._cell(cells, Field.NAME) or " ".join(filter(None, first_and_last))
        return short(" ".join(name.split()), LONGEST_NAME, "name")

    def _gets_no_mail(self, faults: Faults, cells: list[str]) -> bool:
        if Field.UNSUBSCRIBED in self._place:
            said = self._cell(cells, Field.UNSUBSCRIBED)
            return bool(self._read(faults, Field.UNSUBSCRIBED, values.is_yes, said))
        subscribed = self._cell(cells, Field.SUBSCRIBED)
        return bool(subscribed) and not self._read(faults, Field.SUBSCRIBED, values.is_yes, subscribed)

    def _account(self, faults: Faults, cells: list[str]) -> tuple[AccountRow, AccountKey] | tuple[None, None]:
        said = tuple([cells[place] for place in self._of_accounts])
        known = self._accounts.get(said)
        if known is None:
            if len(self._accounts) >= ACCOUNTS_KEPT:
                self._accounts.clear()
            before = len(faults)
            known = self._read_account(faults, cells)
            if len(faults) == before:
                self._accounts[said] = known
        return known

    def _read_account(
        self, faults: Faults, cells: list[str]
    ) -> tuple[AccountRow, AccountKey] | tuple[None, None]:
        external_id = self._short(faults, cells, Field.COMPANY_ID, "company id")
        name = self._cell(cells, Field.COMPANY) or self._cell(cells, Field.COMPANY_ID)
        if not name:
            if not any(self._cell(cells, means) for means in NEED_A_COMPANY):
                return None, None
            faults.add(
                None, "It has an owner, a revenue or a renewal date, but no company that they belong to."
            )
        revenue, currency = self._revenue(faults, cells)
        owner_id, properties = self._owner(cells)
        account = AccountRow(
            name=name,
            external_id=external_id or None,
            owner_id=owner_id,
            monthly_revenue=revenue,
            currency=currency,
            renews_on=self._renews_on(faults, cells),
            properties=properties,
        )
        return account, account.key

    def _revenue(self, faults: Faults, cells: list[str]) -> tuple[Decimal | None, str | None]:
        is_monthly = bool(self._cell(cells, Field.MRR))
        means = Field.MRR if is_monthly else Field.ARR
        written = self._cell(cells, means)
        read = self._read(faults, means, values.amount_of, written, self._plan.decimals) if written else None
        amount, mark = read or (None, None)
        if mark and self._read(faults, means, values.currency_code, mark) is None:
            mark = None
        if amount is not None and not is_monthly:
            amount = (amount / MONTHS).quantize(Decimal("0.01"))
        code = self._cell(cells, Field.CURRENCY)
        return amount, self._read(faults, Field.CURRENCY, values.currency_of, code, mark)

    def _renews_on(self, faults: Faults, cells: list[str]) -> date | None:
        written = self._cell(cells, Field.RENEWS_ON)
        return (
            self._read(faults, Field.RENEWS_ON, values.date_of, written, self._plan.dates)
            if written
            else None
        )

    def _owner(self, cells: list[str]) -> tuple[int | None, dict[str, str]]:
        """The colleague's id, and the account's properties; one of them keeps an owner who is no colleague."""
        properties = {
            name: cell for name, place in self._account_properties if (cell := cells[place].strip())
        }
        owner = self._cell(cells, Field.OWNER)
        owner_id = self._owners.get(owner.lower())
        if owner and owner_id is None:
            properties[self._column[Field.OWNER]] = owner
        return owner_id, properties

    def _named(self, columns: Sequence[str], means: Field) -> list[tuple[str, int]]:
        meaning = self._plan.meaning
        return [
            (property_name(name, means), place)
            for place, name in enumerate(columns)
            if meaning[name] == means
        ]


def short(text: str, longest: int, what: str) -> str:
    if len(text) > longest:
        raise RowRejected(f"The {what} has more than {longest} characters.")
    return text
