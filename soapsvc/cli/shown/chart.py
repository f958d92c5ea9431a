"""Future billing as bars in the terminal, one line per month: `soapsvc preview --chart`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from soapsvc.figures.lines import Line
from soapsvc.figures.months import Stack, by_month

_WIDTH = 40
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def print_chart(console: Console, number: str, lines: Sequence[Line]) -> None:
    """Print the amount of each month, without tax, less credit memos; a table of bars for each currency."""
    for each in by_month(lines, Stack.TYPE):
        sums = each.sums()
        most = max(map(abs, sums)) or Decimal(1)
        title = f"Account {number}, billed by month, in {each.currency}"
        table = Table(title=title, title_justify="left", box=None, show_header=False, padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True)
        for month, amount in zip(each.months, sums, strict=True):
            style = "red" if amount < 0 else "green"
            table.add_row(f"{month:%Y-%m}", f"{amount:f}", Text(bar(abs(amount), most), style=style))
        console.print(table)


def bar(amount: Decimal, most: Decimal, width: int = _WIDTH) -> str:
    """A bar for an amount, `width` characters long for the amount `most`, at least an eighth of a character."""
    eighths = int(amount * width * 8 / most)
    if amount and not eighths:
        eighths = 1
    whole, rest = divmod(eighths, 8)
    return _EIGHTHS[8] * whole + (_EIGHTHS[rest] if rest else "")
