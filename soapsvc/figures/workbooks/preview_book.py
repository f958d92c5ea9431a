"""The workbook of a preview: its items, their sums by month and by account, and the explanation of each amount."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from soapsvc.engine.account import Account
from soapsvc.engine.result import Note
from soapsvc.figures.beginnings import beginnings
from soapsvc.figures.groups import By, grouped, totals
from soapsvc.figures.lines import Line
from soapsvc.figures.table import COLUMNS, Cell, row
from soapsvc.figures.workbooks.workbook import new_book

MONTHS = ("Month Billed", "Currency", "Items", "Amount", "Tax", "Amount With Tax")
ACCOUNTS = ("Account ID", "Account Number", "Account Name", "Currency", "Items", "Amount", "Tax", "Amount With Tax")
EXPLANATIONS = ("Charge Number", "Charge Name", "Service Start", "Service End", "Amount", "Explanation")
NOTES = ("Kind", "Code", "Message", "Subscription", "Charge Number")


def write_preview_book(target: BinaryIO, account: Account, lines: Sequence[Line], notes: Sequence[Note]) -> None:
    """Write the workbook of an account's preview with explanations."""
    with new_book(target) as book:
        book.add("Items", COLUMNS, (row(account, line, notes) for line in lines))
        book.add("By month", MONTHS, _months(lines), months=True)
        book.add("By account", ACCOUNTS, _accounts(account, lines))
        book.add("Explanations", EXPLANATIONS, _explanations(lines, dict(beginnings(account, lines))))
        book.add("Notes", NOTES, (_note(note) for note in notes))


def _months(lines: Sequence[Line]) -> Iterator[tuple[Cell, ...]]:
    for group in grouped(lines, By.MONTH):
        of = group.total
        yield group.day, of.currency, of.items, of.amount, of.tax, of.net


def _accounts(account: Account, lines: Sequence[Line]) -> Iterator[tuple[Cell, ...]]:
    for of in totals(lines):
        named = (account.id, account.account_number, account.name)
        yield *named, of.currency, of.items, of.amount, of.tax, of.net


def _explanations(lines: Sequence[Line], begun: Mapping[int, str]) -> Iterator[tuple[Cell, ...]]:
    for line in lines:
        told = [*line.explanation(), *([begun[line.number]] if line.number in begun else [])]
        for each in told:
            yield line.charge_number, line.name, line.start, line.last, line.amount, each


def _note(note: Note) -> tuple[Cell, ...]:
    return note.kind, note.code, note.message, note.subscription_number, note.charge_number
