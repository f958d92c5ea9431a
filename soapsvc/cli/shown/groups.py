"""A preview's lines in groups, each with its sum: `soapsvc preview --by`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from soapsvc.cli.terminal import counted
from soapsvc.figures.groups import By, Group, Total, grouped, totals
from soapsvc.figures.lines import Line
from soapsvc.wire import decimal_text


def print_groups(console: Console, number: str, lines: Sequence[Line], by: By) -> None:
    """Print a table for each currency: the groups in their order, each with its lines and a sum. Days are inclusive.

    Lines of credit memos have the opposite sign, so the sums subtract them.
    """
    groups = grouped(lines, by)
    for total in totals(lines):
        console.print(_table(number, by, [each for each in groups if each.total.currency == total.currency], total))


def _table(number: str, by: By, groups: Iterable[Group], total: Total) -> Table:
    title = f"Account {number} by {by}, in {total.currency}"
    table = Table(title=title, title_justify="left", show_footer=True, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(by.capitalize(), overflow="fold", footer=counted(total.items, "item"))
    table.add_column("Charge", overflow="fold")
    table.add_column("Type", overflow="fold")
    table.add_column("From", no_wrap=True)
    table.add_column("To", no_wrap=True)
    table.add_column("Quantity", justify="right", no_wrap=True)
    table.add_column("Amount", justify="right", no_wrap=True, footer=f"{total.amount:f}")
    table.add_column("Tax", justify="right", no_wrap=True, footer=f"{total.tax:f}")
    for group in groups:
        sums = (f"{group.total.amount:f}", f"{group.total.tax:f}")
        name = Text(name_of(group, by))
        table.add_row(name, counted(group.total.items, "item"), "", "", "", "", *sums, style="bold")
        for cells in _rows(group):
            table.add_row("", *map(Text, cells))
    return table


def name_of(group: Group, by: By) -> str:
    """The name of a group: with its day or month first, where it has one."""
    if group.day is None:
        return group.title
    day = f"{group.day:%Y-%m}" if by is By.MONTH else group.day.isoformat()
    return f"{day} {group.title}".strip()


def _rows(group: Group) -> Iterator[list[str]]:
    for line in group.lines:
        days = [line.start.isoformat(), line.last.isoformat()]
        amounts = [f"{line.sign * line.amount:f}", f"{line.sign * line.tax:f}"]
        yield [f"{line.charge_number} {line.name}", line.kind, *days, decimal_text(line.quantity), *amounts]
