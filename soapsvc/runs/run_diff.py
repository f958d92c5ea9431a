"""Compare the results of two finished runs, from the database or from their files, in any combination.

Files need not be sorted, so our files can be compared with the vendor's. Memory does not grow with the accounts.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from heapq import merge
from itertools import groupby, repeat
from pathlib import Path

import msgspec

from soapsvc.runs.definition import EXACT_FIELDS, ITEM_FIELDS, Header, Refusal, RunStatus, StorageOption, refused
from soapsvc.runs.planning import get_run
from soapsvc.runs.results import Difference, Row, all_items, differences
from soapsvc.runs.sinks import formula_safe, item_columns
from soapsvc.tenant import Store
from soapsvc.tenant.database import batched
from soapsvc.wire import decimal_text

_ROWS_AT_ONCE = 5000
_FIELD_OF = {
    name: field for header in Header for name, field in zip(item_columns(header, True), ITEM_FIELDS, strict=True)
}
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str | None, ...]).decode

AccountRows = Iterator[tuple[str, list[Row]]]
"""Account ids, ascending, each with the rows of the account."""


@dataclass(frozen=True, slots=True)
class ComparedAccount:
    """The rows of one account in two runs, empty where a run does not have the account, and the differences."""

    id: str
    old: list[Row]
    new: list[Row]
    differences: list[Difference]


def compared_accounts(old: AccountRows, new: AccountRows) -> Iterator[ComparedAccount]:
    """The accounts of both runs that have differences, by ascending id."""
    both = merge(zip(old, repeat("old")), zip(new, repeat("new")), key=lambda tagged: tagged[0][0])
    for account, group in groupby(both, key=lambda tagged: tagged[0][0]):
        rows = {side: rows for (_, rows), side in group}
        before, after = rows.get("old", []), rows.get("new", [])
        if found := list(differences(before, after)):
            yield ComparedAccount(account, before, after, found)


def diff_runs(old: AccountRows, new: AccountRows) -> Iterator[Difference]:
    """The differences, account by account."""
    for account in compared_accounts(old, new):
        yield from account.differences


def stored_rows(store: Store, key: str) -> AccountRows:
    """The results of a run in the database. Raises RunRefused where the database has none."""
    run = get_run(store, key)
    stored = run.status is RunStatus.COMPLETED and run.request.storage_option is StorageOption.DATABASE
    if not stored or run.purged is not None:
        message = (
            f"Run {run.number} has no results in the database: it must be Completed, with storage "
            "Database, and not purged."
        )
        raise refused(Refusal.RULE, message)
    return _grouped(all_items(store, run.id))


def file_rows(path: Path) -> AccountRows:
    """The items in a run's zip or in a CSV file. Raises RunRefused for any other file."""
    with closing(sqlite3.connect("")) as scratch:  # a temporary database, which moves to the disk when it grows
        scratch.execute("CREATE TABLE items (account TEXT, row BLOB)")
        packed = ((row[0], _encode(row)) for row in _read(path))
        for batch in batched(packed, _ROWS_AT_ONCE):
            scratch.executemany("INSERT INTO items VALUES (?, ?)", batch)
        scratch.execute("CREATE INDEX items_account ON items (account)")
        rows = scratch.execute("SELECT row FROM items ORDER BY account, rowid")
        yield from _grouped(_decode(row) for (row,) in rows)


def _grouped(rows: Iterable[Row]) -> AccountRows:
    for account, group in groupby(rows, key=lambda row: row[0]):
        yield account or "", list(group)


def _read(path: Path) -> Iterator[Row]:
    try:
        if not zipfile.is_zipfile(path):
            with path.open(encoding="utf-8-sig", newline="") as text:
                yield from _table(text, path)
            return
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv") and "failed" not in name]
            if len(names) != 1:
                raise refused(Refusal.INVALID, f"{path} must hold exactly one CSV file of items.")
            with archive.open(names[0]) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
                yield from _table(text, path)
    except (UnicodeDecodeError, csv.Error, zipfile.BadZipFile) as error:
        raise refused(Refusal.INVALID, f"{path} cannot be read: {error}") from error


def _table(text: Iterable[str], path: Path) -> Iterator[Row]:
    lines = csv.reader(text)
    header = [_FIELD_OF.get(name.strip()) for name in next(lines, [])]
    if "account_id" not in header:
        raise refused(Refusal.INVALID, f"{path} has no column Account: ID, as the items of a run have.")
    for line in lines:
        cells = {field: cell for field, cell in zip(header, line, strict=False) if field is not None}
        yield tuple(_value(field, cells.get(field, "")) for field in ITEM_FIELDS)


def _value(field: str, cell: str) -> str | None:
    """The value of a cell: without the apostrophe in front of a formula, numbers in one spelling."""
    if cell.startswith("'") and formula_safe(cell[1:]) == cell:
        return cell[1:]
    if field in EXACT_FIELDS and cell:
        try:
            return decimal_text(Decimal(cell))
        except InvalidOperation:
            return cell
    return cell or None
