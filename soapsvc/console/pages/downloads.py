"""Downloads: a preview as a workbook or as CSV, and the result of a run as it is, as a workbook or as CSV."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from http import HTTPStatus

from soapsvc.console.asked import Previewed, previewed, read_account, read_asked
from soapsvc.console.frame import Answer, Refused, Visit, attachment, not_found
from soapsvc.console.pages.compare import MOST_ITEMS, XLSX, pieces
from soapsvc.console.pages.run import visible
from soapsvc.figures.run_rows import NoRows, accounts_of, failed_rows, run_rows
from soapsvc.figures.run_table import run_table
from soapsvc.figures.table import csv_table
from soapsvc.figures.workbooks import write_preview_book, write_run_book
from soapsvc.runs import Run, RunRefused
from soapsvc.runs.definition import Header
from soapsvc.runs.execution import run_folder
from soapsvc.runs.sinks import CsvLines, csv_line, item_columns
from soapsvc.wire import fresh_ids, instant_text

CSV = "text/csv; charset=utf-8"


def preview_file(visit: Visit) -> Answer:
    """The preview that the address describes. `format` is `xlsx`, `csv` (all columns) or `vendor` (a run's columns)."""
    account = read_account(visit)
    asked = read_asked(visit, account)
    form = visit.first("format", "xlsx")
    found = previewed(visit, account, asked, explain=form == "xlsx")
    if found.result.errors:
        raise Refused(HTTPStatus.CONFLICT, "; ".join(error.message for error in found.result.errors))
    name = f"{account.account_number or account.id}-{asked.target_date}"
    notes = found.result.notes
    if form == "xlsx":
        book = io.BytesIO()
        write_preview_book(book, account, found.lines, notes)
        return Answer([book.getvalue()], media_type=XLSX, headers=attachment(f"{name}.xlsx"))
    lines = _vendor_lines(found) if form == "vendor" else csv_table(account, found.lines, notes)
    return Answer([line.encode() for line in lines], media_type=CSV, headers=attachment(f"{name}.csv"))


def _vendor_lines(found: Previewed) -> Iterator[str]:
    """The lines of a run's file for this account alone."""
    result = found.result
    yield csv_line(item_columns(Header.DOCUMENTED, result.invoice_settlement))
    charge_date = instant_text(result.as_of)
    for lines in CsvLines(result, fresh_ids(1)[0], charge_date, credit_memos=result.invoice_settlement):
        yield from lines


def run_file(visit: Visit) -> Answer:
    """The result file of a run; with `format=xlsx` its items as a workbook, with `format=csv` all columns as CSV."""
    run = visible(visit, visit.first("id"))
    if visit.first("format") == "csv":
        return _run_table(visit, run)
    if visit.first("format") == "xlsx":
        return _run_book(visit, run)
    if run.file_size is None:
        raise not_found("file of this run")
    try:
        file = run_folder(visit.services.results, run.id).read(run.file_name)
    except FileNotFoundError as error:
        raise not_found("file of this run") from error
    return Answer(pieces(file), media_type="application/zip", headers=attachment(run.file_name))


def _run_table(visit: Visit, run: Run) -> Answer:
    """A run's table. Its lines are made while they are sent: accounts are previewed again, as in the run."""
    if run.status != "Completed" or run.purged is not None:
        raise not_found("file of this run")
    if run.items > MOST_ITEMS:
        message = (
            f"This run has more than {MOST_ITEMS} items: make it with `soapsvc run … --out FILE.csv --columns all`."
        )
        raise Refused(HTTPStatus.CONFLICT, message)
    lines = (line.encode() for line in run_table(visit.store, run))
    return Answer(lines, media_type=CSV, headers=attachment(f"{run.number}.csv"))


def _run_book(visit: Visit, run: Run) -> Answer:
    if run.items > MOST_ITEMS:
        message = f"This run has more than {MOST_ITEMS} items: make it with `soapsvc run … --out FILE.xlsx`."
        raise Refused(HTTPStatus.CONFLICT, message)
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the answer's last piece
    try:
        rows = run_rows(visit.store, run, visit.services.results)
        accounts = accounts_of(visit.store, run.state)
        failures = failed_rows(visit.store, run, visit.services.results)
        write_run_book(target, rows, failures, accounts, credit_memos=run.request.credit_memos)
    except (NoRows, RunRefused) as refused:
        target.close()
        raise Refused(HTTPStatus.CONFLICT, str(refused)) from refused
    return Answer(pieces(target), media_type=XLSX, headers=attachment(f"{run.number}.xlsx"))
