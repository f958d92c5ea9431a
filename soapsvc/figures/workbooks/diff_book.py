"""The workbook of a comparison: every change, and the sums by currency, cause and charge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import BinaryIO

from soapsvc.figures.changes import Change, Sum, Sums
from soapsvc.figures.table import Cell
from soapsvc.figures.workbooks.workbook import new_book

CHANGES = (
    *("Change", "Cause", "Account ID", "Account Number", "Account Name", "Currency", "Subscription", "Charge Number"),
    *("Charge Name", "Service Start", "Service End", "Was", "Is", "Difference", "Changed Fields"),
)
_SUMS = ("Changes", "Was", "Is", "Difference")


def write_diff_book(target: BinaryIO, found: Iterable[Change]) -> Sums:
    """Write the workbook of changes, which are taken one at a time; returns their sums."""
    sums = Sums()
    with new_book(target) as book:
        book.add("Changes", CHANGES, map(_row, sums.watch(found)))
        book.add("By currency", ("Currency", *_SUMS), _one(sums.by_currency))
        book.add("By cause", ("Currency", "Cause", *_SUMS), _two(sums.by_cause))
        book.add("By charge", ("Currency", "Charge Number", *_SUMS), _two(sums.by_charge))
    return sums


def _row(change: Change) -> tuple[Cell, ...]:
    name = change.account.name if change.account is not None else ""
    return (
        *(change.type.value, change.cause.value, change.account_id, change.account_number, name, change.currency),
        *(change.subscription_number, change.charge_number, change.charge_name, day(change.start), day(change.last)),
        *(change.was, change.now, change.delta, ", ".join(change.fields)),
    )


def _one(sums: Mapping[str, Sum]) -> Iterator[tuple[Cell, ...]]:
    for name, each in sums.items():
        yield name, each.count, each.was, each.now, each.delta


def _two(sums: Mapping[tuple[str, str], Sum]) -> Iterator[tuple[Cell, ...]]:
    for (currency, name), each in sums.items():
        yield currency, name, each.count, each.was, each.now, each.delta


def day(text: str | None) -> Cell:
    """A day of a row as a date; any other text, from a foreign file, as it is."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return text
