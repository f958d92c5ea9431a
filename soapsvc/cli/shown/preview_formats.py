"""The formats of `soapsvc preview`. Each loads what writes it when it is asked for: that takes longer than writing."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from soapsvc.cli.shown.chart import print_chart
from soapsvc.cli.shown.groups import print_groups
from soapsvc.cli.shown.preview_table import print_explanations, print_table
from soapsvc.cli.terminal import console
from soapsvc.engine.account import Account
from soapsvc.engine.documents import UpcomingInvoice
from soapsvc.engine.result import PreviewResult
from soapsvc.figures.beginnings import beginnings
from soapsvc.figures.groups import By
from soapsvc.figures.lines import Line, preview_lines
from soapsvc.randomness import random_hex
from soapsvc.wire import instant_text


@dataclass(frozen=True, slots=True)
class Shown:
    """The form of a shown preview."""

    explain: bool = False
    by: By | None = None
    chart: bool = False
    all_columns: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview; `invoices` and `memos` are set where the next invoices were requested."""

    account: Account
    result: PreviewResult
    invoices: list[UpcomingInvoice] | None = None
    memos: list[UpcomingInvoice] | None = None

    def lines(self) -> list[Line]:
        """The lines of the result."""
        return preview_lines(self.account, self.result)


def _table(preview: Preview, shown: Shown) -> None:
    lines, number = preview.lines(), preview.account.account_number or preview.account.id
    terminal = console()
    if shown.by is not None:
        print_groups(terminal, number, lines, shown.by)
    elif not shown.chart:
        print_table(terminal, preview.result)
    if shown.chart:
        print_chart(terminal, number, lines)
    if shown.explain:
        print_explanations(terminal, lines, dict(beginnings(preview.account, lines)))


def _json(preview: Preview, shown: Shown) -> None:
    from soapsvc.rest import previews

    surface = previews.BILLING_PREVIEW.explained() if shown.explain else previews.BILLING_PREVIEW
    notes = preview.result.notes if shown.explain else None
    answer = previews.Preview(preview.result, notes, preview.invoices, preview.memos)
    _write(previews.chunks(previews.preview_answer(surface, answer)))
    _write([b"\n"])


def _soap(preview: Preview, _: Shown) -> None:
    from soapsvc.soap.contract import FIRST, shape_of
    from soapsvc.soap.frame import SoapVersion
    from soapsvc.soap.writing import Result, preview_answer

    answer = Result(preview.result.account_id, preview.result)
    _write(preview_answer(SoapVersion.SOAP11, shape_of(FIRST), [answer]))
    _write([b"\n"])


def _csv(preview: Preview, shown: Shown) -> None:
    """The file of a run for this account alone, or a table with all columns."""
    from soapsvc.figures.table import csv_table
    from soapsvc.runs.definition import Header
    from soapsvc.runs.sinks import CsvLines, csv_line, item_columns

    result = preview.result
    if shown.all_columns:
        _write(line.encode() for line in csv_table(preview.account, preview.lines(), result.notes))
        return
    credit_memos = result.invoice_settlement
    account = CsvLines(result, random_hex(), instant_text(result.as_of), credit_memos=credit_memos)
    _write([csv_line(item_columns(Header.DOCUMENTED, credit_memos)).encode()])
    _write("".join(lines).encode() for lines in account)


def _xlsx(preview: Preview, _: Shown) -> None:
    from soapsvc.figures.workbooks import write_preview_book

    book = io.BytesIO()
    write_preview_book(book, preview.account, preview.lines(), preview.result.notes)
    _write([book.getvalue()])


def _write(pieces: Iterable[bytes]) -> None:
    """Write bytes unchanged: the wire formats are UTF-8 in any encoding of the terminal."""
    for piece in pieces:
        sys.stdout.buffer.write(piece)


FORMATS: dict[str, Callable[[Preview, Shown], None]] = {
    "csv": _csv,
    "json": _json,
    "soap": _soap,
    "table": _table,
    "xlsx": _xlsx,
}
