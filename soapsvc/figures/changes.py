"""Two runs compared: each change with its amounts and a probable cause, and the sums of the changes.

A cause is inferred from the two runs' rows alone: which accounts, charges or periods only one run has, and which fields
changed. An item before all items of its charge in the other run was billed meanwhile, or is no longer billed. An item
after all of them is there because of the later target date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from heapq import nlargest
from itertools import islice

from soapsvc.engine.account import Account
from soapsvc.figures.run_rows import Accounts
from soapsvc.runs.definition import ITEM_FIELDS
from soapsvc.runs.results import Difference, DifferenceType, Row
from soapsvc.runs.run_diff import AccountRows, ComparedAccount, compared_accounts

MOST_SHOWN = 10
_AT_ONCE = 200
_AT = {name: position for position, name in enumerate(ITEM_FIELDS)}


class Cause(StrEnum):
    """Why an item is probably different."""

    NEW_ACCOUNT = "new account"
    GONE_ACCOUNT = "account gone"
    NEW_CHARGE = "new charge"
    GONE_CHARGE = "charge gone"
    LATER = "reaches further"
    LESS_FAR = "reaches less far"
    BILLED = "billed meanwhile"
    EARLIER = "reaches further back"
    OTHER_PERIODS = "other periods"
    QUANTITY = "quantity"
    PERIOD = "length of the period"
    PRICE = "price"
    DESCRIPTION = "no amount"


@dataclass(frozen=True, slots=True)
class Change:
    """One item that differs. Amounts of invoice items are without tax; what a credit memo gives back is negative.

    `was` and `now` are None if a run does not have the item. `account` is None if it is unknown; then the currency is
    unknown too.
    """

    difference: Difference
    cause: Cause
    account_id: str
    account: Account | None
    subscription_number: str
    charge_number: str
    start: str
    last: str
    was: Decimal | None
    now: Decimal | None

    @property
    def type(self) -> DifferenceType:
        """Whether the item is Added, Removed or Changed."""
        return self.difference.type

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that changed."""
        return tuple(self.difference.compared)

    @property
    def delta(self) -> Decimal:
        """The difference that the change makes to the billed amount."""
        return (self.now or Decimal()) - (self.was or Decimal())

    @property
    def currency(self) -> str:
        """The currency of the item's subscription; empty if it is unknown."""
        return "" if self.account is None else currency_of(self.account, self.subscription_number)

    @property
    def account_number(self) -> str:
        """The account's number, or its id."""
        return self.account_id if self.account is None else self.account.account_number or self.account_id

    @property
    def charge_name(self) -> str:
        """The name of the charge, if the account is known and still has the charge."""
        for subscription in self.account.subscriptions if self.account is not None else ():
            for charge in subscription.charges:
                if charge.number == self.charge_number:
                    return charge.name or ""
        return ""


def currency_of(account: Account, subscription_number: str) -> str:
    """The currency that an account's subscription is billed in."""
    for subscription in account.subscriptions:
        if subscription.subscription_number == subscription_number:
            charged = (charge.currency for charge in subscription.charges if charge.currency)
            return subscription.currency or next(charged, None) or account.currency
    return account.currency


def changes(old: AccountRows, new: AccountRows, accounts: Accounts) -> Iterator[Change]:
    """All changes from one run to another, account by account; a few hundred accounts are in memory at a time."""
    compared = compared_accounts(old, new)
    while some := list(islice(compared, _AT_ONCE)):
        known = accounts([each.id for each in some])
        for each in some:
            yield from _of_account(each, known.get(each.id))


def _of_account(compared: ComparedAccount, account: Account | None) -> Iterator[Change]:
    before, after = _spans(compared.old), _spans(compared.new)
    for difference in compared.differences:
        row = difference.row
        now = amount_of(row)
        was = _was(difference, now)
        added, removed = difference.type is DifferenceType.ADDED, difference.type is DifferenceType.REMOVED
        yield Change(
            difference,
            _cause(difference, compared, before, after),
            compared.id,
            account,
            row[_AT["subscription_number"]] or "",
            row[_AT["rate_plan_charge_number"]] or "",
            start_of(row),
            row[_AT["invoice_item_service_end_date"]] or row[_AT["credit_memo_item_service_end_date"]] or "",
            None if added else now if removed else was,
            None if removed else now,
        )


_Spans = Mapping[str, tuple[str, str]]
"""The first and the last start of service of each charge, by its number."""


def _spans(rows: Iterable[Row]) -> _Spans:
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        charge, start = row[_AT["rate_plan_charge_number"]] or "", start_of(row)
        first, last = found.get(charge, (start, start))
        found[charge] = min(first, start), max(last, start)
    return found


def _cause(difference: Difference, compared: ComparedAccount, before: _Spans, after: _Spans) -> Cause:
    if difference.type is DifferenceType.CHANGED:
        return _changed(tuple(difference.compared))
    row, added = difference.row, difference.type is DifferenceType.ADDED
    if not (compared.old if added else compared.new):
        return Cause.NEW_ACCOUNT if added else Cause.GONE_ACCOUNT
    other = (before if added else after).get(row[_AT["rate_plan_charge_number"]] or "")
    if other is None:
        return Cause.NEW_CHARGE if added else Cause.GONE_CHARGE
    start, (first, last) = start_of(row), other
    if start > last:
        return Cause.LATER if added else Cause.LESS_FAR
    if start < first:
        return Cause.EARLIER if added else Cause.BILLED
    return Cause.OTHER_PERIODS


def _changed(fields: tuple[str, ...]) -> Cause:
    if any(name.endswith("quantity") for name in fields):
        return Cause.QUANTITY
    if any(name.endswith("end_date") for name in fields):
        return Cause.PERIOD
    return Cause.PRICE if any(name.endswith("amount") for name in fields) else Cause.DESCRIPTION


def _was(difference: Difference, now: Decimal) -> Decimal:
    """The former amount of a changed item."""
    for name, sign in (("invoice_item_charge_amount", 1), ("credit_memo_item_amount", -1)):
        if name in difference.compared:
            return sign * _decimal(difference.compared[name])
    return now


def start_of(row: Row) -> str:
    """The first day of service of a row."""
    return row[_AT["invoice_item_service_start_date"]] or row[_AT["credit_memo_item_service_start_date"]] or ""


def amount_of(row: Row) -> Decimal:
    """The amount of a row; negative for an item of a credit memo."""
    memo = row[_AT["credit_memo_item_amount"]]
    return -_decimal(memo) if memo else _decimal(row[_AT["invoice_item_charge_amount"]])


def _decimal(text: str | None) -> Decimal:
    try:
        return Decimal(text or 0)
    except InvalidOperation:
        return Decimal()


@dataclass(slots=True)
class Sum:
    """A group of changes: their number, and their sums in the older and in the newer run."""

    count: int = 0
    was: Decimal = Decimal()
    now: Decimal = Decimal()

    @property
    def delta(self) -> Decimal:
        """The difference that the changes make to the billed amount."""
        return self.now - self.was

    def add(self, change: Change) -> None:
        """Count a change."""
        self.count += 1
        self.was += change.was or 0
        self.now += change.now or 0


class Sums:
    """The sums of changes by currency, and within each by type, cause and charge; and its ten largest changes."""

    def __init__(self) -> None:
        self.by_currency: dict[str, Sum] = {}
        self.by_type: dict[tuple[str, str], Sum] = {}
        self.by_cause: dict[tuple[str, str], Sum] = {}
        self.by_charge: dict[tuple[str, str], Sum] = {}
        self.largest: list[Change] = []

    def watch(self, found: Iterable[Change]) -> Iterator[Change]:
        """Yield the same changes and count them. `largest` is complete after the last one."""
        waiting: list[Change] = []
        for change in found:
            currency = change.currency
            self.by_currency.setdefault(currency, Sum()).add(change)
            self.by_type.setdefault((currency, change.type.value), Sum()).add(change)
            self.by_cause.setdefault((currency, change.cause.value), Sum()).add(change)
            self.by_charge.setdefault((currency, change.charge_number), Sum()).add(change)
            waiting.append(change)
            if len(waiting) >= len(self.by_currency) * MOST_SHOWN + _AT_ONCE:
                waiting = self._largest(waiting)
            yield change
        self.largest = self._largest(waiting)

    def _largest(self, waiting: list[Change]) -> list[Change]:
        by_currency: dict[str, list[Change]] = {}
        for change in waiting:
            by_currency.setdefault(change.currency, []).append(change)
        return [
            change
            for found in by_currency.values()
            for change in nlargest(MOST_SHOWN, found, key=lambda each: abs(each.delta))
        ]

    @property
    def count(self) -> int:
        """The number of changes."""
        return sum(each.count for each in self.by_currency.values())


def largest_sums(sums: Mapping[tuple[str, str], Sum], most: int) -> list[tuple[str, str, Sum]]:
    """The currency, name and sum of the groups with the largest changes, the largest first."""
    found = ((currency, name, each) for (currency, name), each in sums.items())
    return nlargest(most, found, key=lambda entry: abs(entry[2].delta))
