"""The sums of two compared runs, and the largest changes, as tables."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from soapsvc.figures.changes import Change, Sum, Sums, largest_sums

_MOST_NAMES = 10
_UNKNOWN = "?"


def print_sums(console: Console, sums: Sums) -> None:
    """Print the sums by currency, by kind and by cause, and the largest changes.

    An unknown currency is a question mark: rows of files have none, and the given tenant does not have the account.
    """
    if not sums.count:
        return
    table = _table("Sums", "Currency", "Of")
    for currency, each in sums.by_currency.items():
        table.add_row(currency or _UNKNOWN, "all changes", *_cells(each), style="bold")
        for named in (sums.by_type, sums.by_cause):
            for of, name, part in largest_sums(named, len(named)):
                if of == currency:
                    table.add_row("", Text(name), *_cells(part))
    console.print(table)
    largest = _table("The largest changes", "Account", "Charge", "Service", "Cause", counted=False)
    for change in sums.largest:
        largest.add_row(*map(Text, _named(change)), *_amounts(change))
    console.print(largest)


def _table(title: str, *names: str, counted: bool = True) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in names:
        table.add_column(name, overflow="fold")
    for name in (*(("Changes",) if counted else ()), "Was", "Is", "Difference"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(each: Sum) -> tuple[str, ...]:
    return f"{each.count:,}", f"{each.was:f}", f"{each.now:f}", f"{each.delta:+f}"


def _named(change: Change) -> tuple[str, ...]:
    charge = f"{change.charge_number} {change.charge_name}".strip()
    return change.account_number, charge, f"{change.start} to {change.last}", change.cause


def _amounts(change: Change) -> tuple[str, ...]:
    was, now = (f"{each:f}" if each is not None else "" for each in (change.was, change.now))
    return was, now, f"{change.delta:+f} {change.currency or _UNKNOWN}"
