"""One row of a file of people: what it says about a person and about the company, or why it does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from feedback_app.accounts.bulk import AccountKey, AccountRow
from feedback_app.imports import values
from feedback_app.imports.addresses import address_key
from feedback_app.imports.columns import MANY, OF_ACCOUNTS, Field, Plan, property_name
from feedback_app.imports.files import UNREADABLE
from feedback_app.imports.values import RowRejected
from feedback_app.people.bulk import PersonRow

LONGEST_CELL = 2_000
LONGEST_ADDRESS, LONGEST_NAME, LONGEST_ID = 254, 254, 200
ACCOUNTS_KEPT = 10_000  # read accounts, so that a company's thousand people cost one reading
MONTHS = 12


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
        self._width = len(columns)
        self._plan = plan
        self._owners = owners
        self._place: dict[Field, int] = {
            means: place for place, name in enumerate(columns) if (means := plan.meaning[name]) not in MANY
        }
        self._properties = self._named(columns, Field.PROPERTY)
        self._account_properties = self._named(columns, Field.ACCOUNT_PROPERTY)
        self._owner_column = plan.column_of(Field.OWNER) or ""
        of_accounts = (Field.COMPANY, Field.COMPANY_ID, *OF_ACCOUNTS)
        self._of_accounts = [place for place, name in enumerate(columns) if plan.meaning[name] in of_accounts]
        self._accounts: dict[tuple[str, ...], tuple[AccountRow, AccountKey] | tuple[None, None]] = {}

    def address(self, cells: Sequence[str]) -> str:
        """The row's address as it stands there, in lower case; empty if the row has none."""
        place = self._place[Field.EMAIL]
        return cells[place].strip().lower() if place < len(cells) else ""

    def read(self, cells: list[str]) -> ReadRow:
        """What the row says; raises RowRejected with the reason."""
        self._check(cells)
        email = cells[self._place[Field.EMAIL]].strip()
        read = ReadRow(email, address_key(email))
        read.name = self._name(cells)
        read.external_id = short(self._cell(cells, Field.EXTERNAL_ID), LONGEST_ID, "id")
        if locale := self._cell(cells, Field.LOCALE):
            read.locale = values.language_of(locale)
        if time_zone := self._cell(cells, Field.TIME_ZONE):
            read.time_zone = values.time_zone_of(time_zone)
        read.properties = {name: cell for name, place in self._properties if (cell := cells[place].strip())}
        if self._of_accounts:
            read.account, read.account_key = self._account(cells)
        read.is_unsubscribed = self._gets_no_mail(cells)
        return read

    def _check(self, cells: list[str]) -> None:
        if len(cells) != self._width:
            while len(cells) > self._width and not cells[-1]:
                cells.pop()  # a delimiter at the end of the line
            if len(cells) != self._width:
                raise RowRejected(f"It has {len(cells)} cells and the headings are {self._width}.")
        if len(max(cells, key=len)) > LONGEST_CELL:
            raise RowRejected(f"One of its cells has more than {LONGEST_CELL} characters.")
        if any(UNREADABLE in cell for cell in cells):
            raise RowRejected(
                f"It has letters that cannot be read ({UNREADABLE}); write them anew, as UTF-8."
            )

    def _cell(self, cells: list[str], means: Field) -> str:
        place = self._place.get(means)
        return "" if place is None else cells[place].strip()

    def _name(self, cells: list[str]) -> str:
        first_and_last = (self._cell(cells, Field.FIRST_NAME), self._cell(cells, Field.LAST_NAME))
        name = self._cell(cells, Field.NAME) or " ".join(filter(None, first_and_last))
        return short(" ".join(name.split()), LONGEST_NAME, "name")

    def _gets_no_mail(self, cells: list[str]) -> bool:
        if Field.UNSUBSCRIBED in self._place:
            return values.is_yes(self._cell(cells, Field.UNSUBSCRIBED))
        subscribed = self._cell(cells, Field.SUBSCRIBED)
        return bool(subscribed) and not values.is_yes(subscribed)

    def _account(self, cells: list[str]) -> tuple[AccountRow, AccountKey] | tuple[None, None]:
        said = tuple([cells[place] for place in self._of_accounts])
        known = self._accounts.get(said)
        if known is None:
            if len(self._accounts) >= ACCOUNTS_KEPT:
                self._accounts.clear()
            known = self._accounts[said] = self._read_account(cells)
        return known

    def _read_account(self, cells: list[str]) -> tuple[AccountRow, AccountKey] | tuple[None, None]:
        external_id = short(self._cell(cells, Field.COMPANY_ID), LONGEST_ID, "company id")
        name = self._cell(cells, Field.COMPANY) or external_id
        if not name:
            return self._no_account(cells)
        revenue, currency = self._revenue(cells)
        owner_id, properties = self._owner(cells)
        account = AccountRow(
            name=name,
            external_id=external_id or None,
            owner_id=owner_id,
            monthly_revenue=revenue,
            currency=currency,
            renews_on=self._renews_on(cells),
            properties=properties,
        )
        return account, account.key

    def _no_account(self, cells: list[str]) -> tuple[None, None]:
        if any(self._cell(cells, means) for means in (Field.OWNER, Field.MRR, Field.ARR, Field.RENEWS_ON)):
            raise RowRejected(
                "It has an owner, a revenue or a renewal date, but no company that they belong to."
            )
        return None, None

    def _revenue(self, cells: list[str]) -> tuple[Decimal | None, str | None]:
        monthly, yearly = self._cell(cells, Field.MRR), self._cell(cells, Field.ARR)
        written = monthly or yearly
        amount, mark = values.amount_of(written, self._plan.decimals) if written else (None, None)
        if amount is not None and not monthly:
            amount = (amount / MONTHS).quantize(Decimal("0.01"))
        return amount, values.currency_of(self._cell(cells, Field.CURRENCY), mark)

    def _renews_on(self, cells: list[str]) -> date | None:
        written = self._cell(cells, Field.RENEWS_ON)
        return values.date_of(written, self._plan.dates) if written else None

    def _owner(self, cells: list[str]) -> tuple[int | None, dict[str, str]]:
        """The colleague's id, and the account's properties; one of them keeps an owner who is no colleague."""
        properties = {
            name: cell for name, place in self._account_properties if (cell := cells[place].strip())
        }
        owner = self._cell(cells, Field.OWNER)
        owner_id = self._owners.get(owner.lower())
        if owner and owner_id is None:
            properties[self._owner_column] = owner
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
