"""A preview as a table for people, with the explanation of each amount below it on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from soapsvc.cli.terminal import counted
from soapsvc.engine.account import DraftItem
from soapsvc.engine.result import InvoiceItem, PreviewResult
from soapsvc.figures.lines import Line
from soapsvc.wire import decimal_text

_DAY = timedelta(days=1)


def print_table(console: Console, result: PreviewResult) -> None:
    """Print the items with totals, a table for each currency; days inclusive."""
    kinds = {"invoice": ("Invoice items", list(result.items()))}
    if result.invoice_settlement:
        kinds["creditMemo"] = ("Credit memo items", list(result.credit_memo_items()))
    for kind, (title, items) in kinds.items():
        drafts = [draft for draft in result.draft_items if draft.document_type == kind]
        for currency in result.currencies:
            rows = list(_rows(item for item in items if result.currency_of(item.facts.subscription_number) == currency))
            rows += [_draft(each) for each in drafts if result.currency_of(each.subscription_number) == currency]
            console.print(_table(title, result, currency, rows))


def print_explanations(console: Console, lines: Iterable[Line], begun: Mapping[int, str]) -> None:
    """Print the explanation of each amount; `begun` has, by charge, the reason for the first period's start."""
    for line in lines:
        if line.is_draft:
            continue
        console.print(f"{line.title}: {line.amount:f}", soft_wrap=True)
        for told in (*line.explanation(), *([begun[line.number]] if line.number in begun else [])):
            console.print(f"  {told}", soft_wrap=True)


_Row = tuple[list[str], Decimal, Decimal]
"""The cells before the amounts, amount, and tax."""


def _rows(items: Iterable[InvoiceItem]) -> Iterator[_Row]:
    for item in items:
        kind = item.facts.charge_type if item.applied_to is None else item.facts.processing_type
        days = [item.service_start.isoformat(), (item.service_end - _DAY).isoformat()]
        cells = [item.facts.subscription_number, item.facts.charge_number, item.charge_name, kind, *days]
        yield [*cells, decimal_text(item.quantity)], item.amount, item.tax_amount


def _draft(draft: DraftItem) -> _Row:
    days = [draft.service_start_date.isoformat(), draft.service_end_date.isoformat()]
    cells = [draft.subscription_number, draft.charge_number, draft.charge_name, f"Draft {draft.charge_type}", *days]
    return [*cells, decimal_text(draft.quantity)], draft.amount, draft.tax_amount


def _table(title: str, result: PreviewResult, currency: str, rows: list[_Row]) -> Table:
    amount = sum((amount for _, amount, _ in rows), Decimal())
    tax = sum((tax for _, _, tax in rows), Decimal())
    number = result.account_number or result.account_id
    title = f"{title} of account {number}, in {currency}"
    table = Table(title=title, title_justify="left", show_footer=True, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("Subscription", overflow="fold", footer=counted(len(rows), "item"))
    table.add_column("Charge", overflow="fold")
    table.add_column("Name", overflow="fold")
    table.add_column("Type", overflow="fold")
    table.add_column("From", no_wrap=True)
    table.add_column("To", no_wrap=True)
    table.add_column("Quantity", justify="right", no_wrap=True)
    table.add_column("Amount", justify="right", no_wrap=True, footer=f"{amount:f}")
    table.add_column("Tax", justify="right", no_wrap=True, footer=f"{tax:f}")
    for cells, item_amount, item_tax in rows:
        table.add_row(*map(Text, cells), f"{item_amount:f}", f"{item_tax:f}")
    return table
