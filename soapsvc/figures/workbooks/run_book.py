"""The workbook of a run: its items, their sums by month of service and by account, and why accounts failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import BinaryIO

from soapsvc.figures.changes import amount_of, currency_of, start_of
from soapsvc.figures.run_rows import Accounts
from soapsvc.figures.table import Cell
from soapsvc.figures.workbooks.diff_book import day
from soapsvc.figures.workbooks.workbook import new_book
from soapsvc.runs.definition import DATE_FIELDS, EXACT_FIELDS, ITEM_FIELDS, Header
from soapsvc.runs.results import Row
from soapsvc.runs.run_diff import AccountRows
from soapsvc.runs.sinks import FAILURE_COLUMNS, item_columns

MONTHS = ("Month of Service", "Currency", "Items", "Amount")
ACCOUNTS = ("Account ID", "Account Number", "Account Name", "Currency", "Items", "Amount")
_AT_ONCE = 200
_AT = {name: position for position, name in enumerate(ITEM_FIELDS)}


def write_run_book(
    target: BinaryIO, rows: AccountRows, failures: Iterable[Row], accounts: Accounts, *, credit_memos: bool
) -> None:
    """Write the workbook of a run's rows. Only the rows of one account at a time, and sums by month, are in memory."""
    names = item_columns(Header.DOCUMENTED, credit_memos)
    months: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    with new_book(target) as book:
        items = book.open("Items", ("Account: Number", "Account: Name", "Currency", *names))
        by_account = book.open("By account", ACCOUNTS)
        while some := list(islice(rows, _AT_ONCE)):
            known = accounts([account for account, _ in some])
            for account_id, owned in some:
                account = known.get(account_id)
                named = (account.account_number, account.name) if account is not None else ("", "")
                sums: dict[str, _Sum] = defaultdict(_Sum)
                for row in owned:
                    number = row[_AT["subscription_number"]] or ""
                    currency = currency_of(account, number) if account is not None else ""
                    for each in (sums[currency], months[start_of(row)[:7], currency]):
                        each.add(amount_of(row))
                    items.put((*named, currency, *map(_cell, ITEM_FIELDS[: len(names)], row)))
                for currency, total in sums.items():
                    by_account.put((account_id, *named, currency, total.items, total.amount))
        items.close()
        by_account.close()
        book.add("By month", MONTHS, _of_months(months), months=True)
        book.add("Failed accounts", FAILURE_COLUMNS, failures)


@dataclass(slots=True)
class _Sum:
    items: int = 0
    amount: Decimal = Decimal()

    def add(self, amount: Decimal) -> None:
        self.items += 1
        self.amount += amount


def _of_months(months: Mapping[tuple[str, str], _Sum]) -> Iterator[tuple[Cell, ...]]:
    for month, currency in sorted(months):
        of = months[month, currency]
        yield day(f"{month}-01"), currency, of.items, of.amount


def _cell(field: str, value: str | None) -> Cell:
    if value is None:
        return None
    return Decimal(value) if field in EXACT_FIELDS else day(value) if field in DATE_FIELDS else value
