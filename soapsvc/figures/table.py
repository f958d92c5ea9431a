"""A preview as a table with everything a reader needs: the CSV file of `--columns all`, and sheets of workbooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from soapsvc.engine.account import Account
from soapsvc.engine.result import Note
from soapsvc.figures.lines import Line, notes_about
from soapsvc.runs.sinks import csv_line, formula_safe
from soapsvc.wire import decimal_text

Cell = str | int | Decimal | date | None
"""A text, a number, a day, or nothing."""

COLUMNS = (
    *("Account ID", "Account Number", "Account Name", "Currency", "Document", "Draft", "Billed On", "Subscription"),
    *("Charge Number", "Charge Name", "Product", "SKU", "Description", "Charge Type", "Processing Type"),
    *("Service Start", "Service End", "Quantity", "Unit", "Amount", "Tax", "Amount With Tax", "Reasons"),
)
"""The columns, in order. Service End is the last day of service."""


def row(account: Account, line: Line, notes: Sequence[Note]) -> tuple[Cell, ...]:
    """The cells of a line. Amounts are as the document shows them; the notes about the charge are its reasons."""
    return (
        *(account.id, account.account_number, account.name, line.currency),
        *("Credit memo" if line.sign < 0 else "Invoice", "yes" if line.is_draft else "no", line.day),
        *(line.subscription_number, line.charge_number, line.name, line.product, line.sku, line.description),
        *(line.charge_type, line.processing_type, line.start, line.last, line.quantity, line.unit),
        *(line.amount, line.tax, line.amount + line.tax),
        "; ".join(f"{note.code}: {note.message}" for note in notes_about(line, notes)),
    )


def csv_table(account: Account, lines: Sequence[Line], notes: Sequence[Note]) -> Iterator[str]:
    """The lines of a CSV file with all columns, its head first."""
    yield csv_line(COLUMNS)
    for line in lines:
        yield csv_line([text_of(cell) for cell in row(account, line, notes)])


def text_of(cell: Cell) -> str:
    """A cell of a CSV file: plain numbers, ISO dates, and no text that a spreadsheet would run as a formula."""
    if isinstance(cell, Decimal):
        return decimal_text(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return formula_safe(cell) if isinstance(cell, str) else "" if cell is None else str(cell)
